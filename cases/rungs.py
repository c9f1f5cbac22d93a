"""层级: who is told when a deadline is missed, from the building up to the street."""

from dataclasses import dataclass, replace

from sqlalchemy import select

from cases import privacy
from cases.context import Context
from cases.states import State
from storage.models import Case, Person, Role


@dataclass(frozen=True, slots=True)
class Rung:
    """The leaders of one place, coordinators first. `number` counts from 1, the nearest place that has any."""

    number: int
    place_id: int
    people: tuple[int, ...]
    present: tuple[int, ...]  # those who are not away


def ladder(context: Context, place_id: int) -> list[Rung]:
    """Return the rungs of a place: those places from there upwards at which somebody leads."""
    key = ("ladder", place_id)
    if key not in context.known:
        context.known[key] = _ladder(context, place_id)
    found: list[Rung] = context.known[key]
    return found


def ladder_of(context: Context, case: Case) -> list[Rung]:
    """Return the rungs of a case, with their numbers: those of its place without whose own case it is.

    In a private matter the neighbours are left out as well, where anybody else leads.
    """
    found = ladder(context, case.place_id)
    everybody = [person for rung in found for person in rung.people]
    allowed = set(privacy.preferred(context, case, everybody))
    if not allowed or allowed.issuperset(everybody):
        return found
    of_case = (
        replace(
            rung,
            people=tuple(person for person in rung.people if person in allowed),
            present=tuple(person for person in rung.present if person in allowed),
        )
        for rung in found
    )
    return [rung for rung in of_case if rung.people]


def leaders(context: Context, place_id: int, but: int | None) -> tuple[int, ...]:
    """Return the nearest leaders who are here and are not `but`; where all are away, the nearest there are."""
    return _nearest(ladder(context, place_id), but)


def deciders(context: Context, case: Case, but: int | None) -> tuple[int, ...]:
    """Return the nearest leaders who may decide about a case and are not `but`, like `leaders`."""
    return _nearest(ladder_of(context, case), but)


def _nearest(found: list[Rung], but: int | None) -> tuple[int, ...]:
    chosen = (tuple(person for person in rung.present if person != but) for rung in found)
    absent = (tuple(person for person in rung.people if person != but) for rung in found)
    return next(filter(None, chosen), None) or next(filter(None, absent), ())


def upward(context: Context, case: Case, caller: int | None = None, above: int = 0) -> Rung | None:
    """Return the next rung to tell, higher than `above`; None when all know.

    Who has the case or answers for it needs no telling, nor does the caller.
    """
    known = {case.steward_id, case.answerable_id, caller}
    found = ladder_of(context, case)
    start = max(case.rung, above)
    if case.state == State.NEW:  # who answers for it was told at once, and with them whoever is below
        start = max([start, *(rung.number for rung in found if case.answerable_id in rung.people)])
    return next((rung for rung in found if rung.number > start and not known.issuperset(rung.people)), None)


def top(context: Context, case: Case) -> Rung | None:
    """Return the highest rung that knows of the missed deadline."""
    return next((rung for rung in reversed(ladder_of(context, case)) if rung.number <= case.rung), None)


def _ladder(context: Context, place_id: int) -> list[Rung]:
    above = [node.id for node in context.rules.tree.ancestors(place_id)]
    rows = context.session.execute(
        select(Role.place_id, Role.person_id, Person.away_until)
        .join(Person, Person.id == Role.person_id)
        .where(Role.place_id.in_(above), Role.role.in_(("coordinator", "admin")))
        .order_by(Role.role.desc(), Role.person_id)
    ).all()
    led = {place: tuple(dict.fromkeys(row.person_id for row in rows if row.place_id == place)) for place in above}
    away = {row.person_id for row in rows if row.away_until is not None and row.away_until > context.now}
    return [
        Rung(number, place, led[place], tuple(person for person in led[place] if person not in away))
        for number, place in enumerate(filter(led.get, above), start=1)
    ]
