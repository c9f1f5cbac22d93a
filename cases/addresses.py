"""Addresses in residents' words: "3号楼2单元501", "三栋", "3-2-501", "building 3 unit 2".

Everything here works on folded text (`cases.folding`). What is found is what was said, whether it exists or not.
"""

import re
from collections.abc import Iterator

from cases import address_patterns as patterns
from cases.numerals import number
from storage.record import record

BY_TELLTALE = (
    (("号", "楼"), patterns.NAMED),
    (("栋", "幢", "座"), patterns.COUNTABLE),
    (("#",), patterns.SHARP),
    (("b", "tower"), patterns.ENGLISH),
    (("-",), patterns.DASHED),
    (("-",), patterns.DASHED_UNIT),
    (("单",), patterns.UNIT_ALONE),
    (("unit", "entrance", "stairwell"), patterns.ENGLISH_UNIT_ALONE),
    (("-",), patterns.DASHED_DOOR),
)
"""The spellings, the most telling first, each with what a text must hold for a search to be worth while."""

MOST_BUILDINGS, MOST_UNITS = 99, 30  # what is larger is rather a part of a telephone number
MOST_DOORS = 40  # on one floor: 2099 is a year and no door on floor 20, 300 is a sum and no door on floor 3
MOST_DOORS_WITHOUT_DOUBT = 12  # 2019 is rather a year than the nineteenth door on floor 20
WITH_DASHES = (patterns.DASHED, patterns.DASHED_UNIT, patterns.DASHED_DOOR, patterns.WHOLE)
TAIL = ("unit", "short_unit", "floor", "door", "spot")

_SPACE, _NO_LETTERS = re.compile(r"\s"), re.compile("[a-z]")
_BEFORE_UNIT = re.compile(r"[\s,、的-]+(?:unit|entrance|stairwell|room|flat|apt|apartment|rm|door|no|floor)?[\s,.#]*$")
_NUMBER = re.compile(patterns.NUMBER)
_EN_FLOOR = re.compile(r"(?:floor\s*)?([0-9]+)(?:st|nd|rd|th)?\s*(?:floor|/f|f)?")


@record
class Address:
    """An address as it was said: `building` None when only a unit was named.

    `others` are further buildings of an enumeration ("3、5号楼"). `sure` False: it may be something else, and is an
    address only if there is such a place. `start` and `end` are where it stands in the text, `said` is its building
    in the words used.
    """

    building: int | None
    unit: int | None
    detail: str
    start: int
    end: int
    said: str = ""
    others: tuple[int, ...] = ()
    sure: bool = True


def find_addresses(text: str) -> list[Address]:
    """Return all addresses of a folded text in the order in which they stand there; none overlaps another."""
    if (whole := patterns.WHOLE.fullmatch(text)) is not None:
        return [_address(whole, patterns.WHOLE, sure=False)]
    found: list[Address] = []
    for match, pattern in _candidates(text):
        start, end = match.span()
        if any(start < other.end and other.start < end for other in found):
            continue
        address = _address(match, pattern, sure=pattern is not patterns.DASHED_DOOR)
        if address.building is not None or address.unit is not None:  # "百栋" has no number in it
            found.append(address)
    return sorted(found, key=lambda address: address.start)


def _candidates(text: str) -> Iterator[tuple[re.Match[str], re.Pattern[str]]]:
    """Yield what may be an address with its spelling, the most telling spellings first."""
    for telltales, pattern in BY_TELLTALE:
        if any(telltale in text for telltale in telltales):
            for match in pattern.finditer(text):
                if not _counts_buildings(match, pattern) and _is_door(match, pattern):
                    yield match, pattern


def _counts_buildings(match: re.Match[str], pattern: re.Pattern[str]) -> bool:
    """Tell whether "一座" or "两栋" only says how many there are; "二栋" and "一栋" are addresses."""
    if pattern is not patterns.COUNTABLE or match["unit"] or match["short_unit"] or match["door"]:
        return False
    return match["number"] == "两" or (match["number"] == "一" and match["measure"] == "座")


def _is_door(match: re.Match[str], pattern: re.Pattern[str]) -> bool:
    """Tell whether a number after dashes can be a door; in other spellings it need not be doubted."""
    if pattern not in (patterns.DASHED, patterns.DASHED_DOOR):
        return True
    digits = _NO_LETTERS.sub("", match["door"])
    if pattern is patterns.DASHED and (int(match["number"]) > MOST_BUILDINGS or int(match["unit"]) > MOST_UNITS):
        return False
    like_a_year = len(digits) == 4 and digits[:2] in ("19", "20")
    return 1 <= int(digits[-2:]) <= (MOST_DOORS_WITHOUT_DOUBT if like_a_year else MOST_DOORS)


def _address(match: re.Match[str], pattern: re.Pattern[str], *, sure: bool) -> Address:
    said = match.groupdict()
    unit = said.get("unit") or said.get("short_unit") or said.get("unit_first")
    others = [number(part) for part in _NUMBER.findall(said.get("list") or "")]
    return Address(
        _value(said.get("number")), _value(unit), _detail(said), match.start(), match.end(),
        _building_said(match, pattern, said), tuple(other for other in others if other is not None), sure,
    )  # fmt: skip


def _value(said: str | None) -> int | None:
    if said in patterns.ENGLISH_NUMBERS:
        return patterns.ENGLISH_NUMBERS.index(said) + 1
    return number(said) if said else None


def _detail(said: dict[str, str | None]) -> str:
    """Return floor, door and spot as a plate on the door would: "5楼", "501室", "门口"."""
    floor, door = said.get("floor") or "", said.get("door") or ""
    if english := _EN_FLOOR.fullmatch(floor):
        floor = f"{english[1]}楼"
    if door and not door.isascii():
        door = str(number(door))
    parts = (floor, door.upper(), said.get("room") or "", said.get("spot") or "")
    return _SPACE.sub("", "".join(parts))


def _building_said(match: re.Match[str], pattern: re.Pattern[str], parts: dict[str, str | None]) -> str:
    """Return the part that names the building: "19栋" of "19栋2单元501"; what is written with dashes stays whole."""
    tails = [] if pattern in WITH_DASHES else [name for name in TAIL if parts.get(name)]
    said = match.string[match.start() : min(map(match.start, tails), default=match.end())]
    return _BEFORE_UNIT.sub("", said).strip()
