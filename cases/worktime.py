"""Working time: "this moment plus so many working minutes", "plus so many working days".

Working days come from `cases.holidays_cn`; the config's own lists win over it. A session is closed at both ends: who
starts at 11:50 and needs 10 minutes is done at 12:00 sharp, not at 14:00, and from there 5 minutes more end at 14:05.
Thereby adding in two steps is the same as adding in one, and what is promised always falls into office hours.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from cases.holidays_cn import is_public_workday

Session = tuple[time, time]
Span = tuple[datetime, datetime]

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
HORIZON_DAYS = 3660  # nothing a service desk promises lies ten years ahead; a calendar without workdays ends here


@dataclass(slots=True)
class Calendar:
    """The working hours of a place: `hours` are the day's sessions in order, in local time of `zone`.

    Moments are aware datetimes (ValueError otherwise); an answer has the time zone of the question. Raises ValueError
    for sessions that overlap or end before they begin, OverflowError where no working time lies within ten years.
    """

    hours: Sequence[Session]
    zone: ZoneInfo
    extra_workdays: Collection[date] = ()
    extra_holidays: Collection[date] = ()
    _days: dict[date, tuple[Span, ...]] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        edges = [edge for session in self.hours for edge in session]
        if not edges or edges != sorted(edges) or any(opens == closes for opens, closes in self.hours):
            raise ValueError(f"working hours {self.hours} must be sessions of the day, one after the other")

    @property
    def day_minutes(self) -> int:
        """The working minutes of a day on which no clock is changed."""
        return minutes_of(self.hours)

    def add(self, moment: datetime, minutes: int) -> datetime:
        """Return when `minutes` (≥ 0) of working time after `moment` are over; always within a session.

        `add(add(t, a), b) == add(t, a + b)`, and `between(t, add(t, n)) == n`.
        """
        left = _not_negative(minutes) * MINUTE
        for opens, closes in self._spans_from(moment):
            if closes - opens >= left:
                return (opens + left).astimezone(moment.tzinfo)
            left -= closes - opens
        raise OverflowError("no working time within ten years; look at times.working_hours")

    def add_days(self, moment: datetime, days: int) -> datetime:
        """Return the end of work on the `days`-th (≥ 1) working day after the day of `moment`, which does not count."""
        if days < 1:
            raise ValueError(f"{days} working days: there must be at least one")
        day = self._local_day(moment)
        for _ in range(HORIZON_DAYS):
            day += DAY
            days -= self.is_workday(day)
            if days == 0:
                return self._spans(day)[-1][1].astimezone(moment.tzinfo)
        raise OverflowError("no working day within ten years; look at times.working_hours")

    def between(self, start: datetime, end: datetime) -> int:
        """Return the whole working minutes from `start` to `end`; 0 when `end` is not later."""
        last, end = self._local_day(end), end.astimezone(UTC)
        total = timedelta()
        for opens, closes in self._spans_from(start, last):
            total += max(timedelta(), min(closes, end) - opens)
        return total // MINUTE

    def is_working(self, moment: datetime) -> bool:
        """Tell whether people work at `moment`; at the very end of a session no longer."""
        return any(opens <= moment < closes for opens, closes in self._spans(self._local_day(moment)))

    def next_working(self, moment: datetime) -> datetime:
        """Return `moment` if people work then, else when they begin next."""
        for opens, closes in self._spans_from(moment):
            if opens < closes:  # not the end of a session
                return opens.astimezone(moment.tzinfo)
        raise OverflowError("no working time within ten years; look at times.working_hours")

    def is_workday(self, day: date) -> bool:
        """Tell whether `day` is a working day here."""
        return bool(self._spans(day))

    def _spans_from(self, moment: datetime, last: date | None = None) -> Iterator[Span]:
        """Yield what is left of the sessions from `moment` on: empty for the one it ends, whole for those to come."""
        # In UTC: within one zone Python subtracts what the clocks on the wall show, not the time that passed.
        first, moment = self._local_day(moment), moment.astimezone(UTC)
        days = HORIZON_DAYS if last is None else (last - first).days + 1
        for ahead in range(days):
            for opens, closes in self._spans(first + ahead * DAY):
                if closes >= moment:
                    yield max(opens, moment), closes

    def _spans(self, day: date) -> tuple[Span, ...]:
        """Return the sessions of `day` in UTC, so that their lengths are true where clocks are put forward or back."""
        if day not in self._days:
            spans = [(self._utc(day, opens), self._utc(day, closes)) for opens, closes in self.hours]
            works = self._works(day)
            self._days[day] = tuple(span for span in spans if works and span[0] < span[1])
        return self._days[day]

    def _works(self, day: date) -> bool:
        if day in self.extra_workdays:
            return True
        return day not in self.extra_holidays and is_public_workday(day)

    def _utc(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, self.zone).astimezone(UTC)

    def _local_day(self, moment: datetime) -> date:
        if moment.tzinfo is None:
            raise ValueError(f"naive datetime {moment!r}: give it a time zone")
        return moment.astimezone(self.zone).date()


def minutes_of(hours: Iterable[Session]) -> int:
    """Return how many minutes the sessions of a day have."""
    return sum((closes.hour - opens.hour) * 60 + closes.minute - opens.minute for opens, closes in hours)


def _not_negative(minutes: int) -> int:
    if minutes < 0:
        raise ValueError(f"{minutes} working minutes: time does not run backwards")
    return minutes
