"""A platform that keeps files, and what a test needs to watch the fetcher at work."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import insert, select
from sqlalchemy.orm import Session
from starlette.routing import BaseRoute

from bot.attachments import Files
from bot.channels.base import Accept, Delivered, Delivery, Outcome, Pace
from bot.clock import Clock
from bot.fetcher import Fetcher
from handlers.message import Call, Message, Planner
from storage.engine import Store
from storage.message_models import Attachment
from tests.bot import samples

PHOTO = samples.picture()


class SilentPlanner:
    """Says nothing."""

    per_second = None
    numbered = False

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


def make_desk(store: Store, directory: Path) -> Desk:
    clock = Clock()
    return Desk(store, Files(directory / "attachments", store, clock), clock, Platform())


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


async def true(answer: bool) -> bool:
    return answer


async def due_at(desk: Desk, attachment_id: int) -> datetime:
    at = (await desk.row(attachment_id)).retry_at
    assert at is not None
    return at
