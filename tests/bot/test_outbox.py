"""The outbox: order per chat, leases, retries, and what a refusal leads to."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select
from starlette.routing import BaseRoute

from bot.channels.base import Accept, Delivered, Delivery, Later, Moved, Outcome, Pace, Refused
from bot.clock import Clock
from bot.outbox import Outbox
from bot.outrows import LEASE, claim
from handlers.message import Planner
from storage.engine import Store
from storage.message_models import CardMessage, Outgoing
from tests.cast import PlainPlanner


@dataclass
class Post:
    """A channel that writes down what it was given and answers with what it was told to."""

    name: str = "post"
    planner: Planner = field(default_factory=PlainPlanner)
    pace: Pace = field(default_factory=Pace)
    answers: list[Outcome] = field(default_factory=list)
    sent: list[Delivery] = field(default_factory=list)

    async def start(self, accept: Accept) -> None:
        """Nothing to start."""

    async def stop(self) -> None:
        """Nothing to stop."""

    async def deliver(self, delivery: Delivery) -> Outcome:
        self.sent.append(delivery)
        return self.answers.pop(0) if self.answers else Delivered(f"m{delivery.id}")

    def is_group(self, chat: str) -> bool:
        return False

    async def fetch(self, remote: str, limit: int) -> bytes:
        return b""

    def routes(self) -> list[BaseRoute]:
        return []


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def outbox(store: Store, post: Post, clock: Clock) -> Outbox:
    return Outbox(store, {"post": post}, clock)


async def put(store: Store, clock: Clock, *rows: tuple[str, str], **more: Any) -> None:
    now = clock.now()
    values: Sequence[dict[str, Any]] = [
        {"channel": "post", "chat": chat, "payload": {"text": text}, "created_at": now, "not_before": now,
         "lane": 0, "priority": 5, "state": "pending", **more}
        for chat, text in rows
    ]  # fmt: skip
    await store.write(lambda session: session.execute(insert(Outgoing), values))


async def states(store: Store) -> list[str]:
    return list(await store.read(lambda session: session.scalars(select(Outgoing.state).order_by(Outgoing.id)).all()))


async def drain(outbox: Outbox) -> None:
    while await outbox.send_due():
        pass


def texts(post: Post) -> list[str]:
    return [delivery.payload["text"] for delivery in post.sent]


async def test_a_chat_reads_in_order(store: Store, outbox: Outbox, post: Post, clock: Clock) -> None:
    await put(store, clock, ("a", "1"), ("a", "2"), ("b", "x"), ("a", "3"))
    await drain(outbox)
    assert [text for text in texts(post) if text != "x"] == ["1", "2", "3"]
    assert await states(store) == ["sent"] * 4


async def test_a_passing_trouble_holds_the_chat_back_and_is_tried_again(
    store: Store, outbox: Outbox, post: Post, clock: Clock
) -> None:  # fmt: skip
    post.answers = [Later("flood", 30)]
    await put(store, clock, ("a", "1"), ("a", "2"))
    await drain(outbox)
    assert texts(post) == ["1"]
    clock.move(timedelta(seconds=31))
    await drain(outbox)
    assert texts(post) == ["1", "1", "2"]


async def test_a_refusal_is_final_and_the_rest_goes_on(
    store: Store, outbox: Outbox, post: Post, clock: Clock
) -> None:  # fmt: skip
    post.answers = [Refused("blocked", gone=True)]
    await put(store, clock, ("a", "1"), ("b", "2"))
    await drain(outbox)
    assert sorted(await states(store)) == ["not_reached", "sent"]


async def test_a_moved_group_is_followed(store: Store, outbox: Outbox, post: Post, clock: Clock) -> None:
    post.answers = [Moved("new")]
    await put(store, clock, ("old", "1"))
    await drain(outbox)
    assert [delivery.chat for delivery in post.sent] == ["old", "new"]


async def test_a_card_is_found_again(store: Store, outbox: Outbox, post: Post, clock: Clock) -> None:
    await put(store, clock, ("a", "card"), card="task:1")
    await put(store, clock, ("a", "edit"), card="task:1")
    await drain(outbox)
    assert post.sent[1].message == f"m{post.sent[0].id}"
    assert await store.read(lambda session: len(session.scalars(select(CardMessage)).all())) == 1


async def test_a_claimed_row_is_due_again_after_its_lease(store: Store, clock: Clock) -> None:
    """A process that died after claiming must not keep the message for ever, and meanwhile nobody else sends it."""
    await put(store, clock, ("a", "1"))
    now = clock.now()
    assert len(await store.write(lambda session: claim(session, ["post"], now))) == 1
    assert await store.write(lambda session: claim(session, ["post"], now)) == []
    assert len(await store.write(lambda session: claim(session, ["post"], now + LEASE))) == 1


async def test_a_call_that_takes_long_keeps_its_row(store: Store, clock: Clock) -> None:
    """A large photo over a slow line: no other process sends it as well."""
    post = Slow()
    outbox = Outbox(store, {"post": post}, clock)
    await put(store, clock, ("a", "1"))
    sending = asyncio.create_task(outbox.send_due())
    async with asyncio.timeout(10):
        await post.begun.wait()
    for _ in range(4):
        clock.move(LEASE * 0.7)
        await outbox._keep_leases()
    now = clock.now()
    assert await store.write(lambda session: claim(session, ["post"], now)) == []
    await asyncio.gather(sending, post.let_go())
    assert await states(store) == ["sent"]


async def test_a_bug_in_a_channel_loses_nothing(store: Store, clock: Clock) -> None:
    class Broken(Post):
        async def deliver(self, delivery: Delivery) -> Outcome:
            raise KeyError("oops")

    await put(store, clock, ("a", "1"))
    await Outbox(store, {"post": Broken()}, clock).send_due()
    assert await states(store) == ["pending"]


async def test_an_emergency_goes_first(store: Store, outbox: Outbox, post: Post, clock: Clock) -> None:
    await put(store, clock, ("a", "later"))
    await put(store, clock, ("b", "now"), priority=0)
    await outbox.send_due()
    assert texts(post) == ["now", "later"]


async def test_thousands_of_tries_later_it_is_given_up(store: Store, outbox: Outbox, post: Post, clock: Clock) -> None:
    await put(store, clock, ("a", "1"), attempts=2000)
    post.answers = [Later("down")]
    await outbox.send_due()
    assert await states(store) == ["pending"]
    clock.move(timedelta(days=3))
    post.answers = [Later("down")]
    await outbox.send_due()
    assert await states(store) == ["not_reached"]


async def test_a_stop_sends_what_has_begun_and_gives_back_the_rest(store: Store, clock: Clock) -> None:
    """After a graceful stop the next start neither repeats anything nor waits for a lease."""
    post = Slow(pace=Pace(chat_seconds=30))
    outbox = Outbox(store, {"post": post}, clock)
    running = asyncio.create_task(outbox.run())
    await put(store, clock, ("a", "1"), ("a", "2"))
    outbox.ring()
    async with asyncio.timeout(5):
        await post.begun.wait()
    await asyncio.gather(outbox.stop(), post.let_go())
    await running
    assert await states(store) == ["sent", "pending"]
    now = clock.now()
    assert len(await store.write(lambda session: claim(session, ["post"], now))) == 1


@dataclass
class Slow(Post):
    """Takes its time until it is let go."""

    begun: asyncio.Event = field(default_factory=asyncio.Event)
    free: asyncio.Event = field(default_factory=asyncio.Event)

    async def deliver(self, delivery: Delivery) -> Outcome:
        self.begun.set()
        await self.free.wait()
        return await super().deliver(delivery)

    async def let_go(self) -> None:
        await asyncio.sleep(0.1)
        self.free.set()
