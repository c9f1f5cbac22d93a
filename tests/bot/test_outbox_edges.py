"""The outbox where things cross: what is no longer true, emergencies behind a poisoned row, leases that ran out."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, insert, select, update

from bot import outrows
from bot.channels.base import Delivery, Outcome
from bot.clock import Clock
from bot.delivering import MOST_FAILURES
from bot.in_hand import AT_ONCE
from bot.outbox import Outbox
from bot.outrows import NOTICES, WARNINGS
from handlers.priority import ANSWER, NOTICE, WARNING
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
        clock.move(timedelta(minutes=2))
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
    urgent = [{**row("fire", earlier, priority=0), "chat": "uncle"}, {**row("flood", earlier, WARNING), "chat": "son"}]
    await put(store, row("reminder", earlier), *urgent)
    outbox = Outbox(store, {"post": post}, clock, rest=lambda moment: max(moment, now + timedelta(hours=6)))
    await outbox.send_due()
    assert await states(store) == ["pending", "sent", "sent"]
    clock.move(timedelta(hours=6, minutes=1))
    await outbox.send_due()
    assert await states(store) == ["sent", "sent", "sent"]


async def test_nobody_waits_for_a_warning_and_it_waits_for_nobody_but_its_like(store: Store) -> None:
    clock, post = Clock(), Poisoned()
    now = clock.now()
    await put(store, row("poison", now), row("flood, part 1", now, WARNING), row("flood, part 2", now, WARNING),
              row("answer", now, ANSWER))  # fmt: skip
    outbox = Outbox(store, {"post": post}, clock)
    claimed = await store.write(lambda session: outrows.claim(session, ["post"], now, warnings=0))
    assert [each.delivery.payload["text"] for each in claimed] == ["poison"]  # one at a time in a chat
    await store.write(outrows.release_all)
    for _ in range(4):
        await outbox.send_due()
    assert [delivery.payload["text"] for delivery in post.sent] == ["flood, part 1", "flood, part 2"]
    assert await states(store) == ["pending", "sent", "sent", "pending"]


async def test_an_answer_overtakes_the_warning_of_its_chat(store: Store) -> None:
    clock, post = Clock(), Post()
    now = clock.now()
    await put(store, row("flood", now, WARNING), row("answer", now, ANSWER))
    outbox = Outbox(store, {"post": post}, clock)
    await outbox.send_due()
    await outbox.send_due()
    assert [delivery.payload["text"] for delivery in post.sent] == ["answer", "flood"]


async def test_warnings_and_notices_in_any_number_leave_room_for_an_answer_and_for_each_other(store: Store) -> None:
    clock = Clock()
    now = clock.now()
    rows = [{**row(f"{n}", now, priority), "chat": f"chat{n}-{priority}"} for n in range(300) for priority in (4, 5)]
    await put(store, *rows, {**row("answer", now, ANSWER), "chat": "aunt"})
    outbox = Outbox(store, {"post": Post()}, clock)
    await outbox.send_due()
    found = select(Outgoing.priority, func.count()).where(Outgoing.state == "sent").group_by(Outgoing.priority)
    sent = dict(await store.read(lambda session: session.execute(found).all()))
    assert sent == {ANSWER: 1, WARNING: AT_ONCE[WARNINGS], NOTICE: AT_ONCE[NOTICES]}
