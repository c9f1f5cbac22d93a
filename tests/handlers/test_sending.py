"""What is said is written in order; what can go at once is the writing process's own from the beginning."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers import sending
from handlers.priority import ANSWER, NOTICE, WARNING
from storage.engine import Store
from storage.message_models import BESIDE, CardMessage, Outgoing

NOW = datetime(2026, 9, 30, 8, tzinfo=UTC)
LEASE = NOW + timedelta(seconds=60)


def row(chat: str, said: str, **told: Any) -> dict[str, Any]:
    """Return a row as a desk makes it."""
    usual: dict[str, Any] = dict.fromkeys(
        ("person_id", "case_id", "card", "error", "expires_at", "broadcast_id", "answers", "said", "matters")
    )
    usual |= {"channel": "x", "chat": chat, "lane": 0, "payload": {"said": said}, "priority": ANSWER, "attempts": 0}
    return {**usual, "created_at": NOW, "not_before": NOW, "state": "pending", **told}


async def written(store: Store, rows: list[dict[str, Any]], lease: datetime | None = LEASE) -> tuple[set[str], str]:
    """Return what is leased by its rows in the database, as it is told, and everything in the order of the rows."""

    def work(session: Session) -> tuple[list[sending.Leased], list[Outgoing]]:
        told = sending.write(session, rows, lease)
        return told, list(session.scalars(select(Outgoing).order_by(Outgoing.id)))

    told, found = await store.write(work)
    leased = {each.id: each.payload["said"] for each in found if each.claimed_until == LEASE}
    assert {each.id: each.row["payload"]["said"] for each in told} == leased
    assert all(each.claimed_until is None for each in found if each.id not in leased)
    return set(leased.values()), "".join(each.payload["said"] for each in found)


async def test_the_first_of_each_chat_is_leased_and_what_goes_beside(store: Store) -> None:
    rows = [row("1", "a"), row("1", "b"), row("1", "c", lane=BESIDE), row("2", "d", priority=NOTICE)]
    assert await written(store, rows) == ({"a", "c", "d"}, "abcd")


async def test_nothing_overtakes_what_waits_in_its_chat(store: Store) -> None:
    await written(store, [row("1", "a")], None)
    assert await written(store, [row("1", "b"), row("1", "c", lane=BESIDE), row("2", "d")]) == ({"c", "d"}, "abcd")


async def test_what_has_to_wait_is_left_to_the_outbox(store: Store) -> None:
    rows = [
        row("1", "a", payload={"said": "a", "attachments": [1]}),
        row("1", "b"),  # behind it
        row("2", "c", not_before=NOW + timedelta(seconds=4), answers="key"),
        row("3", "d", priority=WARNING),
        row("4", "e", state="not_reached", error="no channel"),
        row("5", "f", answers="key"),
        row("6", "g"),
    ]
    assert await written(store, rows) == ({"g"}, "abcdefg")


async def test_it_knows_which_message_shows_its_card(store: Store) -> None:
    def work(session: Session) -> list[str | None]:
        session.add(CardMessage(channel="x", chat="1", card="case:1", message="77"))
        rows = [row("1", "a", card="case:1"), row("2", "b", card="case:1"), row("3", "c")]
        return [each.message for each in sending.write(session, rows, LEASE)]

    assert await store.write(work) == ["77", None, None]
