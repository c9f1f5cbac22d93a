"""Durations in words people read: "30min", "2h", "1h30min", "3d", "2 working hours", "3 working days", "3个工作日"."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

MINUTES = {"min": 1, "h": 60, "d": 24 * 60}
LONGEST_WORKING_DAYS = 366  # of 24 hours where working hours are counted: some four years of them
LONGEST_DAYS = 3650  # what is promised for later is a slip of the keyboard
HOW = 'write it like "30min", "2h", "3d", "2 working hours" or "3 working days"'

_UNITS = {
    "min": ("m", "min", "mins", "minute", "minutes", "分", "分钟"),
    "h": ("h", "hour", "hours", "小时", "个小时"),
    "d": ("d", "day", "days", "天", "日"),
}
_UNIT_OF = {word: unit for unit, words in _UNITS.items() for word in words}
_PART = re.compile(r"([0-9]{1,9})\s*([a-z]+|分钟|分|个?小时|天|日)\s*")
_WORKING = re.compile(r"working\s+|个?工作(?=日|天|小时|分钟)")


@dataclass(frozen=True, slots=True)
class Duration:
    """So many minutes round the clock or in working time, or so many working days (then `minutes` is 0).

    `str` gives the words back; `parse` reads them again as the same duration.
    """

    minutes: int = 0
    working: bool = False
    working_days: int | None = None

    def __str__(self) -> str:
        if self.working_days is not None:
            return _counted(self.working_days, "working day")
        if not self.working:
            return _short(self.minutes)
        hours, minutes = divmod(self.minutes, MINUTES["h"])
        parts = [_counted(hours, "working hour")] * bool(hours) + [_counted(minutes, "working minute")] * bool(minutes)
        return " ".join(parts)

    @property
    def delta(self) -> timedelta:
        """The duration as if every hour and every day were a working one."""
        return timedelta(minutes=self.minutes, days=self.working_days or 0)

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            lambda value: value if isinstance(value, Duration) else parse(value),
            serialization=core_schema.to_string_ser_schema(),
        )


def parse(text: object) -> Duration:
    """Read a duration. Raises ValueError, with what to write, for anything else, zero and negative ones too."""
    words = str(text).strip().lower()
    working = bool(_WORKING.search(words))
    bare = _WORKING.sub("", words)
    parts = _PART.findall(bare)
    if not parts or _PART.sub("", bare) or any(unit not in _UNIT_OF for _, unit in parts):
        raise ValueError(f"{text!r} is not a duration; {HOW}")
    counted = [(int(number), _UNIT_OF[unit]) for number, unit in parts]
    minutes = sum(number * MINUTES[unit] for number, unit in counted)
    longest = (LONGEST_WORKING_DAYS if working else LONGEST_DAYS) * MINUTES["d"]
    if not 0 < minutes <= longest:
        raise ValueError(f"{text!r} is {'too long' if minutes else 'no time at all'}; {HOW}")
    if working and any(unit == "d" for _, unit in counted):
        return _working_days(text, counted)
    return Duration(minutes, working)


def _working_days(text: object, counted: list[tuple[int, str]]) -> Duration:
    if len(counted) > 1:
        raise ValueError(f"{text!r} mixes working days with hours; {HOW}")
    return Duration(working=True, working_days=counted[0][0])


def _short(minutes: int) -> str:
    """Return "2d", "1h30min", … : days only where nothing is left over."""
    if minutes % MINUTES["d"] == 0:
        return f"{minutes // MINUTES['d']}d"
    hours, rest = divmod(minutes, MINUTES["h"])
    return (f"{hours}h" if hours else "") + (f"{rest}min" if rest else "")


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" + ("s" if number != 1 else "")
