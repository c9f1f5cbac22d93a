"""请假: a steward who is away gets nothing new; a cover they name takes their turn.

A leave that is to begin later is a row of `planned_leave`, which the clock turns into one that holds, and takes away.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from cases import dispatch, life
from cases.context import Actor, Context, actor_of
from cases.dispatch import Holder
from cases.given import Given
from cases.life import Step
from cases.refusal import Refused
from cases.states import HELD, Action
from storage import people
from storage.admin_models import PlannedLeave
from storage.models import Case, Person

MOST_HANDED = 50  # tasks handed over by one press: each is told to several people in the same transaction


def leave(context: Context, person_id: int, until: datetime) -> None:
    """Note that the person is away; whoever stood in last time is not meant again, nor a leave that was planned."""
    cancel_plans(context, person_id)
    _set(context, person_id, away_until=until, cover_id=None)


def name_cover(context: Context, person_id: int, cover_id: int | None) -> None:
    """Note who stands in."""
    _set(context, person_id, cover_id=cover_id)


def come_back(context: Context, person_id: int) -> None:
    """Note that the person is here again, and stays."""
    cancel_plans(context, person_id)
    _set(context, person_id, away_until=None, cover_id=None)


def plan(
    context: Context, person_id: int, begins: datetime, until: datetime, noted_by: int, cover_id: int | None
) -> None:
    """Note that the person is to be away later; what was planned before is not meant any more."""
    cancel_plans(context, person_id)
    facts = {"person_id": person_id, "begins_at": begins, "until": until, "cover_id": cover_id, "noted_by": noted_by}
    context.session.add(PlannedLeave(**facts, up_to=0, handed=0))
    context.session.flush()


def planned(context: Context, person_id: int) -> PlannedLeave | None:
    """Return the leave of the person that is still to begin."""
    mine = (PlannedLeave.person_id == person_id, PlannedLeave.begun_at.is_(None))
    return context.session.scalar(select(PlannedLeave).where(*mine).order_by(PlannedLeave.id.desc()).limit(1))


def cancel_plans(context: Context, person_id: int) -> None:
    """Plan no leave of the person any more; nothing more is handed on for one that has just begun."""
    context.session.execute(delete(PlannedLeave).where(PlannedLeave.person_id == person_id))


def is_due(session: Session, now: datetime) -> bool:
    """Tell whether a leave has to begin now, or what was in hand is still being handed on."""
    return session.scalar(select(PlannedLeave.id).where(PlannedLeave.begins_at <= now).limit(1)) is not None


@dataclass(frozen=True, slots=True)
class Begun:
    """A leave that begins, or goes on being handed on."""

    person_id: int
    until: datetime
    cover_id: int | None
    noted_by: int
    steps: list[Step]
    first: bool  # it has begun in this transaction
    over: bool  # everything is handed on
    handed: int  # cases so far
    past: bool = False  # it was over before anybody looked


def go_on(context: Context) -> Begun | None:
    """Begin the next leave that is due and hand on some of the cases, in this transaction; None where none is due.

    Other processes take others. A cover who can no longer stand in is left out.
    """
    due = select(PlannedLeave).where(PlannedLeave.begins_at <= context.now).order_by(PlannedLeave.id).limit(1)
    leave_ = context.session.scalar(due.with_for_update(skip_locked=True))
    if leave_ is None:
        return None
    person, noted_by = (people.now(context.session, each) for each in (leave_.person_id, leave_.noted_by))
    first, past = leave_.begun_at is None, leave_.until <= context.now or not actor_of(context, person).roles
    if past:
        context.session.delete(leave_)
        context.session.flush()
        return Begun(person, leave_.until, None, noted_by, [], first, over=True, handed=leave_.handed, past=True)
    if first:
        _begin(context, leave_, person)
    cases = open_tasks(context, person, leave_.up_to)
    steps = [step for case in cases for step in hand_on(context, case, leave_.cover_id, noted_by)]
    leave_.handed += len(steps)
    leave_.up_to = cases[-1].id if cases else leave_.up_to
    begun = Begun(
        person, leave_.until, leave_.cover_id, noted_by, steps, first, len(cases) < MOST_HANDED, leave_.handed
    )  # fmt: skip
    if begun.over:
        context.session.delete(leave_)
    context.session.flush()
    return begun


def _begin(context: Context, planned_: PlannedLeave, person: int) -> None:
    able = {holder.person_id for holder in covers(context, actor_of(context, person))}
    cover = people.now(context.session, planned_.cover_id) if planned_.cover_id is not None else None
    planned_.begun_at, planned_.cover_id = context.now, cover if cover in able else None
    _set(context, person, away_until=planned_.until, cover_id=planned_.cover_id)


def hand_on(context: Context, case: Case, cover_id: int | None, by: int) -> list[Step]:
    """Hand a case of somebody who is away to who stands in, else to another steward who is here; at whose word.

    Nothing is done where nobody else can take it, or who says it may not say so any more.
    """
    here = {holder.person_id for holder in dispatch.choices(context, case) if not holder.away}
    target = cover_id if cover_id in here else dispatch.another(context, case)
    if target is None:
        return []
    try:
        step = life.act(context, case, Action.TRANSFER, actor_of(context, by), Given(steward_id=target))
    except Refused:
        return []
    dispatch.note_assigned(context, target)
    return [step]


def _set(context: Context, person_id: int, **values: datetime | int | None) -> None:
    context.session.execute(update(Person).where(Person.id == person_id).values(**values))
    context.known.pop(("reach", person_id), None)


def covers(context: Context, actor: Actor, *, later: bool = False) -> list[Holder]:
    """Return who could stand in: the stewards who are here, at the places where this one is, same partners first.

    `later`: also who is away now.
    """
    mine = [role for role in actor.roles if role.role == "steward"]
    found = [
        (holder.partner != role.partner, holder)
        for role in mine
        for holder in dispatch.holders(context, role.place_id, "steward", reachable=True)
        if (later or not holder.away) and holder.person_id != actor.person_id
    ]
    ordered = sorted(found, key=lambda one: one[0])
    return list({holder.person_id: holder for _, holder in ordered}.values())


def count_open(context: Context, person_id: int, after: int = 0) -> int:
    """Return how many cases the person has in hand, those with a number above `after`."""
    mine = (Case.steward_id == person_id, Case.state.in_(HELD), Case.id > after)
    return context.session.scalar(select(func.count()).select_from(Case).where(*mine)) or 0


def open_tasks(context: Context, person_id: int, after: int = 0) -> list[Case]:
    """Return what the person has in hand, locked, by number from above `after` on; at most `MOST_HANDED`."""
    mine = select(Case).where(Case.steward_id == person_id, Case.state.in_(HELD), Case.id > after)
    return list(context.session.scalars(mine.order_by(Case.id).limit(MOST_HANDED).with_for_update()))
