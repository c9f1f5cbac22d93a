"""Numbers as people write them in addresses: "12", "十二", "二十", "一百零五", "五零一"."""

import re

DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
NUMERALS = "零〇一二两三四五六七八九十百"
"""The characters a Chinese number is made of."""

_COUNTED = re.compile(r"(?:([一二两三四五六七八九])百)?零?(?:([一二三四五六七八九])?(十))?零?([一二三四五六七八九])?")


def number(text: str) -> int | None:
    """Return the value of ASCII digits or of a Chinese number below a thousand; None where it is neither."""
    if text.isascii() and text.isdecimal():
        return int(text)
    if text and all(char in DIGITS for char in text):
        return int("".join(str(DIGITS[char]) for char in text))
    counted = _COUNTED.fullmatch(text)
    if not text or counted is None:
        return None
    hundreds, tens, ten, ones = counted.groups()
    tens_value = DIGITS[tens] if tens else int(bool(ten))
    return 100 * DIGITS.get(hundreds or "零", 0) + 10 * tens_value + DIGITS.get(ones or "零", 0)
