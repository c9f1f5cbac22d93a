"""Numbers as people write them in addresses: "12", "十二", "二十", "一百零五", "五零一"."""

import re

DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
NUMERALS = "零〇一二两三四五六七八九十百"
"""The characters a Chinese number is made of."""

_COUNTED = re.compile(r"(?:([一二两三四五六七八九])百)?零?(?:([一二三四五六七八九])?(十))?零?([一二三四五六七八九])?")

_BEFORE_TIME = re.compile(rf"[{NUMERALS}]{{1,5}}(?=个?(?:工作日|小时|天|分钟))")


def times_in_digits(text: str) -> str:
    """Return the text with the numbers of its times in digits: "3天" for "三天"."""

    def digits(found: re.Match[str]) -> str:
        value = number(found[0])
        return found[0] if value is None else str(value)

    return _BEFORE_TIME.sub(digits, text)


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
