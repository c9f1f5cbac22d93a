"""请假: a steward who is away gets nothing new; a cover they name takes their turn."""

from datetime import datetime

from sqlalchemy import func, select, update

from cases import dispatch
from cases.context import Actor, Context
from cases.dispatch import Holder
from cases.states import HELD
from storage.models import Case, Person

MOST_HANDED = 50  # tasks handed over by one press: each is told to several people in the same transaction


def leave(context: Context, person_id: int, until: datetime) -> None:
    """Note that the person is away; whoever stood in last time is not meant again."""
    _set(context, person_id, away_until=until, cover_id=None)


def name_cover(context: Context, person_id: int, cover_id: int | None) -> None:
    """Note who stands in."""
    _set(context, person_id, cover_id=cover_id)


def come_back(context: Context, person_id: int) -> None:
    """Note that the person is here again."""
    _set(context, person_id, away_until=None, cover_id=None)


def _set(context: Context, person_id: int, **values: datetime | int | None) -> None:
    context.session.execute(update(Person).where(Person.id == person_id).values(**values))
    context.known.pop(("reach", person_id), None)


def covers(context: Context, actor: Actor) -> list[Holder]:
    """Return who could stand in: the stewards who are here, at the places where this one is, same partners first."""
    mine = [role for role in actor.roles if role.role == "steward"]
    found = [
        (holder.partner != role.partner, holder)
        for role in mine
        for holder in dispatch.holders(context, role.place_id, "steward", reachable=True)
        if not holder.away and holder.person_id != actor.person_id
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
