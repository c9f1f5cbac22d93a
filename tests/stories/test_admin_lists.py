"""Who leads looks at cases: by any filter, page by page on one message."""

import pytest
from sqlalchemy import func, select

from cases import finding
from cases.states import State
from storage.admin_models import KeptSearch
from tests.cast import Estate
from tests.stories.listing import (
    AUNT_LI,
    FENG,
    HUANG,
    LIN,
    ZHENG,
    change,
    file,
    listed,
    many,
    newest,
    person,
    report_three,
    shown,
)


@pytest.fixture
async def three(estate: Estate) -> tuple[int, int, int]:
    """Three cases: a lamp at 3, a lift at 5, rubbish at 5."""
    return await report_three(estate)


async def test_a_list_says_its_filter_its_count_and_each_case(estate: Estate, three: tuple[int, int, int]) -> None:
    lamp, lift, rubbish = three
    assert await listed(estate, LIN, "/cases") == [rubbish, lift, lamp]
    card = await newest(estate, LIN)
    assert card["title"] == "全部事项"
    assert "共3件" in card["text"]
    line = next(label for label in card["buttons"] if str(lift) in label)
    assert line.startswith(f"#{lift} 电梯 · 5号楼 · 待红管家接单 · 今天")
    await estate.presses(LIN, line)
    assert "张叔" in await estate.reads(LIN)


async def test_filters_are_combined_in_any_order(estate: Estate, three: tuple[int, int, int]) -> None:
    lamp, lift, rubbish = three
    assert await listed(estate, LIN, "事项 5号楼") == [rubbish, lift]
    assert await listed(estate, LIN, "/cases 今天 电梯 5号楼") == [lift]
    assert (await newest(estate, LIN))["title"] == "5号楼 · 电梯 · 今天"
    assert await listed(estate, LIN, "/cases lift building 5") == [lift]
    assert await listed(estate, LIN, "/cases 关键字 没人清") == [rubbish]
    assert await listed(estate, LIN, "/cases 3号楼2单元") == [lamp]
    assert await listed(estate, LIN, "/cases 3号楼1单元") == []
    assert await listed(estate, LIN, "/cases 昨天") == []
    assert await listed(estate, LIN, "/cases 微心愿") == []
    assert await listed(estate, LIN, "/cases 处理中") == []
    assert "没有找到" in (await newest(estate, LIN))["text"]
    assert len(await listed(estate, LIN, "/cases 待红管家接单")) == 3


async def test_late_and_not_given_out_have_words_of_their_own(estate: Estate, three: tuple[int, int, int]) -> None:
    lamp, lift, rubbish = three
    await change(estate, rubbish, state=State.NEW, steward_id=None)
    await change(estate, lift, state=State.CLOSED, look_at=None)
    assert await listed(estate, LIN, "超时事项") == []
    for number in three:
        await change(estate, number, resolve_by=estate.clock.now())
    assert await listed(estate, LIN, "超时事项") == [rubbish, lamp]
    assert any(f"#{lamp} " in label and "已超时" in label for label in await estate.labels(LIN))
    assert await listed(estate, LIN, "待派单") == [rubbish]
    assert await listed(estate, LIN, "待派单 3号楼") == []
    assert await listed(estate, LIN, "/cases 已办结") == [lift]
    assert await listed(estate, LIN, "/cases 未办结") == [rubbish, lamp]
    assert await listed(estate, LIN, "/late 5号楼") == [rubbish]


async def test_views_change_on_the_same_message_and_keep_the_rest(estate: Estate, three: tuple[int, int, int]) -> None:
    _lamp, lift, rubbish = three
    await change(estate, rubbish, state=State.NEW, steward_id=None)
    await change(estate, lift, answerable_id=(await person(estate, LIN)))
    await estate.says(LIN, "/cases 5号楼")
    await estate.presses(LIN, "未派")
    assert await shown(estate, LIN) == [rubbish]
    card = await newest(estate, LIN)
    assert (card["title"], card["edit"]) == ("未派 · 5号楼", True)
    assert "✓ 未派" in card["buttons"]
    await estate.presses(LIN, "我负责")
    assert await shown(estate, LIN) == [lift]
    await estate.presses(LIN, "全部")
    assert await shown(estate, LIN) == [rubbish, lift]


async def test_pages_turn_on_one_message(estate: Estate) -> None:
    await file(estate, "3号楼路灯坏了")
    await many(estate, 19)
    first = await listed(estate, LIN, "/cases 3号楼")
    assert len(first) == 8
    assert "共20件，第1/3页" in (await newest(estate, LIN))["text"]
    assert "‹ 上一页" not in await estate.labels(LIN)
    await estate.presses(LIN, "下一页 ›")
    second = await shown(estate, LIN)
    await estate.presses(LIN, "下一页 ›")
    third = await shown(estate, LIN)
    assert (await newest(estate, LIN))["edit"] is True
    assert len({*first, *second, *third}) == 20
    assert first + second + third == sorted({*first, *second, *third}, reverse=True)
    assert "下一页 ›" not in await estate.labels(LIN)


async def test_two_lists_turn_their_own_pages(estate: Estate) -> None:
    await file(estate, "3号楼路灯坏了")
    await many(estate, 19)
    await estate.says(LIN, "/cases 3号楼")
    one = await estate.buttons(LIN)
    await estate.says(LIN, "/cases 关键字 路灯")
    other = await estate.buttons(LIN)
    await estate.presses_data(LIN, one["下一页 ›"])
    assert (await newest(estate, LIN))["title"] == "3号楼"
    assert one["下一页 ›"].split(":")[1] != other["下一页 ›"].split(":")[1]
    await estate.presses_data(LIN, other["下一页 ›"])
    assert (await newest(estate, LIN))["title"] == "内容有“路灯”"
    assert all(len(data.encode()) <= 64 for data in (one | other).values())


async def test_words_are_kept_for_two_days_for_who_wrote_them(estate: Estate) -> None:
    await file(estate, "3号楼路灯坏了")
    await many(estate, 9)
    await estate.says(LIN, "/cases 关键字 路灯")
    turning = (await estate.buttons(LIN))["下一页 ›"]
    assert "路灯" not in turning
    await estate.reads(HUANG)
    await estate.presses_data(HUANG, turning)
    assert "太旧了" in await estate.reads(HUANG)
    await estate.waits(days=2, minutes=1)
    await estate.reads(LIN)
    await estate.presses_data(LIN, turning)
    assert "太旧了" in await estate.reads(LIN)
    await estate.says(LIN, "/cases 关键字 电梯")
    kept = await estate.store.read(lambda s: s.scalar(select(func.count()).select_from(KeptSearch)))
    assert kept == 1


async def test_many_are_counted_up_to_a_bound(estate: Estate) -> None:
    await file(estate, "3号楼路灯坏了")
    await many(estate, 1005)
    await estate.says(LIN, "/cases")
    assert "共1000+件，第1/125页" in (await newest(estate, LIN))["text"]
    which = (await estate.buttons(LIN))["下一页 ›"].split(":")[1]
    await estate.presses_data(LIN, f"k:{which}:124:")
    assert "列表到此为止" in (await newest(estate, LIN))["text"]
    await estate.presses_data(LIN, f"k:{which}:99999:")
    assert "第125/125页" in (await newest(estate, LIN))["text"]


async def test_nothing_is_seen_outside_of_where_one_leads(estate: Estate, three: tuple[int, int, int]) -> None:
    lamp, lift, rubbish = three
    assert await listed(estate, FENG, "/cases") == [rubbish, lift]
    assert await listed(estate, FENG, "/cases 丰美小区") == [rubbish, lift]
    assert await listed(estate, FENG, "/cases 关键字 坏了") == [lift]
    assert await listed(estate, ZHENG, "/cases") == [rubbish, lift, lamp]
    await estate.reads(FENG)
    await estate.says(FENG, "/cases 3号楼")
    assert (await estate.reads(FENG)).strip() == "丰美小区3号楼不在您负责的范围内。"
    await estate.says(FENG, f"/cases {lamp}")
    assert "没有这件事" in await estate.reads(FENG)
    three_at = next(node for node in estate.rules.tree if node.key == "fengmei-3").id
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    await estate.presses_data(FENG, f"k:1:0:p{digits[three_at // 36] if three_at > 35 else ''}{digits[three_at % 36]}")
    assert (await estate.reads(FENG)).strip() == "丰美小区3号楼不在您负责的范围内。"


async def test_who_leads_nowhere_sees_no_list(estate: Estate, three: tuple[int, int, int]) -> None:
    for who in (AUNT_LI, "wang"):
        await estate.reads(who)
        await estate.says(who, "/cases")
        assert "是负责人、管理员用的" in await estate.reads(who)
        await estate.presses_data(who, "k:1:0:")
        assert "负责人" in await estate.reads(who)
        assert str(three[0]) not in str(await estate.buttons(who))
    await estate.says(AUNT_LI, "全部事项")  # words of a resident are a report
    assert "3号楼" in await estate.labels(AUNT_LI)  # and the place is asked for


async def test_a_number_opens_its_case(estate: Estate, three: tuple[int, int, int]) -> None:
    await estate.reads(LIN)
    await estate.says(LIN, f"/cases {three[1]}")
    assert "5号楼" in await estate.reads(LIN)
    await estate.says(LIN, f"/find #{three[1]}")
    assert "5号楼" in await estate.reads(LIN)


async def test_what_is_not_understood_is_asked_back_with_what_may_be_meant(
    estate: Estate, three: tuple[int, int, int]
) -> None:
    await estate.reads(LIN)
    await estate.says(LIN, "/cases 5号楼 点梯")
    said = await estate.reads(LIN)
    assert "没看懂“点梯”" in said
    assert "您是不是要找“电梯”" in said
    assert "例如：/cases 超时 1号楼" in said
    await estate.presses(LIN, "5号楼 · 电梯")
    assert await shown(estate, LIN) == [three[1]]
    await estate.says(LIN, "/cases 30号楼")
    assert "这里没有“30号楼”" in await estate.reads(LIN)
    assert await estate.labels(LIN) == []


INVENTED = (
    "k:1:0:zzz", "k:1:0:k9999999999999999", "k:1:0:p-1", "k:1:0:sz", "k:x:0:", f"k:{'9' * 55}:0:", "k:1:0:d1-x", "k:1",
    "k:::", "k:1:reporter:k1", "k:1:0:pzzzzzzzzzz",
)  # fmt: skip


@pytest.mark.parametrize("data", INVENTED)
async def test_invented_data_is_answered(estate: Estate, data: str) -> None:
    await estate.reads(LIN)
    await estate.presses_data(LIN, data)
    assert (await estate.reads(LIN)).strip()


async def test_what_was_not_looked_at_is_said(estate: Estate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "LOOKED_AT_OF_A_PLACE", 3)
    monkeypatch.setattr(finding, "PEOPLE", 1)
    old = await file(estate, "3号楼路灯坏了")
    await change(estate, old, kind="wish")
    await many(estate, 5, kind="issue")
    assert await listed(estate, LIN, "/cases 微心愿") == []
    assert "只查了最近的3件" in (await newest(estate, LIN))["text"]
    assert "没有找到" not in (await newest(estate, LIN))["text"]
    await file(estate, "5号楼电梯坏了", "李四")
    await listed(estate, LIN, "/find 李")
    assert "只查了最近登记的1人" not in (await newest(estate, LIN))["text"]  # one character is no name
    await listed(estate, LIN, "/find 姓名 李")
    assert "只查了最近登记的1人" in (await newest(estate, LIN))["text"]


async def test_the_same_word_shows_a_resident_their_case(estate: Estate, three: tuple[int, int, int]) -> None:
    """To whoever leads it lists cases; with a number behind it is one case to everybody."""
    for said in (f"事项 {three[0]}", f"事项{three[0]}"):
        await estate.says(AUNT_LI, said)
        assert f"#{three[0]} 路灯与楼道灯" in await estate.reads(AUNT_LI)
    await estate.says(LIN, f"事项 {three[0]}")
    assert f"#{three[0]} 路灯与楼道灯" in await estate.reads(LIN)
    assert len(await estate.cases()) == 3
