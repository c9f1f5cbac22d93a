"""Filters as people write them: any order, Chinese or English; what is not understood gets the nearest right form."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.context import Rules
from cases.deadlines import deadlines
from cases.places import PlaceTree
from cases.search import Filter, from_data
from cases.states import UNDER_WAY, State
from cases.understand import Understander
from handlers.admin.days import find_days, say_days
from handlers.admin.filters import Parsed, parse
from handlers.texts import translator
from tests.cases.trees import EXAMPLE, FENGMEI, TWO_ESTATES, place

TODAY = date(2026, 9, 30)  # a Wednesday


def rules_of(tree: PlaceTree) -> Rules:
    """Return the example's rules over a tree."""
    return Rules(
        EXAMPLE, tree, deadlines(EXAMPLE, tree), Understander(EXAMPLE.issues, tree), Understander(EXAMPLE.wishes, tree)
    )


RULES, TWO = rules_of(FENGMEI), rules_of(TWO_ESTATES)


def read(text: str, rules: Rules = RULES, home: str = "fengmei") -> Parsed:
    """Read a filter as who leads the estate."""
    node = rules.tree.by_key(home)
    return parse(text, rules, node.id if node else None, TODAY)


def asked(**fields: Any) -> Filter:
    """Return a filter; `place` by its key."""
    if "place" in fields:
        fields["place_id"] = place(fields.pop("place"))
    return Filter(**fields)


DAY, MONTH = date(2026, 9, 1), (date(2026, 9, 1), date(2026, 9, 30))
THIS_MONTH = {"since": MONTH[0], "until": MONTH[1]}

UNDERSTOOD = {
    "": asked(),
    "全部": asked(),
    "超时": asked(late=True),
    "已超时的事项": asked(late=True),
    "超时 3号楼 电梯 本月": asked(late=True, place="fengmei-3", category="lift", **THIS_MONTH),
    "本月，电梯，3号楼，超时": asked(late=True, place="fengmei-3", category="lift", **THIS_MONTH),
    "超时3号楼电梯": asked(late=True, place="fengmei-3", category="lift"),
    "3号楼的电梯 超时": asked(late=True, place="fengmei-3", category="lift"),
    "late building 3 lift this month": asked(late=True, place="fengmei-3", category="lift", **THIS_MONTH),
    "LATE Lift in building 3 unit 2": asked(late=True, place="fengmei-3-2", category="lift"),
    "丰美小区 3号楼 2单元": asked(place="fengmei-3-2"),
    "3-2": asked(place="fengmei-3-2"),
    "丰美社区": asked(place="fengmei-community"),
    "会所楼": asked(place="fengmei-18"),
    "十二栋 未派": asked(place="fengmei-12", unassigned=True),
    "我负责": asked(mine=True),
    "mine urgent": asked(mine=True, urgent=True),
    "紧急": asked(emergency=True),
    "lifts": asked(category="lift"),
    "3号楼漏水": asked(place="fengmei-3", category="leaks"),
    "加急 微心愿": asked(urgent=True, kind="wish"),
    "reports": asked(kind="issue"),
    "处理中": asked(states=frozenset({State.WORKING})),
    "being handled": asked(states=frozenset({State.WORKING})),
    "待派单 待认领": asked(states=frozenset({State.NEW, State.POOL})),
    "未办结": asked(states=UNDER_WAY),
    "已办结": asked(states=frozenset({State.RESOLVED, State.CLOSED})),
    "waiting for the steward to accept": asked(states=frozenset({State.ASSIGNED})),
    "漏水与房屋": asked(category="leaks"),
    "房屋": asked(category="leaks"),
    "Leaks and building fabric": asked(category="leaks"),
    "路灯": asked(category="lights"),
    "关键字 漏水": asked(words="漏水"),
    "关键字：漏水 超时": asked(words="漏水", late=True),
    "“3号楼 漏水” 电梯": asked(words="3号楼 漏水", category="lift"),
    "words Leak lift": asked(words="Leak", category="lift"),
    "关键字 今天": asked(words="今天"),
    "今天": asked(since=TODAY, until=TODAY),
    "2026-09-01": asked(since=DAY, until=DAY),
    "2026-09-01..2026-09-30": asked(**THIS_MONTH),
    "2026年9月": asked(**THIS_MONTH),
    "9月1日 3号楼": asked(place="fengmei-3", since=DAY, until=DAY),
    "9月1日至9月30日": asked(**THIS_MONTH),
}


@pytest.mark.parametrize("text", UNDERSTOOD, ids=lambda text: text or "nothing")
def test_a_filter_is_understood(text: str) -> None:
    found = read(text)
    assert found.doubts == ()
    assert found.asked == UNDERSTOOD[text]
    assert found.number is None


@pytest.mark.parametrize("text", ["1042", "#1042", "＃1042", "编号 1042", "number 1042"])
def test_a_number_is_that_of_a_case(text: str) -> None:
    found = read(text)
    assert (found.number, found.asked, found.doubts) == (1042, Filter(), ())


NOT_UNDERSTOOD = {
    "超是": ("超是", "超时"),
    "超时 3号楼 点梯": ("点梯", "电梯"),
    "3号楼天花板": ("天花板", "漏水与房屋"),  # a word of that kind, not its name
    "overdu": ("overdu", "overdue"),
    "latte": ("latte", "late"),
    "丰每小区": ("丰每小区", "丰美小区"),
    "3-2-501": ("3-2-501", "3号楼2单元"),
    "啦啦啦": ("啦啦啦", ""),
    "30号楼": ("30号楼", ""),
    "2026-02-30": ("2026-02-30", ""),
    "3号楼 5号楼": ("3号楼 5号楼", ""),
    "今天 本月": ("本月", ""),
    "电梯 燃气": ("燃气", ""),
}


@pytest.mark.parametrize("text", NOT_UNDERSTOOD)
def test_what_is_not_understood_gets_the_nearest_right_form(text: str) -> None:
    said, instead = NOT_UNDERSTOOD[text]
    found = read(text)
    assert [(doubt.said, doubt.instead) for doubt in found.doubts] == [(said, instead)]
    assert bool(found.corrected()) == bool(instead)
    if instead:
        assert read(found.corrected()).doubts == ()


def test_what_is_meant_keeps_the_rest_of_the_filter() -> None:
    found = read("超是 3号楼 点梯 本月")
    assert read(found.corrected()).asked == asked(late=True, place="fengmei-3", category="lift", **THIS_MONTH)


def test_whose_building_is_settled_by_where_one_leads_or_asked() -> None:
    bamboo = TWO.tree.by_key("bamboo-3")
    assert bamboo is not None
    assert read("3号楼", TWO, "bamboo").asked.place_id == bamboo.id
    assert read("翠竹园3号楼", TWO, "lakeside").asked.place_id == bamboo.id
    assert read("翠竹园 3号楼", TWO, "lakeside").asked.place_id == bamboo.id
    (doubt,) = read("3号楼", TWO, "lakeside").doubts
    assert "several" in doubt.why


PERIODS = {
    "昨天": ("2026-09-29", "2026-09-29"),
    "前天": ("2026-09-28", "2026-09-28"),
    "本周": ("2026-09-28", "2026-10-04"),
    "上周": ("2026-09-21", "2026-09-27"),
    "上礼拜": ("2026-09-21", "2026-09-27"),
    "上上周": ("2026-09-14", "2026-09-20"),
    "前一周": ("2026-09-14", "2026-09-20"),
    "上上个星期": ("2026-09-14", "2026-09-20"),
    "the week before last": ("2026-09-14", "2026-09-20"),
    "上上上周": ("2026-09-07", "2026-09-13"),
    "上上周到上周": ("2026-09-14", "2026-09-27"),
    "上个月": ("2026-08-01", "2026-08-31"),
    "上上个月": ("2026-07-01", "2026-07-31"),
    "今年": ("2026-01-01", "2026-12-31"),
    "去年": ("2025-01-01", "2025-12-31"),
    "最近7天": ("2026-09-24", "2026-09-30"),
    "last 30 days": ("2026-09-01", "2026-09-30"),
    "2026/9/1": ("2026-09-01", "2026-09-01"),
    "2026.9.1": ("2026-09-01", "2026-09-01"),
    "2026年9月1日": ("2026-09-01", "2026-09-01"),
    "2026-02": ("2026-02-01", "2026-02-28"),
    "2025年": ("2025-01-01", "2025-12-31"),
    "12月": ("2025-12-01", "2025-12-31"),  # this year's has not come yet
    "10月1日": ("2025-10-01", "2025-10-01"),
    "9月1日到10月5日": ("2026-09-01", "2026-10-05"),
    "12月20日~1月5日": ("2025-12-20", "2026-01-05"),
    "9月30日到9月1日": ("2026-09-01", "2026-09-30"),
    "上月到本月": ("2026-08-01", "2026-09-30"),
    "2026-09-01-2026-09-05": ("2026-09-01", "2026-09-05"),
    "2026-09-01 to 2026-09-05": ("2026-09-01", "2026-09-05"),
    "2026-09-01..": ("2026-09-01", None),
    "9月1日起": ("2026-09-01", None),
    "since 2026-09-01": ("2026-09-01", None),
    "..2026-09-01": (None, "2026-09-01"),
    "until 2026-09-01": (None, "2026-09-01"),
}


@pytest.mark.parametrize("text", PERIODS)
def test_periods(text: str) -> None:
    (days,) = find_days(text, TODAY)
    told = tuple(day.isoformat() if day else None for day in (days.since, days.until))
    assert told == PERIODS[text]
    assert text[days.start : days.end] == text


@pytest.mark.parametrize("text", ["9月1号楼", "3-2", "3号楼2单元", "1042", "12345", "9月31日x"])
def test_what_is_no_day(text: str) -> None:
    assert [days for days in find_days(text, TODAY) if days.since and days.since == days.until] == []


def test_periods_in_words() -> None:
    t = translator("zh")
    spans = [(TODAY, TODAY), (DAY, DAY), MONTH, (DAY, None), (None, DAY), (DAY, date(2026, 9, 15))]
    assert [say_days(since, until, TODAY, t) for since, until in spans] == [
        "今天", "2026年9月1日", "2026年9月", "2026年9月1日起", "截至2026年9月1日", "2026年9月1日至2026年9月15日",
    ]  # fmt: skip


@given(st.text(max_size=60))
def test_nothing_that_is_written_breaks_it(text: str) -> None:
    found = read(text)
    for doubt in found.doubts:
        assert doubt.said
    assert from_data(found.asked.to_data()) == found.asked


PIECES = ["超时", "3号楼", "电梯", "本月", "2026-09-01..", "关键字 漏水", "9月31日", "lift", "3-2", "..", "的", "#1"]


@given(st.lists(st.sampled_from(PIECES), max_size=6), st.sampled_from(["", " ", "，"]))
def test_pieces_in_any_order(pieces: list[str], between: str) -> None:
    found = read(between.join(pieces))
    assert from_data(found.asked.to_data()) == found.asked
