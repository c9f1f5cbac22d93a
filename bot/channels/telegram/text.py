"""Text as Telegram counts it: UTF-16 units. Cleaning, shortening, and cutting a long text into parts.

Everything here works on plain text, before it is escaped, so a cut can never fall into an entity or a tag.
"""

import html
import unicodedata

ELLIPSIS = "…"
_ENDS = ("\n\n", "\n", "。", "！", "？", ". ", "! ", "? ", "；", "，", ", ", " ")  # where to cut, best first
_JOINER = "\u200d"


def units(text: str) -> int:
    """Return the length in UTF-16 units: a character beyond the basic plane counts twice."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def clean(text: str) -> str:
    """Drop what no database and no JSON reader takes: NUL and halves of surrogate pairs."""
    return text.replace("\0", "").encode("utf-8", "ignore").decode()


def escape(text: str) -> str:
    """Make plain text safe inside Telegram's HTML."""
    return html.escape(clean(text), quote=False)


def shorten(text: str, limit: int) -> str:
    """Return the text, or its beginning and an ellipsis when it has more than `limit` units."""
    if units(text) <= limit:
        return text
    return text[: _whole(text, _fitting(text, limit - 1))].rstrip() + ELLIPSIS


def split(text: str, limit: int, first: int | None = None) -> list[str]:
    """Cut a text into parts of at most `limit` units (`first` for the first one); blank parts are left out.

    Cuts at line ends where it can, then after sentences, then at spaces; never inside what a reader sees as one
    character, unless that one alone is longer than a part.
    """
    parts: list[str] = []
    room = limit if first is None else first
    while text:
        cut = len(text) if units(text) <= room else _cut(text, room)
        parts.append(text[:cut])
        text, room = text[cut:], limit
    return [part for part in parts if part.strip()]


def _cut(text: str, room: int) -> int:
    """Return where to cut a text that is too long."""
    furthest = max(1, _fitting(text, room))  # a part takes at least one character, so that the cutting ends
    for end in _ENDS:
        found = text.rfind(end, furthest // 2, furthest)
        if found >= 0:
            return _whole(text, found + len(end))
    return _whole(text, furthest)


def _fitting(text: str, room: int) -> int:
    """Return how many characters fit into `room` units."""
    if units(text[:room]) <= room:
        return min(len(text), room)
    used = 0
    for index, character in enumerate(text):
        used += units(character)
        if used > room:
            return index
    return len(text)


def _whole(text: str, cut: int) -> int:
    """Move a cut back to before the cluster it would tear apart."""
    start = cut
    while 0 < start < len(text) and _joined(text, start):
        start -= 1
    return start or cut


def _joined(text: str, index: int) -> bool:
    """Tell whether the characters before and at `index` belong to one visible character."""
    before, here = text[index - 1], text[index]
    if before == "\r" and here == "\n":
        return True
    if _JOINER in (before, here) or "\U0001f3fb" <= here <= "\U0001f3ff" or "\U000e0020" <= here <= "\U000e007f":
        return True
    if _flag(before) and _flag(here):
        return _flags_before(text, index) % 2 == 1
    return unicodedata.category(here) in ("Mn", "Mc", "Me")


def _flag(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _flags_before(text: str, index: int) -> int:
    """Count the regional indicators right before `index`: every two are one flag."""
    count = 0
    while count < index and _flag(text[index - 1 - count]):
        count += 1
    return count
