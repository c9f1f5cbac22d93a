"""The tree of places in memory: street › community › estate or grid › building › unit."""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cases.hours import Window

ABOVE_ESTATES = ("street", "community")
ESTATES = ("estate", "grid")


@dataclass(frozen=True, slots=True)
class PlaceNode:
    """A place, as the database keeps it."""

    id: int
    key: str
    parent_id: int | None
    kind: str
    name: str
    number: int | None = None
    aliases: tuple[str, ...] = ()
    latitude: float | None = None
    longitude: float | None = None
    working_hours: Window | None = None  # of its own; None: as above
    lunch: Window | tuple[()] | None = None  # (): none is kept
    closed: bool = False  # taken out of the tree; what happened there still has its name


class PlaceTree:
    """All places; made once and never changed.

    A closed one is found by its id and keeps its label, because cases hang on it; nothing else offers or counts it.
    """

    def __init__(self, nodes: Iterable[PlaceNode]) -> None:
        self._nodes = {node.id: node for node in nodes}
        self._open = [node for node in self._nodes.values() if not node.closed]
        self._by_key = {node.key: node for node in self._open}
        self._children: defaultdict[int | None, list[PlaceNode]] = defaultdict(list)
        for node in self._open:
            self._children[node.parent_id].append(node)
        self._buildings = [node for node in self._open if node.kind == "building"]
        self._estates = [node for node in self._open if node.kind in ESTATES]
        self._paths = {node.id: self._path(node) for node in self._nodes.values()}
        hidden = ABOVE_ESTATES if len(self._estates) > 1 else (*ABOVE_ESTATES, *ESTATES)
        self._labels = {place: _joined(path, ABOVE_ESTATES) for place, path in self._paths.items()}
        self._shorts = {place: _joined(path, hidden) for place, path in self._paths.items()}
        self._located = [node for node in self._open if node.latitude is not None and node.longitude is not None]

    def __len__(self) -> int:
        return len(self._open)

    def __iter__(self) -> Iterator[PlaceNode]:
        return iter(self._open)

    def every(self) -> list[PlaceNode]:
        """Return all places, closed ones as well."""
        return list(self._nodes.values())

    def get(self, place_id: int) -> PlaceNode:
        """Return a place. Raises KeyError where there is none."""
        return self._nodes[place_id]

    def find(self, place_id: int) -> PlaceNode | None:
        """Return a place, or None."""
        return self._nodes.get(place_id)

    def offered(self, place_id: int) -> PlaceNode | None:
        """Return a place that can be chosen: None where there is none, or a closed one."""
        node = self._nodes.get(place_id)
        return node if node is not None and not node.closed else None

    def by_key(self, key: str) -> PlaceNode | None:
        """Return the place with this key in `config.yaml`, or None."""
        return self._by_key.get(key)

    def ancestors(self, place_id: int) -> tuple[PlaceNode, ...]:
        """Return the place itself, then what it lies in, up to the root."""
        return self._paths[place_id]

    def covers(self, upper: int, lower: int) -> bool:
        """Tell whether `lower` is `upper` or lies in it."""
        return any(node.id == upper for node in self._paths.get(lower, ()))

    def children(self, place_id: int | None) -> list[PlaceNode]:
        """Return what lies directly in a place."""
        return list(self._children.get(place_id, ()))

    def buildings(self, within: int | None = None) -> list[PlaceNode]:
        """Return all buildings, or those in the place `within`, in the order of the file."""
        return [node for node in self._buildings if within is None or self.covers(within, node.id)]

    def estates(self) -> list[PlaceNode]:
        """Return all estates and grids."""
        return list(self._estates)

    def label(self, place_id: int) -> str:
        """Return how people write the place: "丰美小区3号楼2单元"; street and community only where that is all."""
        return self._labels[place_id]

    def short(self, place_id: int) -> str:
        """Return the label without the estate where there is only one."""
        return self._shorts[place_id]

    def nearest(self, latitude: float, longitude: float) -> PlaceNode | None:
        """Return the place with coordinates (degrees) that lies nearest, or None where no place has any."""
        return min(self._located, key=lambda node: _flat_distance(node, latitude, longitude), default=None)

    def _path(self, node: PlaceNode) -> tuple[PlaceNode, ...]:
        path = [node]
        while (parent := path[-1].parent_id) is not None:
            path.append(self._nodes[parent])
        return tuple(path)


def _joined(path: tuple[PlaceNode, ...], hidden: tuple[str, ...]) -> str:
    """Return the names from the top down without the hidden kinds; the name alone where nothing is left."""
    return "".join(node.name for node in reversed(path) if node.kind not in hidden) or path[0].name


def _flat_distance(node: PlaceNode, latitude: float, longitude: float) -> float:
    """Return a squared distance in degrees, good enough within a city."""
    north = (node.latitude or 0) - latitude
    east = ((node.longitude or 0) - longitude) * math.cos(math.radians(latitude))
    return north * north + east * east
