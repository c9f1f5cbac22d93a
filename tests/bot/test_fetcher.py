"""Files that came with a message are fetched after the commit, once, whatever happens on the way."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.orm import Session
from starlette.routing import BaseRoute

from bot import fetcher as module
from bot.attachments import Files
from bot.channels.base import Accept, Delivered, Delivery, FetchError, Outcome, Pace
from bot.clock import Clock
from bot.fetcher import AT_ONCE, GIVE_UP, LEASE, Fetcher, backoff, claim, due
from handlers.files import MIB
from handlers.message import Call, Message, Planner
from storage.engine import Store
from storage.models import Attachment
from tests.bot import samples
from tests.bot.samples import full_disk

PHOTO = samples.picture()


class SilentPlanner:
    """Says nothing."""

    def send(self, chat: str, message: Message) -> list[Call]:
        return []

    def edit(self, chat: str, message: Message) -> list[Call]:
        return []

    def toast(self, query: str | None, text: str, *, alert: bool = False) -> list[Call]:
        return []


@dataclass
class Platform:
    """A platform that keeps files by id; what stands in `troubles` happens first, one at a time."""

    name: str = "telegram"
    planner: Planner = field(default_factory=SilentPlanner)
    pace: Pace = field(default_factory=Pace)
    contents: dict[str, bytes] = field(default_factory=dict)
    troubles: list[Exception] = field(default_factory=list)
    asked: list[tuple[str, int]] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    at_once: int = 0
    most_at_once: int = 0

    def __post_init__(self) -> None:
        self.gate.set()

    async def fetch(self, remote: str, limit: int) -> bytes:
        self.asked.append((remote, limit))
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await self.gate.wait()
            await asyncio.sleep(0)
        finally:
            self.at_once -= 1
        if self.troubles:
            raise self.troubles.pop(0)
        return self.contents.get(remote, PHOTO)

    async def start(self, accept: Accept) -> None: ...

    async def stop(self) -> None: ...

    async def deliver(self, delivery: Delivery) -> Outcome:
        return Delivered()

    def is_group(self, chat: str) -> bool:
        return False

    def routes(self) -> list[BaseRoute]:
        return []


@dataclass
class Desk:
    """Everything a test moves."""

    store: Store
    files: Files
    clock: Clock
    platform: Platform
    settled: list[int] = field(default_factory=list)

    def fetcher(self, timeout: float = 5.0) -> Fetcher:
        return Fetcher(
            self.store, self.files, {"telegram": self.platform}, self.clock, settled=self.note, timeout=timeout
        )  # fmt: skip

    async def note(self, attachment_id: int) -> None:
        self.settled.append(attachment_id)

    async def came_in(self, remote: str | None = "AgAD", kind: str = "photo", channel: str = "telegram") -> int:
        """Book a file as the inbox does."""
        number, now = len(await self.rows()), self.clock.now()

        def book(session: Session) -> int:
            values = {"token": f"{number:043}", "kind": kind, "state": "waiting", "channel": channel, "attempts": 0,
                      "remote": remote, "retry_at": now, "created_at": now}  # fmt: skip
            return session.execute(insert(Attachment).values(**values).returning(Attachment.id)).scalar_one()

        return await self.store.write(book)

    async def rows(self) -> list[Attachment]:
        return list(await self.store.read(lambda session: session.scalars(select(Attachment)).all()))

    async def row(self, attachment_id: int) -> Attachment:
        return next(row for row in await self.rows() if row.id == attachment_id)

    async def until(self, true: Callable[[], Awaitable[bool]]) -> None:
        async with asyncio.timeout(5):
            while not await true():  # noqa: ASYNC110 - a database cannot tell when it changes
                await asyncio.sleep(0.01)

    async def attempted(self, attachment_id: int, times: int = 1) -> Attachment:
        """Wait until the row was tried so often and the last try is booked."""

        async def booked() -> bool:
            row = await self.row(attachment_id)
            return row.attempts >= times and (row.state != "waiting" or row.error is not None)

        await self.until(booked)
        return await self.row(attachment_id)


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    clock = Clock()
    return Desk(store, Files(tmp_path / "attachments", store, clock), clock, Platform())


@asynccontextmanager
async def running(*fetchers: Fetcher) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(each.run()) for each in fetchers]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def test_a_photo_that_came_with_a_message(desk: Desk) -> None:
    photo = await desk.came_in()
    async with running(desk.fetcher()):
        row = await desk.attempted(photo)
        await desk.until(lambda: _true(desk.settled == [photo]))
    assert (row.state, row.mime, row.retry_at, row.error, row.attempts) == ("ready", "image/jpeg", None, None, 1)
    assert row.path is not None
    assert (desk.files.root / row.path).stat().st_size == row.size
    assert desk.platform.asked == [("AgAD", 20 * MIB)]


async def test_a_wake_is_faster_than_the_poll(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "POLL_SECONDS", 3600.0)
    fetcher = desk.fetcher()
    async with running(fetcher):
        await asyncio.sleep(0.05)
        photo = await desk.came_in()
        fetcher.wake()
        assert (await desk.attempted(photo)).state == "ready"


async def test_a_missed_wake_is_made_good_by_the_poll(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "POLL_SECONDS", 0.05)
    async with running(desk.fetcher()):
        await asyncio.sleep(0.1)
        assert (await desk.attempted(await desk.came_in())).state == "ready"


@pytest.mark.parametrize(("kind", "limit"), [("photo", 20), ("voice", 5), ("video", 20), ("file", 10)])
async def test_the_channel_is_told_the_cap_of_the_kind(desk: Desk, kind: str, limit: int) -> None:
    await desk.came_in(kind=kind)
    async with running(desk.fetcher()):
        await desk.until(lambda: _true(bool(desk.platform.asked)))
    assert desk.platform.asked == [("AgAD", limit * MIB)]


async def test_a_photo_sent_as_a_document_is_a_photo(desk: Desk) -> None:
    document = await desk.came_in(kind="file")
    async with running(desk.fetcher()):
        assert (await desk.attempted(document)).kind == "photo"


@pytest.mark.parametrize(
    ("content", "error"),
    [(b"", "empty"), (b"MZ\x90\0", "unknown_type"), (samples.bomb(), "too_many_pixels"), (PHOTO[:99], "broken")],
)
async def test_what_we_do_not_keep_is_refused_for_good(desk: Desk, content: bytes, error: str) -> None:
    desk.platform.contents["AgAD"] = content
    file = await desk.came_in()
    async with running(desk.fetcher()):
        row = await desk.attempted(file)
        await desk.until(lambda: _true(desk.settled == [file]))
    assert (row.state, row.error, row.retry_at, row.path) == ("refused", error, None, None)


async def test_what_the_platform_no_longer_has_is_refused_for_good(desk: Desk) -> None:
    desk.platform.troubles = [FetchError("file is too big " + "x" * 200, final=True)]
    file = await desk.came_in()
    async with running(desk.fetcher()):
        row = await desk.attempted(file)
    assert row.state == "refused"
    assert row.error is not None
    assert row.error.startswith("file is too big")
    assert len(desk.platform.asked) == 1


async def test_a_row_without_anything_to_fetch_does_not_wait_for_ever(desk: Desk) -> None:
    file = await desk.came_in(remote=None)
    async with running(desk.fetcher()):
        assert (await desk.attempted(file)).error == "empty"
    assert desk.platform.asked == []


@pytest.mark.parametrize(
    ("trouble", "told"),
    [
        (FetchError("502", final=False), "502"),
        (ConnectionResetError(), "ConnectionResetError"),
        (KeyError("x"), "KeyError"),
    ],
)
async def test_a_passing_trouble_is_tried_again_later(desk: Desk, trouble: Exception, told: str) -> None:
    desk.platform.troubles = [trouble]
    photo = await desk.came_in()
    fetcher = desk.fetcher()
    before = desk.clock.now()
    async with running(fetcher):
        row = await desk.attempted(photo)
        assert (row.state, row.error) == ("waiting", told)
        assert row.retry_at is not None
        assert timedelta(seconds=4) < row.retry_at - before < timedelta(seconds=7)
        assert desk.settled == []
        desk.clock.move(timedelta(seconds=6))
        fetcher.wake()
        row = await desk.attempted(photo, 2)
    assert (row.state, row.error, row.attempts) == ("ready", None, 2)


async def test_a_channel_that_is_switched_off_may_come_back(desk: Desk) -> None:
    photo = await desk.came_in(channel="wechat")
    async with running(desk.fetcher()):
        assert (await desk.attempted(photo)).state == "waiting"


async def test_after_a_day_of_trouble_it_is_given_up(desk: Desk) -> None:
    desk.platform.troubles = [FetchError("503", final=False)] * 2
    photo = await desk.came_in()
    fetcher = desk.fetcher()
    async with running(fetcher):
        await desk.attempted(photo)
        desk.clock.move(GIVE_UP)
        fetcher.wake()
        row = await desk.attempted(photo, 2)
        await desk.until(lambda: _true(desk.settled == [photo]))
    assert (row.state, row.error) == ("refused", "expired")


async def test_after_a_day_of_our_own_absence_it_is_still_tried(desk: Desk) -> None:
    photo = await desk.came_in()
    desk.clock.move(GIVE_UP * 2)
    async with running(desk.fetcher()):
        assert (await desk.attempted(photo)).state == "ready"


async def test_a_file_that_kills_the_process_each_time_is_given_up(desk: Desk) -> None:
    photo = await desk.came_in()
    claimed = 0
    for _ in range(module.MAX_ATTEMPTS):
        claimed += len(await desk.store.write(lambda session: claim(session, desk.clock.now(), 4)))
        desk.clock.move(timedelta(hours=1))  # and the process died
    async with running(desk.fetcher()):
        row = await desk.attempted(photo, module.MAX_ATTEMPTS + 1)
    assert claimed == module.MAX_ATTEMPTS
    assert (row.state, row.error) == ("refused", "expired")
    assert desk.platform.asked == []


async def test_a_platform_that_hangs_is_left_after_a_while(desk: Desk) -> None:
    desk.platform.gate.clear()
    photo = await desk.came_in()
    async with running(desk.fetcher(timeout=0.05)):
        row = await desk.attempted(photo)
    assert (row.state, row.error) == ("waiting", "timeout")


async def test_one_hanging_file_does_not_hold_the_others_up(desk: Desk) -> None:
    desk.platform.gate.clear()
    await desk.came_in("slow")
    fetcher = desk.fetcher()
    async with running(fetcher):
        await desk.until(lambda: _true(len(desk.platform.asked) == 1))
        desk.platform.gate = asyncio.Event()
        desk.platform.gate.set()
        quick = await desk.came_in("quick")
        fetcher.wake()
        assert (await desk.attempted(quick)).state == "ready"


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
        await desk.until(lambda: _true(bool(desk.platform.asked)))
        assert await _due_at(desk, photo) > desk.clock.now() + LEASE - timedelta(seconds=30)
    assert desk.platform.at_once == 0
    assert (await desk.row(photo)).state == "waiting"
    assert await _due_at(desk, photo) <= desk.clock.now()
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
        await desk.until(lambda: _true(bool(desk.platform.asked)))
        desk.clock.move(timedelta(days=3))
        fetcher.wake()
        await asyncio.sleep(0.1)
        desk.platform.gate.set()
        await desk.attempted(photo)
    assert len(desk.platform.asked) == 1


async def test_a_listener_that_fails_stops_nothing(desk: Desk) -> None:
    async def fail(_attachment_id: int) -> None:
        raise RuntimeError("no")

    fetcher = desk.fetcher()
    fetcher._settled = fail
    first, second = await desk.came_in("1"), await desk.came_in("2")
    async with running(fetcher):
        assert (await desk.attempted(first)).state == "ready"
        assert (await desk.attempted(second)).state == "ready"


async def test_a_full_disk_is_our_trouble_and_passes(desk: Desk) -> None:
    """The resident's photo must not be lost because an operator is late."""
    desk.platform.contents["AgAD"] = samples.mp4().ljust(15_000_000, b"\0")
    video = await desk.came_in(kind="video")
    fetcher = desk.fetcher()
    async with running(fetcher):
        with full_disk(10_000_000):
            row = await desk.attempted(video)
        assert (row.state, row.error) == ("waiting", "disk_full")
        desk.clock.move(timedelta(seconds=6))
        fetcher.wake()
        assert (await desk.attempted(video, 2)).state == "ready"


def test_the_waits_grow_to_ten_minutes() -> None:
    assert [backoff(n).total_seconds() for n in (1, 2, 3, 7, 8, 9, 5000)] == [5, 10, 20, 320, 600, 600, 600]


async def test_looking_for_work_uses_its_index(desk: Desk) -> None:
    if desk.store.url.get_backend_name() != "sqlite":
        return  # PostgreSQL reads a table of three rows from end to end, whatever indexes it has
    query = due(desk.clock.now(), 4).compile(dialect=sqlite.dialect())
    statement = text(f"EXPLAIN QUERY PLAN {query}".replace("?", "1"))
    plan = await desk.store.read(lambda session: session.execute(statement).all())
    assert "USING INDEX ix_attachment_fetch" in str(plan)


async def _true(answer: bool) -> bool:
    return answer


async def _due_at(desk: Desk, attachment_id: int) -> datetime:
    at = (await desk.row(attachment_id)).retry_at
    assert at is not None
    return at
