"""The store: commits, savepoints, readers, order."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import DBAPIError, StatementError
from sqlalchemy.orm import Session

from storage.engine import Store, open_store
from storage.message_models import InboxEntry
from storage.sqlite_store import SHARED_COMMIT

NOON = datetime(2026, 9, 30, 4, tzinfo=UTC)


def keep(key: str, *, fail: bool = False) -> Callable[[Session], str]:
    def work(session: Session) -> str:
        session.execute(insert(InboxEntry).values(channel="test", key=key, received_at=NOON))
        if fail:
            raise RuntimeError("no")
        return key

    return work


def count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(InboxEntry)) or 0


async def test_what_was_written_is_there_for_readers(store: Store) -> None:
    assert await store.write(keep("a")) == "a"
    assert await store.read(count) == 1


async def test_a_failing_update_takes_only_itself_back(store: Store) -> None:
    """Many share a commit; one that raises must not undo its neighbours nor be half there."""
    works = [store.write(keep(str(n), fail=n % 5 == 0)) for n in range(3 * SHARED_COMMIT)]
    outcomes = await asyncio.gather(*works, return_exceptions=True)
    failed = [outcome for outcome in outcomes if isinstance(outcome, RuntimeError)]
    assert await store.read(count) == len(outcomes) - len(failed)
    assert len(failed) == len(range(0, 3 * SHARED_COMMIT, 5))


async def test_a_failing_flush_takes_only_itself_back(store: Store) -> None:
    """An ORM flush that fails rolls its session back; that must be the update's own savepoint and no more."""

    def twice(session: Session) -> None:
        session.add(InboxEntry(channel="test", key="a", received_at=NOON))
        session.flush()

    outcomes = await asyncio.gather(
        store.write(keep("a")), store.write(twice), store.write(keep("b")), return_exceptions=True
    )
    failed = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    assert len(failed) == 1
    assert isinstance(failed[0], DBAPIError)
    assert await store.read(count) == 2


async def test_whoever_finds_nothing_hears_so_and_nobody_waits_for_ever(store: Store) -> None:
    """A future takes no StopIteration, which `next` of nothing raises."""

    def nothing(session: Session) -> str:
        keep("lost")(session)
        return next(iter(()))

    async with asyncio.timeout(20):
        outcomes = await asyncio.gather(
            store.write(keep("a")), store.write(nothing), store.write(keep("b")), store.read(nothing),
            return_exceptions=True,
        )  # fmt: skip
    assert [type(outcome) for outcome in outcomes] == [str, RuntimeError, str, outcomes[3].__class__]
    assert isinstance(outcomes[3], Exception)
    assert await store.read(count) == 2


async def test_a_savepoint_left_open_takes_only_its_own_back(store: Store) -> None:
    if store.url.get_backend_name() != "sqlite":
        return

    def forgets(session: Session) -> None:
        session.begin_nested()
        keep("lost")(session)

    for _ in range(2):  # what comes later in the same session is as good as the first
        outcomes = await asyncio.gather(store.write(forgets), store.write(count), return_exceptions=True)
        assert isinstance(outcomes[0], RuntimeError)
        assert outcomes[1] == 0
    assert await store.write(keep("a")) == "a"
    assert await store.read(count) == 1


async def test_a_broken_constraint_is_raised_to_the_one_who_broke_it(store: Store) -> None:
    await store.write(keep("a"))
    again, other = await asyncio.gather(store.write(keep("a")), store.write(keep("b")), return_exceptions=True)
    assert isinstance(again, DBAPIError)
    assert other == "b"


async def test_readers_cannot_write(store: Store) -> None:
    with pytest.raises(DBAPIError):
        await store.read(keep("a"))


async def test_times_come_back_as_the_same_moment(store: Store) -> None:
    await store.write(keep("a"))
    assert await store.read(lambda session: session.scalar(select(InboxEntry.received_at))) == NOON


async def test_a_naive_time_is_refused(store: Store) -> None:
    def naive(session: Session) -> None:
        session.execute(insert(InboxEntry).values(channel="t", key="k", received_at=datetime(2026, 1, 1)))  # noqa: DTZ001

    with pytest.raises(StatementError, match="naive"):
        await store.write(naive)


async def test_a_cancelled_caller_does_not_take_its_write_back(store: Store) -> None:
    task = asyncio.create_task(store.write(keep("a")))
    await asyncio.sleep(0)
    task.cancel()
    for _ in range(1000):  # on PostgreSQL it runs on a thread of its own and may end a little later
        if await store.read(count):
            return
        await asyncio.sleep(0.01)
    raise AssertionError("the write was taken back")


async def test_sqlite_runs_with_the_settings_durability_rests_on(store: Store) -> None:
    if store.url.get_backend_name() != "sqlite":
        return

    def settings(session: Session) -> tuple[object, ...]:
        names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        return tuple(session.scalar(text(f"PRAGMA {name}")) for name in names)

    assert await store.write(settings) == ("wal", 2, 1, 10_000)


async def test_history_refuses_change(store: Store) -> None:
    """The triggers hold even against plain SQL; an empty table still shows that they are there."""
    names = (
        "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'history'"
        if store.url.get_backend_name() == "sqlite"
        else "SELECT count(*) FROM information_schema.triggers WHERE event_object_table = 'history'"
    )
    assert await store.read(lambda session: session.scalar(text(names))) == 2


async def test_close_finishes_what_was_accepted(database_url: str) -> None:
    store = open_store(database_url)
    writes = [asyncio.create_task(store.write(keep(str(n)))) for n in range(20)]
    await asyncio.sleep(0)
    store.close()
    await asyncio.gather(*writes)
    again = open_store(database_url)
    assert await again.read(count) == 20
    again.close()


def test_other_databases_are_refused_with_what_to_write() -> None:
    with pytest.raises(ValueError, match=r"sqlite:///"):
        open_store("mysql://x/y")
