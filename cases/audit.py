"""Who did what beside the story of a case: looks at contact details, exports, roles, commands with effect."""

from collections.abc import Iterator
from dataclasses import dataclass
from heapq import nlargest
from typing import Any

from sqlalchemy import ColumnElement, Select, insert, or_, select, union_all

from cases.context import Actor, Context
from storage.admin_models import AuditEntry
from storage.people import all_of
from storage.upsert import table_of

AUDIT = table_of(AuditEntry)
PLACES_AT_ONCE = 50  # in one question; SQLite takes 500 parts of a compound SELECT


def record(
    context: Context, actor: Actor, action: str, *, place_id: int | None = None, case_id: int | None = None,
    person_id: int | None = None, words: str = "", **facts: Any,
) -> None:  # fmt: skip
    """Append to the audit, in the transaction of what is done.

    `place_id`: the admins of that place and above may read it. `person_id`: whom it was about. `words`: the reason
    that was given, never what a resident wrote. `facts` are plain JSON.
    """
    row = {
        "at": context.now, "actor_id": actor.person_id, "action": action, "place_id": place_id, "case_id": case_id,
        "person_id": person_id, "words": words, "data": facts,
    }  # fmt: skip
    context.session.execute(insert(AUDIT), row)


@dataclass(frozen=True, slots=True)
class Scope:
    """What somebody may read of the audit: what belongs to these places, to no place, or all there is."""

    places: tuple[int, ...]
    of_no_place: bool
    everything: bool


def scope_of(context: Context, actor: Actor) -> Scope:
    """Return what an admin may read: of their place and below; at a root what belongs to no place as well."""
    tree = context.rules.tree
    led = [role.place_id for role in actor.roles if role.role == "admin" and tree.find(role.place_id)]
    every = tree.every()
    places = tuple(node.id for node in every if any(tree.covers(place, node.id) for place in led))
    at_root = any(tree.get(place).parent_id is None for place in led)
    return Scope(places, at_root, everything=bool(led) and len(places) == len(every))


def newest(
    context: Context, scope: Scope, count: int, *, skip: int = 0, case_id: int | None = None,
    person_id: int | None = None,
) -> list[AuditEntry]:  # fmt: skip
    """Return so many entries, the newest first, after the `skip` newest.

    All in the scope, those of a case, or those by a person and about them, whoever they were joined from.
    """
    people = [None] if person_id is None else all_of(context.session, person_id)
    found = {
        number for person in people for query in queries(scope, skip + count, case_id=case_id, person_id=person)
        for number in context.session.scalars(query)
    }  # fmt: skip
    chosen = nlargest(skip + count, found)[skip:]
    rows = select(AuditEntry).where(AuditEntry.id.in_(chosen)).order_by(AuditEntry.id.desc())
    return list(context.session.scalars(rows))


def queries(
    scope: Scope, count: int, *, case_id: int | None = None, person_id: int | None = None
) -> "Iterator[Select[int]]":
    """Yield the queries for the numbers of the newest entries; each looks up what it needs and no more."""
    if case_id is not None:
        yield _newest(count, AuditEntry.case_id == case_id, *_within(scope))
    elif person_id is not None:
        yield _newest(count, AuditEntry.actor_id == person_id, *_within(scope))
        yield _newest(count, AuditEntry.person_id == person_id, *_within(scope))
    elif scope.everything:
        yield _newest(count)
    else:
        yield from _by_place(scope, count)


def _by_place(scope: Scope, count: int) -> "Iterator[Select[int]]":
    """Yield a look-up for each place: asked for many at once, a database sorts all there ever was at them."""
    if scope.of_no_place:
        yield _newest(count, AuditEntry.place_id.is_(None))
    for start in range(0, len(scope.places), PLACES_AT_ONCE):
        part = scope.places[start : start + PLACES_AT_ONCE]
        each = (select(_newest(count, AuditEntry.place_id == place).subquery().c.id) for place in part)
        yield select(union_all(*each).subquery().c.id)


def _within(scope: Scope) -> list[ColumnElement[bool]]:
    if scope.everything:
        return []
    here = AuditEntry.place_id.in_(scope.places)
    return [or_(here, AuditEntry.place_id.is_(None)) if scope.of_no_place else here]


def _newest(count: int, *conditions: ColumnElement[bool]) -> "Select[int]":
    return select(AuditEntry.id).where(*conditions).order_by(AuditEntry.id.desc()).limit(count)
