"""Numbers that lead to a person, made unreadable within words that others see (groups, public lists)."""

import re
from collections.abc import Iterable, Iterator

from cases.addresses import find_addresses
from cases.folding import fold
from cases.patterns import pattern

HIDDEN = "＊＊"  # full width: beside it a door is still found
SHORTEST_NAME = 2  # characters; one alone stands in too many words

_GAP = r"[ \-.·]{0,3}"
_FROM, _TO = r"(?<![0-9])", r"(?![0-9])"
_COUNTRY = rf"(?:\+|00)?86{_GAP}"
_AREA = r"(?:10|2[0-9]|[3-9][0-9]{2})"  # after the 0: Beijing, the other large cities, everywhere else
_LOCAL = rf"[2-9][0-9]{{2,3}}{_GAP}[0-9]{{4}}"

_IDENTITY = rf"{_FROM}(?P<identity>[1-9][0-9]{{5}}{_GAP}[0-9]{{4}}{_GAP}[0-9]{{4}}{_GAP}[0-9]{{3}}[0-9Xx]){_TO}"
_OLD_IDENTITY = rf"{_FROM}(?P<old_identity>[1-9][0-9]{{7}}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{{3}}){_TO}"
_CARD = rf"{_FROM}(?P<card>[1-9][0-9]{{3}}(?:{_GAP}[0-9]{{4}}){{3}}(?:{_GAP}[0-9]{{1,3}})?){_TO}"
_EIGHT = rf"(?:[0-9]{{4}}{_GAP}[0-9]{{4}}|[0-9]{{3}}{_GAP}[0-9]{{5}}|[0-9]{_GAP}[0-9]{{4}}{_GAP}[0-9]{{3}})"
_MOBILE = rf"{_FROM}(?:{_COUNTRY})?(?P<mobile>1[3-9][0-9]{_GAP}{_EIGHT}){_TO}"
_SPELT = "零〇一二三四五六七八九幺"
_IN_WORDS = rf"(?<![{_SPELT}])(?P<spelt>[一幺][三四五六七八九][{_SPELT}]{{9}})(?![{_SPELT}])"
_LANDLINE = rf"{_FROM}(?:{_COUNTRY}\(?0?{_AREA}|\(?0{_AREA})\)?{_GAP}(?P<landline>{_LOCAL}){_TO}"
_NEAR = rf"(?:电话|座机|固话|号码|[Tt]el|[Pp]hone)(?:是|为)?[.: ]{{0,3}}(?P<near>{_LOCAL}){_TO}"
_NUMBER = pattern("|".join((_IDENTITY, _CARD, _OLD_IDENTITY, _MOBILE, _LANDLINE, _NEAR, _IN_WORDS)))

_PARTS_OF_NAMES = pattern(r"[^\W\d_]{2,}")
_BEFORE_NAMES = pattern("^(?:楼上|楼下|隔壁|对门|邻居|住|的)+")
_WIDE = "０１２３４５６７８９Ｘｘ＋－（）．：　—–‐−"
_NARROW = "0123456789Xx+-().: ----"
_FOLD = str.maketrans(_WIDE, _NARROW)
_SHOWN = {
    "identity": (3, 2), "old_identity": (3, 2), "card": (0, 4), "mobile": (3, 4), "landline": (0, 4), "near": (0, 4),
    "spelt": (3, 4),
}  # fmt: skip
"""Digits left at either end."""

_DOOR = pattern(
    r"(?<![\d*#.])(?!(?:110|119|120|122)(?!\d))(?:\d{3,4}[A-Za-z]?|\d{1,2}(?=\s*(?:室|号房))|[零〇一二三四五六七八九]{3,4})"
    r"(?![\d*]|\s*[年元块万米天次分点%])"
)


def mask(text: str) -> str:
    """Return `text` with mobile, landline, bank card and identity card numbers of China made unreadable.

    "13812345678" becomes "138****5678", "020-87654321" becomes "020-****4321", of the 18 digits of an identity card
    three and two are left, of a bank card's 16 to 19 the last four. Hotlines (119, 12345, 95598, 400-…), case numbers,
    addresses and dates stay.
    """
    pieces, after = [], 0
    for found in _NUMBER.finditer(text.translate(_FOLD)):
        group = found.lastgroup or ""
        start, end = found.span(group)
        pieces += [text[after:start], _hide(found[group], *_SHOWN[group])]
        after = end
    return "".join([*pieces, text[after:]])


def phone_in(text: str) -> str | None:
    """Return the digits of a mobile or landline number where the text is nothing else, None otherwise."""
    found = _NUMBER.fullmatch(text.translate(_FOLD).strip())
    if found is None or found.lastgroup not in ("mobile", "landline"):
        return None
    return re.sub(r"[^0-9]", "", found[0])


def mask_all(text: str, *names: str) -> str:
    """Return `text` with names made unreadable, and with it every number that may lead to a door or a person.

    "501的李阿姨，电话13812345678" becomes "***的＊＊，电话138****5678". A name of one character is left: it stands in
    many words by chance. What else somebody is called by cannot be known.
    """
    return _DOOR.sub("***", mask(hide_names(text, *names)))


def hide_names(text: str, *names: str) -> str:
    """Return `text` without these names: as it was written, and each longer part of it ("5栋301陈伯": "陈伯" as well).

    Case, full-width and traditional characters make no difference.
    """
    for part in sorted({part for name in names for part in _names(name)}, key=len, reverse=True):
        text = replace_spans(text, (found.span() for found in re.finditer(_whole(fold(part)), fold(text))))
    return text


def replace_spans(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """Return `text` with those stretches made unreadable."""
    for start, end in reversed(list(spans)):
        text = text[:start] + HIDDEN + text[end:]
    return text


def _whole(name: str) -> str:
    """Return the pattern of a name: one in Latin letters is a word of its own, "Li" is not in "Living"."""
    before = "(?<![A-Za-z])" if name[0].isascii() else ""
    return before + re.escape(name) + ("(?![A-Za-z])" if name[-1].isascii() else "")


def _names(name: str) -> Iterator[str]:
    for address in reversed(find_addresses(fold(name))):
        name = f"{name[: address.start]} {name[address.end :]}"
    for part in (name.strip(), *_PARTS_OF_NAMES.findall(name)):
        plain = _BEFORE_NAMES.sub("", part)
        if len(plain) >= SHORTEST_NAME:
            yield plain


def _hide(number: str, head: int, tail: int) -> str:
    digits = re.sub(rf"[^0-9Xx{_SPELT}]", "", number)
    stars = max(4, len(digits) - head - tail)
    return digits[:head] + "*" * stars + digits[-tail:]
