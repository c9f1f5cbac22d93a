"""Durations in words, working time as a diary."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.duration import parse
from cases.hours import next_decent
from cases.worktime import Calendar

ZONE = ZoneInfo("Asia/Shanghai")
OFFICE = Calendar([(time(8, 30), time(12)), (time(14), time(17, 30))], ZONE)
MOMENTS = st.datetimes(datetime(2026, 1, 5), datetime(2026, 11, 30), timezones=st.just(ZONE))  # noqa: DTZ001


def at(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("words", "spelled"),
    [
        ("30min", "30min"), ("2h", "2h"), ("1h30min", "1h30min"), ("3d", "3d"), ("90 min", "1h30min"),
        ("3 working days", "3 working days"), ("2 working hours", "2 working hours"), ("3个工作日", "3 working days"),
        ("30分钟", "30min"), ("2小时", "2h"),
    ],
)  # fmt: skip
def test_durations_are_read_and_spelled(words: str, spelled: str) -> None:
    assert str(parse(words)) == spelled
    assert parse(spelled) == parse(words)


@pytest.mark.parametrize("words", ["", "soon", "0h", "-2h", "5", "2 moons", "3 working days 2h"])
def test_what_is_no_duration_is_refused_with_what_to_write(words: str) -> None:
    with pytest.raises(ValueError, match="write it like"):
        parse(words)


@pytest.mark.parametrize(
    ("start", "minutes", "end"),
    [
        ("2026-09-30 10:00", 60, "2026-09-30 11:00"),
        ("2026-09-30 11:30", 60, "2026-09-30 14:30"),  # over lunch
        ("2026-09-30 17:50", 60, "2026-10-08 09:30"),  # National Day, 1 to 7 October, lies between
        ("2026-10-09 17:00", 60, "2026-10-10 09:00"),  # Saturday 10 October is a make-up workday
        ("2026-10-10 17:00", 60, "2026-10-12 09:00"),  # Sunday is free again
    ],
)
def test_working_minutes(start: str, minutes: int, end: str) -> None:
    assert OFFICE.add(at(start), minutes) == at(end)


def test_working_days_end_with_the_day() -> None:
    assert OFFICE.add_days(at("2026-09-30 17:50"), 1) == at("2026-10-08 17:30")
    assert OFFICE.add_days(at("2026-09-30 17:50"), 3) == at("2026-10-10 17:30")


@given(MOMENTS, st.integers(0, 3000), st.integers(0, 3000))
def test_adding_is_additive(moment: datetime, first: int, second: int) -> None:
    assert OFFICE.add(OFFICE.add(moment, first), second) == OFFICE.add(moment, first + second) or second == 0


@given(MOMENTS, st.integers(1, 3000))
def test_what_was_added_is_between(moment: datetime, minutes: int) -> None:
    assert OFFICE.between(moment, OFFICE.add(moment, minutes)) == minutes


@given(MOMENTS, st.integers(1, 3000))
def test_adding_never_lands_outside_working_time(moment: datetime, minutes: int) -> None:
    assert OFFICE.is_working(OFFICE.add(moment, minutes) - timedelta(microseconds=1))


def test_decent_hours() -> None:
    window = (time(9), time(20, 30))
    assert next_decent(at("2026-09-30 10:00"), window, ZONE) == at("2026-09-30 10:00")
    assert next_decent(at("2026-09-30 22:00"), window, ZONE) == at("2026-10-01 09:00")
    assert next_decent(at("2026-09-30 05:00"), window, ZONE) == at("2026-09-30 09:00")
