"""The outbox where things cross: what is no longer true, emergencies behind a poisoned row, leases that ran out."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, update

from bot import outrows
from bot.channels.base import Delivery, Outcome
from bot.clock import Clock
from bot.outbox import MOST_FAILURES, Outbox
from storage.engine import Store
from storage.message_models import Outgoing
from tests.bot.test_outbox import Post


def row(text: str, now: datetime, priority: int = 5, expires: datetime | None = None) -> dict[str, Any]:
    return {
        "channel": "post", "chat": "aunt", "payload": {"text": text}, "created_at": now, "not_before": now,
        "attempts": 0, "lane": 0, "priority": priority, "state": "pending", "expires_at": expires,
    }  # fmt: skip


async def put(store: Store, *rows: dict[str, Any]) -> None:
    await store.write(lambda session: session.execute(insert(Outgoing), list(rows)))


async def states(store: Store) -> list[str]:
    found = select(Outgoing.state).order_by(Outgoing.id)
    return list(await store.read(lambda session: session.scalars(found).all()))


class Poisoned(Post):
    """Fails on some words."""

    async def deliver(self, delivery: Delivery) -> Outcome:
        if delivery.payload["text"] == "poison":
            raise KeyError("poison")
        return await super().deliver(delivery)


async def test_what_is_no_longer_true_is_dropped(store: Store) -> None:
    clock, post = Clock(), Post()
    now = clock.now()
    await put(store, row("soon due", now, expires=now - timedelta(seconds=1)), row("late", now))
    await Outbox(store, {"post": post}, clock).send_due()
    await Outbox(store, {"post": post}, clock).send_due()
    assert await states(store) == ["dropped", "sent"]


async def test_an_emergency_does_not_wait_behind_a_poisoned_row(store: Store) -> None:
    clock, post = Clock(), Poisoned()
    outbox = Outbox(store, {"post": post}, clock)
    await put(store, row("poison", clock.now()), row("fire", clock.now(), priority=0))
    await outbox.send_due()
    assert await states(store) == ["pending", "sent"]
    await put(store, row("news", clock.now()))
    for _ in range(MOST_FAILURES + 2):
        clock.move(timedelta(minutes=11))
        await outbox.send_due()
    assert await states(store) == ["not_reached", "sent", "sent"]


async def test_a_lease_that_another_has_taken_is_not_renewed(store: Store) -> None:
    clock = Clock()
    now = clock.now()
    await put(store, row("once", now))
    claimed = await store.write(lambda session: outrows.claim(session, ["post"], now))
    assert await store.write(lambda session: outrows.renew(session, claimed[0], now + timedelta(seconds=40)))
    taken = update(Outgoing).values(claimed_until=now + timedelta(minutes=5))
    await store.write(lambda session: session.execute(taken))
    assert not await store.write(lambda session: outrows.renew(session, claimed[0], now + timedelta(seconds=61)))


async def test_what_was_held_up_into_the_night_waits_for_the_morning_emergencies_apart(store: Store) -> None:
    clock, post = Clock(), Post()
    now = clock.now()
    earlier = now - timedelta(hours=3)
    await put(store, row("reminder", earlier), {**row("fire", earlier, priority=0), "chat": "uncle"})
    outbox = Outbox(store, {"post": post}, clock, rest=lambda moment: max(moment, now + timedelta(hours=6)))
    await outbox.send_due()
    assert await states(store) == ["pending", "sent"]
    clock.move(timedelta(hours=6, minutes=1))
    await outbox.send_due()
    assert await states(store) == ["sent", "sent"]
