"""派单: who gets a case, and who is answerable while nobody has it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, select, update

from cases.context import CLOCK, Context
from cases.effects import Given
from cases.life import RETURNS_BEFORE_RULING, Step, act, let_go_by
from cases.states import Action
from storage.models import Case, Identity, Person, Role

MOST_OFFERS = 2  # not accepted in time: so often offered to another, then an admin decides


@dataclass(frozen=True, slots=True)
class Holder:
    """A person who holds a role at a place that covers the case."""

    person_id: int
    role: str
    partner: str | None
    place_id: int
    title: str
    away: bool
    cover_id: int | None
    waited_since: float  # epoch seconds of the last case given, 0 for never


def holders(context: Context, place_id: int, role: str, *, reachable: bool = False) -> list[Holder]:
    """Return who holds `role` for the place, the nearest first, then who waited longest for a case.

    With `reachable`, only those whom some platform lets us write to.
    """
    above = context.rules.tree.ancestors(place_id)
    rank = {node.id: depth for depth, node in enumerate(above)}
    rows = context.session.execute(
        select(
            Role.person_id, Role.role, Role.partner, Role.place_id, Role.title, Person.away_until, Person.cover_id,
            Role.assigned_at,
        )
        .join(Person, Person.id == Role.person_id)
        .where(Role.place_id.in_(rank), Role.role == role, *([_can_be_reached()] if reachable else []))
    ).all()  # fmt: skip
    found = [
        Holder(
            *row[:5], away=row.away_until is not None and row.away_until > context.now, cover_id=row.cover_id,
            waited_since=row.assigned_at.timestamp() if row.assigned_at else 0,
        )
        for row in rows
    ]  # fmt: skip
    return sorted(found, key=lambda holder: (rank[holder.place_id], holder.waited_since, holder.person_id))


def _can_be_reached() -> ColumnElement[bool]:
    return exists().where(Identity.person_id == Role.person_id, Identity.unreachable.is_(None))


def stewards_for(context: Context, case: Case) -> list[Holder]:
    """Return the stewards who may take the case, the best first: partner type, then nearness, then longest wait.

    Who is away is passed over; a cover they have named, who is a steward here too, takes their turn.
    """
    wanted: Sequence[str] = context.rules.category(case).partners
    around = holders(context, case.place_id, "steward", reachable=True)
    found = [h for h in around if not wanted or h.partner in wanted]
    found.sort(key=lambda holder: wanted.index(holder.partner) if holder.partner in wanted else 0)
    present = {holder.person_id: holder for holder in around if not holder.away}
    turns = (present.get(holder.cover_id or 0) if holder.away else holder for holder in found)
    return list({holder.person_id: holder for holder in turns if holder is not None}.values())


def answerable_for(context: Context, place_id: int, *, ruling: bool = False) -> int:
    """Return who answers for a case that no steward has: the nearest coordinator, for a ruling the nearest admin.

    Raises LookupError where the place has neither; `redsteward check` refuses such a configuration.
    """
    order = ("admin", "coordinator") if ruling else ("coordinator", "admin")
    around = [holder for role in order for holder in holders(context, place_id, role, reachable=True)]
    present = [holder for holder in around if not holder.away]
    # Better somebody who is away, or must be phoned, than nobody.
    found = present or around or [holder for role in order for holder in holders(context, place_id, role)]
    if not found:
        raise LookupError(f"place {place_id}: nobody is coordinator or admin here or above")
    return found[0].person_id


def route(context: Context, case: Case) -> Step | None:
    """Give a new case to the best steward; None when there is none, or when it needs a ruling."""
    if case.returns > RETURNS_BEFORE_RULING:
        return None
    best = _best(context, case)
    return assign(context, case, best) if best is not None else None


def offer_again(context: Context, case: Case) -> Step:
    """Take a case from a steward who has not accepted in time: to another, or for an admin to decide."""
    best = _best(context, case) if case.offers < MOST_OFFERS else None
    taken_from = {"from": case.steward_id}
    if best is None:
        answerable = answerable_for(context, case.place_id, ruling=True)
        return act(context, case, Action.RULING, CLOCK, Given(answerable_id=answerable, data=taken_from))
    note_assigned(context, best)
    return act(context, case, Action.REOFFER, CLOCK, Given(steward_id=best, data=taken_from))


def _best(context: Context, case: Case) -> int | None:
    passed_over = {*let_go_by(context, case), case.reporter_id, case.steward_id}
    return next((h.person_id for h in stewards_for(context, case) if h.person_id not in passed_over), None)


def assign(context: Context, case: Case, person_id: int) -> Step:
    """Give the case to a steward by the dispatch itself."""
    note_assigned(context, person_id)
    return act(context, case, Action.ASSIGN, CLOCK, Given(steward_id=person_id))


def note_assigned(context: Context, person_id: int) -> None:
    """Send the person to the end of the queue."""
    context.session.execute(
        update(Role).where(Role.person_id == person_id, Role.role == "steward").values(assigned_at=context.now)
    )
