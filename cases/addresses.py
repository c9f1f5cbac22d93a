"""Addresses in residents' words: "3号楼2单元501", "三栋", "3-2-501", "building 3 unit 2"."""

import re
import unicodedata
from dataclasses import dataclass

_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_CHINESE = "零〇一二两三四五六七八九十百"
_NUMBER = rf"(?:\d{{1,3}}|[{_CHINESE}]{{1,5}})"
_HOUSE = r"(?:\s*号?\s*(?:楼|栋|幢|座)|\s*#\s*楼?)(?!\s*(?:上|下|道|梯|顶|层|长|盘|市))"
_FULL = re.compile(
    rf"(?<![\d第{_CHINESE}])(?P<building>{_NUMBER}){_HOUSE}"
    rf"(?:\s*(?P<unit>{_NUMBER})\s*单元)?"
    r"(?P<rest>\s*(?:\d{1,2}\s*(?:楼|层)|\d{3,4}\s*(?:室|号房|房|户|号)?(?![\d年月日天个元块次人户小分岁万%]))?)"
)
_DASHED = re.compile(r"(?<![\d\-—./:年月])(\d{1,3})\s*[-—]\s*(\d{1,2})\s*[-—]\s*(\d{3,4})(?![\d\-—./年月日号])")
_UNIT = re.compile(rf"(?<![\d第{_CHINESE}])(?P<unit>{_NUMBER})\s*单元(?P<rest>\s*\d{{3,4}}\s*(?:室|房|户)?(?!\d))?")
_ENGLISH = re.compile(
    r"\b(?:building|block|bldg)\.?\s*(?P<building>\d{1,3})\b(?:\s*,?\s*(?:unit|entrance)\s*(?P<unit>\d{1,2})\b)?"
    r"(?P<rest>(?:\s*,?\s*(?:room|flat|apt|apartment|no\.?)\s*\d{2,4}\b)?)",
    re.IGNORECASE,
)
_UNIT_ENGLISH = re.compile(r"\b(?:unit|entrance)\s*(?P<unit>\d{1,2})\b(?P<rest>)", re.IGNORECASE)
HOME = re.compile(
    r"我们?家|家里|我们?(?:这)?(?:栋|幢|楼|单元)|本栋|本楼|本单元|楼下|楼道|楼上|\bmy (?:home|flat|building)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Address:
    """An address as it was said; `building` None: only the unit was named. `span` is where it stands in the text."""

    building: int | None
    unit: int | None
    detail: str
    span: tuple[int, int]
    said: str


def chinese_number(text: str) -> int | None:
    """Return the value of "三", "十二", "二十", "一百零五" or ASCII digits; None where it is no number."""
    if text.isdecimal():
        return int(text)
    total, digit, seen_unit = 0, 0, False
    for char in text:
        if char in _DIGITS:
            digit = _DIGITS[char] if seen_unit or not digit else digit * 10 + _DIGITS[char]
        elif char in "十百":
            size = 10 if char == "十" else 100
            total += (digit or 1) * size
            digit, seen_unit = 0, True
        else:
            return None
    return total + digit if text else None


def fold(text: str) -> str:
    """Return the text with full-width digits and letters as ASCII; its length stays the same."""
    return "".join(unicodedata.normalize("NFKC", char) if "！" <= char <= "～" else char for char in text)


def find_address(text: str) -> Address | None:
    """Return the first address in a text, or None. The text must have been folded."""
    dashed = _DASHED.search(text)
    if dashed:
        building, unit = int(dashed.group(1)), int(dashed.group(2))
        return Address(building, unit, dashed.group(3), dashed.span(), dashed.group())
    for pattern in (_FULL, _ENGLISH, _UNIT, _UNIT_ENGLISH):
        for match in pattern.finditer(text):
            if (found := _address(match)) is not None:
                return found
    return None


def _address(match: re.Match[str]) -> Address | None:
    named = match.groupdict()
    building = chinese_number(named["building"]) if named.get("building") else None
    unit = chinese_number(named["unit"]) if named.get("unit") else None
    if building is None and unit is None:
        return None
    return Address(building, unit, (named.get("rest") or "").strip(" ,"), match.span(), match.group())
