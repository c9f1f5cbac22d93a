"""What residents' words are taken to mean."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config import load
from cases.places import PlaceNode, PlaceTree
from cases.understand import Understander
from tests.cast import CONFIG

SETTINGS = load(CONFIG, {})


def _tree() -> PlaceTree:
    ids: dict[str, int] = {}
    nodes = []
    for told, parent in SETTINGS.walk_places():
        ids[told.key] = len(ids) + 1
        above = ids[parent] if parent else None
        nodes.append(PlaceNode(ids[told.key], told.key, above, told.kind, told.name, told.number, told.aliases,
                               told.latitude, told.longitude))  # fmt: skip
    return PlaceTree(nodes)


TREE = _tree()
READER = Understander(SETTINGS.categories, TREE)
HOME = TREE.by_key("fengmei-5-1")


def key_of(place_id: int | None) -> str | None:
    return TREE.get(place_id).key if place_id else None


@pytest.mark.parametrize(
    ("said", "place", "detail"),
    [
        ("3号楼2单元501", "fengmei-3-2", "501"),
        ("三栋", "fengmei-3", ""),
        ("3-2-501", "fengmei-3-2", "501"),
        ("十二号楼漏水", "fengmei-12", ""),
        ("18栋2单元1203室漏水", "fengmei-18-2", "1203室"),
        ("３栋２单元", "fengmei-3-2", ""),
        ("3#2单元灯坏", "fengmei-3-2", ""),
        ("6栋5楼", "fengmei-6", "5楼"),
        ("我家漏水", "fengmei-5-1", ""),
        ("2单元灯坏", "fengmei-5-2", ""),
        ("丰美小区垃圾", "fengmei", ""),
        ("lift is broken at building 3 unit 2", "fengmei-3-2", ""),
        ("2019-3-2 的事", None, ""),
        ("打 020-8888-1234", None, ""),
        ("3-5天没水", None, ""),
        ("第2次了", None, ""),
    ],
)
def test_places(said: str, place: str | None, detail: str) -> None:
    assert HOME
    meant = READER.read(said, HOME.id)
    assert (key_of(meant.place_id), meant.place_detail) == (place, detail)


def test_a_building_that_is_not_here_is_named() -> None:
    assert READER.read("19号楼路灯坏了").unknown_place == "19号楼"


@pytest.mark.parametrize(
    ("said", "category", "emergency"),
    [
        ("电梯坏了，有人困在里面", "lift", True),
        ("没有困人，电梯坏了", "lift", False),
        ("厨房很浓的煤气味", "gas", True),
        ("楼道着火了", "fire", True),
        ("担心火灾隐患", "fire", False),
        ("电线掉在地上冒火花", "power", True),
        ("老人摔倒了", "health", True),
        ("有人持刀", "crime", True),
        ("楼下广场舞太吵", "noise", False),
        ("邻居骂人，请来调解", "dispute", False),
        ("someone is trapped in the lift", "lift", True),
        ("嗯嗯", None, False),
    ],
)
def test_categories_and_emergencies(said: str, category: str | None, emergency: bool) -> None:
    meant = READER.read(said)
    assert (meant.category, meant.emergency) == (category, emergency)


STYLES = ["{b}号楼{u}单元", "{b}栋{u}单元", "{b}幢{u}单元", "{b}-{u}-101", "building {b} unit {u}"]


@pytest.mark.parametrize("style", STYLES)
def test_every_unit_is_read_back_in_every_spelling(style: str) -> None:
    for building in TREE.buildings():
        for unit in TREE.children(building.id):
            assert READER.read(style.format(b=building.number, u=unit.number)).place_id == unit.id


@given(st.text(max_size=300))
def test_no_text_breaks_the_reader(text: str) -> None:
    meant = READER.read(text)
    assert not (meant.place_only and meant.category_only)


def test_the_nearest_place_to_a_location() -> None:
    near = TREE.nearest(23.13, 113.27)
    assert near is not None
    assert near.key == "fengmei"
