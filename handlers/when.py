"""Times in words a person reads at a glance: "today 18:00", "10月3日 09:00"."""

from datetime import datetime
from zoneinfo import ZoneInfo

from handlers.texts import Translate


def moment(at: datetime, now: datetime, zone: ZoneInfo, t: Translate) -> str:
    """Return `at` as the people of `zone` say it on the day of `now`."""
    there = at.astimezone(zone)
    clock, days = f"{there.hour:02}:{there.minute:02}", (there.date() - now.astimezone(zone).date()).days
    if days == 0:
        return t("today {time}").format(time=clock)
    if days == 1:
        return t("tomorrow {time}").format(time=clock)
    if days == -1:
        return t("yesterday {time}").format(time=clock)
    return t("{month}/{day} {time}").format(month=there.month, day=there.day, time=clock)
