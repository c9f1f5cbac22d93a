"""The one place where a case changes: checked against `states.MOVES`, written with its history and next moment."""

from collections import namedtuple
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from types import SimpleNamespace
from typing import Any, cast

from sqlalchemy import bindparam, insert, select, update

from cases import audit, looks, pool
from cases.checks import CHECKS
from cases.context import Actor, Context, at_hand, parties
from cases.effects import EFFECTS
from cases.given import Given
from cases.pool_effects import POOL_EFFECTS
from cases.refusal import Refused, Why
from cases.states import LEADERS, MOVES, Action, Move, Party, State
from storage import people
from storage.faults import hit
from storage.message_models import Attachment
from storage.models import Case, HistoryEntry
from storage.prepared import Prepared
from storage.record import record
from storage.upsert import table_of

AT_HAND = frozenset({Party.CLAIMER, Party.HELPER, Party.FOLLOWER})
HISTORY = table_of(HistoryEntry)
_COLUMNS = ("case_id", "at", "actor_id", "action", "from_state", "to_state", "words", "data")
_ENTRY = insert(HISTORY).values({name: bindparam(name) for name in _COLUMNS})
APPEND, APPEND_NUMBERED = Prepared(_ENTRY), Prepared(_ENTRY.returning(HISTORY.c.id))
_CASE = table_of(Case)
_CASE_COLUMNS = tuple(column.key for column in _CASE.columns)
_Filed = namedtuple("_Filed", _CASE_COLUMNS)  # type: ignore[misc]
_UNSET = dict.fromkeys(_CASE_COLUMNS)
FILED = "filed"  # in `Context.known`, see `files_of_new`
_LET_GO = Prepared(
    select(HistoryEntry.actor_id, HistoryEntry.data).where(
        HistoryEntry.case_id == bindparam("case"),
        HistoryEntry.action.in_((Action.RETURN, Action.REOFFER, Action.RULING)),
    )
)
RETURNS_BEFORE_RULING = 2  # the third return goes to the community's admin


@record
class Step:
    """What happened: enough to tell everybody concerned."""

    case: Case
    action: Action
    actor: Actor
    before: State | None
    given: Given
    steward_before: int | None
    entry: dict[str, Any]  # of the history


def load(context: Context, case_id: int, *, beside: int | None = None) -> Case:
    """Return the case, locked until the end of the transaction. Raises Refused(NOT_FOUND).

    With `beside` that case is locked as well, where there is one. Whoever needs two locks the lower number first, so
    that two who need the same two never wait for each other.
    """
    numbers = sorted({case_id, case_id if beside is None else beside})
    found = {number: context.session.get(Case, number, with_for_update=True) for number in numbers}
    case = found[case_id]
    if case is None:
        raise Refused(Why.NOT_FOUND)
    return case


def act(context: Context, case: Case, action: Action, actor: Actor, given: Given | None = None) -> Step:
    """Carry out `action` on a loaded case. Raises Refused when the rules do not allow it; then nothing is changed."""
    given = given or Given()
    move = MOVES[action]
    _check(context, case, move, actor, given)
    steps_in = _steps_in(context, case, move, actor)
    before, steward_before, promised = State(case.state), case.steward_id, deadlines_of(case)
    claimers = [claim.person_id for claim in pool.claims(context, case)] if action in pool.RELIEVES else []
    if effect := EFFECTS.get(action) or POOL_EFFECTS.get(action):
        effect(context, case, actor, given)
    if move.target is not None:
        case.state = move.target
    if move.target is not None or move.replans:
        looks.set_look(context, case, looks.plan(context, case))
    case.changed_at = context.now
    if move.replans:
        given = replace(given, data={**(given.data or {}), "due": case.resolve_by.isoformat()})
    moved: dict[str, Any] = {name: by for name, by in deadlines_of(case).items() if by != promised[name]}
    if claimers:
        moved["relieved"] = claimers
    if moved:
        given = replace(given, data={**(given.data or {}), **moved})
    hit("case.before_history")
    entry = write_history(context, case, action, actor, before, given)
    hit("case.after_history")
    if action is Action.CONTACT or steps_in:
        audit.record(context, actor, f"case.{action}", place_id=case.place_id, case_id=case.id)
    return Step(case, action, actor, before, given, steward_before, entry)


def deadlines_of(case: Case) -> dict[str, str]:
    """Return by when the case is to be accepted and resolved, as the history keeps it with each step that changes it.

    By it alone can be told later what was done in time.
    """
    return {"accept_by": case.accept_by.isoformat(), "resolve_by": case.resolve_by.isoformat()}


def _steps_in(context: Context, case: Case, move: Move, actor: Actor) -> bool:
    """Tell whether a leader acts on somebody else's case by virtue of their role alone."""
    if not move.who & LEADERS:
        return False
    mine = parties(context, case, actor)
    return bool(mine & move.who & LEADERS) and not mine & move.who - LEADERS


def note(context: Context, action: Action, told: Sequence[tuple[Case, dict[str, Any]]]) -> None:
    """Write into the history of many cases at once what the clock has told; their state stays as it is."""
    move = MOVES[action]
    if move.target is not None or Party.CLOCK not in move.who:
        raise ValueError(f"{action} is no note of the clock's")
    rows = [
        {"case_id": case.id, "at": context.now, "actor_id": None, "action": action, "from_state": case.state,
         "to_state": case.state, "words": "", "data": facts}
        for case, facts in told if State(case.state) in move.sources
    ]  # fmt: skip
    if rows:
        context.session.execute(insert(HISTORY), rows)


def require(context: Context, case: Case, action: Action, actor: Actor) -> None:
    """Raise Refused where `actor` could not make the move now, whatever words they gave."""
    move = MOVES[action]
    if State(case.state) not in move.sources:
        raise Refused(Why.WRONG_STATE)
    if parties(context, case, actor) & move.who:
        return
    if move.who & AT_HAND and at_hand(context, case, actor) & move.who:
        return
    if Party.CANDIDATE not in move.who:
        own = case.reporter_id == actor.person_id and actor.has("coordinator", "admin")
        raise Refused(Why.OWN_CASE if own and move.who & LEADERS else Why.NOT_YOURS)
    pool.check_candidate(context, case, actor)


def concerns(context: Context, case: Case, actor: Actor) -> bool:
    """Tell whether the case is this person's business, as reporter, steward, leader, claimer, follower or so."""
    near = bool(parties(context, case, actor) - {Party.ANYBODY}) or case.answerable_id == actor.person_id
    return near or bool(at_hand(context, case, actor))


def write_history(
    context: Context, case: Case, action: Action, actor: Actor, before: State | None, given: Given
) -> dict[str, Any]:
    """Append to the history and hang what was sent on the entry; return the entry.

    A case that is being filed has no number yet: `add` writes it together with its entries.
    """
    entry = {
        "case_id": case.id, "at": context.now, "actor_id": actor.person_id, "action": action, "from_state": before,
        "to_state": case.state, "words": given.words, "data": given.facts(),
    }  # fmt: skip
    if case.id is not None:
        _append(context, entry, given)
    return entry


def new(**values: Any) -> Case:
    """Return a case that is being filed, with these columns set: a plain object, which the rules read and change.

    An ORM object would cost more than all that is worked out on it.
    """
    return cast("Case", SimpleNamespace(**_UNSET | values))


def add(context: Context, case: Case, steps: Sequence[Step]) -> list[Step]:
    """Write a `new` case as it stands after its first steps, and its history.

    Return the steps with the case as it was written, to read: nothing can be set on it. Whoever goes on to change it
    loads it.
    """
    row = {name: value for name, value in vars(case).items() if value is not None}
    case.id = _adds(tuple(row)).scalar(context.session, **row)
    filed = cast("Case", _Filed(**vars(case)))
    files = tuple(number for step in steps for number in step.given.attachments)
    for step in steps:
        step.entry["case_id"] = case.id
        if files:
            _append(context, step.entry, step.given)
    if not files:
        APPEND.run_many(context.session, [step.entry for step in steps])
    context.known[FILED, case.id] = files
    return [replace(step, case=filed) for step in steps]


@cache
def _adds(columns: tuple[str, ...]) -> Prepared:
    """Return the INSERT of these columns: those in which there is nothing cost as much as the others."""
    return Prepared(insert(_CASE).values({name: bindparam(name) for name in columns}).returning(_CASE.c.id))


def files_of_new(context: Context, case: Case) -> tuple[int, ...] | None:
    """Return the attachments of a case that was filed just now, in this transaction; None of any other.

    Nothing else need be looked up about such a case: nothing was said since, and nobody's chat shows its card.
    """
    return context.known.get((FILED, case.id))


def _append(context: Context, entry: dict[str, Any], given: Given) -> None:
    context.known.pop((FILED, entry["case_id"]), None)
    if not given.attachments:
        APPEND.run(context.session, **entry)
        return
    number = APPEND_NUMBERED.scalar(context.session, **entry)
    context.session.execute(
        update(Attachment)
        .where(Attachment.id.in_(given.attachments), Attachment.case_id.is_(None))
        .values(case_id=entry["case_id"], history_id=number)
    )


def handles(context: Context, case: Case, actor: Actor) -> bool:
    """Tell whether the person works on the case or leads where it is: more than following it."""
    working = {Party.STEWARD, Party.COORDINATOR, Party.ADMIN}
    if parties(context, case, actor) & working or case.answerable_id == actor.person_id:
        return True
    return bool(at_hand(context, case, actor) & {Party.CLAIMER, Party.HELPER})


def last_words(context: Context, case: Case, action: Action) -> str:
    """Return the words of the newest such step, empty where there is none."""
    newest = (
        select(HistoryEntry.words).where(HistoryEntry.case_id == case.id, HistoryEntry.action == action)
        .order_by(HistoryEntry.id.desc()).limit(1)
    )  # fmt: skip
    return context.session.scalar(newest) or ""


def last_actor(context: Context, case: Case, action: Action) -> int | None:
    """Return who took the newest such step."""
    newest = (
        select(HistoryEntry.actor_id).where(HistoryEntry.case_id == case.id, HistoryEntry.action == action)
        .order_by(HistoryEntry.id.desc()).limit(1)
    )  # fmt: skip
    return context.session.scalar(newest)


def last_facts(context: Context, case: Case, action: Action) -> dict[str, Any]:
    """Return what the newest such step noted beside the words, empty where there is none."""
    newest = (
        select(HistoryEntry.data).where(HistoryEntry.case_id == case.id, HistoryEntry.action == action)
        .order_by(HistoryEntry.id.desc()).limit(1)
    )  # fmt: skip
    return context.session.scalar(newest) or {}


def let_go_by(context: Context, case: Case) -> set[int]:
    """Return who has already given the case back, or let their time to accept pass."""
    if case.id is None:  # it is being filed
        return set()
    found = {actor or data.get("from") for actor, data in _LET_GO.all(context.session, case=case.id)}
    return {people.now(context.session, person) for person in found if person is not None}


def _check(context: Context, case: Case, move: Move, actor: Actor, given: Given) -> None:
    require(context, case, move.action, actor)
    if move.words and not given.words.strip():
        raise Refused(Why.WORDS_NEEDED)
    if check := CHECKS.get(move.action):
        check(context, case, actor, given)
