"""What runs all the time finds its rows by an index, however many there are: a query that loses it fails here."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Select, insert, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bot import outrows
from bot.scheduler import due_cases
from cases import broadcast_figures, hands, retention
from handlers import mycases
from handlers.admin import warn_copies
from storage.engine import Store
from storage.message_models import Attachment, Outgoing
from storage.models import (
    HAS_WORDS,
    IS_UNDER_WAY,
    IS_WISH,
    Case,
    Claim,
    CoHandler,
    Follower,
    HistoryEntry,
    Person,
    Rating,
)
from storage.privacy_models import Erasure, GoneFile
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


ANSWERS, WARNINGS, NOTICES = (outrows.due_rows(["plain"], rank).params(now=NOW, room=60) for rank in range(3))


@pytest.mark.parametrize(
    ("statement", "index"),
    [
        (due_cases(NOW), "ix_case_look"),
        (ANSWERS, "ix_outgoing_next"),
        (WARNINGS, "ix_outgoing_next"),
        (NOTICES, "ix_outgoing_next"),
    ],
    ids=["cases that are due", "answers to send", "warnings to send", "notices to send"],
)
async def test_it_uses_its_index(store: Store, statement: Select[Any], index: str) -> None:
    await open_estate(store)
    await store.write(fill)
    if store.url.get_backend_name() == "postgresql":
        await store.write(lambda session: session.execute(text("ANALYZE")))
    assert index in await store.read(lambda session: plan(session, statement))


@pytest.mark.parametrize("statement", [ANSWERS, WARNINGS, NOTICES], ids=["answers", "warnings", "notices"])
async def test_what_goes_before_in_a_chat_is_looked_up_and_not_searched(store: Store, statement: Select[Any]) -> None:
    if store.url.get_backend_name() == "postgresql":
        pytest.skip("PostgreSQL chooses by the numbers of rows")
    found = await store.read(lambda session: plan(session, statement))
    assert "ix_outgoing_lane" in found
    assert "SCAN other" not in found


@pytest.mark.parametrize(
    ("statement", "index"),
    [
        (warn_copies.waiting(1), "ix_outgoing_next"),
        (broadcast_figures.counted(1), "COVERING INDEX ix_outgoing_broadcast"),
        (select(Case.id).where(IS_UNDER_WAY, Case.resolve_by <= NOW).order_by(Case.resolve_by), "ix_case_due"),
        (select(Case.id).where(IS_UNDER_WAY, Case.reporter_id == 1), "ix_case_reporter"),
        (select(Case.id).where(IS_WISH, Case.state == "pool").order_by(Case.id.desc()).limit(5), "ix_case_wish"),
    ],
    ids=["copies that wait", "people warned", "late", "a resident's open ones", "open wishes"],
)
async def test_conditions_of_partial_indexes_are_seen(store: Store, statement: Select[Any], index: str) -> None:
    if store.url.get_backend_name() == "postgresql":
        pytest.skip("PostgreSQL chooses by the numbers of rows")
    assert index in await store.read(lambda session: plan(session, statement))


def fill_beside(session: Session) -> int:
    """Write who claims, helps with and follows the cases: one person three of each; return that person."""
    most, few = session.scalars(select(Person.id).order_by(Person.id).limit(2)).all()
    numbers = session.scalars(select(Case.id).order_by(Case.id)).all()
    theirs = [(number, few if at % (MANY // 3) == 0 else most) for at, number in enumerate(numbers)]
    rows = [{"case_id": number, "person_id": person, "at": NOW} for number, person in theirs]
    session.execute(insert(Claim), [{**row, "note": ""} for row in rows])
    session.execute(insert(CoHandler), [{**row, "added_by": most} for row in rows])
    session.execute(insert(Follower), rows)
    return few


@pytest.mark.parametrize(
    ("statement", "indexes"),
    [
        (hands.in_hand, ("ix_case_steward", "ix_claim_person", "ix_co_handler_person")),
        (hands.load, ("ix_case_steward", "ix_claim_person")),
        (lambda person: hands.shared([person], Claim), ("ix_claim_person",)),
        (lambda person: hands.shared([person], CoHandler), ("ix_co_handler_person",)),
        (mycases.followed, ("ix_follower_person",)),
    ],
    ids=["tasks", "how many in hand", "joint claims", "co-handling", "followed"],
)
async def test_what_somebody_has_beside_others_is_found_by_the_person(
    store: Store, statement: Callable[[int], Select[Any]], indexes: tuple[str, ...]
) -> None:  # fmt: skip
    await open_estate(store)
    await store.write(fill)
    person = await store.write(fill_beside)
    if store.url.get_backend_name() == "postgresql":
        await store.write(lambda session: session.execute(text("ANALYZE")))
    found = await store.read(lambda session: plan(session, statement(person)))
    assert [index for index in indexes if index not in found] == [], found
    assert not re.search(r"SCAN (case_|claim|co_handler|follower)|Seq Scan", found), found


OVER = datetime(2025, 10, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("statement", "index"),
    [
        (retention.due_cases(OVER), "ix_case_keep (changed_at<?)"),
        (retention.due_files(OVER), "ix_attachment_kept (created_at<?)"),
        (retention.due_sheets(OVER), "ix_attachment_made (created_at<?)"),
        (retention.due_keys(OVER), "ix_inbox_received_at (received_at<?)"),
        (select(HistoryEntry.id).where(HistoryEntry.actor_id == 1, HAS_WORDS), "ix_history_words (actor_id=?)"),
        (select(Attachment.id).where(Attachment.person_id == 1), "ix_attachment_person (person_id=?)"),
        (select(Rating.id).where(Rating.person_id == 1), "ix_rating_person (person_id=?)"),
        (select(Erasure.id).where(text("erasure.done_at IS NULL"), Erasure.look_at <= NOW), "ix_erasure_look"),
        (select(GoneFile.id).where(GoneFile.due_at <= NOW), "ix_gone_file_due"),
    ],
    ids=["cases over", "files", "sheets", "updates", "words", "files sent", "ratings", "erasures", "files gone"],
)
async def test_what_is_to_be_removed_is_found_by_an_index(store: Store, statement: Select[Any], index: str) -> None:
    if store.url.get_backend_name() == "postgresql":
        pytest.skip("PostgreSQL chooses by the numbers of rows")
    assert index in await store.read(lambda session: plan(session, statement))


async def test_old_cases_are_found_by_their_index_on_postgresql_too(store: Store) -> None:
    await open_estate(store)
    await store.write(fill)
    over = {"state": "closed", "look_at": None, "changed_at": OVER - timedelta(days=1)}
    few = select(Case.id).where(Case.id % 100 == 0).scalar_subquery()
    await store.write(lambda session: session.execute(update(Case).where(Case.id.in_(few)).values(**over)))
    if store.url.get_backend_name() == "postgresql":
        await store.write(lambda session: session.execute(text("ANALYZE")))
    assert "ix_case_keep" in await store.read(lambda session: plan(session, retention.due_cases(OVER)))
