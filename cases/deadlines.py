"""By when: a duration from `config.yaml` counted from a moment, in working time or round the clock."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from cases.duration import Duration
from cases.hours import next_decent
from cases.settings import Settings
from cases.worktime import Calendar


@dataclass(frozen=True, slots=True)
class Deadlines:
    """The desk's calendar and zone."""

    calendar: Calendar
    zone: ZoneInfo
    rating_hours: tuple[time, time]
    quiet_hours: tuple[time, time] | None = None

    def after(self, moment: datetime, duration: Duration) -> datetime:
        """Return `moment` plus `duration`."""
        if duration.working_days is not None:
            return self.calendar.add_days(moment, duration.working_days)
        minutes = duration.minutes or 0
        return self.calendar.add(moment, minutes) if duration.working else moment + timedelta(minutes=minutes)

    def decent(self, moment: datetime) -> datetime:
        """Return `moment`, or the next one at which a person may be asked something."""
        return next_decent(moment, self.rating_hours, self.zone)

    def not_in_the_night(self, moment: datetime) -> datetime:
        """Return `moment`, or the end of the quiet hours it lies in."""
        if self.quiet_hours is None:
            return moment
        begin, end = self.quiet_hours
        return next_decent(moment, (end, begin), self.zone) if end < begin else moment


def deadlines(settings: Settings) -> Deadlines:
    """Build the desk's calendar from the settings."""
    zone = ZoneInfo(settings.desk.timezone)
    times = settings.times
    calendar = Calendar(
        hours=times.sessions(), zone=zone,
        extra_workdays=times.extra_workdays, extra_holidays=times.extra_holidays,
    )  # fmt: skip
    return Deadlines(calendar, zone, times.rating_hours, times.quiet_hours)
