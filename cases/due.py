"""By when a case is to be accepted and resolved, and what of that time is left.

A kind's time runs in working hours of the case's place or round the clock, as its duration says. An urgent case has
`times.urgent_share` percent of it.
"""

from datetime import datetime

from cases.context import Context
from cases.duration import Duration
from storage.models import Case


def accept_by(context: Context, case: Case, start: datetime) -> datetime:
    """Return by when a steward has to accept who gets the case at `start`.

    Nobody has to accept in the quiet hours, emergencies apart: the time that would end in them begins with the morning.
    """
    clock, duration = context.rules.deadlines, context.rules.category(case).accept
    deadline = _after(context, case, duration, start)
    if case.emergency or not clock.is_quiet(deadline):
        return deadline
    return _after(context, case, duration, clock.not_in_the_night(deadline))


def promise(context: Context, case: Case, by: datetime | None) -> None:
    """Set by when somebody has to take the case first of all, unless somebody has.

    A promise that is broken already stays so: neither another offer nor another kind mends it.
    """
    if case.responded_at is None and (case.respond_by is None or context.now <= case.respond_by):
        case.respond_by = by


def resolve_by(context: Context, case: Case) -> datetime:
    """Return by when the case has to be resolved, counted from `due_from`."""
    return _after(context, case, context.rules.category(case).resolve, case.due_from or case.created_at)


def resumed(context: Context, case: Case, deadline: datetime, duration: Duration) -> datetime:
    """Return the deadline after waiting: what was left of its time when that began is left now. Late stays late."""
    began = case.waiting_since
    if began is None or deadline <= began:
        return deadline
    clock = context.rules.deadlines
    left = clock.minutes_between(began, deadline, duration, case.place_id)
    return clock.plus(context.now, left, duration, case.place_id)


def hastened(context: Context, case: Case, deadline: datetime, duration: Duration) -> datetime:
    """Return the deadline of a case that becomes urgent: `urgent_share` of what is left; what is over stays so."""
    clock = context.rules.deadlines
    if deadline <= context.now:
        return deadline
    left = clock.minutes_between(context.now, deadline, duration, case.place_id)
    share = max(1, left * context.rules.settings.times.urgent_share // 100)
    return min(deadline, clock.plus(context.now, share, duration, case.place_id))


def reminder(context: Context, case: Case, deadline: datetime, duration: Duration) -> datetime | None:
    """Return the next moment before `deadline` at which so much of the time is used that the steward is reminded."""
    due, now, place = context.rules.deadlines, context.now, case.place_id
    if deadline <= now:
        return None
    whole, left = _minutes(context, case, duration), due.minutes_between(now, deadline, duration, place)
    for percent in context.rules.settings.times.remind_at:
        ahead = left - whole * (100 - percent) // 100
        if ahead > 0:
            return due.plus(now, ahead, duration, place)
    return None


def _after(context: Context, case: Case, duration: Duration, start: datetime) -> datetime:
    due = context.rules.deadlines
    if not case.urgent:
        return due.after(start, duration, case.place_id)
    return due.plus(start, _minutes(context, case, duration), duration, case.place_id)


def _minutes(context: Context, case: Case, duration: Duration) -> int:
    whole = context.rules.deadlines.minutes_of(duration, case.place_id)
    return max(1, whole * context.rules.settings.times.urgent_share // 100) if case.urgent else whole
