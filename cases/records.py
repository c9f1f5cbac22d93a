"""Cases as records for a sheet: page after page from the newest to the oldest, with what other tables say of them.

A page is found by what the one before ended with, so its cost is the same at the end as at the beginning.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, and_, func, or_, select

from cases.context import Context, RoleAt
from cases.finding import Condition
from cases.states import State
from storage.models import Case, Follower, HistoryEntry, Person, Rating, Role

PAGE = 1000  # records in one reading transaction

COLUMNS = (
    Case.id, Case.kind, Case.category, Case.place_id, Case.place_detail, Case.state, Case.waiting_for, Case.words,
    Case.emergency, Case.urgent, Case.created_at, Case.responded_at, Case.resolved_at, Case.resolve_by, Case.late,
    Case.steward_id, Case.reporter_id, Case.returns, Case.reopened,
)  # fmt: skip


Record = Row[*tuple[Any, ...]]
"""The columns of a case."""


class Mark(NamedTuple):
    """The case with which a page ended."""

    created_at: datetime
    id: int


class Human(NamedTuple):
    """Who somebody is."""

    name: str
    phone: str | None
    home_id: int | None
    more_homes: tuple[int, ...] = ()  # as told on channels that were joined to theirs


class Stars(NamedTuple):
    """What the reporter answered last."""

    solved: bool | None
    stars: int | None
    words: str


@dataclass(frozen=True, slots=True)
class Beside:
    """What other tables say of the cases of a page, by case or by person."""

    closed_at: dict[int, datetime] = field(default_factory=dict)
    ratings: dict[int, Stars] = field(default_factory=dict)
    followers: dict[int, int] = field(default_factory=dict)
    people: dict[int, Human] = field(default_factory=dict)
    roles: dict[int, list[RoleAt]] = field(default_factory=dict)


def count(context: Context, conditions: Iterable[Condition], most: int) -> int:
    """Return how many cases there are, `most` at the most."""
    some = select(Case.id).where(*conditions).limit(most).subquery()
    return context.session.scalar(select(func.count()).select_from(some)) or 0


def page(
    context: Context, conditions: Iterable[Condition], after: Mark | None, size: int = PAGE
) -> tuple[Sequence[Record], Beside]:  # fmt: skip
    """Return the next cases with `COLUMNS`, and what stands beside them."""
    following = () if after is None else (
        Case.created_at <= after.created_at, or_(Case.created_at < after.created_at, Case.id < after.id)
    )  # fmt: skip
    newest = select(*COLUMNS).where(*conditions, *following).order_by(Case.created_at.desc(), Case.id.desc())
    rows = context.session.execute(newest.limit(size)).all()
    ids = [row.id for row in rows]
    people = {row.reporter_id for row in rows} | {row.steward_id for row in rows if row.steward_id is not None}
    return rows, Beside(
        _closed(context, [row.id for row in rows if row.state == State.CLOSED]),
        _ratings(context, {row.id: row.reporter_id for row in rows}),
        _followers(context, ids), _people(context, people), _roles(context, {row.steward_id for row in rows} - {None}),
    )  # fmt: skip


def _closed(context: Context, ids: Sequence[int]) -> dict[int, datetime]:
    """Return when each was closed last."""
    into = and_(HistoryEntry.to_state == State.CLOSED, HistoryEntry.from_state != State.CLOSED)
    found = select(HistoryEntry.case_id, HistoryEntry.at).where(HistoryEntry.case_id.in_(ids), into)
    return {row.case_id: row.at for row in context.session.execute(found.order_by(HistoryEntry.id))}


def _ratings(context: Context, reporters: dict[int, int]) -> dict[int, Stars]:
    """Return what the reporter of each answered last; joined with the cases, SQLite would look through people first."""
    answered = (
        select(Rating.case_id, Rating.person_id, Rating.solved, Rating.stars, Rating.words)
        .where(Rating.case_id.in_(reporters), Rating.answered_at.is_not(None))
        .order_by(Rating.round)
    )
    return {
        row.case_id: Stars(row.solved, row.stars, row.words)
        for row in context.session.execute(answered)
        if row.person_id == reporters[row.case_id]
    }


def _followers(context: Context, ids: Sequence[int]) -> dict[int, int]:
    counted = (
        select(Follower.case_id, func.count().label("followers"))
        .where(Follower.case_id.in_(ids))
        .group_by(Follower.case_id)
    )
    return {row.case_id: row.followers for row in context.session.execute(counted)}


def _people(context: Context, ids: Iterable[int]) -> dict[int, Human]:
    columns = select(Person.id, Person.name, Person.phone, Person.home_id, Person.linked)
    rows = context.session.execute(columns.where(Person.id.in_(ids))).all()
    homes: dict[int, list[int]] = {row.id: [] for row in rows if row.linked}
    if homes:
        for row in context.session.execute(select(Person).where(Person.merged_into.in_(homes))).scalars():
            if row.merged_into is not None and row.home_id is not None:
                homes[row.merged_into].append(row.home_id)
    return {row.id: Human(row.name, row.phone, row.home_id, tuple(homes.get(row.id, ()))) for row in rows}


def _roles(context: Context, ids: Iterable[int]) -> dict[int, list[RoleAt]]:
    found: dict[int, list[RoleAt]] = {}
    held = select(Role.person_id, Role.place_id, Role.partner).where(Role.person_id.in_(ids), Role.role == "steward")
    for row in context.session.execute(held.order_by(Role.id)):
        found.setdefault(row.person_id, []).append(RoleAt("steward", row.place_id, row.partner))
    return found
