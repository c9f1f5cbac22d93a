"""Finds many words in a text at once: at each place the longest, English ones only as whole words."""

import re
from collections.abc import Iterable, Iterator

from cases.folding import fold
from storage.record import record

_PLURAL = re.compile(r"(?:e?s)?(?![a-z])")


@record
class Hit:
    """A word and where it stands."""

    word: str
    start: int
    end: int


class WordFinder:
    """Made once from the words, which are folded here; texts must have been folded."""

    def __init__(self, words: Iterable[str]) -> None:
        self._by_first: dict[str, list[str]] = {}
        for word in sorted({fold(word).strip() for word in words} - {""}, key=lambda word: (-len(word), word)):
            self._by_first.setdefault(word[0], []).append(word)
        self._first = re.compile(f"[{re.escape(''.join(self._by_first))}]" if self._by_first else "(?!)")

    def find(self, text: str) -> Iterator[Hit]:
        """Yield the words in the order of the text; none overlaps another."""
        found = self._first.search(text)
        while found is not None:
            start = found.start()
            word = self._at(text, start)
            if word is not None:
                yield Hit(word, start, start + len(word))
            found = self._first.search(text, start + len(word or " "))

    def _at(self, text: str, position: int) -> str | None:
        for word in self._by_first.get(text[position], ()):
            if text.startswith(word, position) and _is_whole(text, position, position + len(word)):
                return word
        return None


def _is_whole(text: str, start: int, end: int) -> bool:
    """Tell whether an English word is not a part of a longer one; a plural s is no other word."""
    if not text[start].isascii():
        return True
    if start and _is_letter(text[start - 1]) and _is_letter(text[start]):
        return False
    return not _is_letter(text[end - 1]) or _PLURAL.match(text, end) is not None


def _is_letter(char: str) -> bool:
    return char.isascii() and char.isalpha()
