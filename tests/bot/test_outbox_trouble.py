"""The outbox over a database that takes nothing for a while, and a clock that is set back."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from bot import booking as booking_module
from bot import outbox as outbox_module
from bot.channels.base import Delivery, Outcome
from bot.clock import Clock
from bot.outbox import Outbox
from bot.outrows import LEASE
from storage import faults
from storage.engine import Store
from storage.message_models import Outgoing
from tests.bot.test_outbox import Post, put, states, texts


@dataclass
class Slow(Post):
    """Waits with its answer until it may give it."""

    begun: asyncio.Event = field(default_factory=asyncio.Event)
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    async def deliver(self, delivery: Delivery) -> Outcome:
        self.begun.set()
        await self.gate.wait()
        return await super().deliver(delivery)


@asynccontextmanager
async def running(outbox: Outbox) -> AsyncIterator["asyncio.Task[None]"]:
    working = asyncio.create_task(outbox.run())
    try:
        async with asyncio.timeout(60):
            yield working
    finally:
        await outbox.stop()
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_database_that_takes_nothing_is_waited_for_and_what_was_sent_is_not_sent_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    """Nothing can be written (here: another has the lock) while a message is on its way: it is marked when it can."""
    for module in (booking_module, outbox_module):
        monkeypatch.setattr(module, "AFTER_TROUBLE", 0.05)
    slow, clock = Slow(), Clock()
    await put(store, clock, ("a", "1"), ("a", "2"))
    async with running(Outbox(store, {"post": slow}, clock)) as working:
        await slow.begun.wait()
        await store.write(lambda session: session.execute(text("PRAGMA busy_timeout=20")).scalar())
        other = sqlite3.connect(store.url.database or "", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        slow.gate.set()
        while not slow.sent:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        await asyncio.sleep(0.3)  # some tries
        assert await states(store) == ["pending", "pending"]
        assert not working.done()
        other.execute("ROLLBACK")
        other.close()
        while await states(store) != ["sent", "sent"]:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        assert not working.done()
    assert texts(slow) == ["1", "2"]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_lost_lines_are_waited_for_and_what_was_sent_is_not_sent_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    """The server drops every connection while a message is on its way; it is marked over a new one, once."""
    for module in (booking_module, outbox_module):
        monkeypatch.setattr(module, "AFTER_TROUBLE", 0.05)
    slow, clock = Slow(), Clock()
    await put(store, clock, ("a", "1"), ("a", "2"))
    async with running(Outbox(store, {"post": slow}, clock)) as working:
        await slow.begun.wait()
        others = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
                      "AND datname = current_database()")  # fmt: skip
        for _ in range(3):
            await store.read(lambda session: session.execute(others).all())
        slow.gate.set()
        while await states(store) != ["sent", "sent"]:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        assert not working.done()
    assert texts(slow) == ["1", "2"]


@pytest.mark.parametrize("restarted", [False, True], ids=["running", "restarted"])
async def test_a_clock_that_is_set_back_holds_nothing_up(store: Store, restarted: bool) -> None:
    """It was an hour fast, which nobody saw; what was planned meanwhile goes out, what was to wait waits."""
    post, clock = Post(), Clock()
    outbox = Outbox(store, {"post": post}, clock)
    await put(store, clock, ("a", "before"))
    await outbox.send_due()
    await put(store, clock, ("a", "1"), ("b", "2"))
    await put(store, clock, ("c", "later"), not_before=clock.now() + timedelta(minutes=10))
    clock.move(timedelta(hours=-1))
    if restarted:
        outbox = Outbox(store, {"post": post}, clock)
    while await outbox.send_due():
        pass
    assert sorted(texts(post)) == ["1", "2", "before"]
    clock.move(timedelta(minutes=11))
    await outbox.send_due()
    assert texts(post)[-1] == "later"


async def test_a_lease_from_the_future_ends_in_time(store: Store) -> None:
    post, clock = Post(), Clock()
    await put(store, clock, ("a", "1"), claimed_until=clock.now() + timedelta(hours=1))
    outbox = Outbox(store, {"post": post}, clock)
    assert await outbox.send_due() == 0
    clock.move(LEASE + timedelta(seconds=1))
    assert await outbox.send_due() == 1


async def test_what_is_being_claimed_when_the_desk_stops_is_given_back(store: Store) -> None:
    """Else it would be leased to nobody for a minute, where other processes go on."""
    post, clock, claiming, goes_on = Post(), Clock(), threading.Event(), threading.Event()

    def stand_still(point: str) -> None:
        if point == "outbox.in_claim":
            claiming.set()
            goes_on.wait(60)

    await put(store, clock, ("a", "1"), ("b", "2"))
    outbox = Outbox(store, {"post": post}, clock)
    faults.arm(stand_still)
    try:
        working = asyncio.create_task(outbox.run())
        await asyncio.to_thread(claiming.wait, 60)
        stopping = asyncio.create_task(outbox.stop())
        await asyncio.sleep(0)
        goes_on.set()
        await stopping
    finally:
        goes_on.set()
        faults.arm(None)
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    pending = select(func.count()).select_from(Outgoing).where(Outgoing.state == "pending")
    held = pending.where(Outgoing.claimed_until.is_not(None))
    left, leased = await store.read(lambda session: (session.scalar(pending), session.scalar(held)))
    assert (left, leased) == (2 - len(post.sent), 0)  # what had begun is sent, the others are given back
