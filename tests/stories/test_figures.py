"""/stats: the figures of a place and a period on a card, apart by place, kind, steward, partner type, and a picture."""

from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import delete

from storage.message_models import Attachment
from storage.models import Role
from tests.cast import Estate
from tests.stories.listing import AUNT_LI, FENG, HUANG, LIN, UNCLE_ZHANG, change, file, many, person
from tests.stories.office import Office
from tests.stories.test_clock import resolved


@pytest.fixture
def office(estate: Estate, tmp_path: Path) -> Office:
    """A workshop that counts and draws."""
    return Office(estate, tmp_path)


def size(office: Office, made: Attachment) -> tuple[int, int]:
    """Return width and height of a picture."""
    assert made.path is not None
    assert made.mime == "image/png"
    with Image.open(office.folder / made.path) as picture:
        picture.load()
        return picture.size


async def test_a_secretary_reads_the_month(estate: Estate, office: Office) -> None:
    await resolved(estate)
    await estate.presses(AUNT_LI, "解决了")
    await estate.presses(AUNT_LI, "5 非常满意")
    await many(estate, 9, state="resolved", look_kind="rate", look_at=estate.clock.now())
    await file(estate, "5号楼垃圾没人清", UNCLE_ZHANG)
    await change(estate, (await estate.case()).id, state="withdrawn", look_kind=None, look_at=None)
    (picture,) = await office.asks(HUANG, "/stats")
    said = await estate.reads(HUANG)
    assert "正在数" in said
    assert "丰美社区 · 2026年10月\n收到10件\n另外不算在内：撤回1件" in said
    assert "响应率  100.0%\n该接的10件里，10件按时有人接" in said
    assert "办结率（经办人报的）  100.0%\n10件里，报办好的有10件" in said
    assert "居民确认解决率  不足10件\n回了话的1件里，1件说解决了；9件没评" in said
    assert "满意率  不足10件\n评了的1件里，1件打4到5星；9件没评" in said
    wide, tall = size(office, picture)
    assert wide == 720
    assert tall > wide  # upright, as a telephone is held


async def test_the_same_apart_by_place_kind_steward_and_partner_type(estate: Estate, office: Office) -> None:
    await file(estate, "3号楼路灯坏了")
    await many(estate, 11)
    await file(estate, "5号楼电梯坏了", UNCLE_ZHANG)
    await office.asks(HUANG, "/stats 今天")
    for label, lines in (
        ("按地点", ("3号楼：12件", "5号楼：1件")),
        ("按类别", ("路灯与楼道灯：12件", "电梯：1件")),
        ("按红管家", ("王建国：", "陈秀英：")),
        ("按合伙人", ("红色管家：13件",)),
    ):
        await estate.reads(HUANG)
        await estate.presses(HUANG, label)
        assert await office.makes() == []  # the card alone
        said = await estate.reads(HUANG)
        assert f"今天 · {label}" in said
        assert [line for line in lines if line not in said] == []
        assert f"✓ {label}" in await estate.labels(HUANG)
    await estate.presses(HUANG, "合计")
    assert len(await office.makes()) == 1


async def test_everybody_reads_their_own_places_alone(estate: Estate, office: Office) -> None:
    await file(estate, "3号楼路灯坏了")
    await file(estate, "5号楼电梯坏了", UNCLE_ZHANG)
    await office.asks(FENG, "/stats 今天")
    assert "丰美小区5号楼 · 今天\n收到1件" in await estate.reads(FENG)
    assert await office.asks(FENG, "/stats 3号楼") == []
    assert "3号楼不在您负责的范围内" in await estate.reads(FENG)
    five = next(node.id for node in estate.rules.tree if node.key == "fengmei-5")
    three = next(node.id for node in estate.rules.tree if node.key == "fengmei-3")
    for place, refused in ((five, False), (three, True)):
        await estate.presses_data(FENG, f"f:1:l:p{_base36(place)}")
        assert ("不在您负责的范围内" in await estate.reads(FENG)) is refused
        await office.makes()
    for who in (AUNT_LI, "wang"):
        await estate.presses_data(who, "f:1:l:")
        assert "这是负责人用的" in await estate.reads(who)
        assert await office.makes() == []


async def test_who_no_longer_leads_gets_nothing(estate: Estate, office: Office) -> None:
    await file(estate, "5号楼电梯坏了")
    await estate.says(FENG, "/stats 今天")
    await estate.reads(FENG)
    feng = await person(estate, FENG)
    await estate.store.write(lambda s: s.execute(delete(Role).where(Role.person_id == feng)))
    assert await office.makes() == []
    assert "没有统计" in await estate.reads(FENG)


async def test_a_few_private_matters_are_not_found_out(estate: Estate, office: Office) -> None:
    await file(estate, "5号楼楼上邻居吵架打人")
    case = await estate.case()
    assert estate.rules.category(case).private
    name = estate.rules.category(case).name
    await file(estate, "5号楼电梯坏了", UNCLE_ZHANG)
    await estate.says(LIN, "/stats 今天")
    await office.makes()
    await estate.reads(LIN)  # of each case when it was filed
    await estate.presses(LIN, "按类别")
    await office.makes()
    said = await estate.reads(LIN)
    assert "其余合计：2件" in said  # not even that one of the two is private
    assert name not in said
    await estate.presses(LIN, "按合伙人")
    await office.makes()
    assert "民警" not in await estate.reads(LIN)
    await many(estate, 9, category=case.category, place_id=case.place_id, steward_id=case.steward_id)
    await estate.presses(LIN, "按类别")
    await office.makes()
    assert f"{name}：10件" in await estate.reads(LIN)


@pytest.mark.parametrize(
    ("said", "place", "period"),
    [
        ("本周统计", "丰美社区", "2026年9月28日至2026年10月4日"), ("本月统计 5号楼", "丰美小区5号楼", "2026年9月"),
        ("统计", "丰美社区", "2026年9月"), ("统计 上月 3号楼", "丰美小区3号楼", "2026年8月"),
        ("上周统计", "丰美社区", "2026年9月21日至2026年9月27日"), ("今日统计", "丰美社区", "今天"),
        ("/stats 上上周", "丰美社区", "2026年9月14日至2026年9月20日"),
        ("统计 前一周 5号楼", "丰美小区5号楼", "2026年9月14日至2026年9月20日"),
        ("/stats building 5 this week", "丰美小区5号楼", "2026年9月28日至2026年10月4日"),
        ("/stats 2026-09-01..2026-09-15", "丰美社区", "2026年9月1日至2026年9月15日"),
    ],
)  # fmt: skip
async def test_words_for_it(estate: Estate, office: Office, said: str, place: str, period: str) -> None:
    await office.asks(HUANG, said)
    assert f"{place} · {period}\n收到0件" in await estate.reads(HUANG)


async def test_what_is_mistyped_gets_the_nearest_right_form(estate: Estate, office: Office) -> None:
    assert await office.asks(HUANG, "/stats this mnth") == []
    said = await estate.reads(HUANG)
    assert "mnth" in said
    assert "/stats 1号楼 本月" in said
    assert await office.asks(HUANG, "/stats 超时 5号楼 本月") == []
    assert "数据只看地点和时间" in await estate.reads(HUANG)
    await estate.presses(HUANG, next(iter(await estate.labels(HUANG))))
    await office.makes()
    assert "丰美小区5号楼 · 2026年9月" in await estate.reads(HUANG)


async def test_who_presses_twice_is_asked_to_wait(estate: Estate, office: Office) -> None:
    await estate.says(HUANG, "/stats")
    await estate.says(HUANG, "/stats")
    assert "还在数" in await estate.reads(HUANG)
    await office.makes()
    assert (await estate.reads(HUANG)).count("收到0件") == 1


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return digits
