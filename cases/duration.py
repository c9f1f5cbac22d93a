"""Durations in words people read: "30min", "2h", "1h30min", "3d", "2 working hours", "3 working days", "3个工作日"."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

MINUTES = {"min": 1, "h": 60, "d": 24 * 60}
_UNIT = {
    "min": "min", "mins": "min", "minute": "min", "minutes": "min", "m": "min", "分": "min", "分钟": "min",
    "h": "h", "hour": "h", "hours": "h", "小时": "h", "d": "d", "day": "d", "days": "d", "天": "d", "日": "d",
}  # fmt: skip
_PART = re.compile(r"(\d+)\s*([a-z]+|分钟|分|小时|天|日)")
_WORKING = re.compile(r"working\s*|个?工作(?=日|小时|分钟)")
HOW = 'write it like "30min", "2h", "3d", "2 working hours" or "3 working days"'


@dataclass(frozen=True, slots=True)
class Duration:
    """So many minutes round the clock or in working time, or so many working days (then `minutes` is 0)."""

    minutes: int = 0
    working: bool = False
    working_days: int | None = None

    def __str__(self) -> str:
        if self.working_days is not None:
            return f"{self.working_days} working day{'s' if self.working_days != 1 else ''}"
        if self.working:
            return _spell(self.minutes, days=False).replace("h", " working hours").replace("min", " working minutes")
        return _spell(self.minutes, days=True)

    @property
    def delta(self) -> timedelta:
        """The duration round the clock."""
        return timedelta(minutes=self.minutes, days=self.working_days or 0)

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:  # noqa: ANN401
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
    if not parts or _PART.sub("", bare).strip() or any(unit not in _UNIT for _, unit in parts):
        raise ValueError(f"{text!r} is not a duration; {HOW}")
    counted = [(int(number), _UNIT[unit]) for number, unit in parts]
    if sum(number for number, _ in counted) == 0:
        raise ValueError(f"{text!r} is no time at all; {HOW}")
    if working and any(unit == "d" for _, unit in counted):
        return _working_days(text, counted)
    return Duration(sum(number * MINUTES[unit] for number, unit in counted), working)


def _working_days(text: object, counted: list[tuple[int, str]]) -> Duration:
    if len(counted) > 1:
        raise ValueError(f"{text!r} mixes working days with hours; {HOW}")
    return Duration(0, working=True, working_days=counted[0][0])


def _spell(minutes: int, *, days: bool) -> str:
    if days and minutes % MINUTES["d"] == 0:
        return f"{minutes // MINUTES['d']}d"
    hours, rest = divmod(minutes, 60)
    return (f"{hours}h" if hours else "") + (f"{rest}min" if rest else "")
