"""/report week|month: four pictures and the figures in words; to admins by itself each Monday morning."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select

from storage.message_models import Attachment, Commission
from tests.cast import ZONE, Estate
from tests.stories.listing import AUNT_LI, FENG, HUANG, LIN, UNCLE_ZHANG, ZHENG, file, many
from tests.stories.office import Office


@pytest.fixture
def office(estate: Estate, tmp_path: Path) -> Office:
    """A workshop that counts and draws."""
    return Office(estate, tmp_path)


async def album(estate: Estate, who: str) -> list[Any]:
    """Return the pictures of the newest message that has any."""
    return list([row for row in await estate.told(who) if row.get("photos")][-1]["photos"])


def sizes(office: Office, made: list[Attachment]) -> set[int]:
    """Return the widths of pictures, each of which opens."""
    found = set()
    for each in made:
        assert each.path is not None
        with Image.open(office.folder / each.path) as picture:
            picture.load()
            found.add(picture.width)
    return found


async def test_the_week_in_four_pictures(estate: Estate, office: Office) -> None:
    await file(estate, "3号楼路灯坏了")
    await many(estate, 11)
    made = await office.asks(HUANG, "/report week")
    assert len(made) == 4
    assert sizes(office, made) == {720}
    said = await estate.reads(HUANG)
    assert "正在做报告" in said
    assert "丰美社区 · 2026年9月28日至2026年10月4日\n收到12件（上一期0）" in said
    assert "办结率（经办人报的） 0.0%：12件里，报办好的有0件" in said
    assert "居民确认解决率 不足10件：回了话的0件里，0件说解决了" in said
    assert len(await album(estate, HUANG)) == 4
    await estate.presses(HUANG, "‹ 2026年9月21日至2026年9月27日")
    assert await office.makes() == []  # there is nothing to draw
    assert "2026年9月21日至2026年9月27日\n收到0件" in await estate.reads(HUANG)


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ("/report month 5号楼", "丰美小区5号楼 · 2026年9月"),
        ("/report 上周", "丰美社区 · 2026年9月21日至2026年9月27日"),
        ("周报", "丰美社区 · 2026年9月28日至2026年10月4日"),
        ("月报 3号楼", "丰美小区3号楼 · 2026年9月"),
        ("/report last month", "丰美社区 · 2026年8月"), ("/monthly", "丰美社区 · 2026年9月"),
    ],
)  # fmt: skip
async def test_words_for_it(estate: Estate, office: Office, said: str, title: str) -> None:
    await office.asks(HUANG, said)
    assert f"{title}\n收到0件" in await estate.reads(HUANG)


async def test_a_mistyped_week_is_answered_with_the_right_one(estate: Estate, office: Office) -> None:
    assert await office.asks(HUANG, "/report weak 5号楼") == []
    assert "本周" in await estate.reads(HUANG)
    await estate.presses(HUANG, next(iter(await estate.labels(HUANG))))
    await office.makes()
    assert "丰美小区5号楼 · 2026年9月28日至2026年10月4日" in await estate.reads(HUANG)


async def test_to_report_something_is_still_to_report_something(estate: Estate, office: Office) -> None:
    for who, said in ((AUNT_LI, "/report week"), (AUNT_LI, "周报"), (LIN, "/report 3号楼2单元路灯坏了")):
        await estate.says(who, said)
        assert await office.makes() == []
    assert "正在做报告" not in await estate.reads(AUNT_LI)
    await estate.presses(LIN, "提交")
    assert (await estate.case()).category == "lights"


async def test_admins_get_last_week_on_monday_each_of_their_places(estate: Estate, office: Office) -> None:
    await file(estate, "3号楼路灯坏了")
    await many(estate, 11)
    await estate.lives_until("2026-10-12 08:59")
    await office.makes()
    for who in (HUANG, ZHENG):
        await estate.reads(who)
    await file(estate, "5号楼电梯坏了", UNCLE_ZHANG)
    await estate.lives_until("2026-10-12 09:01")
    assert await office.makes() == []  # nothing came last week: nothing to draw
    for who, place in ((HUANG, "丰美社区"), (ZHENG, "丰美街道")):
        assert f"{place} · 2026年10月5日至2026年10月11日\n收到0件（上一期12）" in await estate.reads(who)
    await estate.lives_until("2026-10-19 09:01")
    assert len(await office.makes()) == 8
    for who in (HUANG, ZHENG):
        assert "2026年10月12日至2026年10月18日\n收到1件（上一期0）" in await estate.reads(who)
        assert len(await album(estate, who)) == 4
    for who in (LIN, FENG):
        assert "收到1件" not in await estate.reads(who)


async def test_the_week_comes_once(estate: Estate) -> None:
    await estate.lives_until("2026-10-12 09:01")
    await estate.lives_until("2026-10-12 18:00")
    # An admin of the community, one of the street.
    assert await weeks(estate) == ["2026-09-28"] * 2 + ["2026-10-05"] * 2


async def weeks(estate: Estate) -> list[str]:
    """Return the Mondays of the weeks of which reports were ordered."""
    ordered = select(Commission.data).where(Commission.kind == "report")
    return sorted(data["filter"]["since"] for data in await estate.store.read(lambda s: s.scalars(ordered).all()))


async def test_it_comes_on_a_monday_that_is_a_holiday_and_on_no_other_day(estate: Estate) -> None:
    assert not estate.rules.deadlines.is_workday(datetime(2026, 10, 5, 12, tzinfo=ZONE))
    await estate.lives_until("2026-10-05 08:59")
    assert await weeks(estate) == []
    await estate.lives_until("2026-10-05 09:00")
    assert await weeks(estate) == ["2026-09-28"] * 2
    await estate.lives_until("2026-10-11 23:59")  # the 8th is the first working day
    assert await weeks(estate) == ["2026-09-28"] * 2


async def test_a_desk_that_was_down_at_nine_sends_it_later_that_monday_but_not_at_night(estate: Estate) -> None:
    await estate.waits(days=5, hours=7)  # Monday 17:00
    assert await weeks(estate) == ["2026-09-28"] * 2
    await estate.waits(days=7, hours=6)  # Monday 23:00
    assert await weeks(estate) == ["2026-09-28"] * 2
