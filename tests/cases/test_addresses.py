"""Addresses as residents spell them, and what only looks like one."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.addresses import find_addresses
from cases.folding import fold
from cases.numerals import number

Found = tuple[int | None, int | None, str]


def first(said: str) -> Found | None:
    """Return building, unit and detail of the first address."""
    found = find_addresses(fold(said))
    return (found[0].building, found[0].unit, found[0].detail) if found else None


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("3号楼2单元501", (3, 2, "501")),
        ("三栋", (3, None, "")),
        ("3-2-501", (3, 2, "501")),
        ("3 - 2 - 501", (3, 2, "501")),
        ("3—2—501", (3, 2, "501")),
        ("3#2单元", (3, 2, "")),
        ("3#楼", (3, None, "")),
        ("3#501", (3, None, "501")),
        ("6幢", (6, None, "")),
        ("6座602", (6, None, "602")),
        ("第三栋", (3, None, "")),
        ("3号栋2单元", (3, 2, "")),
        ("十二号楼", (12, None, "")),
        ("二十一栋三单元", (21, 3, "")),
        ("一百零五号楼", (105, None, "")),
        ("一栋二单元五零一", (1, 2, "501")),
        ("18栋2单元1203室", (18, 2, "1203室")),
        ("18栋2单元1203房间漏水", (18, 2, "1203房间")),
        ("３号楼２单元５０１", (3, 2, "501")),
        ("３棟２單元", (3, 2, "")),
        ("③号楼", (3, None, "")),
        ("3 号 楼 2 单 元", (3, 2, "")),
        ("3号楼，2单元，501", (3, 2, "")),
        ("3号楼2门501", (3, 2, "501")),
        ("3楼2单元", (3, 2, "")),
        ("3号2单元501", (3, 2, "501")),
        ("3-2单元", (3, 2, "")),
        ("3栋2-501", (3, 2, "501")),
        ("3栋2单元501b", (3, 2, "501B")),
        ("6栋5楼", (6, None, "5楼")),
        ("6栋五层", (6, None, "五层")),
        ("6栋负一楼车库", (6, None, "负一楼车库")),
        ("6栋2单元门口", (6, 2, "门口")),
        ("6栋的地下车库", (6, None, "地下车库")),
        ("6栋楼下", (6, None, "楼下")),
        ("2单元灯坏了", (None, 2, "")),
        ("二单元501", (None, 2, "501")),
        ("building 3, unit 2, room 501", (3, 2, "501")),
        ("Unit 2 of Building Three", (3, 2, "")),
        ("Bldg. 3-2-501", (3, 2, "501")),
        ("block no. 12, 5th floor", (12, None, "5楼")),
        ("tower 4 apt 1203", (4, None, "1203")),
        ("unit 2 is dark", (None, 2, "")),
    ],
)
def test_a_spelling_is_read(said: str, meant: Found) -> None:
    assert first(said) == meant


@pytest.mark.parametrize(
    "said",
    [
        "2019-3-2 的事", "2019年3月2日", "3-2-2019", "19-3-21", "10-1-2024",  # dates
        "电话 020-8888-1234", "138-0013-8000", "13800138000", "400-82-1234", "12345热线", "打110",  # telephones
        "2-150元", "1200-1500元一个月", "涨到3.5栋",  # sums and nonsense
        "3-5天没水", "三个月", "第2次", "5-6次", "8点3-2比分", "12-15岁",  # counts
        "有5栋楼", "5栋楼都停水", "这3栋", "建了18栋", "两栋之间", "共十二幢", "3栋高层", "整栋楼",  # counted buildings
        "一座桥", "两座桥", "5座商务车", "3座城市", "一座垃圾站",
        "每栋3个单元", "几单元", "三个单元",
        "3号停水", "3号线", "3号口", "9号公交", "5楼太吵", "501",
        "#1042", "车牌A12345", "a3栋", "v3-2-501", "10.3-2-501", "building", "the building is old", "roadblock 3 times",
        "https://example.cn/3-2-501", "",
    ],
)  # fmt: skip
def test_what_only_looks_like_an_address_is_none(said: str) -> None:
    assert [address for address in find_addresses(fold(said)) if address.sure] == []


@pytest.mark.parametrize(("said", "meant"), [("3-2", (3, 2, "")), ("3#2", (3, 2, "")), ("3-501漏水", (3, None, "501"))])
def test_the_shortest_spellings_are_read_with_reserve(said: str, meant: Found) -> None:
    (found,) = find_addresses(said)
    assert (found.building, found.unit, found.detail) == meant
    assert not found.sure


@pytest.mark.parametrize(
    ("said", "detail"),
    [
        ("3栋 2019年建的", ""), ("3栋 300户", ""), ("3栋 110报警没人来", ""), ("3栋 13800138000", ""),
        ("3栋 150元", ""),
        ("3栋5楼下水道堵了", "5楼"), ("3号楼下水道堵了", ""), ("3号楼上周停水", ""), ("3栋501户主", "501"),
    ],
)  # fmt: skip
def test_a_number_after_the_building_is_a_door_only_if_it_can_be(said: str, detail: str) -> None:
    found = first(said)
    assert found is not None
    assert (found[0], found[2]) == (3, detail)


def test_all_addresses_of_a_text_are_found_in_its_order() -> None:
    found = find_addresses("building 4的人说3栋2单元和5-1-302都停电, 2单元最严重")
    assert [(a.building, a.unit, a.detail) for a in found] == [(4, None, ""), (3, 2, ""), (5, 1, "302"), (None, 2, "")]


@pytest.mark.parametrize(
    ("said", "building", "others"),
    [
        ("3、5、7号楼", 7, (3, 5)),
        ("1-5栋", 5, (1,)),
        ("二、三栋", 3, (2,)),
        ("3号和5号楼", 5, (3,)),
        ("2019,3号楼", 3, ()),
    ],
)
def test_an_enumeration_names_several(said: str, building: int, others: tuple[int, ...]) -> None:
    (found,) = find_addresses(said)
    assert (found.building, found.others) == (building, others)


@pytest.mark.parametrize(
    ("said", "building"),
    [
        ("19栋2单元501漏水", "19栋"), ("在19号楼的门口", "19号楼"), ("19-2-501", "19-2-501"),
        ("building 19, unit 2", "building 19"),
        ("Block 19 room 501", "block 19"),
    ],
)  # fmt: skip
def test_the_building_is_kept_in_the_words_used(said: str, building: str) -> None:
    assert find_addresses(fold(said))[0].said == building


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3), ("012", 12), ("三", 3), ("两", 2), ("十", 10), ("十二", 12), ("二十", 20), ("九十九", 99),
        ("一百", 100), ("一百零五", 105), ("一百一十", 110), ("五零一", 501), ("一二〇三", 1203), ("", None),
        ("百", None), ("十百", None),
        ("三号", None), ("٣", None),
    ],
)  # fmt: skip
def test_numbers(text: str, value: int | None) -> None:
    assert number(text) == value


def spelled(value: int) -> str:
    """Return a number below a thousand in Chinese."""
    digits = "零一二三四五六七八九"
    hundreds, rest = divmod(value, 100)
    tens, ones = divmod(rest, 10)
    words = f"{digits[hundreds]}百" if hundreds else ""
    if tens:
        words += ("" if tens == 1 and not hundreds else digits[tens]) + "十"
    elif hundreds and ones:
        words += "零"
    return words + (digits[ones] if ones else "")


@given(st.integers(1, 999))
def test_every_number_is_read_as_it_is_spelled(value: int) -> None:
    assert number(spelled(value)) == value
    assert number(str(value)) == value


@given(st.text(max_size=200))
def test_folding_keeps_every_character_in_its_place(text: str) -> None:
    folded = fold(text)
    assert len(folded) == len(text)
    assert fold(folded) == folded


@given(
    st.lists(
        st.sampled_from([*"0123456789一二三十百两第-#、, 号楼栋幢座单元室房年月元户ab", "building ", "unit "]),
        max_size=25,
    )
)
def test_no_jumble_breaks_the_search_and_nothing_found_overlaps(pieces: list[str]) -> None:
    text = "".join(pieces)
    found = find_addresses(text)
    assert all(0 <= address.start < address.end <= len(text) for address in found)
    assert all(left.end <= right.start for left, right in pairwise(found))
    assert all(address.building is not None or address.unit is not None for address in found)
