"""The one place where a case changes: checked against `states.MOVES`, written with its history and next moment."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select, update

from cases import looks
from cases.context import Actor, Context, parties
from cases.refusal import Refused, Why
from cases.states import MOVES, Action, Move, State
from storage.models import Attachment, Case, HistoryEntry

RETURNS_BEFORE_RULING = 2  # the third return goes to the community's admin


@dataclass(frozen=True, slots=True)
class Given:
    """What came with a move: words, attachment ids, a steward chosen, further facts for the history."""

    words: str = ""
    attachments: tuple[int, ...] = ()
    steward_id: int | None = None
    answerable_id: int | None = None
    data: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """What happened: enough to tell everybody concerned."""

    case: Case
    action: Action
    actor: Actor
    before: State | None
    given: Given
    steward_before: int | None
    entry_id: int


def load(context: Context, case_id: int) -> Case:
    """Return the case, locked until the end of the transaction. Raises Refused(NOT_FOUND)."""
    case = context.session.get(Case, case_id, with_for_update=True)
    if case is None:
        raise Refused(Why.NOT_FOUND)
    return case


def act(context: Context, case: Case, action: Action, actor: Actor, given: Given | None = None) -> Step:
    """Carry out `action` on a loaded case. Raises Refused when the rules do not allow it; then nothing is changed."""
    given = given or Given()
    move = MOVES[action]
    _check(context, case, move, actor, given)
    before, steward_before = State(case.state), case.steward_id
    if effect := EFFECTS.get(action):
        effect(context, case, actor, given)
    if move.target is not None:
        case.state = move.target
        looks.set_look(case, looks.plan(context, case))
    case.changed_at = context.now
    entry_id = write_history(context, case, action, actor, before, given)
    return Step(case, action, actor, before, given, steward_before, entry_id)


def require(context: Context, case: Case, action: Action, actor: Actor) -> None:
    """Raise Refused where `actor` could not make the move now, whatever words they gave."""
    move = MOVES[action]
    if State(case.state) not in move.sources:
        raise Refused(Why.WRONG_STATE)
    if not parties(context, case, actor) & move.who:
        raise Refused(Why.NOT_YOURS)


def concerns(context: Context, case: Case, actor: Actor) -> bool:
    """Tell whether the case is this person's business: reporter, steward, answerable, or leader of the place."""
    return bool(parties(context, case, actor)) or case.answerable_id == actor.person_id


def write_history(
    context: Context, case: Case, action: Action, actor: Actor, before: State | None, given: Given
) -> int:
    """Append to the history and hang what was sent on the entry; return the entry's id."""
    entry_id: int = context.session.execute(
        insert(HistoryEntry)
        .values(
            case_id=case.id, at=context.now, actor_id=actor.person_id, action=action, from_state=before,
            to_state=case.state, words=given.words, data=given.data or {},
        )
        .returning(HistoryEntry.id)
    ).scalar_one()  # fmt: skip
    if given.attachments:
        context.session.execute(
            update(Attachment)
            .where(Attachment.id.in_(given.attachments), Attachment.case_id.is_(None))
            .values(case_id=case.id, history_id=entry_id)
        )
    return entry_id


def returned_by(context: Context, case: Case) -> set[int]:
    """Return who has already given the case back."""
    found: Sequence[int | None] = context.session.scalars(
        select(HistoryEntry.actor_id).where(HistoryEntry.case_id == case.id, HistoryEntry.action == Action.RETURN)
    ).all()
    return {person for person in found if person is not None}


def _check(context: Context, case: Case, move: Move, actor: Actor, given: Given) -> None:
    require(context, case, move.action, actor)
    if move.words and not given.words.strip():
        raise Refused(Why.WORDS_NEEDED)
    if check := CHECKS.get(move.action):
        check(context, case, actor, given)


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


CHECKS: dict[Action, Rule] = {
    Action.RESOLVE: _photo_where_wanted,
    Action.URGE: _not_urged_lately,
    Action.REOPEN: _may_still_reopen,
}


def _assign(context: Context, case: Case, _actor: Actor, given: Given) -> None:
    if given.steward_id is None:
        raise Refused(Why.NOT_A_STEWARD)
    case.steward_id = case.answerable_id = given.steward_id
    # A second steward gets the whole time to accept; the time to resolve still runs from the report.
    case.accept_by = context.rules.deadlines.after(context.now, context.rules.category(case).accept)
    _stop_waiting(context, case)


def _return(_context: Context, case: Case, _actor: Actor, given: Given) -> None:
    case.steward_id = None
    case.returns += 1
    if given.answerable_id is not None:
        case.answerable_id = given.answerable_id


def _ask(context: Context, case: Case, _actor: Actor, _given: Given) -> None:
    case.waiting_since = context.now


def _go_on(context: Context, case: Case, _actor: Actor, _given: Given) -> None:
    _stop_waiting(context, case)


def _resolve(context: Context, case: Case, _actor: Actor, _given: Given) -> None:
    _stop_waiting(context, case)
    case.resolved_at = context.now


def _reopen(context: Context, case: Case, _actor: Actor, _given: Given) -> None:
    case.reopened += 1
    case.resolve_by = context.rules.deadlines.after(context.now, context.rules.category(case).resolve)


def _urge(context: Context, case: Case, _actor: Actor, _given: Given) -> None:
    case.urged_at = context.now


def _stop_waiting(context: Context, case: Case) -> None:
    """Only `waiting` stops the clock: what was waited is added to the time to resolve."""
    if case.waiting_since is not None:
        case.resolve_by += context.now - case.waiting_since
        case.waiting_since = None


EFFECTS: dict[Action, Rule] = {
    Action.ASSIGN: _assign,
    Action.TRANSFER: _assign,
    Action.RETURN: _return,
    Action.ASK: _ask,
    Action.ANSWER: _go_on,
    Action.NO_ANSWER: _go_on,
    Action.RESOLVE: _resolve,
    Action.UNSOLVED: _reopen,
    Action.REOPEN: _reopen,
    Action.URGE: _urge,
}
