"""Residents' words made safe to show: no invisible or reordering characters, no walls of blank lines."""

import re
import unicodedata

_ZWJ = "\u200d"  # joins emoji such as a family; kept between characters that are no letters
_KEPT_FORMAT = {_ZWJ}
_BLANKS = re.compile(r"\n{3,}")
_TAG = range(0xE0000, 0xE0080)  # flags of regions are spelled with tag characters


def clean(text: str) -> str:
    """Return the text in NFC without control, zero-width, bidi and surrogate characters, trimmed."""
    normal = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    shown = "".join(_shown(char) for char in normal)
    shown = re.sub(rf"(?<=\w){_ZWJ}|{_ZWJ}(?=\w)|^{_ZWJ}+|{_ZWJ}+$|(?<=\s){_ZWJ}+", "", shown)
    return _BLANKS.sub("\n\n", unicodedata.normalize("NFC", shown)).strip()


def has_words(text: str) -> bool:
    """Tell whether there is a letter or digit: emoji and punctuation alone say nothing."""
    return any(unicodedata.category(char)[0] in "LN" for char in text)


def cut(text: str, limit: int) -> tuple[str, bool]:
    """Return at most `limit` characters, whole graphemes, and whether something was cut."""
    if len(text) <= limit:
        return text, False
    end = limit
    while end > 0 and (unicodedata.combining(text[end]) or _ZWJ in text[end - 1 : end + 1] or text[end] == "\ufe0f"):
        end -= 1
    return text[: end or limit].rstrip(), True


def _shown(char: str) -> str:
    if char == "\n":
        return char
    if char == "\t":
        return " "
    kind = unicodedata.category(char)
    if kind in ("Cc", "Cs") or (kind == "Cf" and char not in _KEPT_FORMAT and ord(char) not in _TAG):
        return ""
    return char
