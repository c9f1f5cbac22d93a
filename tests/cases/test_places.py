"""The tree of places: what lies in what, what it is called, what is near."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.place_settings import PlaceSettings
from cases.places import PlaceTree
from tests.cases.trees import FENGMEI, TWO_ESTATES, key_of, place, plant


def test_from_a_unit_up_to_the_street() -> None:
    path = FENGMEI.ancestors(place("fengmei-3-2"))
    assert [node.key for node in path] == [
        "fengmei-3-2", "fengmei-3", "fengmei", "fengmei-community", "fengmei-street",
    ]  # fmt: skip


def test_a_place_covers_itself_and_what_lies_in_it() -> None:
    assert FENGMEI.covers(place("fengmei-3"), place("fengmei-3"))
    assert FENGMEI.covers(place("fengmei-street"), place("fengmei-3-2"))
    assert not FENGMEI.covers(place("fengmei-3-2"), place("fengmei-3"))
    assert not FENGMEI.covers(place("fengmei-4"), place("fengmei-3-2"))
    assert not FENGMEI.covers(place("fengmei-4"), 99_999)


@pytest.mark.parametrize(
    ("key", "label", "short"),
    [
        ("fengmei-3-2", "丰美小区3号楼2单元", "3号楼2单元"),
        ("fengmei-3", "丰美小区3号楼", "3号楼"),
        ("fengmei", "丰美小区", "丰美小区"),
        ("fengmei-community", "丰美社区", "丰美社区"),
        ("fengmei-street", "丰美街道", "丰美街道"),
    ],
)
def test_what_a_place_is_called(key: str, label: str, short: str) -> None:
    assert FENGMEI.label(place(key)) == label
    assert FENGMEI.short(place(key)) == short


def test_where_there_are_two_estates_the_short_name_says_which() -> None:
    assert TWO_ESTATES.short(place("bamboo-3", TWO_ESTATES)) == "翠竹园3号楼"


def test_buildings_come_in_the_order_of_their_numbers_however_they_are_written() -> None:
    assert [node.number for node in FENGMEI.buildings()] == list(range(1, 19))
    assert len(FENGMEI.children(place("fengmei-3"))) == 3
    assert len(FENGMEI.children(place("fengmei-16"))) == 2


def test_the_buildings_of_one_estate() -> None:
    assert len(TWO_ESTATES.buildings()) == 9 + 12 + 2
    assert len(TWO_ESTATES.buildings(place("osmanthus", TWO_ESTATES))) == 9


def test_looking_a_place_up() -> None:
    assert FENGMEI.find(99_999) is None
    assert FENGMEI.by_key("nowhere") is None
    with pytest.raises(KeyError):
        FENGMEI.get(99_999)
    assert [node.key for node in FENGMEI.children(None)] == ["fengmei-street"]
    assert [node.key for node in TWO_ESTATES.estates()] == ["osmanthus", "bamboo"]
    assert len(FENGMEI) == len(list(FENGMEI)) == 3 + 18 + 14 * 3 + 4 * 2


def test_nobody_can_change_the_tree_through_what_it_gives_out() -> None:
    FENGMEI.buildings().clear()
    FENGMEI.estates().clear()
    FENGMEI.children(place("fengmei")).clear()
    assert len(FENGMEI.buildings()) == len(FENGMEI.children(place("fengmei"))) == 18


def test_the_nearest_place_to_a_location_that_was_shared() -> None:
    near = TWO_ESTATES.nearest(23.12, 113.31)
    assert near is not None
    assert near.key == "bamboo"


def test_without_coordinates_nothing_is_near() -> None:
    tree = plant(PlaceSettings.model_validate({"key": "a", "name": "甲小区", "kind": "estate"}))
    assert tree.nearest(23.0, 113.0) is None
    assert PlaceTree([]).nearest(0, 0) is None


def test_east_counts_for_less_far_in_the_north() -> None:
    tree = plant(
        PlaceSettings.model_validate({"key": "n", "name": "北", "kind": "estate", "latitude": 60.6, "longitude": 25}),
        PlaceSettings.model_validate({"key": "e", "name": "东", "kind": "estate", "latitude": 60, "longitude": 26}),
    )
    near = tree.nearest(60, 25)
    assert near is not None
    assert near.key == "e"


@given(st.integers(1, 30), st.integers(0, 6))
def test_every_place_of_an_estate_lies_in_it_and_knows_its_way_up(buildings: int, units: int) -> None:
    tree = plant(
        PlaceSettings.model_validate(
            {"key": "e", "name": "小区", "kind": "estate", "buildings": {"to": buildings, "units": units}}
        )
    )
    assert len(tree) == 1 + buildings * (1 + units)
    for node in tree:
        path = tree.ancestors(node.id)
        assert path[0] is node
        assert path[-1].key == "e"
        assert all(tree.covers(above.id, node.id) for above in path)
        assert key_of(node.id, tree) == node.key
