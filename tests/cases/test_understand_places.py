"""Which place residents mean, held against the places that there are."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.place_settings import PlaceSettings
from cases.places import PlaceTree
from cases.understand import Understander
from tests.cases.trees import EXAMPLE, FENGMEI, READER, TWO_ESTATES, key_of, place, plant

LAKESIDE = Understander(EXAMPLE.categories, TWO_ESTATES)
HOME = place("fengmei-5-1")


def at_home(said: str) -> tuple[str | None, str]:
    """Return place and detail as understood from somebody who lives in building 5, unit 1."""
    meant = READER.read(said, HOME)
    return key_of(meant.place_id), meant.place_detail


def by_the_lake(said: str, home: str | None = None) -> tuple[str | None, str, str]:
    """Return place, detail and unknown place where there are two estates."""
    meant = LAKESIDE.read(said, place(home, TWO_ESTATES) if home else None)
    return key_of(meant.place_id, TWO_ESTATES), meant.place_detail, meant.unknown_place


@pytest.mark.parametrize(
    ("said", "key", "detail"),
    [
        ("3号楼2单元501漏水", "fengmei-3-2", "501"),
        ("丰美小区三栋路灯不亮", "fengmei-3", ""),
        ("丰美街道丰美社区丰美小区3号楼2单元", "fengmei-3-2", ""),
        ("18栋2单元1203室漏水", "fengmei-18-2", "1203室"),
        ("3-2-501", "fengmei-3-2", "501"),
        ("3-2", "fengmei-3-2", ""),
        ("3-501漏水", "fengmei-3", "501"),
        ("6栋5楼太吵", "fengmei-6", "5楼"),
        ("6栋2单元门口有垃圾", "fengmei-6-2", "门口"),
        ("会所楼停电", "fengmei-18", ""),
        ("会所楼2单元停电", "fengmei-18-2", ""),
        ("lift is broken at building 3 unit 2", "fengmei-3-2", ""),
        ("Fengmei is without water", "fengmei", ""),
        ("豐美小區3號樓2單元停電", "fengmei-3-2", ""),
        ("丰美小区垃圾没人收", "fengmei", ""),
        ("丰美花园没水", "fengmei", ""),
        ("丰美社区的路灯", "fengmei-community", ""),
        ("丰美街道的路灯", "fengmei-street", ""),
    ],
)
def test_an_address_or_a_name_tells_the_place(said: str, key: str, detail: str) -> None:
    assert at_home(said) == (key, detail)


@pytest.mark.parametrize(
    ("said", "key", "detail"),
    [
        ("我家漏水", "fengmei-5-1", ""),
        ("家里没电了", "fengmei-5-1", ""),
        ("丰美小区我家没水", "fengmei-5-1", ""),
        ("no water at home", "fengmei-5-1", ""),
        ("楼下广场舞太吵", "fengmei-5-1", "楼下"),
        ("楼道灯坏了", "fengmei-5-1", "楼道"),
        ("隔壁装修", "fengmei-5-1", "隔壁"),
        ("someone is shouting downstairs", "fengmei-5-1", ""),
        ("我们楼停水", "fengmei-5", ""),
        ("我们单元停水", "fengmei-5-1", ""),
        ("2单元灯坏了", "fengmei-5-2", ""),
        ("2单元501", "fengmei-5-2", "501"),
        ("unit 3 is dark", "fengmei-5-3", ""),
        ("我家楼下3栋的车位", "fengmei-3", ""),
    ],
)
def test_home_settles_what_is_said_of_home(said: str, key: str, detail: str) -> None:
    assert at_home(said) == (key, detail)


@pytest.mark.parametrize("said", ["我家漏水", "2单元灯坏了", "楼下太吵", "unit 3 is dark", "路灯不亮", ""])
def test_without_a_home_such_words_name_no_place(said: str) -> None:
    meant = READER.read(said)
    assert (meant.place_id, meant.place_detail, meant.unknown_place) == (None, "", "")


def test_a_home_that_is_no_more_is_as_good_as_none() -> None:
    assert READER.read("我家漏水", 99_999).place_id is None


@pytest.mark.parametrize(
    "said",
    [
        "2019-3-2 的事",
        "打 020-8888-1234",
        "3-5天没水",
        "第2次了",
        "三个月没人管",
        "停车费涨到3-150元",
        "有5栋楼停水",
        "一座桥",
    ],
)  # fmt: skip
def test_dates_numbers_and_counts_are_no_place(said: str) -> None:
    meant = READER.read(said, HOME)
    assert (meant.place_id, meant.unknown_place) == (None, "")


@pytest.mark.parametrize(
    ("said", "unknown"),
    [
        ("19号楼路灯坏了", "19号楼"), ("九十九栋2单元501漏水", "九十九栋"), ("19-2-501", "19-2-501"),
        ("building 40", "building 40"),
        ("丰美小区19栋", "19栋"), ("3、99号楼停水", "3、99号楼"),
    ],
)  # fmt: skip
def test_a_building_that_is_not_here_is_named(said: str, unknown: str) -> None:
    meant = READER.read(said, HOME)
    assert (meant.place_id, meant.unknown_place) == (None, unknown)


def test_of_a_known_and_an_unknown_building_the_known_counts() -> None:
    assert at_home("对面小区的29栋装修，吵到我们3栋") == ("fengmei-3", "")


def test_what_may_be_something_else_is_no_unknown_building() -> None:
    assert READER.read("比分99-2").unknown_place == ""
    assert READER.read("99-101").unknown_place == ""


def test_a_unit_that_is_not_there_stays_in_the_words() -> None:
    assert at_home("3号楼9单元501") == ("fengmei-3", "9单元501")


@pytest.mark.parametrize(
    ("said", "key", "detail"),
    [
        ("3、5号楼停水", "fengmei", "3、5号楼"),
        ("1-5栋没电", "fengmei", "1-5栋"),
        ("3号楼和5号楼之间的路灯不亮", "fengmei", "3号楼和5号楼之间"),
        ("3栋1单元、3栋2单元停水", "fengmei-3-1", ""),
        ("3栋的人去5栋打架", "fengmei-3", ""),
    ],
)
def test_several_buildings_are_the_estate_with_their_names(said: str, key: str, detail: str) -> None:
    assert at_home(said) == (key, detail)


def test_the_estate_that_is_named_settles_whose_building_it_is() -> None:
    assert by_the_lake("翠竹园3号楼停水") == ("bamboo-3", "", "")
    assert by_the_lake("3号楼停水，在桂花苑") == ("osmanthus-3", "", "")
    assert by_the_lake("block 3 in Bamboo Court") == ("bamboo-3", "", "")


def test_else_the_estate_of_home_does() -> None:
    assert by_the_lake("3号楼停水", home="osmanthus-9-1") == ("osmanthus-3", "", "")
    assert by_the_lake("3号楼停水", home="bamboo") == ("bamboo-3", "", "")
    assert by_the_lake("翠竹园3号楼停水", home="osmanthus-9-1") == ("bamboo-3", "", "")


def test_where_neither_does_nothing_is_guessed() -> None:
    assert by_the_lake("3号楼停水") == (None, "", "")
    assert by_the_lake("湖滨社区3号楼停水") == ("lakeside", "", "")


def test_a_building_that_only_one_estate_has_needs_no_more() -> None:
    assert by_the_lake("11号楼停水") == ("bamboo-11", "", "")
    assert by_the_lake("11号楼停水", home="osmanthus-9-1") == ("bamboo-11", "", "")


def test_a_building_that_the_named_estate_lacks_is_named_with_it() -> None:
    assert by_the_lake("桂花苑11号楼停水") == (None, "", "桂花苑11号楼")


def test_buildings_and_units_go_by_names_too() -> None:
    assert by_the_lake("A座大堂停电") == ("bamboo-a", "", "")
    assert by_the_lake("会所东单元门坏了") == ("bamboo-hall-east", "", "")
    assert by_the_lake("会所停电, 3号楼没停", home="bamboo") == ("bamboo-3", "", "")


@pytest.mark.parametrize(
    "said",
    [
        "3栋",
        "3-2-501",
        "丰美小区",
        "在丰美小区3号楼",
        "我住3栋2单元501室",
        "地址：3号楼",
        "building 3, unit 2",
        "是5栋",
        "19栋",
        "不是3栋，是",
    ],
)
def test_nothing_but_a_place(said: str) -> None:
    assert READER.read(said).place_only


@pytest.mark.parametrize("said", ["3栋停水", "路灯", "", "你好", "3-5天", "丰美小区的狗"])
def test_more_or_less_than_a_place(said: str) -> None:
    assert not READER.read(said).place_only


BUILDING = [
    "{b}号楼", "{b}栋", "{b}幢", "{b}座", "{b}#", "{b}#楼", "第{b}栋", "{b} 号楼", "{c}号楼", "第{c}栋", "{w}号楼",
    "{b}號樓", "{b}棟", "building {b}", "Block {b}", "Bldg. {b}", "building no. {b}", "我住{b}栋，",
    "电梯在{b}号楼坏了",
]  # fmt: skip
UNIT = [
    "{b}号楼{u}单元", "{b}栋{u}单元", "{b}幢{u}單元", "{b}#{u}单元", "{b}号{u}单元", "{b}楼{u}单元", "{b}-{u}单元",
    "{b}-{u}-501", "{b} - {u} - 501", "{b}－{u}－501", "{c}栋{d}单元", "{w}号楼{u}单元", "{b}号楼，{u}单元",
    "{b}栋 {u} 单元 501", "{b}-{u}", "building {b} unit {u}", "Block {b}, Unit {u}, Room 501",
    "unit {u} of building {b}",
]  # fmt: skip
DIGITS = "零一二三四五六七八九"
WIDE = str.maketrans("0123456789", "０１２３４５６７８９")


def chinese(number: int) -> str:
    tens, ones = divmod(number, 10)
    return (("" if tens < 2 else DIGITS[tens]) + "十" if tens else "") + (DIGITS[ones] if ones else "")


@pytest.mark.parametrize("style", BUILDING)
def test_every_building_is_read_back_in_every_spelling(style: str) -> None:
    for node in FENGMEI.buildings():
        assert node.number is not None
        said = style.format(b=node.number, c=chinese(node.number), w=str(node.number).translate(WIDE))
        assert READER.read(said).place_id == node.id, said


@pytest.mark.parametrize("style", UNIT)
def test_every_unit_is_read_back_in_every_spelling(style: str) -> None:
    for node in FENGMEI.buildings():
        assert node.number is not None
        wide, building = str(node.number).translate(WIDE), chinese(node.number)
        for unit in FENGMEI.children(node.id):
            assert unit.number is not None
            said = style.format(b=node.number, u=unit.number, c=building, d=chinese(unit.number), w=wide)
            assert READER.read(said).place_id == unit.id, said


@pytest.mark.parametrize("tree", [FENGMEI, TWO_ESTATES])
def test_every_label_is_read_back_as_its_place(tree: PlaceTree) -> None:
    reader = Understander(EXAMPLE.categories, tree)
    for node in tree:
        assert reader.read(tree.label(node.id)).place_id == node.id
        assert reader.read(f"{tree.label(node.id)}停水了").place_id == node.id


NAMES = st.lists(
    st.sampled_from(["东湖", "西苑", "金桂园", "A区", "第一小区", "三栋公馆", "Sunny Court"]), min_size=1, unique=True
)


@settings(deadline=None)
@given(NAMES, st.integers(1, 5), st.integers(0, 4), st.integers(1, 60))
def test_every_label_of_any_estates_is_read_back(names: list[str], buildings: int, units: int, first: int) -> None:
    shorthand = {"from": first, "to": first + buildings - 1, "units": units}
    tree = plant(
        *(
            PlaceSettings.model_validate({"key": f"e{n}", "name": name, "kind": "estate", "buildings": shorthand})
            for n, name in enumerate(names)
        )
    )
    reader = Understander([], tree)
    for node in tree:
        meant = reader.read(tree.label(node.id))
        assert meant.place_id == node.id
        assert meant.place_only


@given(st.text(max_size=300), st.sampled_from([None, HOME, 99_999]))
def test_no_text_breaks_the_reader(text: str, home: int | None) -> None:
    meant = READER.read(text, home)
    assert not (meant.place_only and meant.category_only)
    assert meant.place_id is None or meant.unknown_place == ""
    assert meant.place_detail == "" or meant.place_id is not None
