"""What answers an update is the process's own from its row on: sent once, in order, and found again after a crash."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select

from bot import outrows
from bot.channels.base import Delivery, Later, Outcome
from bot.clock import Clock
from bot.in_hand import AT_ONCE
from bot.outbox import Outbox
from handlers import sending
from handlers.priority import ANSWER
from storage.engine import Store
from storage.message_models import Outgoing
from tests.bot.test_outbox import Post, states, texts


def alone(store: Store) -> bool:
    """Tell whether no other process can send."""
    return store.url.get_backend_name() == "sqlite"


@contextlib.asynccontextmanager
async def running(store: Store, post: Post, clock: Clock) -> AsyncIterator[Outbox]:
    """Run an outbox that has looked around."""
    outbox = Outbox(store, {"post": post}, clock)
    work = asyncio.create_task(outbox.run())
    async with asyncio.timeout(10):
        while outbox.last_round is None:  # noqa: ASYNC110 - no event for it
            await asyncio.sleep(0.01)
    yield outbox
    await outbox.stop()
    await work


async def say(store: Store, clock: Clock, outbox: Outbox, chat: str, *said: str) -> int:
    """Write rows as an update does, and hand over what is leased; return how much that was."""
    now = clock.now()
    usual: dict[str, Any] = dict.fromkeys(
        ("person_id", "case_id", "card", "error", "expires_at", "broadcast_id", "answers", "said", "matters")
    )
    usual |= {"channel": "post", "chat": chat, "lane": 0, "priority": ANSWER, "attempts": 0, "state": "pending"}
    rows = [{**usual, "created_at": now, "not_before": now, "payload": {"text": text}} for text in said]
    until = outbox.lease(now)
    leased = await store.write(lambda session: sending.write(session, rows, until))
    outbox.take([outrows.leased(each, until) for each in leased if until is not None])
    if len(leased) < len(rows):
        outbox.ring()
    return len(leased)


async def all_sent(store: Store, count: int) -> None:
    async with asyncio.timeout(10):
        while await states(store) != ["sent"] * count:  # noqa: ASYNC110 - no event for it
            await asyncio.sleep(0.01)


async def test_an_answer_is_sent_once_without_being_looked_for(store: Store) -> None:
    post, clock = Post(), Clock()
    async with running(store, post, clock) as outbox:
        assert await say(store, clock, outbox, "aunt", "1") == (1 if alone(store) else 0)
        await all_sent(store, 1)
    assert texts(post) == ["1"]


async def test_a_chat_reads_in_order(store: Store) -> None:
    post, clock = Post(), Clock()
    async with running(store, post, clock) as outbox:
        for number in range(20):
            await say(store, clock, outbox, "aunt", f"{number}a", f"{number}b")
        await all_sent(store, 40)
    assert texts(post) == [f"{number}{part}" for number in range(20) for part in "ab"]


async def test_before_the_outbox_has_looked_around_nothing_is_its_own(store: Store) -> None:
    """It first gives back what a former process had claimed, and would give these back as well."""
    assert Outbox(store, {"post": Post()}, Clock()).lease(Clock().now()) is None


async def test_what_a_crash_left_leased_is_sent_by_the_next_start(store: Store) -> None:
    post, clock = Post(), Clock()
    async with running(store, post, clock) as outbox:
        until = outbox.lease(clock.now())
    lost = Outbox(store, {"post": post}, clock)
    lost.take = lambda claimed: None  # type: ignore[method-assign]  # dies after the COMMIT
    lost.lease = lambda now: until  # type: ignore[method-assign]
    await say(store, clock, lost, "aunt", "1")
    async with running(store, post, clock):
        await all_sent(store, 1)
    assert texts(post) == ["1"]


@dataclass
class Held(Post):
    """Sends nothing until it is let go."""

    free: asyncio.Event = field(default_factory=asyncio.Event)

    async def deliver(self, delivery: Delivery) -> Outcome:
        await self.free.wait()
        return await super().deliver(delivery)


async def test_with_full_hands_the_rest_waits_in_its_rows_and_goes_out_later(store: Store) -> None:
    post, clock = Held(), Clock()
    many = AT_ONCE[0] + 20
    async with running(store, post, clock) as outbox:
        leased = [await say(store, clock, outbox, f"chat {number}", "1") for number in range(many)]
        if alone(store):
            assert leased == [1] * AT_ONCE[0] + [0] * 20
        claimed = select(func.count()).where(Outgoing.claimed_until.is_not(None))
        assert (await store.read(lambda session: session.scalar(claimed)) or 0) <= AT_ONCE[0]
        post.free.set()
        await all_sent(store, many)
    assert len(post.sent) == many


async def test_a_row_in_hand_is_passed_over_whatever_became_of_its_lease(store: Store) -> None:
    clock = Clock()
    outbox = Outbox(store, {"post": Post()}, clock)  # leases nothing: it does not run
    for chat in ("aunt", "uncle"):
        await say(store, clock, outbox, chat, chat)
    first, second = await store.read(lambda session: session.scalars(select(Outgoing.id).order_by(Outgoing.id)).all())
    claimed = await store.write(lambda session: outrows.claim(session, ["post"], clock.now(), 1, busy={first}))
    assert [each.delivery.id for each in claimed] == [second]


@dataclass
class Slow(Post):
    """Sends one at a time, when it is let."""

    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))

    async def deliver(self, delivery: Delivery) -> Outcome:
        await self.turns.acquire()
        return await super().deliver(delivery)


async def test_who_comes_later_does_not_go_before_who_waits_for_room(store: Store) -> None:
    post, clock = Slow(), Clock()
    most = AT_ONCE[0]
    async with running(store, post, clock) as outbox:
        for number in range(most + 20):
            await say(store, clock, outbox, f"chat {number}", "1")
        async with asyncio.timeout(20):
            while len(outbox._in_hand) < most:  # noqa: ASYNC110 - no event for it
                await asyncio.sleep(0.01)
            post.turns.release()
            while len(outbox._in_hand) == most:  # noqa: ASYNC110
                await asyncio.sleep(0)
        assert await say(store, clock, outbox, "late", "2") == 0
        for _ in range(most + 20):
            post.turns.release()
        await all_sent(store, most + 21)
        assert await say(store, clock, outbox, "later", "3") == (1 if alone(store) else 0)
        post.turns.release()
        await all_sent(store, most + 22)
    assert texts(post)[-2:] == ["2", "3"]


async def test_what_is_handed_over_while_it_stops_is_left_to_the_next_start(store: Store) -> None:
    post, clock = Held(), Clock()
    async with running(store, post, clock) as outbox:
        until = outbox.lease(clock.now())
        post.free.set()
    if until is not None:
        outbox.lease = lambda now: until  # type: ignore[method-assign]
    await say(store, clock, outbox, "aunt", "1")
    assert (texts(post), await states(store)) == ([], ["pending"])
    async with running(store, post, clock):
        await all_sent(store, 1)


async def test_while_a_platform_wants_silence_nothing_is_taken_in_hand_for_it(store: Store) -> None:
    """It would keep the places of all channels until then."""
    post, clock = Post(answers=[Later("too many", seconds=600, everyone=True)]), Clock()
    async with running(store, post, clock) as outbox:
        await say(store, clock, outbox, "aunt", "1")
        async with asyncio.timeout(10):
            while not outbox.pacers["post"].held:  # noqa: ASYNC110 - no event for it
                await asyncio.sleep(0.01)
        assert await say(store, clock, outbox, "uncle", "2") == 0
    assert await states(store) == ["pending", "pending"]
