"""What people wrote, made fit to keep: no invisible characters, no tricks with direction, nothing a database chokes on.

What a reader can see stays: letters of every script, emoji with their joiners, flags.
"""

import unicodedata

from cases.patterns import pattern

MAX_WORDS = 6000
"""Characters of one case: a full Telegram message (4096, Bot API "sendMessage") and half as much added to it. A steward
still gets it whole in two messages; a long complaint on paper has a third of it."""

MARKS = 30  # accents on one letter: UAX 15, "Stream-Safe Text Format"; normalising takes time quadratic in them
LONGEST_CLUSTER = 64  # code points; a family of four is 11

_ZWJ = "\u200d"
_KEYCAP = pattern("[0-9#*]\ufe0f?\u20e3")
# Most of what is written in Chinese: each of these stays what it is, whatever stands beside it.
_PLAIN = pattern("[\n -~\u4e00-\u9fff\u3001\u3002\u300a-\u3011\u2018-\u201d\u2026\u00b7\uff01-\uff5e]*")
_LINE_END = pattern("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_MANY_BLANK_LINES = pattern("\n{4,}")

# Invisible without being of category Cf: joiner, fillers and blank letters, Khmer inherent vowels, empty Braille.
_BLANKS = frozenset([0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0])
_UNASSIGNED_INVISIBLE = (range(0x2060, 0x2070), range(0xFFF0, 0xFFFC), range(0xE0000, 0xE0100))

_PICTURE = (
    "[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u23ff\u24c2\u25a0-\u27bf\u2900-\u297f\u2b00-\u2bff"
    "\u3030\u303d\u3297\u3299\U0001f000-\U0001faff\U0001fc00-\U0001fffd]"
)
_ONE = f"{_PICTURE}(?:\ufe0f|[\U0001f3fb-\U0001f3ff])?"  # in colour, or with a skin tone
_TAGS = "\U000e0030-\U000e0039\U000e0061-\U000e007a"
_FLAG = f"\U0001f3f4[{_TAGS}]{{3,6}}\U000e007f"  # England, Scotland, Wales: UTS 51, "emoji tag sequence"
_JOINED = pattern(f"({_FLAG}|{_ONE}(?:{_ZWJ}{_ONE})*)|[{_ZWJ}{_TAGS}\U000e007f]")
_SELECTORS = "\ufe00-\ufe0f\U000e0100-\U000e01ef"
_MANY_SELECTORS = pattern(f"([{_SELECTORS}])[{_SELECTORS}]+")  # one is meant; more carry hidden data


class _Keep(dict[int, int | None]):
    """A table for `str.translate` that decides about each code point once."""

    def __missing__(self, code: int) -> int | None:
        self[code] = None if _is_invisible(code) else code
        return self[code]


_TAG_CODES = (*range(0xE0030, 0xE003A), *range(0xE0061, 0xE007B), 0xE007F)
_ALL_TAGS = "".join(map(chr, _TAG_CODES))
_TABLE = _Keep({code: code for code in (ord("\n"), ord(_ZWJ), *_TAG_CODES)} | {ord("\t"): ord(" ")})


def clean(text: str) -> str:
    """Return `text` in Unicode NFC without control, format and other invisible characters; trimmed.

    Line ends of every kind become line feeds, tabs spaces; at most two blank lines follow each other. Never raises, and
    `clean(clean(text)) == clean(text)`.
    """
    if _PLAIN.fullmatch(text):
        return _trimmed(text)
    text = _LINE_END.sub("\n", _whole_characters(text)).translate(_TABLE)
    text = _JOINED.sub(lambda found: found[1] or "", text)
    text = _MANY_SELECTORS.sub(r"\1", text)
    return _trimmed(_tame(unicodedata.normalize("NFC", _tame(text))))


def has_words(text: str) -> bool:
    """Tell whether there is a letter or a digit of any script in it: emoji and punctuation alone tell nothing."""
    return any(unicodedata.category(character)[0] in "LN" for character in _KEYCAP.sub("", text))


def cut(text: str, limit: int) -> tuple[str, bool]:
    """Return `text`, or its beginning of at most `limit` characters, and whether something was cut off.

    Cuts at a line end where one is near (in the last quarter), else between what a reader sees as characters.
    """
    if len(text) <= limit:
        return text, False
    end = _before_cluster(text, limit)
    line = text.rfind("\n", limit - limit // 4, end + 1)
    end = line if line > 0 else end
    kept = text[:end]
    if end and _tears(text, end):  # nothing invisible is left hanging at the end
        kept = kept.rstrip(f"{_ZWJ}{_ALL_TAGS}")
    return kept.rstrip(), True


def _trimmed(text: str) -> str:
    if "\n" not in text:
        return text.strip()
    lines = "\n".join(line.rstrip() for line in text.split("\n"))
    return _MANY_BLANK_LINES.sub("\n\n\n", lines).strip()


def _whole_characters(text: str) -> str:
    """Join halves of surrogate pairs and drop those without a partner: neither UTF-8 nor a database takes them."""
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")


def _is_invisible(code: int) -> bool:
    if code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF:
        return True  # noncharacters, which XML and some databases refuse
    if code in _BLANKS or any(code in span for span in _UNASSIGNED_INVISIBLE):
        return True
    return unicodedata.category(chr(code)) in ("Cc", "Cf", "Cs")


def _tame(text: str) -> str:
    """Leave at most `MARKS` accents on a letter."""
    if not any(map(unicodedata.combining, text)):
        return text
    kept: list[str] = []
    run = 0
    for character in text:
        run = run + 1 if unicodedata.combining(character) else 0
        if run <= MARKS:
            kept.append(character)
    return "".join(kept)


def _before_cluster(text: str, end: int) -> int:
    """Move a cut back to where it tears nothing apart; a cluster of absurd length is torn."""
    for start in range(end, max(0, end - LONGEST_CLUSTER), -1):
        if not _tears(text, start):
            return start
    return end


def _tears(text: str, at: int) -> bool:
    before, after = text[at - 1], text[at]
    if _is_region(before) and _is_region(after):
        return _regions_before(text, at) % 2 == 1
    return before == _ZWJ or _extends(after)


def _extends(character: str) -> bool:
    if character == _ZWJ or "\U0001f3fb" <= character <= "\U0001f3ff" or "\U000e0020" <= character <= "\U000e007f":
        return True
    return unicodedata.category(character)[0] == "M"


def _is_region(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _regions_before(text: str, at: int) -> int:
    count = 0
    while count < at and _is_region(text[at - 1 - count]):
        count += 1
    return count
