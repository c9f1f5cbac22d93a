"""Text as WeCom counts it: bytes in a message, characters of double width (字) on a card."""

import re
import unicodedata

ELLIPSIS = "…"
_ENDS = ("\n\n", "\n", "。", "！", "？", ". ", "! ", "? ", "；", "，", ", ", " ")  # where to cut, best first
_LINK = re.compile(r"<(?=\s*/?\s*a\b)", re.IGNORECASE)


def plain(text: str) -> str:
    """Return the text as WeCom is to show it: what would be a link there (`<a …>`) stays what was written."""
    return _LINK.sub("＜", text.replace("\0", "").encode("utf-8", "ignore").decode())


def split(text: str, limit: int) -> list[str]:
    """Cut a text into parts of at most `limit` bytes, at the ends of lines or sentences where it can."""
    parts: list[str] = []
    while len(text.encode()) > limit:
        cut = _cut(text, limit)
        parts.append(text[:cut])
        text = text[cut:]
    return [part for part in (*parts, text) if part.strip()]


def shorten(text: str, limit: int) -> str:
    """Return the text, or its beginning and an ellipsis where it is wider than `limit` Chinese characters."""
    if width(text) <= 2 * limit:
        return text
    room, kept = 2 * limit - 2, 0
    for kept, character in enumerate(text):  # noqa: B007 - where it stops is what is wanted
        room -= _width(character)
        if room < 0:
            break
    return text[:kept].rstrip() + ELLIPSIS


def width(text: str) -> int:
    """Return how wide a text is; a Chinese character counts two."""
    return sum(map(_width, text))


def _width(character: str) -> int:
    return 1 if unicodedata.east_asian_width(character) in ("Na", "H", "N") else 2


def _cut(text: str, limit: int) -> int:
    furthest = max(1, len(text.encode()[:limit].decode("utf-8", "ignore")))
    for end in _ENDS:
        found = text.rfind(end, furthest // 2, furthest)
        if found >= 0:
            return found + len(end)
    return furthest
