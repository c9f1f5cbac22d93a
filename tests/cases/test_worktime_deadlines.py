"""Deadlines as `config.yaml` writes them: in the working time of a place or round the clock, and the quiet hours.

The desk works 8:30–12:00 and 14:00–17:30, the calendar is that of 2026: free 15–23 February (Saturdays 14 and 28
worked) and 1–7 October (Sunday 20 September and Saturday 10 October worked).
"""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.deadlines import Deadlines, deadlines
from cases.duration import Duration, parse
from cases.hours import Window, end_of, lies_in
from cases.places import PlaceNode, PlaceTree
from cases.settings import Settings
from tests.cases.trees import place, plant

ZONE = ZoneInfo("Asia/Shanghai")
SETTINGS = Settings.model_validate(
    {
        "places": [
            {
                "key": "town", "name": "镇", "kind": "community",
                "children": [
                    {"key": "as-the-desk", "name": "东园", "kind": "estate", "buildings": {"to": 2}},
                    {
                        "key": "mall", "name": "商场", "kind": "estate", "buildings": {"to": 2, "units": 1},
                        "working_hours": ["10:00", "22:00"], "lunch": None,
                        "children": [
                            {"key": "office", "name": "办公楼", "kind": "building", "working_hours": ["9:00", "18:00"]},
                            {"key": "hall", "name": "会所", "kind": "building", "lunch": ["13:00", "14:00"]},
                        ],
                    },
                    {"key": "no-break", "name": "西园", "kind": "estate", "lunch": None},
                ],
            }
        ],
        "people": [{"key": "li", "name": "李", "roles": [{"role": "admin", "at": "town"}]}],
        "categories": [{"key": "other", "name": "其他", "name_en": "Other"}],
    }
)  # fmt: skip
TREE = plant(*SETTINGS.places)
DUE = deadlines(SETTINGS, TREE)


def at(text: str) -> datetime:
    """Read "Sat 2026-02-14 17:00"; the day of the week must be right."""
    moment = datetime.strptime(text[4:], "%Y-%m-%d %H:%M").replace(tzinfo=ZONE)
    assert moment.strftime("%a") == text[:3], text
    return moment


@pytest.mark.parametrize(
    ("reported", "duration", "due"),
    [
        ("Sat 2026-02-14 16:30", "2 working hours", "Tue 2026-02-24 09:30"),
        ("Sat 2026-02-14 16:30", "2h", "Sat 2026-02-14 18:30"),
        ("Sat 2026-02-14 08:00", "3 working days", "Thu 2026-02-26 17:30"),
        ("Tue 2026-02-17 10:00", "4 working hours", "Tue 2026-02-24 14:30"),
        ("Fri 2026-02-27 17:00", "1 working day", "Sat 2026-02-28 17:30"),
        ("Sat 2026-02-28 17:00", "1 working day", "Mon 2026-03-02 17:30"),
        ("Fri 2026-02-13 17:30", "10 working days", "Thu 2026-03-05 17:30"),
        ("Sat 2026-09-19 12:00", "1 working day", "Sun 2026-09-20 17:30"),
        ("Sun 2026-09-20 11:00", "2 working hours", "Sun 2026-09-20 15:00"),
        ("Sun 2026-09-20 17:00", "5 working days", "Mon 2026-09-28 17:30"),  # over Mid-Autumn, 25 to 27 September
        ("Wed 2026-09-30 17:00", "90 working minutes", "Thu 2026-10-08 09:30"),
        ("Wed 2026-09-30 17:00", "3d", "Sat 2026-10-03 17:00"),
        ("Sun 2026-10-04 09:00", "3 working days", "Sat 2026-10-10 17:30"),
        ("Sat 2026-10-10 16:00", "2 working hours", "Mon 2026-10-12 09:00"),
    ],
)
def test_by_when_around_the_long_holidays(reported: str, duration: str, due: str) -> None:
    assert DUE.after(at(reported), parse(duration)) == at(due)


@pytest.mark.parametrize(
    ("start", "duration", "percent", "moment"),
    [
        ("Sat 2026-02-14 08:30", "3 working days", 50, "Tue 2026-02-24 12:00"),  # 630 of 1260 minutes: a day and a half
        ("Wed 2026-09-30 16:30", "4 working hours", 50, "Thu 2026-10-08 09:30"),
        ("Wed 2026-09-30 16:30", "4 working hours", 80, "Thu 2026-10-08 10:42"),
        ("Wed 2026-09-30 16:30", "4h", 80, "Wed 2026-09-30 19:42"),
    ],
)
def test_part_of_the_time_by_hand(start: str, duration: str, percent: int, moment: str) -> None:
    minutes = DUE.minutes_of(parse(duration)) * percent // 100
    assert DUE.plus(at(start), minutes, parse(duration)) == at(moment)
    assert DUE.minutes_between(at(start), at(moment), parse(duration)) == minutes


@pytest.mark.parametrize(
    ("key", "hours"),
    [
        ("town", 7), ("as-the-desk", 7), ("as-the-desk-1", 7),
        ("mall", 12), ("mall-1", 12), ("mall-2-1", 12),
        ("office", 9),  # no lunch, as in the mall around it
        ("hall", 11),  # the mall's hours with a lunch of its own
        ("no-break", 9),
    ],
)  # fmt: skip
def test_what_a_place_does_not_say_is_as_above(key: str, hours: int) -> None:
    assert DUE.minutes_of(parse("2 working days"), place(key, TREE)) == 2 * hours * 60


def test_the_hours_of_a_place_count_only_there() -> None:
    evening, mall = at("Wed 2026-09-30 21:30"), place("mall-1-1", TREE)
    hour, day = parse("1 working hour"), parse("1 working day")
    assert DUE.after(evening, hour, mall) == at("Thu 2026-10-08 10:30")
    assert (
        DUE.after(evening, hour) == DUE.after(evening, hour, place("as-the-desk", TREE)) == at("Thu 2026-10-08 09:30")
    )
    assert DUE.after(evening, day, mall) == at("Thu 2026-10-08 22:00")
    assert DUE.minutes_between(evening, at("Thu 2026-10-08 10:15"), hour, mall) == 30 + 15
    assert DUE.after(evening, parse("1h"), mall) == at("Wed 2026-09-30 22:30")


def test_a_place_that_nobody_knows_has_the_hours_of_the_desk() -> None:
    assert DUE.minutes_of(parse("1 working day"), 4711) == 7 * 60


def test_a_place_that_the_file_no_longer_names_keeps_to_what_it_lies_in() -> None:
    gone = PlaceNode(900, "old", place("mall", TREE), "building", "旧楼")
    due = deadlines(SETTINGS, PlaceTree([*TREE, gone]))
    assert due.minutes_of(parse("1 working day"), gone.id) == 12 * 60


def test_minutes_by_the_clock_of_the_duration() -> None:
    assert [DUE.minutes_of(parse(words)) for words in ("90min", "1d", "2 working hours")] == [90, 1440, 120]
    start, end = at("Wed 2026-09-30 16:30"), at("Thu 2026-10-08 09:30")
    assert DUE.minutes_between(start, end, parse("1 working day")) == 120
    assert DUE.minutes_between(start, end, parse("1d")) == 8 * 1440 - 7 * 60
    assert DUE.minutes_between(start, start + timedelta(seconds=119), parse("1h")) == 1
    for clock in (parse("1h"), parse("1 working hour")):
        assert DUE.minutes_between(end, start, clock) == DUE.minutes_between(start, start, clock) == 0
        with pytest.raises(ValueError, match="backwards"):
            DUE.plus(start, -1, clock)


def test_which_days_are_worked_by_the_local_calendar() -> None:
    assert DUE.is_workday(at("Sat 2026-10-10 00:00"))
    assert not DUE.is_workday(at("Wed 2026-10-07 23:59"))
    assert DUE.is_workday(datetime(2026, 10, 7, 16, tzinfo=UTC), place("mall", TREE))  # Thursday at the desk
    assert not DUE.is_workday(datetime(2026, 10, 7, 15, 59, tzinfo=UTC))


moments = st.datetimes(datetime(2025, 12, 1), datetime(2026, 10, 31), timezones=st.sampled_from([ZONE, UTC]))  # noqa: DTZ001
clocks = st.sampled_from([parse("1h"), parse("1 working hour"), parse("1 working day")])
where = st.sampled_from([None, *(node.id for node in TREE)])
minutes = st.integers(0, 6000)


@given(moments, minutes, clocks, where)
def test_what_was_added_lies_between(moment: datetime, added: int, clock: Duration, place_id: int | None) -> None:
    due = DUE.plus(moment, added, clock, place_id)
    assert DUE.minutes_between(moment, due, clock, place_id) == added
    assert due.tzinfo is moment.tzinfo


@given(moments, minutes, minutes, clocks, where)
def test_two_steps_are_one(moment: datetime, one: int, two: int, clock: Duration, place_id: int | None) -> None:
    there = DUE.plus(moment, one + two, clock, place_id)
    assert DUE.plus(DUE.plus(moment, one, clock, place_id), two, clock, place_id) == there


@given(moments, st.integers(1, 20), where)
def test_working_days_are_at_least_as_long_as_their_minutes(moment: datetime, days: int, place_id: int | None) -> None:
    duration = Duration(working=True, working_days=days)
    due = DUE.after(moment, duration, place_id)
    assert DUE.minutes_between(moment, due, duration, place_id) >= DUE.minutes_of(duration, place_id)


def test_round_the_clock_is_round_the_clock_where_clocks_are_changed() -> None:
    berlin = deadlines(
        SETTINGS.model_copy(update={"desk": SETTINGS.desk.model_copy(update={"timezone": "Europe/Berlin"})}), TREE
    )
    evening = datetime(2026, 3, 28, 12, tzinfo=berlin.zone)
    assert berlin.after(evening, parse("1d")) == datetime(2026, 3, 29, 13, tzinfo=berlin.zone)
    assert berlin.minutes_between(evening, datetime(2026, 3, 29, 12, tzinfo=berlin.zone), parse("1d")) == 23 * 60


def quiet(window: Window | None) -> Deadlines:
    times: dict[str, Any] = {"times": SETTINGS.times.model_copy(update={"quiet_hours": window})}
    return deadlines(SETTINGS.model_copy(update=times), TREE)


NIGHT, SIESTA = (time(22), time(7)), (time(13), time(15))


@pytest.mark.parametrize(
    ("window", "moment", "woken"),
    [
        (NIGHT, "Thu 2026-10-08 21:59", None),
        (NIGHT, "Thu 2026-10-08 22:00", "Fri 2026-10-09 07:00"),
        (NIGHT, "Fri 2026-10-09 00:00", "Fri 2026-10-09 07:00"),
        (NIGHT, "Fri 2026-10-09 06:59", "Fri 2026-10-09 07:00"),
        (NIGHT, "Fri 2026-10-09 07:00", None),
        (NIGHT, "Thu 2026-12-31 23:00", "Fri 2027-01-01 07:00"),
        (SIESTA, "Thu 2026-10-08 12:59", None),
        (SIESTA, "Thu 2026-10-08 13:00", "Thu 2026-10-08 15:00"),
        (SIESTA, "Thu 2026-10-08 14:59", "Thu 2026-10-08 15:00"),
        (SIESTA, "Thu 2026-10-08 15:00", None),
        (SIESTA, "Thu 2026-10-08 23:00", None),
        ((time(0), time(6)), "Thu 2026-10-08 00:00", "Thu 2026-10-08 06:00"),
        ((time(20), time(0)), "Thu 2026-10-08 20:00", "Fri 2026-10-09 00:00"),
        (None, "Thu 2026-10-08 23:00", None),
    ],
)
def test_quiet_hours(window: Window | None, moment: str, woken: str | None) -> None:
    due = quiet(window)
    assert due.is_quiet(at(moment)) is (woken is not None)
    assert due.not_in_the_night(at(moment)) == at(woken or moment)
    assert due.not_in_the_night(at(moment).astimezone(UTC)).tzinfo is UTC


zones = st.sampled_from([ZONE, ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York"), ZoneInfo("Asia/Kathmandu")])
day_times = st.times().map(lambda moment: moment.replace(second=0, microsecond=0))
windows = st.tuples(day_times, day_times).filter(lambda window: window[0] != window[1])


@given(moments, windows, zones)
def test_quiet_hours_end_within_a_day_and_never_before(moment: datetime, window: Window, zone: ZoneInfo) -> None:
    end = end_of(moment, window, zone)
    assert moment <= end <= moment + timedelta(hours=25)
    assert (end == moment) or lies_in(moment.astimezone(zone).time(), window)
