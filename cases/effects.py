"""What a move needs beyond its row in `states.MOVES`, and what it sets on the case beside the state."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from cases import due
from cases.context import Actor, Context
from cases.refusal import Refused, Why
from cases.states import Action, State
from storage.models import Attachment, Case

RESIDENT, THIRD_PARTY = "resident", "third_party"
"""For whom a case waits."""


@dataclass(frozen=True, slots=True)
class Given:
    """What came with a move: words, attachment ids, a steward chosen, a date, a kind, further facts for the history."""

    words: str = ""
    attachments: tuple[int, ...] = ()
    steward_id: int | None = None
    answerable_id: int | None = None
    until: datetime | None = None
    category: str | None = None
    data: dict[str, Any] | None = None

    def facts(self) -> dict[str, Any]:
        """Return what the history keeps beside the words."""
        told = {
            "steward": self.steward_id, "until": self.until.isoformat() if self.until else None,
            "category": self.category,
        }  # fmt: skip
        return {name: value for name, value in told.items() if value is not None} | (self.data or {})


Rule = Callable[[Context, Case, Actor, Given], None]


def _photo_where_wanted(context: Context, case: Case, _actor: Actor, given: Given) -> None:
    if not context.rules.category(case).photo:
        return
    photos = select(Attachment.id).where(Attachment.id.in_(given.attachments), Attachment.kind == "photo").limit(1)
    if not given.attachments or context.session.scalar(photos) is None:
        raise Refused(Why.PHOTO_NEEDED)


def _not_urged_lately(context: Context, case: Case, _actor: Actor, _given: Given) -> None:
    if case.urged_at and context.now < context.rules.deadlines.after(
        case.urged_at, context.rules.settings.times.urge_every
    ):
        raise Refused(Why.TOO_SOON)


def _may_still_reopen(context: Context, case: Case, actor: Actor, _given: Given) -> None:
    days = context.rules.category(case).reopen_days
    over = case.resolved_at and context.now > case.resolved_at + timedelta(days=days)
    if over and not actor.has("admin"):
        raise Refused(Why.TOO_LATE)


def _waits_for_resident(_context: Context, case: Case, _actor: Actor, _given: Given) -> None:
    if case.waiting_for == THIRD_PARTY:
        raise Refused(Why.WRONG_STATE)


def _before_the_deadline(context: Context, case: Case, _actor: Actor, given: Given) -> None:
    if context.now >= case.resolve_by:
        raise Refused(Why.DEADLINE_OVER)
    if given.until is None or given.until <= case.resolve_by:
        raise Refused(Why.NOT_LATER)


def _time_is_wanted(_context: Context, case: Case, actor: Actor, _given: Given) -> None:
    """Nobody grants their own wish."""
    if case.wanted_by is None:
        raise Refused(Why.WRONG_STATE)
    if actor.person_id == case.steward_id:
        raise Refused(Why.NOT_YOURS)


def _another_kind(context: Context, case: Case, _actor: Actor, given: Given) -> None:
    if given.category is None or not context.rules.settings.has_category(given.category):
        raise Refused(Why.NOT_FOUND)
    if given.category == case.category:
        raise Refused(Why.WRONG_STATE)


def _not_yet_urgent(_context: Context, case: Case, _actor: Actor, _given: Given) -> None:
    if case.urgent:
        raise Refused(Why.WRONG_STATE)


CHECKS: dict[Action, Rule] = {
    Action.RESOLVE: _photo_where_wanted,
    Action.URGE: _not_urged_lately,
    Action.REOPEN: _may_still_reopen,
    Action.ANSWER: _waits_for_resident,
    Action.WANT_TIME: _before_the_deadline,
    Action.GIVE_TIME: _time_is_wanted,
    Action.DENY_TIME: _time_is_wanted,
    Action.RECLASSIFY: _another_kind,
    Action.HASTEN: _not_yet_urgent,
}


def _assign(context: Context, case: Case, _actor: Actor, given: Given) -> None:
    if given.steward_id is None:
        raise Refused(Why.NOT_A_STEWARD)
    _stop_waiting(context, case)
    case.steward_id = case.answerable_id = given.steward_id
    case.wanted_by = None
    # A second steward gets the whole time to accept; the time to resolve still runs from the report.
    case.accept_by = due.accept_by(context, case, context.now)


def _assign_anew(context: Context, case: Case, actor: Actor, given: Given) -> None:
    """A person has decided who does it: from here on it may be offered as often as at first."""
    _assign(context, case, actor, given)
    case.offers = 0


def _reoffer(context: Context, case: Case, actor: Actor, given: Given) -> None:
    _assign(context, case, actor, given)
    case.offers += 1


def _accept(_context: Context, case: Case, _actor: Actor, _given: Given) -> None:
    case.offers = 0
    case.rung = 0


def _to_ruling(context: Context, case: Case, _actor: Actor, given: Given) -> None:
    case.steward_id = None
    case.rung = 0
    case.accept_by = due.accept_by(context, case, context.now)
    if given.answerable_id is not None:
        case.answerable_id = given.answerable_id


def _return(context: Context, case: Case, actor: Actor, given: Given) -> None:
    _to_ruling(context, case, actor, given)
    case.wanted_by = None
    case.returns += 1


def _ask(context: Context, case: Case, _actor: Actor, _given: Given) -> None:
    case.waiting_since, case.waiting_for = context.now, RESIDENT


def _hold(context: Context, case: Case, _actor: Actor, _given: Given) -> None:
    case.waiting_since, case.waiting_for = context.now, THIRD_PARTY


def _go_on(context: Context, case: Case, _actor: Actor, _given: Given) -> None:
    _stop_waiting(context, case)


def _resolve(context: Context, case: Case, _actor: Actor, _given: Given) -> None:
    _stop_waiting(context, case)
    case.resolved_at, case.wanted_by, case.rung = context.now, None, 0


def _reopen(context: Context, case: Case, _actor: Actor, _given: Given) -> None:
    case.reopened += 1
    case.rung = 0
    case.due_from = context.now
    case.resolve_by = due.resolve_by(context, case)


def _urge(context: Context, case: Case, _actor: Actor, _given: Given) -> None:
    case.urged_at = context.now


def _want_time(_context: Context, case: Case, _actor: Actor, given: Given) -> None:
    case.wanted_by = given.until


def _give_time(_context: Context, case: Case, _actor: Actor, _given: Given) -> None:
    assert case.wanted_by is not None  # noqa: S101 - `_time_is_wanted` checked it
    case.resolve_by, case.wanted_by, case.rung = case.wanted_by, None, 0


def _deny_time(_context: Context, case: Case, _actor: Actor, _given: Given) -> None:
    case.wanted_by = None


def _reclassify(context: Context, case: Case, _actor: Actor, given: Given) -> None:
    assert given.category is not None  # noqa: S101 - `_another_kind` checked it
    case.category = given.category
    _count_anew(context, case)


def _hasten(context: Context, case: Case, _actor: Actor, _given: Given) -> None:
    case.urgent = True
    _count_anew(context, case)


def _count_anew(context: Context, case: Case) -> None:
    """The deadlines of another kind or urgency: to resolve from the report, to accept from now."""
    case.rung, case.wanted_by = 0, None
    case.resolve_by = due.resolve_by(context, case)
    if case.state in (State.NEW, State.ASSIGNED, State.POOL):
        case.accept_by = due.accept_by(context, case, context.now)


def _stop_waiting(context: Context, case: Case) -> None:
    """Only `waiting` stops the clock: what was left of the time to resolve when it began is left when it ends."""
    if case.waiting_since is not None:
        case.resolve_by = due.resumed(context, case)
        case.due_from = (case.due_from or case.created_at) + (context.now - case.waiting_since)
        case.waiting_since = case.waiting_for = None


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
    Action.RESOLVE: _resolve,
    Action.UNSOLVED: _reopen,
    Action.REOPEN: _reopen,
    Action.URGE: _urge,
    Action.WANT_TIME: _want_time,
    Action.GIVE_TIME: _give_time,
    Action.DENY_TIME: _deny_time,
    Action.RECLASSIFY: _reclassify,
    Action.HASTEN: _hasten,
}
