"""Decent hours: when a person may be asked something that can wait."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo


def next_decent(moment: datetime, window: tuple[time, time], zone: ZoneInfo) -> datetime:
    """Return `moment` if its time of day in `zone` lies within `window`, else the next opening of the window."""
    there = moment.astimezone(zone)
    opens, closes = window
    if opens <= there.time() < closes:
        return moment
    day = there.date() if there.time() < opens else there.date() + timedelta(days=1)
    return datetime.combine(day, opens, zone).astimezone(moment.tzinfo)
