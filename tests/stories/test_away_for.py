"""Whoever leads says that a steward is away: until when, and who stands in."""

import pytest
from sqlalchemy import select

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
        ("/away 王建国 10月1日到10月5日 由陈秀英", "10-06 00:00", CHEN),
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
