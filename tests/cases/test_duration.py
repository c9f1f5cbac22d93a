"""Durations in words people read, English and Chinese."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.duration import LONGEST_WORKING_DAYS, Duration, parse


@pytest.mark.parametrize(
    ("words", "meant", "spelled"),
    [
        ("30min", Duration(30), "30min"),
        ("90 min", Duration(90), "1h30min"),
        ("1h30min", Duration(90), "1h30min"),
        ("2h", Duration(120), "2h"),
        ("2 hours", Duration(120), "2h"),
        ("24h", Duration(24 * 60), "1d"),
        ("36h", Duration(36 * 60), "36h"),
        ("3d", Duration(3 * 24 * 60), "3d"),
        ("1d12h", Duration(36 * 60), "36h"),
        ("30分钟", Duration(30), "30min"),
        ("2小时", Duration(120), "2h"),
        ("2个小时", Duration(120), "2h"),
        ("1小时30分钟", Duration(90), "1h30min"),
        ("3天", Duration(3 * 24 * 60), "3d"),
        ("2 working hours", Duration(120, working=True), "2 working hours"),
        ("1 working hour", Duration(60, working=True), "1 working hour"),
        ("90 working minutes", Duration(90, working=True), "1 working hour 30 working minutes"),
        ("4个工作小时", Duration(240, working=True), "4 working hours"),
        ("3 working days", Duration(working=True, working_days=3), "3 working days"),
        ("1 working day", Duration(working=True, working_days=1), "1 working day"),
        ("3个工作日", Duration(working=True, working_days=3), "3 working days"),
        ("  2H ", Duration(120), "2h"),
    ],
)
def test_words_are_read_and_given_back(words: str, meant: Duration, spelled: str) -> None:
    assert parse(words) == meant
    assert str(meant) == spelled


@pytest.mark.parametrize(
    "words",
    ["", "soon", "0h", "0min", "-2h", "- 3d", "5", 30, None, True, "2 moons", "1.5h", "2h ago", "half a day", "h",
     "3 working days 2h", "99999999d", "1h!", "working days", "十天"],
)  # fmt: skip
def test_what_is_no_duration_is_refused_with_what_to_write(words: object) -> None:
    with pytest.raises(ValueError, match='write it like "30min", "2h", "3d"'):
        parse(words)


@given(st.integers(1, LONGEST_WORKING_DAYS * 24 * 60), st.booleans())
def test_every_number_of_minutes_is_read_back_as_it_is_spelled(minutes: int, working: bool) -> None:
    duration = Duration(minutes, working)
    assert parse(str(duration)) == duration


@given(st.integers(1, LONGEST_WORKING_DAYS))
def test_every_number_of_working_days_is_read_back_as_it_is_spelled(days: int) -> None:
    duration = Duration(working=True, working_days=days)
    assert parse(str(duration)) == duration


@given(st.text(max_size=30))
def test_any_words_are_a_duration_or_refused(words: str) -> None:
    try:
        duration = parse(words)
    except ValueError:
        return
    assert duration.delta > timedelta()


def test_a_duration_as_if_people_worked_round_the_clock() -> None:
    assert parse("90min").delta == timedelta(minutes=90)
    assert parse("3 working days").delta == timedelta(days=3)
