"""Lists and sheets of cases are led by the index that was chosen for them, on SQLite: it has no statistics to go by."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from cases import broadcast_figures, finding, records, search
from cases.context import Actor, Context, Rules
from handlers.admin.filters import parse
from storage.engine import Store
from storage.models import Person
from tests.bot.test_plans import NOW, fill, plan
from tests.cast import open_estate


def plans_of(session: Session, work: Callable[[], Any], about: str = "FROM case_") -> list[str]:
    """Return how SQLite answered each question with these words that `work` asked, with the values it asked it with."""
    connection, asked = session.connection(), []

    def note(_c: Any, _u: Any, statement: str, values: Any, _x: Any, _m: bool) -> None:
        asked.append((statement, values))

    event.listen(connection, "before_cursor_execute", note)
    work()
    event.remove(connection, "before_cursor_execute", note)
    found = [(statement, values) for statement, values in asked if about in statement]
    explained = (connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {said}", values) for said, values in found)
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
    ("不予受理", EVERYWHERE, "ix_case_given_up (state=?"),
    ("不予受理 已撤回 本月 lift", EVERYWHERE, "ix_case_given_up (state=? AND created_at>? AND created_at<?)"),
    ("不予受理", IN_BUILDING, "ix_case_place (place_id=? AND state=?)"),
    ("emergency", EVERYWHERE, "SCAN case_ USING INDEX ix_case_emergency"),
    ("urgent 本月 lift", EVERYWHERE, "INDEX ix_case_urgent (created_at>? AND created_at<?)"),
    ("emergency", IN_BUILDING, "SCAN case_ USING INDEX ix_case_emergency"),
    ("words leak", EVERYWHERE, WALKED),
    ("本月", EVERYWHERE, "ix_case_created (created_at>? AND created_at<?)"),
    ("丰美小区", EVERYWHERE, WALKED),
    ("", IN_BUILDING, f"COVERING INDEX {SORTED_OUT}"),
    ("lift", IN_BUILDING, f"COVERING INDEX {SORTED_OUT}"),
    ("lift 本月", IN_BUILDING, f"COVERING INDEX {SORTED_OUT}"),
    ("已办结", IN_BUILDING, f"INDEX {SORTED_OUT}"),
    ("words leak", IN_BUILDING, f"INDEX {SORTED_OUT}"),
    ("late", IN_BUILDING, "ix_case_place (place_id=? AND state=?)"),
    ("unassigned lift", IN_BUILDING, "ix_case_place (place_id=? AND state=?)"),
]


async def test_lists_are_led_by_the_index_that_was_chosen(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    if store.url.get_backend_name() == "postgresql":
        pytest.skip("PostgreSQL chooses by the numbers of rows")
    estate = await open_estate(store)
    await store.write(fill)
    enough, others = finding.FEW, {}
    for words, (key, many), index in LOOKED_FOR:
        monkeypatch.setattr(finding, "FEW", -1 if many == "many" else enough)
        found = await store.read(partial(_explain, estate.rules, words, "fengmei-street" if key == "street" else key))
        if index not in found[-1] or any(line == "SCAN case_" for plan in found for line in plan.splitlines()):
            others[words, key] = found
    assert others == {}


def _explain(rules: Rules, words: str, key: str, session: Session) -> list[str]:
    node = rules.tree.by_key(key)
    assert node is not None
    asked = parse(words, rules, node.id, NOW.date()).asked
    roots = search.narrowed(rules.tree, (node.id,), asked.place_id)
    return plans_of(session, lambda: finding.find(Context(session, NOW, rules), Actor(1), asked, roots))


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


async def test_what_stands_beside_the_cases_of_a_sheet_is_found_by_the_case(store: Store) -> None:
    if store.url.get_backend_name() == "postgresql":
        pytest.skip("PostgreSQL chooses by the numbers of rows")
    estate = await open_estate(store)

    def explain(session: Session, table: str) -> str:
        context = Context(session, NOW, estate.rules)
        (found,) = plans_of(session, lambda: records.page(context, [], None), f"FROM {table}")
        return found

    await store.write(fill)
    assert "(case_id=?)" in await store.read(lambda session: explain(session, "rating"))
    assert "(case_id=?)" in await store.read(lambda session: explain(session, "follower"))


async def test_whom_a_warning_missed_is_found_among_its_own_copies(store: Store) -> None:
    if store.url.get_backend_name() == "postgresql":
        pytest.skip("PostgreSQL chooses by the numbers of rows")
    await open_estate(store)
    await store.write(fill)

    def explain(session: Session) -> list[str]:
        return plans_of(session, lambda: broadcast_figures.missed(session, 1, page=0, size=10), "FROM outgoing")

    asked = await store.read(explain)
    assert len(asked) == 2
    assert all("ix_outgoing_broadcast (broadcast_id=?" in each for each in asked)


async def test_names_are_found_by_their_beginning(store: Store) -> None:
    if store.url.get_backend_name() == "postgresql":
        pytest.skip("PostgreSQL chooses by the numbers of rows")
    estate = await open_estate(store)

    def explain(session: Session) -> str:
        context = Context(session, NOW, estate.rules)
        begins = select(Person.id).where(search.begins(context, "李"))
        return plan(session, begins)

    assert "ix_person_name (name>? AND name<?)" in await store.read(explain)
