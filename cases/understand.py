"""What residents' words mean: the kind of matter, the place, and whether it is an emergency. No network, no model."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cases.addresses import HOME, Address, find_address, fold
from cases.places import PlaceNode, PlaceTree
from cases.settings import Category

READ_AT_MOST = 4000  # characters; what a matter is about is said before that
TITLE = 40  # characters: what is said first counts double

_NOT = re.compile(r"(?:没有?|没人|无人|不是|并非|未|无)(?:人)?(?:被)?$")
_FILLER = re.compile(r"[\s,.!?;:，。！？；：、~…“”\"'()（）的在是我住地址位置就于位这里那里呢吧啊]+")


@dataclass(frozen=True, slots=True)
class Understanding:
    """What was understood; None or empty where the words do not say."""

    category: str | None = None
    place_id: int | None = None
    place_detail: str = ""
    unknown_place: str = ""  # an address that is not here
    emergency: bool = False
    place_only: bool = False  # nothing but a place was said
    category_only: bool = False  # nothing but a kind of matter was said


class Understander:
    """Reads residents' words; made once from the categories and the tree of places."""

    def __init__(self, categories: Sequence[Category], tree: PlaceTree) -> None:
        self._tree = tree
        self._words = [(word.lower(), category) for category in categories for word in (category.name, *category.words)]
        self._names = {name.lower(): c.key for c in categories for name in (c.name, c.name_en)}
        self._pattern = _alternatives(word for word, _ in self._words)
        self._owners: dict[str, list[Category]] = {}
        for word, category in self._words:
            owners = self._owners.setdefault(word, [])
            if category not in owners:
                owners.append(category)
        self._emergencies = [c for c in categories if c.emergency is not None]
        self._order = {category.key: place for place, category in enumerate(categories)}
        self._buildings: dict[int, list[PlaceNode]] = {}
        for node in tree.buildings():
            if node.number is not None:
                self._buildings.setdefault(node.number, []).append(node)
        self._named = _named_places(tree)

    def read(self, words: str, home: int | None = None) -> Understanding:
        """Understand `words`; `home` (a place id) settles "unit 2", "downstairs" and which estate is meant."""
        text = fold(words[:READ_AT_MOST]).lower()
        address = find_address(text)
        place_id, detail, unknown = self._place(text, address, home)
        without = text[: address.span[0]] + " " + text[address.span[1] :] if address else text
        category, emergency = self._category(without)
        rest = _FILLER.sub("", self._strip_names(without))
        return Understanding(
            category, place_id, detail, unknown, emergency,
            place_only=bool(place_id or unknown) and not rest,
            category_only=category is not None and rest in self._names,
        )  # fmt: skip

    def _category(self, text: str) -> tuple[str | None, bool]:
        """Return the best category, and whether the words make it an emergency. An emergency outweighs all else."""
        scores: dict[str, float] = {}
        for match in self._pattern.finditer(text):
            weight = len(match.group()) ** 1.5 * (2 if match.start() < TITLE else 1)
            for category in self._owners[match.group()]:
                scores[category.key] = scores.get(category.key, 0) + weight
        for category in self._emergencies:
            if self._is_emergency(category, text, category.key in scores):
                return category.key, True
        best = max(scores, key=lambda key: (scores[key], -self._order[key]), default=None)
        return best, False

    def _is_emergency(self, category: Category, text: str, suggested: bool) -> bool:
        signs = category.emergency
        if signs is None or not suggested:
            return False
        return signs.always or any(_said(word.lower(), text) for word in signs.words)

    def _place(self, text: str, address: Address | None, home: int | None) -> tuple[int | None, str, str]:
        """Return place id, detail and what was said of a place that is not here."""
        if address is not None:
            node = self._building(address, text, home)
            if node is None:
                return None, "", address.said.strip()
            return (*self._unit(node, address), "")
        if (named := self._find_named(text)) is not None:
            return named, "", ""
        if home is not None and HOME.search(text):
            return home, "", ""
        return None, "", ""

    def _building(self, address: Address, text: str, home: int | None) -> PlaceNode | None:
        if address.building is None:
            return self._home_building(home)
        found = self._buildings.get(address.building, [])
        if len(found) < 2:
            return found[0] if found else None
        around = self._find_named(text) or self._estate_of(home)
        near = [node for node in found if around is not None and self._tree.covers(around, node.id)]
        return near[0] if near else found[0]

    def _home_building(self, home: int | None) -> PlaceNode | None:
        path = self._tree.ancestors(home) if home is not None and self._tree.find(home) else ()
        return next((node for node in path if node.kind == "building"), None)

    def _estate_of(self, home: int | None) -> int | None:
        path = self._tree.ancestors(home) if home is not None and self._tree.find(home) else ()
        return next((node.id for node in path if node.kind in ("estate", "grid")), None)

    def _unit(self, building: PlaceNode, address: Address) -> tuple[int, str]:
        units = {node.number: node for node in self._tree.children(building.id) if node.kind == "unit"}
        if address.unit in units:
            return units[address.unit].id, address.detail
        unit = f"{address.unit}单元" if address.unit is not None else ""
        return building.id, unit + address.detail

    def _find_named(self, text: str) -> int | None:
        return next((place_id for name, place_id in self._named if name in text), None)

    def _strip_names(self, text: str) -> str:
        for name, _ in self._named:
            text = text.replace(name, "")
        return text


def _alternatives(words: Iterable[str]) -> re.Pattern[str]:
    """Return a pattern that finds the longest word first."""
    longest_first = sorted(set(words), key=lambda word: (-len(word), word))
    return re.compile("|".join(re.escape(word) for word in longest_first if word) or r"(?!)")


def _said(word: str, text: str) -> bool:
    """Tell whether `word` stands in `text` other than denied ("没有人被困")."""
    start = text.find(word)
    while start >= 0:
        if not _NOT.search(text[max(0, start - 6) : start]):
            return True
        start = text.find(word, start + 1)
    return False


def _named_places(tree: PlaceTree) -> list[tuple[str, int]]:
    """Return names and aliases with their places, longest first. Numbers say where buildings and units are."""
    named = [node for node in tree if node.kind not in ("unit", "street", "community")]
    names = [(name.lower(), node.id) for node in named for name in _names(node)]
    return sorted(names, key=lambda pair: (-len(pair[0]), pair[1]))


def _names(node: PlaceNode) -> tuple[str, ...]:
    return node.aliases if node.kind == "building" and node.number is not None else (node.name, *node.aliases)
