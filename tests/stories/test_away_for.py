"""Whoever leads says that a steward is away: until when, and who stands in."""

import pytest
from sqlalchemy import select

from storage.admin_models import PlannedLeave
from storage.models import Person
from tests.cast import ZONE, Estate
from tests.stories.leading import CHEN, HUANG, LIN, WANG, audit


async def absence(estate: Estate, key: str) -> tuple[str | None, str | None]:
    """Return until when somebody is away, in local time, and who stands in."""
    person = await estate.store.read(lambda s: s.scalars(select(Person).where(Person.key == key)).one())
    until = person.away_until.astimezone(ZONE).strftime("%m-%d %H:%M") if person.away_until else None
    cover = select(Person.key).where(Person.id == person.cover_id)
    return until, await estate.store.read(lambda s: s.scalar(cover))


@pytest.mark.parametrize(
    ("said", "until", "cover"),
    [
        ("/away 王建国 3d", "10-03 10:00", None),
        ("/away 王建国 3天 陈秀英", "10-03 10:00", CHEN),
        ("/away 王师傅 到10月5日 陈秀英", "10-06 00:00", CHEN),
        ("/away 王建国 今天到10月5日 由陈秀英", "10-06 00:00", CHEN),
        ("/away 王建国 到周五", "10-03 00:00", None),
        ("请假 王建国 3天", "10-03 10:00", None),
    ],
)
async def test_a_coordinator_says_it(
    estate: Estate, said: str, until: str, cover: str | None
) -> None:  # fmt: skip
    await estate.says(LIN, said)
    assert await absence(estate, WANG) == (until, cover)
    assert "林楼长替您记了请假" in await estate.reads(WANG)
    assert (await estate.reads(CHEN) != "") == (cover == CHEN)
    assert await audit(estate) == ["away.set"]


async def test_nothing_new_goes_to_who_is_away_and_the_cover_is_chosen_by_button(estate: Estate) -> None:
    await estate.says(LIN, "/away 王建国 3d")
    await estate.presses(LIN, "由陈秀英代班")
    assert (await absence(estate, WANG))[1] == CHEN
    assert "您" in await estate.reads(CHEN)
    await estate.says("李阿姨", "5栋楼道灯坏了")
    await estate.presses("李阿姨", "提交")
    assert await estate.steward() == CHEN
    await estate.presses(LIN, "已经回来了")
    assert await absence(estate, WANG) == (None, None)
    assert "林楼长替您销了假" in await estate.reads(WANG)


async def test_without_a_time_it_is_asked(estate: Estate) -> None:
    await estate.says(LIN, "/away 王建国")
    await estate.presses(LIN, "3天")
    assert (await absence(estate, WANG))[0] == "10-03 10:00"


async def test_one_s_own_form_stays_as_it_was(estate: Estate) -> None:
    await estate.says(LIN, "/away 3d")
    assert (await absence(estate, LIN))[0] == "10-03 10:00"
    await estate.says(WANG, "/away 陈秀英 3d")
    assert await absence(estate, CHEN) == (None, None), "a steward says nothing of another"


async def test_over_whoever_leads_only_an_admin_decides(estate: Estate) -> None:
    await estate.says(LIN, "/away 黄书记 3d")
    assert "由当地的负责人来定" in await estate.reads(LIN)
    await estate.says(HUANG, "/away 林楼长 3d")
    assert (await absence(estate, LIN))[0] == "10-03 10:00"


async def test_a_name_that_nobody_has_is_asked_about(estate: Estate) -> None:
    await estate.says(LIN, "/away 王建过 3d")
    assert "王建国 · 红色管家 · 物业维修" in await estate.labels(LIN)
    await estate.says(LIN, "/away 王建国 很久")
    assert "/away 王师傅 3天 陈秀英" in await estate.reads(LIN)


async def plan(estate: Estate) -> tuple[str, str, str | None] | None:
    """Return the leave that is to begin: from when until when in local time, and who stands in."""
    found = select(PlannedLeave.begins_at, PlannedLeave.until, Person.key)
    row = await estate.store.read(
        lambda s: s.execute(found.outerjoin(Person, Person.id == PlannedLeave.cover_id)).one_or_none()
    )
    if row is None:
        return None
    begins, until = (f"{at.astimezone(ZONE):%m-%d %H:%M}" for at in (row.begins_at, row.until))
    return begins, until, row.key


@pytest.mark.parametrize(
    ("said", "begins", "until", "cover"),
    [
        ("/away 王师傅 明天 到 周五", "10-01", "10-03", None),
        ("/away 王建国 明天到周五", "10-01", "10-03", None),
        ("/away 王建国 10月3日到10月8日", "10-03", "10-09", None),
        ("/away 王建国 10月3日到8日 陈秀英", "10-03", "10-09", CHEN),
        ("/away 王建国 10.3-10.8 陈秀英", "10-03", "10-09", CHEN),
        ("/away 王建国 从后天起三天，由陈秀英代班", "10-02", "10-05", CHEN),
        ("/away 王建国 下周一到下周三 陈秀英", "10-05", "10-08", CHEN),
        ("/away 王建国 周五", "10-02", "10-03", None),
        ("/away 王建国 tomorrow to friday 陈秀英", "10-01", "10-03", CHEN),
        ("请假 王建国 12月30日到1月2日", "12-30", "01-03", None),
    ],
)
async def test_it_may_begin_later(estate: Estate, said: str, begins: str, until: str, cover: str | None) -> None:
    await estate.says(LIN, said)
    assert await plan(estate) == (f"{begins} 00:00", f"{until} 00:00", cover)
    assert await absence(estate, WANG) == (None, None), "until then they are here"
    assert "到时不给您派新事项" in await estate.reads(WANG)
    assert ("到时由您代班" in await estate.reads(CHEN)) == (cover == CHEN)
    assert await audit(estate) == ["away.set"]


async def test_when_it_begins_the_cases_are_handed_to_who_stands_in(estate: Estate) -> None:
    await estate.says(LIN, "/away 陈秀英 1h")  # so that what is told now goes to 王建国
    for building in (5, 6):
        await estate.says("李阿姨", f"{building}栋楼道灯坏了")
        await estate.presses("李阿姨", "提交")
    assert await estate.steward_now() == WANG
    for number in (1001, 1002):
        await estate.presses_data(WANG, f"c:accept:{number}")
    await estate.says(LIN, "/away 王建国 明天到周五 陈秀英")
    for who in (WANG, CHEN, LIN):
        await estate.reads(who)
    await estate.lives_until("2026-09-30 23:59")
    assert await absence(estate, WANG) == (None, None)
    await estate.lives_until("2026-10-01 00:01")
    assert await absence(estate, WANG) == ("10-03 00:00", CHEN)
    assert await plan(estate) is None
    assert {await estate.steward(), await estate.steward_now()} == {CHEN}
    assert "您请假到10月3日00:00" in await estate.reads(WANG)
    told = await estate.reads(CHEN)
    assert "由您代班" in told
    for case in await estate.cases():
        assert f"#{case.id} " in told
    assert "王建国的假期开始了，手上2件已转给别人" in await estate.reads(LIN)
    assert (await estate.history()).count("transfer") == 2
    await estate.lives_until("2026-10-03 00:01")
    assert (await estate.history()).count("transfer") == 2, "handed on once"


async def test_without_somebody_who_stands_in_others_take_the_cases(estate: Estate) -> None:
    await estate.says(LIN, "/away 陈秀英 1h")
    await estate.says("李阿姨", "5栋楼道灯坏了")
    await estate.presses("李阿姨", "提交")
    await estate.presses(WANG, "接单")
    await estate.says(LIN, "/away 王建国 明天到周五")
    await estate.lives_until("2026-10-01 00:01")
    assert await estate.steward() == CHEN


async def test_called_off_before_it_begins(estate: Estate) -> None:
    await estate.says(LIN, "/away 王建国 明天到周五")
    await estate.presses(LIN, "由陈秀英代班")
    assert await plan(estate) == ("10-01 00:00", "10-03 00:00", CHEN)
    assert "到时由您代班" in await estate.reads(CHEN)
    await estate.presses(LIN, "不请假了")
    assert await plan(estate) is None
    await estate.says(LIN, "/away 王建国 明天到周五")
    await estate.says(WANG, "/back")
    assert "假期取消了" in await estate.reads(WANG)
    await estate.lives_until("2026-10-01 00:01")
    assert await absence(estate, WANG) == (None, None)


async def test_one_s_own_may_begin_later_too(estate: Estate) -> None:
    await estate.says(WANG, "/away 10月3日到10月8日 陈秀英")
    assert await plan(estate) == ("10-03 00:00", "10-09 00:00", CHEN)
    assert "您从10月3日00:00请假到10月9日00:00" in await estate.reads(WANG)
    await estate.says(WANG, "/away")
    await estate.presses(WANG, "不请假了")
    assert await plan(estate) is None
    await estate.says(WANG, "请假 明天到周五")
    await estate.lives_until("2026-10-01 00:01")
    assert (await absence(estate, WANG))[0] == "10-03 00:00"


async def test_what_somebody_who_is_away_has_in_hand_is_handed_on_by_a_button(estate: Estate) -> None:
    await estate.says(LIN, "/away 陈秀英 1h")
    await estate.says("李阿姨", "5栋楼道灯坏了")
    await estate.presses("李阿姨", "提交")
    await estate.says(LIN, "/away 陈秀英 回来")
    await estate.says(LIN, "/away 王建国 3天 陈秀英")
    await estate.presses(LIN, "把手上1件转给别人")
    assert "已转给别人：1件" in await estate.reads(LIN)
    assert await estate.steward() == CHEN
    assert not any("转给别人" in label for label in await estate.labels(LIN))


@pytest.mark.parametrize(
    "said", ["/away 王建国 明天到昨天", "/away 王建国 13月40日到14月1日", "/away 王建国 2027年12月1日到3日"]
)
async def test_days_that_there_are_not_change_nothing(estate: Estate, said: str) -> None:
    await estate.says(LIN, said)
    assert await plan(estate) is None
    assert await absence(estate, WANG) == (None, None)
    assert await estate.reads(LIN) != ""
