"""What runs all the time finds its rows by an index, however many there are: a query that loses it fails here."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Select, insert, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bot import outrows
from bot.scheduler import due_cases
from storage.engine import Store
from storage.models import Case, Outgoing
from tests.cast import open_estate

NOW = datetime(2026, 10, 8, 2, tzinfo=UTC)
MANY = 3000


def fill(session: Session) -> None:
    """Write cases of which one in a hundred is due, and as many rows that wait to be sent."""
    place = session.scalar(text("SELECT min(id) FROM place"))
    person = session.scalar(text("SELECT min(id) FROM person"))
    session.execute(insert(Case), [_case(number, place, person) for number in range(MANY)])
    session.execute(insert(Outgoing), [_row(number) for number in range(MANY)])


def _case(number: int, place: int | None, person: int | None) -> dict[str, Any]:
    return {
        "draft": f"d{number}", "kind": "issue", "category": "lights", "state": "working", "place_id": place,
        "place_detail": "", "words": "路灯坏了", "emergency": False, "reporter_id": person, "reporter_channel": "plain",
        "reporter_chat": "x", "steward_id": person, "answerable_id": person, "returns": 0, "reopened": 0,
        "accept_by": NOW, "resolve_by": NOW, "created_at": NOW, "changed_at": NOW, "look_kind": "resolve",
        "look_at": NOW + timedelta(hours=number % 100),
    }  # fmt: skip


def _row(number: int) -> dict[str, Any]:
    return {
        "channel": "plain", "chat": f"c{number}", "payload": {}, "created_at": NOW, "not_before": NOW, "attempts": 0,
        "lane": 0, "priority": 5, "state": "pending",
    }  # fmt: skip


def plan(session: Session, statement: Select[Any]) -> str:
    """Return how the database would answer."""
    bind = session.get_bind()
    dialect = sqlite.dialect() if bind.dialect.name == "sqlite" else postgresql.dialect()  # type: ignore[no-untyped-call]
    sql = str(statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True, "render_postcompile": True}))
    explain = "EXPLAIN QUERY PLAN " if bind.dialect.name == "sqlite" else "EXPLAIN "
    return "\n".join(str(row) for row in session.connection().exec_driver_sql(explain + sql.replace("%", "%%")))


@pytest.mark.parametrize(
    ("statement", "index"),
    [
        (due_cases(NOW), "ix_case_look"),
        (outrows.due_rows(["plain"], NOW).where(Outgoing.priority < 5).limit(100), "ix_outgoing_next"),
        (outrows.due_rows(["plain"], NOW).where(Outgoing.priority >= 5).limit(30), "ix_outgoing_next"),
    ],
    ids=["cases that are due", "answers to send", "notices to send"],
)
async def test_it_uses_its_index(store: Store, statement: Select[Any], index: str) -> None:
    await open_estate(store)
    await store.write(fill)
    if store.url.get_backend_name() == "postgresql":
        await store.write(lambda session: session.execute(text("ANALYZE")))
    found = await store.read(lambda session: plan(session, statement))
    assert index in found
