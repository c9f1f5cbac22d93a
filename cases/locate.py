"""Which place of ours is meant: addresses and names in a text, held against the tree of places."""

import re
from collections.abc import Iterable

from cases.addresses import Address, find_addresses
from cases.folding import fold
from cases.places import PlaceNode, PlaceTree
from cases.wordfinder import Hit, WordFinder
from storage.record import record

Span = tuple[int, int]

_HOME = re.compile(r"我们?家|我屋|[自咱]己?家|家里|家中|\b(?:my|our) (?:home|flat|house|apartment|place)\b|\bat home\b")
_HOME_BUILDING = re.compile(r"我们?这?[栋幢楼座]|本[栋幢楼]|我们?(?:这|本)?单元|本单元|\b(?:my|our|this) building\b")
_NEAR_HOME = re.compile(r"(?<![0-9号栋幢座])(?:楼下|楼上|楼道|隔壁|对门|家门口)|\b(?:downstairs|upstairs|next door)\b")
_BETWEEN = re.compile(r"[\s、,和与及跟到至~-]*")


@record
class Located:
    """What a text says of the place; `unknown` is an address that is not here.

    `names` and `addresses` are where the text names places.
    """

    place_id: int | None = None
    detail: str = ""
    unknown: str = ""
    names: tuple[Span, ...] = ()
    addresses: tuple[Span, ...] = ()


class Locator:
    """Made once from the tree of places."""

    def __init__(self, tree: PlaceTree) -> None:
        self._tree = tree
        self._by_number: dict[int, list[PlaceNode]] = {}
        for node in tree.buildings():
            if (number := _number_of(node)) is not None:
                self._by_number.setdefault(number, []).append(node)
        self._by_name = _by_name(tree)
        self._names = WordFinder(self._by_name)

    def locate(self, text: str, home: int | None) -> Located:
        """Return the place a folded text names. `home` settles "2单元", "我家" and whose building 3 is meant."""
        home = home if home is not None and self._tree.find(home) else None
        hits = list(self._names.find(text))
        names = tuple((hit.start, hit.end) for hit in hits)
        addresses = find_addresses(blank(text, names))  # "三栋公馆" is a name and no address
        named = self._named(hits, home)
        found = self._at_building(text, addresses, named, home) or self._at_unit(addresses, named, home)
        place_id, detail, unknown = found or self._around(text, named, home)
        told = tuple((address.start, address.end) for address in addresses if address.sure or found)
        return Located(place_id, detail, unknown, names, told)

    def _named(self, hits: Iterable[Hit], home: int | None) -> PlaceNode | None:
        """Return the deepest place that is called by a name; of namesakes the one nearest to home, or none."""
        best: PlaceNode | None = None
        for hit in hits:
            node = self._nearest_to(home, self._by_name[hit.word])
            if node and (best is None or self._depth(node) > self._depth(best)):
                best = node
        return best

    def _at_building(
        self, text: str, addresses: list[Address], named: PlaceNode | None, home: int | None
    ) -> tuple[int | None, str, str] | None:  # fmt: skip
        told = [address for address in addresses if address.building is not None]
        pairs = [(address, node) for address in told if (node := self._building(address.building, named, home))]
        if not pairs:
            return self._unknown(told, named)
        if (many := self._several(text, pairs)) is not None:
            return many
        address, building = pairs[0]
        return self._unit(building, address)

    def _building(self, number: int | None, named: PlaceNode | None, home: int | None) -> PlaceNode | None:
        """Return the building of that number in the place that was named, else in the estate of home."""
        if number is None:
            return None
        return self._nearest_to(home, self._within(named, self._by_number.get(number, [])))

    def _within(self, place: PlaceNode | None, nodes: list[PlaceNode]) -> list[PlaceNode]:
        """Return the nodes in a place; a building stands for what it lies in."""
        while place is not None and place.kind in ("building", "unit"):
            place = self._above(place)
        return [node for node in nodes if place is None or self._tree.covers(place.id, node.id)]

    def _nearest_to(self, home: int | None, nodes: list[PlaceNode]) -> PlaceNode | None:
        """Return the only node, or the only one in the smallest place around home; None where that leaves a choice."""
        for around in self._tree.ancestors(home) if home is not None and len(nodes) > 1 else ():
            near = self._within(around, nodes)
            if near:
                nodes = near
                break
        return nodes[0] if len(nodes) == 1 else None

    def _unknown(self, told: list[Address], named: PlaceNode | None) -> tuple[None, str, str] | None:
        """Return the building that was told for certain and is nowhere here."""
        for address in told:
            if address.sure and not self._within(named, self._by_number.get(address.building or 0, [])):
                within = named.name if named and named.kind != "building" and len(self._tree.estates()) > 1 else ""
                return None, "", within + address.said
        return None

    def _several(self, text: str, pairs: list[tuple[Address, PlaceNode]]) -> tuple[int, str, str] | None:
        """Return the place around "3、5号楼" or "3号楼和5号楼之间", with these words as its detail."""
        (first, node), last = pairs[0], pairs[0][0]
        others = [other for number in first.others if (other := self._building(number, node, None))]
        for address, other in pairs[1:]:
            if not _BETWEEN.fullmatch(text, last.end, address.start):
                break
            others, last = [*others, other], address
        if all(other.id == node.id for other in others):
            return None
        for around in self._tree.ancestors(node.id):
            if all(self._tree.covers(around.id, other.id) for other in others):
                return around.id, text[first.start : last.end].strip(), ""
        return None

    def _above(self, node: PlaceNode) -> PlaceNode | None:
        return self._tree.find(node.parent_id) if node.parent_id is not None else None

    def _at_unit(
        self, addresses: list[Address], named: PlaceNode | None, home: int | None
    ) -> tuple[int | None, str, str] | None:  # fmt: skip
        """Return the unit of the building that was named or lived in; without either it cannot be told."""
        building = named if named and named.kind == "building" else self._ancestor(home, "building")
        alone = next((address for address in addresses if address.building is None), None)
        return self._unit(building, alone) if building and alone else None

    def _unit(self, building: PlaceNode, address: Address) -> tuple[int, str, str]:
        """Return the unit; where the building has none of that number, the building with the unit as detail."""
        if address.unit is None:
            return building.id, address.detail, ""
        for unit in self._tree.children(building.id):
            if unit.kind == "unit" and _number_of(unit) == address.unit:
                return unit.id, address.detail, ""
        return building.id, f"{address.unit}单元{address.detail}", ""

    def _around(self, text: str, named: PlaceNode | None, home: int | None) -> tuple[int | None, str, str]:
        """Return home where the words speak of it (and name no other place), else the place they name."""
        if home is not None and (named is None or self._tree.covers(named.id, home)):
            if near := _NEAR_HOME.search(text):
                return home, near.group() if not near.group().isascii() else "", ""
            if _HOME.search(text):
                return home, "", ""
            if _HOME_BUILDING.search(text):
                building = self._ancestor(home, "building")
                return (building.id if building and "单元" not in text else home), "", ""
        return (named.id if named else None), "", ""

    def _ancestor(self, place_id: int | None, kind: str) -> PlaceNode | None:
        path = self._tree.ancestors(place_id) if place_id is not None else ()
        return next((node for node in path if node.kind == kind), None)

    def _depth(self, node: PlaceNode) -> int:
        return len(self._tree.ancestors(node.id))


def blank(text: str, spans: Iterable[Span]) -> str:
    """Return the text with what stands in `spans` as spaces."""
    for start, end in spans:
        text = text[:start] + " " * (end - start) + text[end:]
    return text


def _number_of(node: PlaceNode) -> int | None:
    """Return the number of a building or unit; where none is given, the one its name says."""
    if node.number is not None:
        return node.number
    address = next(iter(find_addresses(fold(node.name))), None)
    return (address.unit if node.kind == "unit" else address.building) if address else None


def _by_name(tree: PlaceTree) -> dict[str, list[PlaceNode]]:
    """Return folded names with their places. A name that is just an address is left to the addresses."""
    found: dict[str, list[PlaceNode]] = {}
    for node in tree:
        for name in map(fold, _names(tree, node)):
            if len(name) > 1 and not _is_address(name):
                found.setdefault(name.strip(), []).append(node)
    return found


def _names(tree: PlaceTree, node: PlaceNode) -> list[str]:
    """Return what a place is called. Every building has an "east unit": a unit goes by its building's name too."""
    names = [node.name, *node.aliases]
    if node.kind != "unit" or node.parent_id is None:
        return names
    return [tree.get(node.parent_id).name + name for name in names]


def _is_address(name: str) -> bool:
    return any(address.start == 0 and address.end == len(name) for address in find_addresses(name))
