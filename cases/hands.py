"""Who has a case in hand: its lead, who has claimed it with others, who helps; and what somebody has.

What somebody has is united of look-ups, each by its own index: of conditions joined by OR PostgreSQL goes through all
cases.
"""

from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import BindParameter, ColumnElement, Integer, Select, bindparam, func, select, union_all

from cases.context import Context
from cases.states import HELD, State
from storage.models import Case, Claim, CoHandler
from storage.prepared import Prepared

NOBODYS = (State.NEW, State.REVIEW)  # then whoever is answerable has to find somebody
Who = int | BindParameter[int]
BESIDE = (Claim, CoHandler)  # whose rows say who works on a case beside its lead


class Shared(NamedTuple):
    """A case that somebody works on beside its lead, by a claim of their own or as a co-handler."""

    person_id: int
    case: Case
    claimed: bool


def at_work(context: Context, case: Case) -> set[int]:
    """Return who works on the case, the lead included."""
    rows = (context.session.scalars(select(table.person_id).where(table.case_id == case.id)) for table in BESIDE)
    lead = () if case.steward_id is None else (case.steward_id,)
    return {*lead, *(person for found in rows for person in found)}


def in_hand(person_id: int) -> Select[Case]:
    """Return the query for what a person leads, shares or has to find somebody for, the nearest deadline first."""
    numbers = union_all(
        _led(person_id),
        select(Case.id).where(Case.answerable_id == person_id, Case.state.in_(NOBODYS)),
        *(_beside(table, table.person_id == person_id).with_only_columns(Case.id) for table in BESIDE),
    ).subquery()
    return select(Case).where(Case.id.in_(select(numbers.c.id))).order_by(Case.resolve_by, Case.id)


def load(person_id: Who) -> Select[int]:
    """Return the query for how many cases a person leads or has claimed with others."""
    claimed = _beside(Claim, Claim.person_id == person_id).with_only_columns(Case.id)
    return select(func.count()).select_from(union_all(_led(person_id), claimed).subquery())


def shared(people: Collection[int], table: type[Claim | CoHandler]) -> Select[int, Case]:
    """Return the query for what these people work on beside its lead, as rows of that table say."""
    return _beside(table, table.person_id.in_(people)).order_by(Case.resolve_by, Case.id)


def _led(person_id: Who) -> Select[int]:
    return select(Case.id).where(Case.steward_id == person_id, Case.state.in_(HELD))


def _beside(table: type[Claim | CoHandler], whose: ColumnElement[bool]) -> Select[int, Case]:
    led_by_other = Case.steward_id.is_distinct_from(table.person_id)
    joined = select(table.person_id, Case).join(Case, Case.id == table.case_id)
    return joined.where(whose, Case.state.in_(HELD), led_by_other)


LOAD = Prepared(load(bindparam("person", type_=Integer)))


def shared_by(context: Context, people: Collection[int]) -> list[Shared]:
    """Return what these people work on beside its lead, each case once a person, the nearest deadline first."""
    found: dict[tuple[int, int], Shared] = {}
    for table in BESIDE:
        for person, case in context.session.execute(shared(people, table)):
            found.setdefault((person, case.id), Shared(person, case, table is Claim))
    return sorted(found.values(), key=lambda one: (one.case.resolve_by, one.case.id))
