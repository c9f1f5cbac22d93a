"""The audit is read by its indexes, however much there is of it."""

from datetime import UTC, datetime
from functools import partial

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from cases.audit import Scope, newest, queries
from cases.context import Context
from storage.admin_models import AuditEntry
from storage.engine import Store
from storage.models import Person, Place
from tests.bot.test_plans import plan
from tests.cast import open_estate

NOW = datetime(2026, 10, 8, 2, tzinfo=UTC)
ROWS = 3000
ONE_PLACE = Scope((5,), of_no_place=False, everything=False)
ROOT = Scope((1, 2, 3), of_no_place=True, everything=True)
ONE_OF_TWO_ROOTS = Scope(tuple(range(1, 121)), of_no_place=True, everything=False)


def fill(session: Session) -> None:
    """Write many entries at all places and none, by everybody about everybody."""
    places = [*session.scalars(select(Place.id)), None]
    people = session.scalars(select(Person.id)).all()
    session.execute(insert(AuditEntry), [
        {"at": NOW, "actor_id": people[number % len(people)], "action": "role.give", "words": "", "data": {},
         "place_id": places[number % len(places)], "person_id": people[number // 7 % len(people)]}
        for number in range(ROWS)
    ])  # fmt: skip


def plans(session: Session, scope: Scope) -> list[str]:
    """Return how the database would answer each question."""
    return [plan(session, one) for one in queries(scope, 9)]


@pytest.mark.parametrize(
    ("scope", "asked", "indexes"),
    [
        (ONE_PLACE, {}, ["ix_audit_place"]),
        (ONE_OF_TWO_ROOTS, {}, ["ix_audit_place"] * 4),
        (ONE_PLACE, {"case_id": 1042}, ["ix_audit_case"]),
        (ROOT, {"case_id": 1042}, ["ix_audit_case"]),
        (ONE_PLACE, {"person_id": 3}, ["ix_audit_actor", "ix_audit_person"]),
        (ROOT, {"person_id": 3}, ["ix_audit_actor", "ix_audit_person"]),
    ],
    ids=["a place", "many places", "a case", "a case, all", "a person", "a person, all"],
)
async def test_every_question_uses_its_index(
    store: Store, scope: Scope, asked: dict[str, int], indexes: list[str]
) -> None:
    if store.url.get_backend_name() == "postgresql":
        pytest.skip("PostgreSQL chooses by the numbers of rows")
    found = await store.read(lambda session: [plan(session, query) for query in queries(scope, 9, **asked)])
    assert [index in each for index, each in zip(indexes, found, strict=True)] == [True] * len(indexes)
    assert "TEMP B-TREE" not in "".join(found)  # nothing is sorted


async def test_all_of_it_is_read_from_its_end(store: Store) -> None:
    if store.url.get_backend_name() == "postgresql":
        pytest.skip("PostgreSQL chooses by the numbers of rows")
    (query,) = queries(ROOT, 9)
    found = await store.read(lambda session: plan(session, query))
    assert "TEMP B-TREE" not in found


async def test_on_postgresql_too(store: Store) -> None:
    if store.url.get_backend_name() != "postgresql":
        pytest.skip("SQLite is asked above")
    await open_estate(store)
    await store.write(fill)
    await store.write(lambda session: session.execute(text("ANALYZE")))
    for scope in (ONE_PLACE, ONE_OF_TWO_ROOTS):
        found = await store.read(partial(plans, scope=scope))
        assert all("ix_audit_place" in each or "audit_pkey" in each for each in found)
        assert "Seq Scan" not in "".join(found)


async def test_the_newest_come_first_wherever_they_belong(store: Store) -> None:
    estate = await open_estate(store)
    await store.write(fill)

    def read(session: Session, scope: Scope, **asked: int) -> list[int]:
        context = Context(session, NOW, estate.rules)
        return [entry.id for entry in newest(context, scope, 9, **asked)]

    everything = await store.read(lambda session: read(session, ROOT))
    assert everything == sorted(everything, reverse=True)
    assert everything[0] - everything[-1] == 8
    every_place = Scope(tuple(node.id for node in estate.rules.tree), of_no_place=True, everything=False)
    assert await store.read(lambda session: read(session, every_place)) == everything
    here = await store.read(lambda session: read(session, ONE_PLACE))
    theirs = select(AuditEntry.id).where(AuditEntry.place_id == 5).order_by(AuditEntry.id.desc()).limit(9)
    assert here == list(await store.read(lambda session: session.scalars(theirs).all()))
    about = await store.read(lambda session: read(session, ROOT, person_id=3))
    assert len(about) == 9
