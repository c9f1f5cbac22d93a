"""Working time: "this moment plus so many working minutes".

Working days are those of the Chinese public service: Monday to Friday without public holidays, plus the make-up
workdays (调休) that the State Council announces each year. They come from `chinesecalendar` where it knows the year,
else from `holidays` (which may not know the make-up days yet; that is logged once), and the config's own lists win.
"""

import logging
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

log = logging.getLogger(__name__)

Session = tuple[time, time]
DAY = timedelta(days=1)
HORIZON_DAYS = 3660  # nothing a service desk promises lies ten years ahead; a calendar without workdays ends here


@dataclass(slots=True)
class Calendar:
    """The working hours of a place. `hours` are the day's sessions in order, in local time, within one day.

    A moment that ends a session belongs to it: adding minutes may land on 17:30 sharp, never on the next morning.
    Thereby `add(add(t, a), b) == add(t, a + b)`.
    """

    hours: Sequence[Session]
    zone: ZoneInfo
    extra_workdays: Collection[date] = ()
    extra_holidays: Collection[date] = ()
    _days: dict[date, bool] = field(default_factory=dict, repr=False)

    def add(self, moment: datetime, minutes: int) -> datetime:
        """Return the moment at which `minutes` (≥ 0) of working time after `moment` are over."""
        left = timedelta(minutes=minutes)
        for start, end in self._sessions_from(moment):
            if end - start >= left:
                return (start + left).astimezone(moment.tzinfo)
            left -= end - start
        raise OverflowError("no working time within ten years; look at times.working_hours")

    def add_days(self, moment: datetime, days: int) -> datetime:
        """Return the end of work on the `days`-th working day after the day of `moment`."""
        day = moment.astimezone(self.zone).date()
        for _ in range(HORIZON_DAYS):
            day += DAY
            days -= self.is_workday(day)
            if days == 0:
                return datetime.combine(day, self.hours[-1][1], self.zone).astimezone(moment.tzinfo)
        raise OverflowError("no working day within ten years; look at times.working_hours")

    def between(self, start: datetime, end: datetime) -> int:
        """Return the whole working minutes from `start` to `end`; 0 when `end` is not later."""
        total = timedelta()
        for opens, closes in self._sessions_from(start):
            if opens >= end:
                break
            total += min(closes, end) - opens
        return max(0, total // timedelta(minutes=1))

    def is_working(self, moment: datetime) -> bool:
        """Tell whether people work at `moment`."""
        there = moment.astimezone(self.zone)
        return self.is_workday(there.date()) and any(a <= there.time() < b for a, b in self.hours)

    def is_workday(self, day: date) -> bool:
        """Tell whether `day` is a working day here."""
        if day not in self._days:
            self._days[day] = self._ask(day)
        return self._days[day]

    def _ask(self, day: date) -> bool:
        if day in self.extra_workdays:
            return True
        return day not in self.extra_holidays and is_public_workday(day)

    def _sessions_from(self, moment: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield what is left of working time from `moment` on, as (start, end)."""
        there = moment.astimezone(self.zone)
        for ahead in range(HORIZON_DAYS):
            day = there.date() + ahead * DAY
            if not self.is_workday(day):
                continue
            for opens, closes in self.hours:
                start = max(datetime.combine(day, opens, self.zone), there)
                end = datetime.combine(day, closes, self.zone)
                if start < end:
                    yield start, end


def is_public_workday(day: date) -> bool:
    """Tell whether `day` is a working day in China, make-up days included where they are known."""
    import chinese_calendar

    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < 5 and day not in _holidays_of(day.year)


def knows_makeup_days(year: int) -> bool:
    """Tell whether the make-up workdays of `year` are known."""
    import chinese_calendar

    try:
        chinese_calendar.is_workday(date(year, 1, 1))
    except NotImplementedError:
        return False
    return True


_by_year: dict[int, frozenset[date]] = {}


def _holidays_of(year: int) -> frozenset[date]:
    if year not in _by_year:
        import holidays

        log.warning("make-up workdays of %s are not known; add them to times.extra_workdays in config.yaml", year)
        _by_year[year] = frozenset(holidays.country_holidays("CN", years=year))
    return _by_year[year]
