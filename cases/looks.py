"""When the clock looks at a case next, and what it does then.

Every open case has one next moment, kept on its row (`look_kind`, `look_at`), written with the change that causes it.
What has become pointless is thereby gone in the same transaction.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from cases.context import Context
from cases.states import State
from storage.models import Case

DAILY = timedelta(days=1)


class Look(StrEnum):
    """What the clock does at the moment."""

    RULING = "ruling"  # nobody has the case: tell whoever must decide
    ACCEPT = "accept"  # the steward has not accepted in time
    RESOLVE = "resolve"  # the time to resolve is over
    ANSWER = "answer"  # the resident has not answered
    RATE = "rate"  # ask the resident
    RATE_AGAIN = "rate_again"
    CLOSE = "close"  # no answer: close as not rated


def plan(context: Context, case: Case) -> tuple[Look, datetime] | None:
    """Return the next look at a case that just came into its state; None when it is over."""
    times = context.rules.settings.times
    now = context.now
    match State(case.state):
        case State.NEW | State.REVIEW | State.POOL:
            return Look.RULING, _at_or_in_a_day(case.accept_by, now)
        case State.ASSIGNED:
            return Look.ACCEPT, _at_or_in_a_day(case.accept_by, now)
        case State.WORKING:
            return Look.RESOLVE, _at_or_in_a_day(case.resolve_by, now)
        case State.WAITING:
            return Look.ANSWER, context.rules.deadlines.after(now, times.wait_for_resident)
        case State.RESOLVED:
            return Look.RATE, context.rules.deadlines.decent(context.rules.deadlines.after(now, times.ask_rating_after))
        case _:
            return None


def after(context: Context, case: Case, look: Look) -> tuple[Look, datetime]:
    """Return the look that follows `look` when the case stayed where it is."""
    times, due = context.rules.settings.times, context.rules.deadlines
    match look:
        case Look.RATE:
            return Look.RATE_AGAIN, due.decent(due.after(context.now, times.ask_again_after))
        case Look.RATE_AGAIN:
            return Look.CLOSE, due.after(context.now, times.close_after)
        case _:
            return look, context.now + DAILY


def set_look(case: Case, look: tuple[Look, datetime] | None) -> None:
    """Write the next moment on the case."""
    case.look_kind, case.look_at = look or (None, None)


def _at_or_in_a_day(deadline: datetime, now: datetime) -> datetime:
    return deadline if deadline > now else now + DAILY
