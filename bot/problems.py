"""A mistake in the configuration."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """Where it is (line from 1, key) and what is wrong, with what to write."""

    line: int
    key: str
    text: str
