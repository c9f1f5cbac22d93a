"""History and audit are append-only: the database itself refuses, all but emptying the words of the forgotten."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import DBAPIError

from cases.anonymising import NOBODY
from storage.admin_models import AuditEntry
from storage.engine import Store
from storage.models import HistoryEntry, Person
from tests.cast import open_estate

Kept = type[HistoryEntry] | type[AuditEntry]
TABLES = [HistoryEntry, AuditEntry]


@pytest.fixture(params=TABLES, ids=["history", "audit"])
async def kept(request: pytest.FixtureRequest, store: Store) -> Kept:
    """A table with one entry."""
    estate = await open_estate(store)
    await estate.says("resident", "3号楼的电梯坏了")
    await estate.presses("resident", "提交")
    row = {"at": datetime(2026, 9, 30, tzinfo=UTC), "action": "export", "words": "for the street", "data": {}}
    await store.write(lambda session: session.execute(insert(AuditEntry).values(**row)))
    table: Kept = request.param
    return table


async def test_no_entry_can_be_changed_or_deleted(store: Store, kept: Kept) -> None:
    changes = [
        update(kept).values(action="other"),
        update(kept).values(words="other words"),
        update(kept).values(words="", action="other"),
        update(kept).values(words="", data={"a": 1}),
        update(kept).values(words="", actor_id=1),
        delete(kept),
    ]
    for change in changes:
        with pytest.raises(DBAPIError, match="append-only"):
            await store.write(lambda session, change=change: session.execute(change))  # type: ignore[misc]


async def test_the_words_of_the_forgotten_can_be_emptied(store: Store, kept: Kept) -> None:
    await store.write(lambda session: session.execute(update(kept).values(words="")))
    assert set(await store.read(lambda session: session.scalars(select(kept.words)).all())) == {""}


async def test_a_step_can_be_put_to_nobody_with_its_words_but_an_entry_of_the_audit_not(
    store: Store, kept: Kept
) -> None:  # fmt: skip
    nobody = {"key": NOBODY, "name": "", "home_detail": "", "created_at": datetime(2026, 9, 30, tzinfo=UTC)}
    await store.write(lambda session: session.execute(insert(Person).values(**nobody)))
    who = select(Person.id).where(Person.key == NOBODY).scalar_subquery()
    change = update(kept).values(words="", actor_id=who)
    if kept is AuditEntry:
        with pytest.raises(DBAPIError, match="append-only"):
            await store.write(lambda session: session.execute(change))
        return
    for refused in (update(kept).values(actor_id=who, action="other"), update(kept).values(actor_id=who, words="x")):
        with pytest.raises(DBAPIError, match="append-only"):
            await store.write(lambda session, refused=refused: session.execute(refused))  # type: ignore[misc]
    await store.write(lambda session: session.execute(change))
