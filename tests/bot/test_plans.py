"""What runs all the time finds its rows by an index, however many there are: a query that loses it fails here."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Select, event, insert, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bot import outrows
from bot.scheduler import due_cases
from cases import finding, records, search
from cases.context import Actor, Context
from handlers.admin.filters import parse
from storage.engine import Store
from storage.message_models import Outgoing
from storage.models import IS_UNDER_WAY, IS_WISH, Case, Person
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
    connection = session.connection()
    if connection.dialect.name == "sqlite":  # plans before it knows the values: they stay bound, as they are in earnest
        compiled = statement.compile(dialect=sqlite.dialect(), compile_kwargs={"render_postcompile": True})
        nothing = (None,) * len(compiled.positiontup or ())
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}", nothing)
    else:
        dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
        literal = {"literal_binds": True, "render_postcompile": True}
        sql = str(statement.compile(dialect=dialect, compile_kwargs=literal))
        rows = connection.exec_driver_sql("EXPLAIN " + sql.replace("%", "%%"))
    return "\n".join(str(row) for row in rows)


ANSWERS = outrows.due_rows(["plain"], NOW).where(Outgoing.priority < 5).limit(100)
NOTICES = outrows.due_rows(["plain"], NOW).where(Outgoing.priority >= 5).limit(30)


@pytest.mark.parametrize(
    ("statement", "index"),
    [(due_cases(NOW), "ix_case_look"), (ANSWERS, "ix_outgoing_next"), (NOTICES, "ix_outgoing_next")],
    ids=["cases that are due", "answers to send", "notices to send"],
)
async def test_it_uses_its_index(store: Store, statement: Select[Any], index: str) -> None:
    await open_estate(store)
    await store.write(fill)
    if store.url.get_backend_name() == "postgresql":
        await store.write(lambda session: session.execute(text("ANALYZE")))
    assert index in await store.read(lambda session: plan(session, statement))


@pytest.mark.parametrize("statement", [ANSWERS, NOTICES], ids=["answers", "notices"])
async def test_what_goes_before_in_a_chat_is_looked_up_and_not_searched(store: Store, statement: Select[Any]) -> None:
    if store.url.get_backend_name() == "postgresql":
        pytest.skip("PostgreSQL chooses by the numbers of rows")
    found = await store.read(lambda session: plan(session, statement))
    assert "ix_outgoing_lane" in found
    assert "SCAN other" not in found


@pytest.mark.parametrize(
    ("statement", "index"),
    [
        (select(Case.id).where(IS_UNDER_WAY, Case.resolve_by <= NOW).order_by(Case.resolve_by), "ix_case_due"),
        (select(Case.id).where(IS_UNDER_WAY, Case.reporter_id == 1), "ix_case_reporter"),
        (select(Case.id).where(IS_WISH, Case.state == "pool").order_by(Case.id.desc()).limit(5), "ix_case_wish"),
    ],
    ids=["late", "a resident's open ones", "open wishes"],
)
async def test_conditions_of_partial_indexes_are_seen(store: Store, statement: Select[Any], index: str) -> None:
    if store.url.get_backend_name() == "postgresql":
        pytest.skip("PostgreSQL chooses by the numbers of rows")
    assert index in await store.read(lambda session: plan(session, statement))


def plans_of(session: Session, work: Callable[[], Any]) -> list[str]:
    """Return how SQLite answered each question about cases that `work` asked, with the values it asked it with."""
    connection, asked = session.connection(), []

    def note(_c: Any, _u: Any, statement: str, values: Any, _x: Any, _m: bool) -> None:
        asked.append((statement, values))

    event.listen(connection, "before_cursor_execute", note)
    work()
    event.remove(connection, "before_cursor_execute", note)
    about_cases = [(statement, values) for statement, values in asked if "FROM case_" in statement]
    explained = (connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {said}", values) for said, values in about_cases)
    return ["\n".join(row[3] for row in rows) for rows in explained]


WALKED = "SCAN case_ USING INDEX ix_case_created"
SORTED_OUT = "ix_case_place_created (place_id=? AND created_at>? AND created_at<?)"
EVERYWHERE, IN_BUILDING = ("street", "many"), ("fengmei-3", "few")

LOOKED_FOR = [
    ("", EVERYWHERE, "COVERING INDEX ix_case_created"),
    ("late", EVERYWHERE, "ix_case_due (resolve_by<?)"),
    ("unassigned", EVERYWHERE, "ix_case_due (resolve_by<?)"),
    ("处理中", EVERYWHERE, "ix_case_due (resolve_by<?)"),
    ("mine", EVERYWHERE, "ix_case_steward (steward_id=? AND state=?)"),
    ("mine", IN_BUILDING, "ix_case_answerable (answerable_id=? AND state=?)"),
    ("lift", EVERYWHERE, WALKED),
    ("已办结", EVERYWHERE, WALKED),
    ("words leak", EVERYWHERE, WALKED),
    ("本月", EVERYWHERE, "ix_case_created (created_at>? AND created_at<?)"),
    ("丰美小区", EVERYWHERE, WALKED),
    ("", IN_BUILDING, f"COVERING INDEX {SORTED_OUT}"),
    ("lift", IN_BUILDING, f"COVERING INDEX {SORTED_OUT}"),
    ("lift 本月", IN_BUILDING, f"COVERING INDEX {SORTED_OUT}"),
    ("已办结", IN_BUILDING, f"INDEX {SORTED_OUT}"),
    ("words leak urgent", IN_BUILDING, f"INDEX {SORTED_OUT}"),
    ("late", IN_BUILDING, "ix_case_place (place_id=? AND state=?)"),
    ("unassigned lift", IN_BUILDING, "ix_case_place (place_id=? AND state=?)"),
]


@pytest.mark.parametrize(("words", "where", "index"), LOOKED_FOR)
async def test_lists_are_led_by_the_index_that_was_chosen(
    store: Store, monkeypatch: pytest.MonkeyPatch, words: str, where: tuple[str, str], index: str
) -> None:
    if store.url.get_backend_name() == "postgresql":
        pytest.skip("PostgreSQL chooses by the numbers of rows")
    estate = await open_estate(store)
    key, many = where
    monkeypatch.setattr(finding, "FEW", -1 if many == "many" else finding.FEW)
    node = estate.rules.tree.by_key("fengmei-street" if key == "street" else key)
    assert node is not None
    asked = parse(words, estate.rules, node.id, NOW.date()).asked
    roots = search.narrowed(estate.rules.tree, (node.id,), asked.place_id)

    def explain(session: Session) -> list[str]:
        context = Context(session, NOW, estate.rules)
        return plans_of(session, lambda: finding.find(context, Actor(1), asked, roots))

    await store.write(fill)
    found = await store.read(explain)
    assert index in found[-1]
    assert not any(line == "SCAN case_" for plan in found for line in plan.splitlines())


async def test_a_sheet_goes_on_where_the_page_before_ended(store: Store) -> None:
    if store.url.get_backend_name() == "postgresql":
        pytest.skip("PostgreSQL chooses by the numbers of rows")
    estate = await open_estate(store)
    node = estate.rules.tree.by_key("fengmei-3")
    assert node is not None

    def explain(session: Session, root: int) -> str:
        context = Context(session, NOW, estate.rules)
        conditions = finding.newest_first(context, Actor(1), search.Filter(), (root,))
        return plans_of(session, lambda: records.page(context, conditions, records.Mark(NOW, 5)))[0]

    street = next(place.id for place in estate.rules.tree if place.kind == "street")
    assert "ix_case_place_created (place_id=? AND created_at>? AND created_at<?)" in await store.read(
        lambda session: explain(session, node.id)
    )
    assert "ix_case_created (created_at<?)" in await store.read(lambda session: explain(session, street))


async def test_names_are_found_by_their_beginning(store: Store) -> None:
    if store.url.get_backend_name() == "postgresql":
        pytest.skip("PostgreSQL chooses by the numbers of rows")
    estate = await open_estate(store)

    def explain(session: Session) -> str:
        context = Context(session, NOW, estate.rules)
        begins = select(Person.id).where(search.begins(context, "李"))
        return plan(session, begins)

    assert "ix_person_name (name>? AND name<?)" in await store.read(explain)
