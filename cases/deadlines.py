"""By when: a duration from `config.yaml` counted from a moment, in working time of a place or round the clock."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from cases.duration import Duration
from cases.hours import Window, end_of, lies_in, next_decent, sessions
from cases.places import PlaceNode, PlaceTree
from cases.settings import Settings, Times
from cases.worktime import MINUTE, Calendar


@dataclass(frozen=True, slots=True)
class Deadlines:
    """The desk's calendar and zone, and the calendars of the places (by id) that work at other hours.

    Where a method takes a `place_id`, None means the desk's hours. Moments are aware datetimes; an answer has the time
    zone of the question.
    """

    calendar: Calendar
    zone: ZoneInfo
    rating_hours: tuple[time, time]
    quiet_hours: tuple[time, time] | None = None
    calendars: Mapping[int, Calendar] = field(default_factory=dict)

    def after(self, moment: datetime, duration: Duration, place_id: int | None = None) -> datetime:
        """Return `moment` plus `duration`; working days end when work ends on the last of them."""
        if duration.working_days is not None:
            return self.calendar_of(place_id).add_days(moment, duration.working_days)
        return self.plus(moment, duration.minutes, duration, place_id)

    def plus(self, moment: datetime, minutes: int, duration: Duration, place_id: int | None = None) -> datetime:
        """Return `moment` plus so many minutes (≥ 0) by the clock of `duration`: working ones, or any."""
        if minutes < 0:
            raise ValueError(f"{minutes} minutes: time does not run backwards")
        if duration.working:
            return self.calendar_of(place_id).add(moment, minutes)
        # In UTC: within one zone Python adds to what the clock on the wall shows.
        return (moment.astimezone(UTC) + minutes * MINUTE).astimezone(moment.tzinfo)

    def minutes_of(self, duration: Duration, place_id: int | None = None) -> int:
        """Return how long `duration` is by its own clock; so many working days have all their working minutes."""
        if duration.working_days is not None:
            return duration.working_days * self.calendar_of(place_id).day_minutes
        return duration.minutes

    def minutes_between(self, start: datetime, end: datetime, duration: Duration, place_id: int | None = None) -> int:
        """Return the whole minutes from `start` to `end` by the clock of `duration`; 0 when `end` is not later."""
        if duration.working:
            return self.calendar_of(place_id).between(start, end)
        return max(timedelta(), end.astimezone(UTC) - start.astimezone(UTC)) // MINUTE

    def is_workday(self, moment: datetime, place_id: int | None = None) -> bool:
        """Tell whether people work on the local day of `moment`."""
        return self.calendar_of(place_id).is_workday(moment.astimezone(self.zone).date())

    def calendar_of(self, place_id: int | None) -> Calendar:
        """Return the calendar of a place."""
        return self.calendar if place_id is None else self.calendars.get(place_id, self.calendar)

    def decent(self, moment: datetime) -> datetime:
        """Return `moment`, or the next one at which a person may be asked something."""
        return next_decent(moment, self.rating_hours, self.zone)

    def is_quiet(self, moment: datetime) -> bool:
        """Tell whether `moment` lies in the quiet hours; their end no longer belongs to them."""
        return self.quiet_hours is not None and lies_in(moment.astimezone(self.zone).time(), self.quiet_hours)

    def not_in_the_night(self, moment: datetime) -> datetime:
        """Return `moment`, or the end of the quiet hours it lies in."""
        return moment if self.quiet_hours is None else end_of(moment, self.quiet_hours, self.zone)


def deadlines(settings: Settings, tree: PlaceTree) -> Deadlines:
    """Build the calendars of the desk and of all places from the settings."""
    zone, times = ZoneInfo(settings.desk.timezone), settings.times
    every = tree.every()
    own = any(node.working_hours is not None or node.lunch is not None for node in every)
    hours = {node.id: sessions_of(tree.ancestors(node.id), times) for node in every} if own else {}
    calendars = {  # one for all with the same hours: each remembers its days
        day: Calendar(day, zone, times.extra_workdays, times.extra_holidays)
        for day in {times.sessions(), *hours.values()}
    }
    others = {place_id: calendars[day] for place_id, day in hours.items()}
    return Deadlines(calendars[times.sessions()], zone, times.rating_hours, times.quiet_hours, others)


def sessions_of(upwards: tuple[PlaceNode, ...], times: Times) -> tuple[Window, ...]:
    """Return the sessions of a place: working hours and lunch, each from the nearest place that gives one.

    A lunch from above that does not lie within its working hours is left out.
    """
    work = next((node.working_hours for node in upwards if node.working_hours is not None), times.working_hours)
    lunch = next((node.lunch for node in upwards if node.lunch is not None), times.lunch)
    try:
        return sessions(work, lunch or None)
    except ValueError:
        return (work,)
