"""Working time, as the diary of an office that is open 8:30–12:00 and 14:00–17:30: seven hours, 420 minutes a day.

The year is 2026 as the State Council arranged it: free 1–3 January (Sunday 4 worked), 15–23 February (Saturdays 14 and
28 worked), 25–27 September, 1–7 October (Sunday 20 September and Saturday 10 October worked).
"""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.worktime import Calendar

ZONE = ZoneInfo("Asia/Shanghai")
HOURS = ((time(8, 30), time(12)), (time(14), time(17, 30)))
OFFICE = Calendar(HOURS, ZONE)
A_DAY = 420


def at(text: str) -> datetime:
    """Read "Wed 2026-09-30 17:50"; the day of the week must be right, so that the tables below can be read."""
    moment = datetime.strptime(text[4:], "%Y-%m-%d %H:%M").replace(tzinfo=ZONE)
    assert moment.strftime("%a") == text[:3], text
    return moment


NATIONAL_DAY = [
    # reported, working minutes, due
    ("Wed 2026-09-30 16:00", 60, "Wed 2026-09-30 17:00"),
    ("Wed 2026-09-30 16:30", 60, "Wed 2026-09-30 17:30"),  # done as the office closes: that is today, not next week
    ("Wed 2026-09-30 16:31", 60, "Thu 2026-10-08 08:31"),
    ("Wed 2026-09-30 16:00", 240, "Thu 2026-10-08 11:00"),
    ("Wed 2026-09-30 17:50", 120, "Thu 2026-10-08 10:30"),  # reported after closing, a week of holidays ahead
    ("Sat 2026-10-03 10:00", 1, "Thu 2026-10-08 08:31"),  # in the middle of the holidays
    ("Wed 2026-10-07 23:59", 30, "Thu 2026-10-08 09:00"),
    ("Fri 2026-10-09 17:00", 60, "Sat 2026-10-10 09:00"),  # a make-up workday
    ("Sat 2026-10-10 11:30", 60, "Sat 2026-10-10 14:30"),  # with its lunch break
    ("Sat 2026-10-10 17:00", 60, "Mon 2026-10-12 09:00"),
    ("Sun 2026-10-11 12:00", 60, "Mon 2026-10-12 09:30"),  # an ordinary Sunday
    ("Thu 2026-10-08 08:30", 3 * A_DAY, "Sat 2026-10-10 17:30"),
    ("Thu 2026-10-08 08:30", 3 * A_DAY + 1, "Mon 2026-10-12 08:31"),
    ("Thu 2026-09-24 17:20", 20, "Mon 2026-09-28 08:40"),  # Mid-Autumn, Friday to Sunday
    ("Sat 2026-09-19 09:00", 60, "Sun 2026-09-20 09:30"),  # a worked Sunday pays for October
]

SPRING_FESTIVAL = [
    ("Fri 2026-02-13 17:00", 60, "Sat 2026-02-14 09:00"),  # a make-up workday
    ("Sat 2026-02-14 17:00", 60, "Tue 2026-02-24 09:00"),  # nine days of holidays
    ("Mon 2026-02-16 20:00", 0, "Tue 2026-02-24 08:30"),  # New Year's Eve
    ("Fri 2026-02-27 17:20", 30, "Sat 2026-02-28 08:50"),  # the second make-up workday
    ("Sat 2026-02-28 08:30", A_DAY, "Sat 2026-02-28 17:30"),
    ("Sat 2026-02-28 08:30", A_DAY + 1, "Mon 2026-03-02 08:31"),
    ("Wed 2025-12-31 17:00", 60, "Sun 2026-01-04 09:00"),  # over New Year to a worked Sunday
]

WORKING_DAYS = [
    ("Wed 2026-09-30 17:50", 1, "Thu 2026-10-08 17:30"),
    ("Wed 2026-09-30 08:00", 1, "Thu 2026-10-08 17:30"),  # the day of the report does not count, however early
    ("Wed 2026-09-30 17:50", 3, "Sat 2026-10-10 17:30"),
    ("Wed 2026-09-30 17:50", 5, "Tue 2026-10-13 17:30"),
    ("Sat 2026-10-03 10:00", 1, "Thu 2026-10-08 17:30"),
    ("Fri 2026-02-13 12:30", 3, "Wed 2026-02-25 17:30"),
    ("Mon 2026-02-16 20:00", 5, "Sat 2026-02-28 17:30"),
    ("Mon 2026-03-02 09:00", 5, "Mon 2026-03-09 17:30"),
]


@pytest.mark.parametrize(("reported", "minutes", "due"), NATIONAL_DAY + SPRING_FESTIVAL)
def test_working_minutes_by_hand(reported: str, minutes: int, due: str) -> None:
    assert OFFICE.add(at(reported), minutes) == at(due)
    assert OFFICE.between(at(reported), at(due)) == minutes


@pytest.mark.parametrize(("reported", "days", "due"), WORKING_DAYS)
def test_working_days_by_hand(reported: str, days: int, due: str) -> None:
    assert OFFICE.add_days(at(reported), days) == at(due)


@pytest.mark.parametrize(
    ("start", "end", "minutes"),
    [
        ("Wed 2026-09-30 16:00", "Thu 2026-10-08 09:00", 90 + 30),
        ("Wed 2026-09-30 17:30", "Thu 2026-10-08 08:30", 0),
        ("Wed 2026-09-30 11:00", "Wed 2026-09-30 15:00", 60 + 60),
        ("Thu 2026-10-01 00:00", "Wed 2026-10-07 23:59", 0),
        ("Thu 2026-10-08 10:00", "Thu 2026-10-08 09:00", 0),  # backwards
        ("Thu 2026-10-08 10:00", "Thu 2026-10-01 09:00", 0),
        ("Sun 2026-02-01 00:00", "Sun 2026-03-01 00:00", 16 * A_DAY),  # February has 16 working days
        ("Sat 2026-10-10 00:00", "Sun 2026-10-11 00:00", A_DAY),
    ],
)
def test_time_between_by_hand(start: str, end: str, minutes: int) -> None:
    assert OFFICE.between(at(start), at(end)) == minutes


@pytest.mark.parametrize(
    ("moment", "working", "begins"),
    [
        ("Thu 2026-10-08 08:29", False, "Thu 2026-10-08 08:30"),
        ("Thu 2026-10-08 08:30", True, "Thu 2026-10-08 08:30"),
        ("Thu 2026-10-08 11:59", True, "Thu 2026-10-08 11:59"),
        ("Thu 2026-10-08 12:00", False, "Thu 2026-10-08 14:00"),
        ("Thu 2026-10-08 17:30", False, "Fri 2026-10-09 08:30"),
        ("Sat 2026-10-10 10:00", True, "Sat 2026-10-10 10:00"),
        ("Sun 2026-10-11 10:00", False, "Mon 2026-10-12 08:30"),
        ("Thu 2026-10-01 10:00", False, "Thu 2026-10-08 08:30"),
    ],
)
def test_who_is_at_work_and_when_they_come_back(moment: str, working: bool, begins: str) -> None:
    assert OFFICE.is_working(at(moment)) is working
    assert OFFICE.next_working(at(moment)) == at(begins)


def test_nothing_to_do_is_done_at_once_in_office_hours_and_at_the_next_opening_outside() -> None:
    assert OFFICE.add(at("Thu 2026-10-08 10:00"), 0) == at("Thu 2026-10-08 10:00")
    assert OFFICE.add(at("Thu 2026-10-08 12:00"), 0) == at("Thu 2026-10-08 12:00")
    assert OFFICE.add(at("Thu 2026-10-08 12:01"), 0) == at("Thu 2026-10-08 14:00")


def test_seconds_are_kept() -> None:
    moment = at("Thu 2026-10-08 11:59") + timedelta(seconds=30)
    due = OFFICE.add(moment, 1)
    assert due == at("Thu 2026-10-08 14:00") + timedelta(seconds=30)
    assert OFFICE.between(moment, due) == 1
    assert OFFICE.between(moment, due - timedelta(seconds=1)) == 0


def test_a_typhoon_closes_the_office_and_a_sunday_makes_up_for_it() -> None:
    typhoon = Calendar(HOURS, ZONE, extra_workdays=[date(2026, 10, 11)], extra_holidays=[date(2026, 10, 8)])
    assert typhoon.add(at("Wed 2026-09-30 17:50"), 60) == at("Fri 2026-10-09 09:30")
    assert typhoon.add_days(at("Fri 2026-10-09 09:00"), 2) == at("Sun 2026-10-11 17:30")
    assert not typhoon.is_workday(date(2026, 10, 8))
    assert OFFICE.is_workday(date(2026, 10, 8))


def test_the_answer_has_the_zone_of_the_question() -> None:
    asked = at("Wed 2026-09-30 16:00").astimezone(UTC)
    due = OFFICE.add(asked, 60)
    assert due.tzinfo is UTC
    assert due == at("Wed 2026-09-30 17:00")
    assert OFFICE.add_days(asked, 1).tzinfo is UTC
    assert OFFICE.next_working(asked).tzinfo is UTC


def test_an_office_without_lunch() -> None:
    office = Calendar([(time(9), time(17))], ZONE)
    assert office.add(at("Wed 2026-09-30 11:30"), 60) == at("Wed 2026-09-30 12:30")


@pytest.mark.parametrize(
    "hours",
    [
        [],
        [(time(12), time(8, 30))],
        [(time(9), time(9))],
        [(time(8), time(12)), (time(11), time(17))],
        [(time(14), time(17)), (time(8), time(12))],
    ],
)
def test_hours_that_make_no_day_are_refused(hours: list[tuple[time, time]]) -> None:
    with pytest.raises(ValueError, match="one after the other"):
        Calendar(hours, ZONE)


def test_questions_without_an_answer() -> None:
    noon = at("Wed 2026-09-30 12:00")
    with pytest.raises(ValueError, match="backwards"):
        OFFICE.add(noon, -1)
    with pytest.raises(ValueError, match="at least one"):
        OFFICE.add_days(noon, 0)
    for naive in (OFFICE.is_working, OFFICE.next_working):
        with pytest.raises(ValueError, match="naive"):
            naive(noon.replace(tzinfo=None))


class EveryDay(frozenset[date]):
    """All days there are."""

    def __contains__(self, _day: object) -> bool:
        return True


def test_an_office_that_never_opens_says_so_instead_of_searching_for_ever() -> None:
    closed = Calendar(HOURS, ZONE, extra_holidays=EveryDay())
    noon = at("Wed 2026-09-30 12:00")
    with pytest.raises(OverflowError, match="ten years"):
        closed.add(noon, 1)
    with pytest.raises(OverflowError, match="ten years"):
        closed.add_days(noon, 1)
    with pytest.raises(OverflowError, match="ten years"):
        closed.next_working(noon)


class CountedDays(frozenset[date]):
    """Holidays that note how often each day was asked for."""

    asked: Counter[object] = Counter()  # noqa: RUF012 - one test, one counter

    def __contains__(self, day: object) -> bool:
        self.asked[day] += 1
        return super().__contains__(day)


def test_each_day_is_looked_up_once() -> None:
    days = CountedDays()
    office = Calendar(HOURS, ZONE, extra_holidays=days)
    start = at("Thu 2026-01-01 00:00")
    for minutes in range(0, 200 * A_DAY, A_DAY):
        office.add(start, minutes)
    assert max(days.asked.values()) == 1
    assert len(days.asked) < 366


moments = st.datetimes(datetime(2025, 12, 1), datetime(2026, 10, 31), timezones=st.just(ZONE))  # noqa: DTZ001
whole_minutes = moments.map(lambda moment: moment.replace(second=0, microsecond=0))
minutes = st.integers(0, 6000)


@given(moments, minutes, minutes)
def test_two_steps_are_one(moment: datetime, first: int, second: int) -> None:
    assert OFFICE.add(OFFICE.add(moment, first), second) == OFFICE.add(moment, first + second)


@given(moments, st.integers(1, 15), st.integers(1, 15))
def test_two_steps_of_days_are_one(moment: datetime, first: int, second: int) -> None:
    assert OFFICE.add_days(OFFICE.add_days(moment, first), second) == OFFICE.add_days(moment, first + second)


@given(moments, moments, minutes, minutes)
def test_later_or_longer_never_ends_sooner(one: datetime, other: datetime, few: int, many: int) -> None:
    one, other = sorted((one, other))
    few, many = sorted((few, many))
    assert OFFICE.add(one, few) <= OFFICE.add(other, few)
    assert OFFICE.add(one, few) <= OFFICE.add(one, many)


@given(moments, minutes)
def test_what_was_added_lies_between(moment: datetime, added: int) -> None:
    assert OFFICE.between(moment, OFFICE.add(moment, added)) == added


@given(moments, minutes)
def test_a_deadline_falls_into_office_hours(moment: datetime, added: int) -> None:
    due = OFFICE.add(moment, added)
    assert OFFICE.is_working(due) or OFFICE.is_working(due - timedelta(microseconds=1))


@given(moments)
def test_the_next_opening_is_working_time_and_nothing_is_before_it(moment: datetime) -> None:
    begins = OFFICE.next_working(moment)
    assert OFFICE.is_working(begins)
    assert OFFICE.between(moment, begins) == 0
    assert (begins == moment) == OFFICE.is_working(moment)


@given(whole_minutes, st.integers(0, 4000))
def test_counting_minute_by_minute_gives_the_same(start: datetime, length: int) -> None:
    clock = (start + n * timedelta(minutes=1) for n in range(length))
    assert OFFICE.between(start, start + timedelta(minutes=length)) == sum(map(OFFICE.is_working, clock))


BERLIN = ZoneInfo("Europe/Berlin")
NIGHT_SHIFT = Calendar(
    [(time(0), time(6))], BERLIN, extra_workdays=[date(2026, 3, 29), date(2026, 10, 25)]
)  # the Sundays on which clocks go forward and back


@pytest.mark.parametrize(
    ("day", "worked"), [(date(2026, 3, 29), 300), (date(2026, 10, 25), 420), (date(2026, 3, 30), 360)]
)
def test_a_night_on_which_the_clock_is_changed(day: date, worked: int) -> None:
    begins = datetime.combine(day, time(0), BERLIN)
    ends = datetime.combine(day, time(6), BERLIN)
    assert NIGHT_SHIFT.between(begins, ends) == worked
    assert NIGHT_SHIFT.add(begins, worked) == ends
    assert NIGHT_SHIFT.add(begins, worked - 1) == ends - timedelta(minutes=1)


@given(
    st.datetimes(datetime(2026, 3, 27), datetime(2026, 3, 31), timezones=st.just(BERLIN)),  # noqa: DTZ001
    st.integers(0, 900),
    st.integers(0, 900),
)
def test_two_steps_are_one_when_the_clock_is_changed(moment: datetime, first: int, second: int) -> None:
    due = NIGHT_SHIFT.add(moment, first + second)
    assert NIGHT_SHIFT.add(NIGHT_SHIFT.add(moment, first), second) == due
    assert NIGHT_SHIFT.between(moment, due) == first + second
