"""Where working days come from, and what happens beyond what anybody has announced."""

import logging
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from cases import holidays_cn
from cases.holidays_cn import is_public_workday, known_years, source_of
from cases.worktime import Calendar


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """Forget what other tests asked for, so that it is logged anew."""
    holidays_cn._warn_of.cache_clear()
    yield
    holidays_cn._warn_of.cache_clear()


def days(first: str, last: str) -> list[date]:
    start, end = date.fromisoformat(first).toordinal(), date.fromisoformat(last).toordinal()
    return [date.fromordinal(number) for number in range(start, end + 1)]


# Notice of the General Office of the State Council on public holidays in 2026, written down by hand.
FREE_2026 = [
    ("2026-01-01", "2026-01-03"),  # New Year
    ("2026-02-15", "2026-02-23"),  # Spring Festival
    ("2026-04-04", "2026-04-06"),  # Tomb-Sweeping Day
    ("2026-05-01", "2026-05-05"),  # Labour Day
    ("2026-06-19", "2026-06-21"),  # Dragon Boat Festival
    ("2026-09-25", "2026-09-27"),  # Mid-Autumn Festival
    ("2026-10-01", "2026-10-07"),  # National Day
]
MADE_UP_2026 = ["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"]


def test_every_day_of_2026_is_as_announced() -> None:
    free = {day for first, last in FREE_2026 for day in days(first, last)}
    made_up = {date.fromisoformat(day) for day in MADE_UP_2026}
    for day in days("2026-01-01", "2026-12-31"):
        expected = day in made_up or (day.weekday() < 5 and day not in free)
        assert is_public_workday(day) is expected, day


def test_the_year_that_is_announced_is_known() -> None:
    assert {2004, 2025, 2026} <= set(known_years())
    assert source_of(2026) == "chinesecalendar"


def test_a_year_not_yet_announced_has_festivals_but_no_make_up_days(caplog: pytest.LogCaptureFixture) -> None:
    year = known_years()[-1] + 1
    assert source_of(year) == "holidays"
    assert caplog.records == []  # who only asks where they come from tells it in other words
    assert not is_public_workday(date(year, 1, 1))
    assert not is_public_workday(date(year, 10, 1))
    weekends = [day for day in days(f"{year}-01-01", f"{year}-12-31") if day.weekday() >= 5]
    assert not any(map(is_public_workday, weekends))
    [record] = [record for record in caplog.records if record.name == "cases.holidays_cn"]
    assert record.levelno == logging.WARNING
    assert str(year) in record.getMessage()
    assert "times.extra_workdays" in record.getMessage()


def test_a_year_that_is_known_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    assert is_public_workday(date(2026, 10, 10))
    assert caplog.records == []


@pytest.mark.parametrize("year", [1900, 2150, 9999])
def test_a_year_nobody_knows_has_only_weekends(year: int) -> None:
    assert source_of(year) == "weekends"
    assert all(is_public_workday(day) == (day.weekday() < 5) for day in days(f"{year}-09-25", f"{year}-10-10"))


def test_the_config_makes_up_for_a_year_not_announced() -> None:
    year = known_years()[-1] + 1
    sunday = next(day for day in days(f"{year}-09-14", f"{year}-09-27") if day.weekday() == 6)
    office = Calendar([(time(9), time(17))], ZoneInfo("Asia/Shanghai"), extra_workdays=[sunday])
    saturday = datetime.combine(date.fromordinal(sunday.toordinal() - 1), time(12), office.zone)
    assert office.add(saturday, 60) == datetime.combine(sunday, time(10), office.zone)


def test_nothing_is_imported_before_it_is_needed() -> None:
    """A third of a second of start-up, for a desk whose deadlines may all be round the clock."""
    code = "import sys, cases.worktime; print(sorted({'chinese_calendar', 'holidays'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
