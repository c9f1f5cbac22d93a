"""Text as the platform counts it: bytes of UTF-8."""

import re

from handlers.clean import clean, cut

_LINK = re.compile(r"<(?=/?a\b)", re.IGNORECASE)


def tame(text: str) -> str:
    """Return the text without anything that WeChat would show as a link that one cannot see: `<a href=…>`."""
    return _LINK.sub("＜", clean(text))


def split(text: str, limit: int) -> list[str]:
    """Cut a text into parts of at most `limit` bytes, at line ends where one is near, never inside a character."""
    parts: list[str] = []
    while text:
        part = cut(text, _fitting(text, limit))[0] or text[: _fitting(text, limit)]
        parts.append(part.strip("\n"))
        text = text[len(part) :].lstrip("\n ")
    return [part for part in parts if part]


def shorten(text: str, limit: int) -> str:
    """Return one line of at most `limit` characters."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def _fitting(text: str, limit: int) -> int:
    """Return how many characters of the text fit into `limit` bytes; one at the least."""
    return max(1, len(text.encode()[:limit].decode("utf-8", "ignore")))
