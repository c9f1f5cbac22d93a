"""Which place an admin means by what they write, and what a new one's name tells of it."""

import difflib
import re
from collections.abc import Iterable

from cases.folding import fold
from cases.numerals import NUMERALS, number
from cases.places import PlaceNode, PlaceTree

NEAREST = 3
CUTOFF = 0.5

_NUMBERED = re.compile(
    rf"(?:building|block|unit|no\.?|第)?\s*#?([0-9]{{1,4}}|[{NUMERALS}]{{1,4}})\s*(?:号|#)?\s*(号楼|楼|栋|幢|座|单元|门)?$"
)
_UNIT = re.compile("单元|unit|门$")
_GRID = re.compile("网格|grid")
BELOW = {"street": "community", "community": "estate", "estate": "building", "grid": "building", "building": "unit"}


def meant(tree: PlaceTree, words: str, among: Iterable[PlaceNode]) -> list[PlaceNode]:
    """Return which of these places are called so: by key, by the whole label, else by name or alias alone."""
    told = _bare(words)
    nodes = list(among)
    ways = (
        [node for node in nodes if told == fold(node.key)],
        [node for node in nodes if told in labels(tree, node)],
        [node for node in nodes if told in map(_bare, (node.name, *node.aliases))],
    )
    return next(filter(None, ways), []) if told else []


def nearest(tree: PlaceTree, words: str, among: Iterable[PlaceNode]) -> list[PlaceNode]:
    """Return the places whose names are most like what was written."""
    spellings: dict[str, PlaceNode] = {}
    for node in among:
        for spelling in (*labels(tree, node), _bare(node.name), fold(node.key)):
            spellings.setdefault(spelling, node)
    close = difflib.get_close_matches(_bare(words), spellings, n=NEAREST * 3, cutoff=CUTOFF)
    return list(dict.fromkeys(spellings[spelling] for spelling in close))[:NEAREST]


def labels(tree: PlaceTree, node: PlaceNode) -> set[str]:
    """Return how a place may be written out: 丰美小区3号楼, 3号楼2单元, 红光社区丰美小区3号楼."""
    path = tree.ancestors(node.id)
    return {_bare("".join(one.name for one in reversed(path[:length]))) for length in range(2, len(path) + 1)} | {
        _bare(tree.label(node.id))
    }


def number_in(name: str) -> int | None:
    """Return the number that a building's or unit's name has: 3号楼, 三栋, building 3; None where it has none."""
    found = _NUMBERED.match(fold(name).strip())
    return number(found[1]) if found else None


def kind_of(name: str, above: str) -> str | None:
    """Return what kind of place a name stands for below a place of the kind `above`; None where nothing fits."""
    told = fold(name)
    if _UNIT.search(told) and above in ("building", "estate", "grid"):
        return "unit"
    if above == "community" and _GRID.search(told):
        return "grid"
    return BELOW.get(above)


def _bare(words: str) -> str:
    return re.sub(r"\s+", "", fold(words))
