"""A mistake in the configuration, and where it stands."""

from collections.abc import Mapping
from dataclasses import dataclass

KeyPath = tuple[str | int, ...]
"""The way to a value: ("people", 2, "roles", 0, "at")."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Where it is (line from 1, key), what is wrong, and what to write instead."""

    line: int
    key: str
    wrong: str
    remedy: str

    def __str__(self) -> str:
        where = f"{self.key}: " if self.key else ""
        return f"{self.line}: {where}{self.wrong}; {self.remedy}"


@dataclass(frozen=True, slots=True)
class Lines:
    """Where each key stands in the file."""

    by_path: Mapping[KeyPath, int]

    def of(self, path: KeyPath) -> int:
        """Return the line of a key, or of the nearest one around it that the file has."""
        while path and path not in self.by_path:
            path = path[:-1]
        return self.by_path.get(path, 1)

    def problem(self, path: KeyPath, wrong: str, remedy: str) -> Problem:
        """Return the mistake at a key."""
        return Problem(self.of(path), spell(path), wrong, remedy)


def spell(path: KeyPath) -> str:
    """Return a path as people write it: "people[2].roles[0].at"."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")
