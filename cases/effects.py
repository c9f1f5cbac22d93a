"""What a move sets on the case beside the state, on the way from report to rating."""

from datetime import datetime

from sqlalchemy import select

from cases import due, pool
from cases.context import Actor, Context
from cases.given import Given, Rule
from cases.refusal import Refused, Why
from cases.states import MOVES, Action, State
from storage.models import Case, HistoryEntry

RESIDENT, THIRD_PARTY = "resident", "third_party"
"""For whom a case waits."""


def _assign(context: Context, case: Case, _actor: Actor, given: Given) -> None:
    if given.steward_id is None:
        raise Refused(Why.NOT_A_STEWARD)
    stop_waiting(context, case)
    pool.clear(context, case)
    case.steward_id = case.answerable_id = given.steward_id
    case.wanted_by = None
    # A second steward gets the whole time to accept; the time to resolve still runs from the report.
    case.accept_by = due.accept_by(context, case, context.now)
    if case.respond_by is None:  # a wish that was not offered before
        due.promise(context, case, case.accept_by)
    _climb_anew(context, case)


def _climb_anew(context: Context, case: Case) -> None:
    """Start from the lowest rung again, unless the time to resolve is over: that stays told."""
    if case.resolve_by > context.now:
        case.rung, case.tell_at = 0, None


def _assign_anew(context: Context, case: Case, actor: Actor, given: Given) -> None:
    """Given by a person or by the first dispatch: from here on it may be offered as often as at first."""
    _assign(context, case, actor, given)
    case.offers = 0


def _reoffer(context: Context, case: Case, actor: Actor, given: Given) -> None:
    _assign(context, case, actor, given)
    case.offers += 1


def _accept(context: Context, case: Case, actor: Actor, _given: Given) -> None:
    """Whoever accepts has it: the steward, or who stands in for them."""
    case.steward_id = case.answerable_id = actor.person_id or case.answerable_id
    case.responded_at = case.responded_at or context.now
    case.offers = 0
    _climb_anew(context, case)


def _to_ruling(context: Context, case: Case, _actor: Actor, given: Given) -> None:
    pool.clear(context, case)
    case.steward_id = None
    case.accept_by = due.accept_by(context, case, context.now)
    _climb_anew(context, case)
    if given.answerable_id is not None:
        case.answerable_id = given.answerable_id


def _return(context: Context, case: Case, actor: Actor, given: Given) -> None:
    _to_ruling(context, case, actor, given)
    case.wanted_by = None
    case.returns += 1


def _relieve(context: Context, case: Case, actor: Actor, given: Given) -> None:
    """Whoever had it is no longer there: that counts neither as a return nor as time let pass."""
    stop_waiting(context, case)
    _to_ruling(context, case, actor, given)
    case.wanted_by, case.offers = None, 0


def _entrust(_context: Context, case: Case, _actor: Actor, given: Given) -> None:
    if given.answerable_id is not None:
        case.answerable_id = given.answerable_id


def _ask(context: Context, case: Case, _actor: Actor, _given: Given) -> None:
    case.waiting_since, case.waiting_for = context.now, RESIDENT


def _question(context: Context, case: Case, actor: Actor, given: Given) -> None:
    """Asked once more before there is an answer, it has waited since it was first asked."""
    if case.waiting_since is None:
        _ask(context, case, actor, given)


def _hold(context: Context, case: Case, _actor: Actor, _given: Given) -> None:
    case.waiting_since, case.waiting_for = context.now, THIRD_PARTY


def _go_on(context: Context, case: Case, _actor: Actor, _given: Given) -> None:
    stop_waiting(context, case)


def _resolve(context: Context, case: Case, _actor: Actor, _given: Given) -> None:
    stop_waiting(context, case)
    case.late = case.late or context.now > case.resolve_by
    case.resolved_at, case.wanted_by, case.rung, case.tell_at = context.now, None, 0, None


def _reopen(context: Context, case: Case, _actor: Actor, _given: Given) -> None:
    case.reopened += 1
    case.rung, case.tell_at = 0, None
    case.due_from = context.now
    case.resolve_by = due.resolve_by(context, case)


def _urge(context: Context, case: Case, _actor: Actor, _given: Given) -> None:
    case.urged_at = context.now


def _want_time(_context: Context, case: Case, _actor: Actor, given: Given) -> None:
    case.wanted_by = given.until


def _give_time(_context: Context, case: Case, _actor: Actor, _given: Given) -> None:
    assert case.wanted_by is not None  # noqa: S101 - `_time_is_wanted` checked it
    case.resolve_by, case.wanted_by, case.rung, case.tell_at = case.wanted_by, None, 0, None


def _deny_time(_context: Context, case: Case, _actor: Actor, _given: Given) -> None:
    case.wanted_by = None


def _reclassify(context: Context, case: Case, _actor: Actor, given: Given) -> None:
    """The deadlines of another kind: to resolve from the report, to accept from now.

    A steward who keeps the case gets no more time by that: the later date is asked for, and a leader decides.
    """
    assert given.category is not None  # noqa: S101 - `_another_kind` checked it
    before = case.resolve_by
    case.category, case.wanted_by = given.category, None
    case.resolve_by = due.resolve_by(context, case)
    if (given.data or {}).get("keeps") and case.resolve_by > before:
        case.resolve_by, case.wanted_by = before, case.resolve_by
    if case.state in (State.NEW, State.ASSIGNED, State.POOL):
        case.accept_by = due.accept_by(context, case, context.now)
    _climb_anew(context, case)


def _hasten(context: Context, case: Case, _actor: Actor, _given: Given) -> None:
    """An urgent case has a share of the time that is left."""
    category = context.rules.category(case)
    case.resolve_by = due.hastened(context, case, case.resolve_by, category.resolve)
    if case.state in (State.NEW, State.ASSIGNED, State.POOL):
        case.accept_by = due.hastened(context, case, case.accept_by, category.accept)
    case.urgent = True


def _ease(context: Context, case: Case, _actor: Actor, _given: Given) -> None:
    """An ordinary case has the whole time of its kind, never less than it has now."""
    case.urgent = False
    case.resolve_by = max(case.resolve_by, _promised(context, case))
    case.accept_by = max(case.accept_by, _whole_time_to_accept(context, case))
    if case.wanted_by is not None and case.wanted_by <= case.resolve_by:
        case.wanted_by = None  # that is more time than was asked for
    _climb_anew(context, case)


def _promised(context: Context, case: Case) -> datetime:
    """Return by when it is to be resolved, for a wish that somebody has not later than the wisher hopes for."""
    by = due.resolve_by(context, case)
    hoped = case.wish_by if case.steward_id is not None else None
    return min(by, hoped) if hoped is not None and hoped > context.now else by


def _whole_time_to_accept(context: Context, case: Case) -> datetime:
    """Return by when it is to be accepted or claimed, counted from when that time began."""
    if case.state not in (State.NEW, State.ASSIGNED, State.POOL):
        return case.accept_by
    begins = {Action.FILE, Action.RECLASSIFY, Action.WIDEN, *(a for a, m in MOVES.items() if m.target == case.state)}
    newest = (
        select(HistoryEntry.at).where(HistoryEntry.case_id == case.id, HistoryEntry.action.in_(begins))
        .order_by(HistoryEntry.id.desc()).limit(1)
    )  # fmt: skip
    began = context.session.scalar(newest) or case.created_at
    if case.state != State.POOL:
        return due.accept_by(context, case, began)
    return context.rules.deadlines.after(began, context.rules.category(case).claim, case.place_id)


def _escalate(_context: Context, case: Case, _actor: Actor, given: Given) -> None:
    case.rung = max(case.rung, int((given.data or {}).get("rung", 0)))


def _begin_anew(context: Context, case: Case, _actor: Actor, given: Given) -> None:
    """Nobody has it, and its time runs from now."""
    pool.clear(context, case)
    case.steward_id = case.wanted_by = case.merged_into = None
    case.offers = case.widened = case.rung = 0
    case.tell_at, case.due_from = None, context.now
    case.resolve_by, case.accept_by = due.resolve_by(context, case), due.accept_by(context, case, context.now)
    if given.answerable_id is not None:
        case.answerable_id = given.answerable_id


def _end(_context: Context, case: Case, _actor: Actor, _given: Given) -> None:
    case.waiting_since = case.waiting_for = case.wanted_by = case.tell_at = None
    case.rung = 0


def stop_waiting(context: Context, case: Case) -> None:
    """Only waiting stops the clock: what was left of the time when it began is left when it ends."""
    if case.waiting_since is not None:
        category = context.rules.category(case)
        case.resolve_by = due.resumed(context, case, case.resolve_by, category.resolve)
        if case.state == State.REVIEW:
            case.accept_by = due.resumed(context, case, case.accept_by, category.accept)
        case.due_from = (case.due_from or case.created_at) + (context.now - case.waiting_since)
        case.waiting_since = case.waiting_for = None
        if case.wanted_by is not None and case.wanted_by <= case.resolve_by:
            case.wanted_by = None  # waiting has given more time than was asked for


EFFECTS: dict[Action, Rule] = {
    Action.ASSIGN: _assign_anew,
    Action.TRANSFER: _assign_anew,
    Action.REOFFER: _reoffer,
    Action.RULING: _to_ruling,
    Action.ACCEPT: _accept,
    Action.RETURN: _return,
    Action.ASK: _ask,
    Action.HOLD: _hold,
    Action.RESUME: _go_on,
    Action.ANSWER: _go_on,
    Action.NO_ANSWER: _go_on,
    Action.QUESTION: _question,
    Action.EXPLAIN: _go_on,
    Action.UNEXPLAINED: _go_on,
    Action.RESOLVE: _resolve,
    Action.UNSOLVED: _reopen,
    Action.REOPEN: _reopen,
    Action.WITHDRAW: _end,
    Action.DECLINE: _end,
    Action.URGE: _urge,
    Action.WANT_TIME: _want_time,
    Action.GIVE_TIME: _give_time,
    Action.DENY_TIME: _deny_time,
    Action.RECLASSIFY: _reclassify,
    Action.HASTEN: _hasten,
    Action.EASE: _ease,
    Action.ESCALATE: _escalate,
    Action.REVIVE: _begin_anew,
    Action.REVIEW_AGAIN: _begin_anew,
    Action.UNCLAIMED: _to_ruling,
    Action.RELIEVE: _relieve,
    Action.ENTRUST: _entrust,
}
