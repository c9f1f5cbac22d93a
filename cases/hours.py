"""Decent hours: when a person may be asked something that can wait."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

RATING_HOURS = (time(9), time(20, 30))


def next_decent(moment: datetime, window: tuple[time, time] = RATING_HOURS, zone: ZoneInfo | None = None) -> datetime:
    """Return `moment` if its time of day in `zone` lies within `window`, else the next opening of the window.

    The window's end no longer belongs to it: at 20:30 sharp it is tomorrow. `zone` None: that of `moment`. The answer
    has the time zone of the question. ValueError: the moment is naive, or the window ends before it starts.
    """
    opens, closes = window
    if moment.tzinfo is None or opens >= closes:
        raise ValueError(f"{moment!r} must have a time zone, and the window {opens}–{closes} must not span midnight")
    there = moment.astimezone(zone or moment.tzinfo)
    if opens <= there.time() < closes:
        return moment
    day = there.date() if there.time() < opens else there.date() + timedelta(days=1)
    return datetime.combine(day, opens, there.tzinfo).astimezone(moment.tzinfo)
