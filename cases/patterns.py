"""Regular expressions that are compiled when they are first used.

The many that read residents' words are large; to compile them all was a twentieth of the start, and most of them wait
for a word that comes rarely.
"""

import re
from functools import cached_property
from typing import Any, cast


def pattern(told: str, flags: int = 0) -> re.Pattern[str]:
    """Return what `re.compile` would, as far as its methods go. A mistake in it is found at the first use."""
    return cast("re.Pattern[str]", _Pattern(told, flags))


class _Pattern:
    def __init__(self, told: str, flags: int) -> None:
        self._told = told
        self._flags = flags

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        return re.compile(self._told, self._flags)

    def __getattr__(self, name: str) -> Any:
        """Return what the compiled pattern has, and keep it: each method is looked up once."""
        found = getattr(self._compiled, name)
        setattr(self, name, found)
        return found
