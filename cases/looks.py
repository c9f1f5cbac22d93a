"""When the clock looks at a case next, and what it does then.

Every open case has one next moment, kept on its row (`look_kind`, `look_at`), written with the change that causes it.
What has become pointless is thereby gone in the same transaction, and what an outage has missed is not made up for:
the next moment is worked out from the case as it is when the clock looks.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import exists, select

from cases import due, rungs
from cases.context import Context
from cases.duration import Duration, parse
from cases.effects import RESIDENT
from cases.states import State
from storage.models import Case, Rating

DAILY = timedelta(days=1)
WORKING_TIME = parse("1 working hour")  # names the clock that counts working hours
TO_CALL = parse("1 working day")  # for a call after a low mark


class Look(StrEnum):
    """What the clock does at the moment."""

    RULING = "ruling"  # nobody has the case: tell the next rung
    POOL = "pool"  # nobody has claimed it: offer it one rung wider, then a coordinator decides
    ACCEPT_SOON = "accept_soon"  # remind the steward, who has not accepted yet
    ACCEPT = "accept"  # the steward has not accepted in time: offer it to another
    RESOLVE_SOON = "resolve_soon"  # remind the steward
    RESOLVE = "resolve"  # the time to resolve is over: tell the next rung
    ANSWER = "answer"  # the resident or the third party has not answered
    RATE = "rate"  # ask the resident
    RATE_AGAIN = "rate_again"
    CLOSE = "close"  # no answer: close as not rated
    CALL = "call"  # the call after a low mark has not been made


Next = tuple[Look, datetime]

AT_NIGHT = {Look.RULING, Look.POOL, Look.ACCEPT_SOON, Look.ACCEPT, Look.RESOLVE_SOON, Look.RESOLVE}
"""What cannot wait for the morning where it is an emergency."""


def plan(context: Context, case: Case) -> Next | None:
    """Return the next look at a case as it stands now; None when it is over."""
    times, clock = context.rules.settings.times, context.rules.deadlines
    category, now = context.rules.category(case), context.now
    match State(case.state):
        case State.POOL:
            return Look.POOL, max(case.accept_by, now)
        case State.REVIEW if case.waiting_since is None:
            return _missed(context, case, Look.RULING, case.accept_by)
        case State.NEW:
            ruling = _missed(context, case, Look.RULING, case.accept_by)
            return min(ruling, _missed(context, case, Look.RESOLVE, case.resolve_by), key=_moment)
        case State.ASSIGNED:
            accept = _countdown(
                context, case, max(case.accept_by, now), category.accept, (Look.ACCEPT_SOON, Look.ACCEPT)
            )
            return min(accept, _missed(context, case, Look.RESOLVE, case.resolve_by), key=_moment)
        case State.WORKING if case.resolve_by > now:
            return _countdown(context, case, case.resolve_by, category.resolve, (Look.RESOLVE_SOON, Look.RESOLVE))
        case State.WORKING:
            return _missed(context, case, Look.RESOLVE, case.resolve_by)
        case State.REVIEW | State.WAITING:
            limit = times.wait_for_resident if case.waiting_for == RESIDENT else times.wait_for_third_party
            return Look.ANSWER, clock.after(case.waiting_since or now, limit, case.place_id)
        case State.RESOLVED:
            return Look.RATE, clock.decent(clock.after(now, times.ask_rating_after, case.place_id))
        case State.CLOSED if _is_to_be_called(context, case):
            return to_call(context, case)
        case _:
            return None


def after_asking(context: Context, case: Case, first_asked: datetime) -> Next:
    """Return the look after the resident was asked: once more after a day, then closed by itself.

    A case that was opened again is asked about only once more, however often that happens.
    """
    times, clock = context.rules.settings.times, context.rules.deadlines
    close = clock.after(first_asked, times.close_after, case.place_id)
    if case.look_kind == Look.RATE and case.reopened == 0:
        again = clock.decent(clock.after(context.now, times.ask_again_after, case.place_id))
        if again < close:
            return Look.RATE_AGAIN, again
    return Look.CLOSE, max(close, context.now)


def next_telling(context: Context, case: Case) -> datetime:
    """Return when a missed deadline is told on: to the next rung after a while, then daily.

    Only emergencies are told on outside working hours.
    """
    times, clock = context.rules.settings.times, context.rules.deadlines
    if rungs.upward(context, case) is None:
        daily = context.now + DAILY
        return daily if case.emergency else clock.plus(daily, 0, WORKING_TIME, case.place_id)
    pause = times.next_rung_after_emergency if case.emergency else times.next_rung_after
    return clock.after(context.now, pause, case.place_id)


def to_call(context: Context, case: Case) -> Next:
    """Return when the clock asks whether the resident has been called after a low mark."""
    return Look.CALL, context.rules.deadlines.after(context.now, TO_CALL, case.place_id)


def set_look(context: Context, case: Case, look: Next | None) -> None:
    """Write the next moment on the case; only for an emergency is anybody waited for in the quiet hours."""
    if look is not None and not (case.emergency and look[0] in AT_NIGHT):
        look = look[0], context.rules.deadlines.not_in_the_night(look[1])
    case.look_kind, case.look_at = look or (None, None)


def _missed(context: Context, case: Case, look: Look, deadline: datetime) -> Next:
    """Return the deadline, or where it is over the moment at which that is told on."""
    return look, deadline if deadline > context.now else max(case.tell_at or context.now, context.now)


def _moment(look: Next) -> datetime:
    return look[1]


def _is_to_be_called(context: Context, case: Case) -> bool:
    waiting = exists().where(Rating.case_id == case.id, Rating.caller_id.is_not(None), Rating.called_at.is_(None))
    return bool(context.session.scalar(select(waiting)))


def _countdown(
    context: Context, case: Case, deadline: datetime, duration: Duration, kinds: tuple[Look, Look]
) -> Next:  # fmt: skip
    soon, over = kinds
    reminder = due.reminder(context, case, deadline, duration)
    return (soon, reminder) if reminder is not None and reminder < deadline else (over, deadline)
