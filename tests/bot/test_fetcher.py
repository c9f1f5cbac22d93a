"""Files that came with a message are fetched after the commit, once, however many fetch."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.dialects import sqlite

from bot import fetcher as fetcher_module
from bot.fetcher import AT_ONCE, LEASE, claim, due
from handlers.files import MIB
from storage.engine import Store
from tests.bot.fetching import Desk, due_at, make_desk, running, true


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    return make_desk(store, tmp_path)


async def test_a_photo_that_came_with_a_message(desk: Desk) -> None:
    photo = await desk.came_in()
    async with running(desk.fetcher()):
        row = await desk.attempted(photo)
        await desk.until(lambda: true(desk.settled == [photo]))
    assert (row.state, row.mime, row.retry_at, row.error, row.attempts) == ("ready", "image/jpeg", None, None, 1)
    assert row.path is not None
    assert (desk.files.root / row.path).stat().st_size == row.size
    assert desk.platform.asked == [("AgAD", 20 * MIB)]


async def test_a_wake_is_faster_than_the_poll(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetcher_module, "POLL_SECONDS", 3600.0)
    fetcher = desk.fetcher()
    async with running(fetcher):
        await asyncio.sleep(0.05)
        photo = await desk.came_in()
        fetcher.wake()
        assert (await desk.attempted(photo)).state == "ready"


async def test_a_missed_wake_is_made_good_by_the_poll(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetcher_module, "POLL_SECONDS", 0.05)
    async with running(desk.fetcher()):
        await asyncio.sleep(0.1)
        assert (await desk.attempted(await desk.came_in())).state == "ready"


async def test_the_channel_is_told_the_cap_of_the_kind(desk: Desk) -> None:
    caps = {"photo": 20 * MIB, "voice": 5 * MIB, "video": 20 * MIB, "file": 10 * MIB}
    for kind in caps:
        await desk.came_in(remote=kind, kind=kind)
    async with running(desk.fetcher()):
        await desk.until(lambda: true(len(desk.platform.asked) == len(caps)))
    assert dict(desk.platform.asked) == caps


async def test_a_photo_sent_as_a_document_is_a_photo(desk: Desk) -> None:
    document = await desk.came_in(kind="file")
    async with running(desk.fetcher()):
        assert (await desk.attempted(document)).kind == "photo"


async def test_at_most_four_at_once(desk: Desk) -> None:
    photos = [await desk.came_in(str(number)) for number in range(3 * AT_ONCE)]
    async with running(desk.fetcher()):
        for photo in photos:
            assert (await desk.attempted(photo)).state == "ready"
    assert desk.platform.most_at_once == AT_ONCE


async def test_two_replicas_fetch_each_file_once(desk: Desk) -> None:
    photos = [await desk.came_in(str(number)) for number in range(20)]
    async with running(desk.fetcher(), desk.fetcher()):
        for photo in photos:
            await desk.attempted(photo)
    assert sorted(int(remote) for remote, _ in desk.platform.asked) == list(range(20))
    assert sorted(desk.settled) == sorted(photos)


async def test_a_stop_gives_back_what_was_under_way(desk: Desk) -> None:
    desk.platform.gate.clear()
    photo = await desk.came_in()
    async with running(desk.fetcher()):
        await desk.until(lambda: true(bool(desk.platform.asked)))
        assert await due_at(desk, photo) > desk.clock.now() + LEASE - timedelta(seconds=30)
    assert desk.platform.at_once == 0
    assert (await desk.row(photo)).state == "waiting"
    assert await due_at(desk, photo) <= desk.clock.now()
    desk.platform.gate.set()
    async with running(desk.fetcher()):
        assert (await desk.attempted(photo, 2)).state == "ready"


async def test_what_a_killed_process_held_comes_up_again_when_its_lease_ends(desk: Desk) -> None:
    photo = await desk.came_in()
    assert len(await desk.store.write(lambda session: claim(session, desk.clock.now(), 4))) == 1
    fetcher = desk.fetcher()
    async with running(fetcher):
        await asyncio.sleep(0.1)
        assert desk.platform.asked == []
        desk.clock.move(LEASE + timedelta(minutes=1))
        fetcher.wake()
        assert (await desk.attempted(photo, 2)).state == "ready"


async def test_a_clock_moved_on_does_not_start_a_second_fetch_beside_the_first(desk: Desk) -> None:
    desk.platform.gate.clear()
    photo = await desk.came_in()
    fetcher = desk.fetcher()
    async with running(fetcher):
        await desk.until(lambda: true(bool(desk.platform.asked)))
        desk.clock.move(timedelta(days=3))
        fetcher.wake()
        await asyncio.sleep(0.1)
        desk.platform.gate.set()
        await desk.attempted(photo)
    assert len(desk.platform.asked) == 1


async def test_looking_for_work_uses_its_index(desk: Desk) -> None:
    if desk.store.url.get_backend_name() != "sqlite":
        return  # PostgreSQL reads a table of three rows from end to end, whatever indexes it has
    query = due(desk.clock.now(), 4).compile(dialect=sqlite.dialect())
    statement = text(f"EXPLAIN QUERY PLAN {query}".replace("?", "1"))
    plan = await desk.store.read(lambda session: session.execute(statement).all())
    assert "USING INDEX ix_attachment_fetch" in str(plan)
