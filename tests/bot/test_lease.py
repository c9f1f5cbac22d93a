"""What one process of several does at a time: handed on when it stops, taken over when it dies, never done by two."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import text

from bot import lease
from bot.lease import Lease
from storage.engine import Store

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
PATIENCE = 20.0


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "LOOK_SECONDS", 0.02)
    monkeypatch.setattr(lease, "RENEW_SECONDS", 0.05)


class Desk:
    """One process: it notes when it is at work."""

    def __init__(self, store: Store, at_work: list["Desk"]) -> None:
        self.lease = Lease(store, "polling")
        self._at_work = at_work
        self.begun = asyncio.Event()
        self.ended = asyncio.Event()

    async def work(self) -> None:
        self._at_work.append(self)
        assert self._at_work == [self]
        self.begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            self._at_work.remove(self)
            self.ended.set()


@asynccontextmanager
async def running(desk: Desk) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(desk.lease.hold(desk.work))
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def time_passes(store: Store) -> None:
    """Let the lease run out."""
    await store.write(lambda session: session.execute(text("UPDATE lease SET until = until - interval '1 hour'")))


async def test_one_works_and_hands_it_on_at_once_when_it_stops(store: Store) -> None:
    at_work: list[Desk] = []
    first, second = Desk(store, at_work), Desk(store, at_work)
    async with asyncio.timeout(PATIENCE):
        async with running(first):
            await first.begun.wait()
            async with running(second):
                await asyncio.sleep(0.2)
                assert at_work == [first]
                assert (await first.lease.sure(), await second.lease.sure()) == (True, False)
        async with running(second):
            await first.lease.give_up()
            await second.begun.wait()


async def test_another_takes_over_from_one_that_died(store: Store) -> None:
    at_work: list[Desk] = []
    first, second = Desk(store, at_work), Desk(store, at_work)
    async with asyncio.timeout(PATIENCE):
        async with running(first):
            await first.begun.wait()
        async with running(second):  # `first` was torn away without a word
            await asyncio.sleep(0.2)
            assert not second.begun.is_set()
            await time_passes(store)
            await second.begun.wait()


async def test_one_that_slept_notices_before_it_goes_on(store: Store) -> None:
    at_work: list[Desk] = []
    first, second = Desk(store, at_work), Desk(store, at_work)
    async with asyncio.timeout(PATIENCE), running(first):
        await first.begun.wait()
        await time_passes(store)  # while it slept; nobody has taken it, and still it may not go on unasked
        assert not await first.lease.sure()
        await first.ended.wait()
        async with running(second):
            await asyncio.sleep(0.2)
            assert len(at_work) == 1


async def test_one_that_the_database_does_not_answer_stops_in_time(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    monkeypatch.setattr(lease, "LEASE_SECONDS", 0.5)
    first = Desk(store, [])
    async with asyncio.timeout(PATIENCE), running(first):
        await first.begun.wait()
        await store.write(lambda session: session.execute(text("ALTER TABLE lease RENAME TO gone")))
        await first.ended.wait()
        assert not await first.lease.sure()


async def test_who_has_no_luck_lets_another_try(store: Store) -> None:
    tries: list[str] = []
    both = asyncio.Event()

    def work(name: str) -> lease.Work:
        async def ends() -> None:
            tries.append(name)
            if len(set(tries)) == 2:
                both.set()

        return ends

    first, second = Lease(store, "polling"), Lease(store, "polling")
    tasks = [asyncio.create_task(first.hold(work("first"))), asyncio.create_task(second.hold(work("second")))]
    try:
        async with asyncio.timeout(PATIENCE):
            await both.wait()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
