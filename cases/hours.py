"""Times of day as `config.yaml` writes them, and decent hours: when a person may be asked something that can wait."""

from datetime import datetime, time, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator

RATING_HOURS = (time(9), time(20, 30))


def clock_time(value: Any) -> Any:
    """Read "9:00"; YAML 1.1 turns an unquoted 9:00 into 540 minutes, which is what was meant.

    Raises ValueError, with what to write, for anything else.
    """
    if isinstance(value, time):
        return value
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 24 * 60:
        return time(value // 60, value % 60)
    hours, _, minutes = str(value).replace("：", ":").partition(":")
    if hours.isdecimal() and minutes.isdecimal() and int(hours) < 24 and int(minutes) < 60:
        return time(int(hours), int(minutes))
    raise ValueError(f'"{value}" is no time of day; write it like "9:00" or "17:30"')


ClockTime = Annotated[time, BeforeValidator(clock_time)]
Window = tuple[ClockTime, ClockTime]


def ends_later(window: Window) -> Window:
    """Return the window. Raises ValueError, with what to write, where it does not end later on the same day."""
    if window[0] >= window[1]:
        raise ValueError(f'{window[1]:%H:%M} is not later than {window[0]:%H:%M}; write ["9:00", "17:30"]')
    return window


def sessions(work: Window, lunch: Window | None) -> tuple[Window, ...]:
    """Return the working day as one or two sessions.

    Raises ValueError, with what to write, where lunch does not lie within work, or nothing else does.
    """
    opens, closes = work
    if lunch is None:
        return (work,)
    begins, ends = lunch
    if not opens <= begins < ends <= closes:
        raise ValueError(
            f"lunch {spell(lunch)} does not lie within working_hours {spell(work)}; "
            'write lunch: ["12:00", "14:00"], or lunch: null for none'
        )
    if lunch == work:
        raise ValueError(f"lunch {spell(lunch)} takes all of working_hours; write lunch: null for none")
    return tuple(half for half in ((opens, begins), (ends, closes)) if half[0] < half[1])


def spell(window: Window) -> str:
    """Return "8:30–17:30"."""
    return "–".join(f"{edge.hour}:{edge:%M}" for edge in window)


def lies_in(at: time, window: Window) -> bool:
    """Tell whether a time of day lies in a window, which may go over midnight; its end no longer belongs to it."""
    begins, ends = window
    return begins <= at < ends if begins < ends else at >= begins or at < ends


def end_of(moment: datetime, window: Window, zone: ZoneInfo) -> datetime:
    """Return the end of the window that `moment` lies in by the clocks of `zone`, or `moment` where it lies in none."""
    there = moment.astimezone(zone)
    if not lies_in(there.time(), window):
        return moment
    day = there.date() + timedelta(days=there.time() >= window[1])
    # Where the clock is put back, the first of two equal times of day may be over already.
    return max(moment, datetime.combine(day, window[1], zone).astimezone(moment.tzinfo), key=datetime.timestamp)


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
