"""Times in words a person reads at a glance: "today 18:00", "10月3日 09:00"."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from handlers.texts import Translate


def moment(at: datetime, now: datetime, zone: ZoneInfo, t: Translate) -> str:
    """Return `at` as the people of `zone` say it on the day of `now`."""
    there, today = at.astimezone(zone), now.astimezone(zone).date()
    clock = f"{there:%H:%M}"
    if there.date() == today:
        return t("today {time}").format(time=clock)
    if there.date() == today + timedelta(days=1):
        return t("tomorrow {time}").format(time=clock)
    if there.date() == today - timedelta(days=1):
        return t("yesterday {time}").format(time=clock)
    return t("{month}/{day} {time}").format(month=there.month, day=there.day, time=clock)
