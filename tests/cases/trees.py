"""The trees of places that stories about words are told in."""

from pathlib import Path

from bot.config import load
from cases.place_rows import columns_of, node_of
from cases.place_settings import PlaceSettings
from cases.places import PlaceTree
from cases.understand import Understander
from storage.models import Place

EXAMPLE = load(Path(__file__).parents[2] / "config.yaml", {})


def plant(*roots: PlaceSettings) -> PlaceTree:
    """Return the tree of what is written, as it would come out of the database."""
    ids: dict[str, int] = {}
    nodes = []
    for told, parent in (pair for root in roots for pair in root.walk()):
        ids[told.key] = number = len(ids) + 1
        above = ids[parent] if parent else None
        nodes.append(node_of(Place(id=number, key=told.key, parent_id=above, **columns_of(told))))
    return PlaceTree(nodes)


FENGMEI = plant(*EXAMPLE.places)
READER = Understander(EXAMPLE.categories, FENGMEI)

TWO_ESTATES = plant(
    PlaceSettings.model_validate(
        {
            "key": "lakeside",
            "name": "湖滨社区",
            "kind": "community",
            "children": [
                {
                    "key": "osmanthus", "name": "桂花苑", "kind": "estate", "latitude": 23.2, "longitude": 113.3,
                    "buildings": {"from": 1, "to": 9, "units": 2},
                },
                {
                    "key": "bamboo", "name": "翠竹园", "kind": "estate", "aliases": ["竹园", "Bamboo Court"],
                    "latitude": 23.1, "longitude": 113.3,
                    "buildings": {"from": 1, "to": 12},
                    "children": [
                        {"key": "bamboo-a", "name": "A座", "kind": "building"},
                        {
                            "key": "bamboo-hall", "name": "会所", "kind": "building",
                            "children": [{"key": "bamboo-hall-east", "name": "东单元", "kind": "unit"}],
                        },
                    ],
                },
            ],
        }
    )
)  # fmt: skip


def place(key: str, tree: PlaceTree = FENGMEI) -> int:
    """Return the id of a place by its key."""
    node = tree.by_key(key)
    assert node is not None
    return node.id


def key_of(place_id: int | None, tree: PlaceTree = FENGMEI) -> str | None:
    """Return the key of a place, None for none."""
    return tree.get(place_id).key if place_id is not None else None
