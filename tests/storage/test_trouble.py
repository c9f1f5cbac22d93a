"""A full disk and a lost line: nothing half kept, told apart from mistakes of ours, and over when they are over."""

import asyncio
import socket
import threading
from typing import Any

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from storage.engine import Store
from storage.message_models import InboxEntry
from storage.postgres_store import LOST_LINE
from storage.trouble import passes
from tests.storage.test_engine import NOON, keep

MANY = 3_000  # rows; more than the pages that are left take


async def room(store: Store, pages: int) -> None:
    """Let the database grow by so many pages and no more, as on a disk that is full then."""
    size = await store.read(lambda session: session.scalar(text("PRAGMA page_count")) or 0)
    await store.write(lambda session: session.execute(text(f"PRAGMA max_page_count={size + pages}")).scalar())


def keep_many(session: Session) -> None:
    session.execute(insert(InboxEntry), [
        {"channel": "test", "key": f"{number:0150}", "received_at": NOON} for number in range(MANY)
    ])  # fmt: skip


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_full_disk_takes_back_whoever_was_told_so(store: Store) -> None:
    """One of those that share a commit fills the disk. Who was told that it is kept finds it, nobody else does."""
    await room(store, 4)
    together = threading.Event()
    first = asyncio.create_task(store.write(lambda _: together.wait(30)))
    works: dict[str, asyncio.Task[Any]] = {name: asyncio.create_task(store.write(keep(name))) for name in ("a", "b")}
    works["many"] = asyncio.create_task(store.write(keep_many))
    works |= {name: asyncio.create_task(store.write(keep(name))) for name in ("c", "d")}
    await asyncio.sleep(0.1)  # they are queued
    together.set()
    await asyncio.gather(first, return_exceptions=True)  # it may share their commit
    outcomes = dict(zip(works, await asyncio.gather(*works.values(), return_exceptions=True), strict=True))
    assert isinstance(outcomes["many"], DBAPIError)
    assert all(passes(error) for error in outcomes.values() if isinstance(error, BaseException))
    told = {name for name, outcome in outcomes.items() if outcome == name}
    assert set(await store.read(lambda session: session.scalars(select(InboxEntry.key)).all())) == told
    await room(store, 1_000_000)
    await store.write(keep_many)
    assert await store.read(lambda s: s.scalar(select(func.count()).select_from(InboxEntry))) == MANY + len(told)


async def test_a_mistake_of_ours_does_not_pass(store: Store) -> None:
    with pytest.raises(DBAPIError) as caught:
        await store.write(lambda session: session.execute(text("SELECT * FROM nowhere")))
    assert not passes(caught.value)
    with pytest.raises(DBAPIError) as caught:
        await store.write(lambda session: [keep("a")(session) for _ in range(2)])
    assert not passes(caught.value)
    assert not passes(ValueError())


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_lost_line_passes(store: Store) -> None:
    def cut(session: Session) -> None:
        session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    with pytest.raises(DBAPIError) as caught:
        await store.write(cut)
    assert passes(caught.value)
    assert await store.write(keep("a")) == "a"


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_statement_that_does_not_end_is_ended(store: Store) -> None:
    shown = await store.read(lambda session: session.scalar(text("SHOW statement_timeout")))
    assert shown == "30s"

    def long(session: Session) -> None:
        session.execute(text("SET LOCAL statement_timeout = 50"))
        session.execute(text("SELECT pg_sleep(60)"))

    with pytest.raises(DBAPIError) as caught:
        await store.write(long)
    assert passes(caught.value)


def test_the_driver_knows_what_it_is_told_of_the_line() -> None:
    """Libpq takes every one of these words; a wrong one would be an error at the first connection."""
    import psycopg

    known = {option.keyword.decode() for option in psycopg.pq.Conninfo.get_defaults()}
    assert set(LOST_LINE) <= known
    assert hasattr(socket, "TCP_USER_TIMEOUT")
