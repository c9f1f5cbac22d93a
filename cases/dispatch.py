"""派单: who gets a case, and who is answerable while nobody has it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, select, update

from cases.context import CLOCK, Context
from cases.life import RETURNS_BEFORE_RULING, Given, Step, act, returned_by
from cases.states import Action
from storage.models import Case, Identity, Role


@dataclass(frozen=True, slots=True)
class Holder:
    """A person who holds a role at a place that covers the case."""

    person_id: int
    role: str
    partner: str | None
    place_id: int
    title: str
    waited_since: float  # epoch seconds of the last case given, 0 for never


def holders(context: Context, place_id: int, role: str, *, reachable: bool = False) -> list[Holder]:
    """Return who holds `role` for the place, the nearest first, then who waited longest for a case.

    With `reachable`, only those whom some platform lets us write to.
    """
    above = context.rules.tree.ancestors(place_id)
    rank = {node.id: depth for depth, node in enumerate(above)}
    rows = context.session.execute(
        select(Role.person_id, Role.role, Role.partner, Role.place_id, Role.title, Role.assigned_at).where(
            Role.place_id.in_(rank), Role.role == role, *([_can_be_reached()] if reachable else [])
        )
    ).all()
    found = [Holder(*row[:5], waited_since=row.assigned_at.timestamp() if row.assigned_at else 0) for row in rows]
    return sorted(found, key=lambda holder: (rank[holder.place_id], holder.waited_since, holder.person_id))


def _can_be_reached() -> ColumnElement[bool]:
    return exists().where(Identity.person_id == Role.person_id, Identity.unreachable.is_(None))


def stewards_for(context: Context, case: Case) -> list[Holder]:
    """Return the stewards who may take the case, the best first: partner type, then nearness, then longest wait."""
    wanted: Sequence[str] = context.rules.category(case).partners
    around = holders(context, case.place_id, "steward", reachable=True)
    found = [h for h in around if not wanted or h.partner in wanted]
    return sorted(found, key=lambda holder: wanted.index(holder.partner) if holder.partner in wanted else 0)


def answerable_for(context: Context, place_id: int, *, ruling: bool = False) -> int:
    """Return who answers for a case that no steward has: the nearest coordinator, for a ruling the nearest admin.

    Raises LookupError where the place has neither; `redsteward check` refuses such a configuration.
    """
    order = ("admin", "coordinator") if ruling else ("coordinator", "admin")
    for reachable in (True, False):  # better somebody who must be phoned than nobody
        for role in order:
            if found := holders(context, place_id, role, reachable=reachable):
                return found[0].person_id
    raise LookupError(f"place {place_id}: nobody is coordinator or admin here or above")


def route(context: Context, case: Case) -> Step | None:
    """Give a new case to the best steward; None when there is none, or when it needs a ruling."""
    if case.returns > RETURNS_BEFORE_RULING:
        return None
    passed_over = {*returned_by(context, case), case.reporter_id}
    for holder in stewards_for(context, case):
        if holder.person_id not in passed_over:
            return assign(context, case, holder.person_id)
    return None


def assign(context: Context, case: Case, person_id: int) -> Step:
    """Give the case to a steward by the dispatch itself."""
    note_assigned(context, person_id)
    return act(context, case, Action.ASSIGN, CLOCK, Given(steward_id=person_id))


def note_assigned(context: Context, person_id: int) -> None:
    """Send the person to the end of the queue."""
    context.session.execute(
        update(Role).where(Role.person_id == person_id, Role.role == "steward").values(assigned_at=context.now)
    )
