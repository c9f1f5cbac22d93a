"""Finds the place that a cell names, fast for thousands of rows: by key, whole label, or a name that stands once."""

from collections.abc import Iterable

from bot.importing.table import Row
from cases.folding import fold
from cases.place_names import labels, nearest
from cases.places import PlaceNode, PlaceTree

MOST_HINTS = 20  # of mistyped names; each costs a look at all places


class Finder:
    """All places by what they may be called."""

    def __init__(self, tree: PlaceTree) -> None:
        self._tree = tree
        self._hints: dict[str, str] = {}
        self._called: dict[str, dict[int, PlaceNode]] = {}
        for node in tree:
            exact = {fold(node.key), *labels(tree, node)}
            for spelling in exact | {_bare(name) for name in (node.name, *node.aliases)}:
                self._called.setdefault(spelling, {})[node.id] = node

    def find(self, row: Row, column: str) -> PlaceNode | None:
        """Return the place of a cell; None, and the problem in the row, where there is none or several."""
        told = row.get(column)
        by_key = self._tree.by_key(told)
        found = [by_key] if by_key else list(self._called.get(_bare(told), {}).values())
        if len(found) == 1:
            return found[0]
        if found:
            row.bad(
                column, f'"{told}" may be several places', f"write one of {', '.join(_names(self._tree, found[:5]))}"
            )
        else:
            row.bad(column, f'there is no place "{told}"', self._hint(told))
        return None

    def _hint(self, told: str) -> str:
        if told not in self._hints and len(self._hints) >= MOST_HINTS:
            return "write its name or key as /places shows it"
        if told not in self._hints:
            near = nearest(self._tree, told, self._tree)
            names = " or ".join(self._tree.label(node.id) for node in near)
            self._hints[told] = f"did you mean {names}?" if names else "write its name or key as /places shows it"
        return self._hints[told]


def _names(tree: PlaceTree, nodes: Iterable[PlaceNode]) -> list[str]:
    return [f"{node.key} ({tree.label(node.id)})" for node in nodes]


def _bare(words: str) -> str:
    return "".join(fold(words).split())
