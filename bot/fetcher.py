"""Fetches the files that came with messages, after the commit that took the message in.

What is to be fetched is a row (`attachment` in state `waiting`), so nothing is forgotten over a restart. Whoever claims
a row moves its `retry_at` into the future in the same transaction: another replica leaves it alone, and if we die it
comes up again by itself. The bytes lie under the row's own token, so a second fetch replaces the first.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Select, select, text, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.attachments import Files, Stored
from bot.channels.base import Channel, FetchError
from bot.clock import Clock
from bot.filekinds import Unacceptable
from handlers.files import SIZE_LIMITS
from storage.engine import Store
from storage.faults import hit
from storage.message_models import Attachment

log = logging.getLogger(__name__)

Settled = Callable[[int], Awaitable[None]]

AT_ONCE = 4
POLL_SECONDS = 2.0  # how late a row of another replica, or a missed wake, may be noticed
FETCH_SECONDS = 120.0  # 20 MB at 170 kB/s; a platform slower than that is as good as gone
LEASE = timedelta(seconds=40)  # with the first backoff shorter than a message waits for its files (bot.outfiles)
RENEW_SECONDS = 10.0
FIRST_BACKOFF = timedelta(seconds=5)
LONGEST_BACKOFF = timedelta(minutes=10)
GIVE_UP = timedelta(hours=24)  # Telegram keeps a download link for an hour, WeChat media for three days
MAX_ATTEMPTS = 200  # the backoffs of a day make 150; with more, the process dies of this file before it can say so
ERROR_CHARS = 120  # of attachment.error

_WAITING = text("attachment.state = 'waiting'")  # literal, so that both databases use the partial index


@dataclass(frozen=True, slots=True)
class Errand:
    """A claimed row. `attempts` counts this one."""

    id: int
    channel: str
    remote: str
    kind: str
    token: str
    attempts: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Again:
    """A passing trouble."""

    reason: str


@dataclass(frozen=True, slots=True)
class Never:
    """A final one."""

    reason: str


class Fetcher:
    """Fetches up to `AT_ONCE` files at a time; `settled(id)` is awaited when a row has become ready or refused."""

    def __init__(
        self, store: Store, files: Files, channels: Mapping[str, Channel], clock: Clock, *,
        settled: Settled | None = None, timeout: float = FETCH_SECONDS,
    ) -> None:  # fmt: skip
        self._store = store
        self._files = files
        self._channels = channels
        self._clock = clock
        self._settled = settled
        self._timeout = timeout
        self._woken = asyncio.Event()
        self._running: dict[int, asyncio.Task[None]] = {}
        self._renewed = 0.0  # by the loop's clock

    def wake(self) -> None:
        """Look for work now: a message with files was committed."""
        self._woken.set()

    async def run(self) -> None:
        """Fetch until cancelled; what is under way then is given back to be fetched again."""
        try:
            await asyncio.to_thread(self._files.sweep)
            await self._take_over()
            while True:
                self._woken.clear()
                await self._renew()
                await self._start_due()
                await self._rest()
        finally:
            await self._give_back()

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(POLL_SECONDS):
                await self._woken.wait()
        except TimeoutError:
            pass

    async def _take_over(self) -> None:
        """On SQLite no other process can hold a lease: what a dead one was fetching is due after its backoff."""
        if self._store.url.get_backend_name() != "sqlite":
            return
        with contextlib.suppress(SQLAlchemyError):  # then when the lease is over
            await self._store.write(lambda session: hasten(session, self._clock.now()))

    async def _renew(self) -> None:
        """Keep the rows in hand from other processes; whoever dies lets go of them soon."""
        now = asyncio.get_running_loop().time()
        if not self._running or now - self._renewed < RENEW_SECONDS:
            return
        self._renewed, until, busy = now, self._clock.now() + LEASE, tuple(self._running)
        try:
            await self._store.write(lambda session: prolong(session, busy, until))
        except SQLAlchemyError:
            log.exception("cannot renew the leases of %d files", len(busy))

    async def _start_due(self) -> None:
        free = AT_ONCE - len(self._running)
        if free <= 0:
            return
        now, busy = self._clock.now(), tuple(self._running)
        try:
            errands = await self._store.write(lambda session: claim(session, now, free, busy))
        except SQLAlchemyError:
            log.exception("cannot look for files to fetch, trying again in %.0f s", POLL_SECONDS)
            return
        if errands:
            hit("fetcher.claimed")
        for errand in errands:
            task = asyncio.create_task(self._carry(errand), name=f"fetch-{errand.id}")
            self._running[errand.id] = task
            task.add_done_callback(partial(self._finished, errand.id))

    def _finished(self, errand_id: int, _task: asyncio.Task[None]) -> None:
        self._running.pop(errand_id, None)
        self.wake()

    async def _give_back(self) -> None:
        """Stop what runs and let go of its rows, so that the next start need not wait for the lease to end."""
        ids, tasks = tuple(self._running), tuple(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if not ids:
            return
        try:
            now = self._clock.now()
            await self._store.write(lambda session: release(session, ids, now))
        except Exception:
            log.exception("attachments %s: cannot give them back, they come up again when the lease ends", ids)

    async def _carry(self, errand: Errand) -> None:
        """Run one errand to its end. Only cancellation leaves it: an error in booking ends with the lease."""
        try:
            values = self._booking(errand, await self._attempt(errand))
            hit("fetcher.before_mark")
            ended = await self._store.write(lambda session: book(session, errand.id, values))
            if ended and values["state"] != "waiting" and self._settled is not None:
                await self._settled(errand.id)
        except Exception:
            log.exception("attachment %s: ending it failed", errand.id)

    async def _attempt(self, errand: Errand) -> Stored | Again | Never:
        if not errand.remote:
            return Never("empty")
        if errand.attempts > MAX_ATTEMPTS:
            return Never("expired")
        try:
            async with asyncio.timeout(self._timeout):
                data = await self._channels[errand.channel].fetch(errand.remote, SIZE_LIMITS[errand.kind])
            return await self._files.put(errand.token, data)
        except FetchError as error:
            return Never(error.reason) if error.final else Again(error.reason)
        except Unacceptable as error:
            return Again(error.code) if error.code == "disk_full" else Never(error.code)
        except TimeoutError:
            return Again("timeout")
        except Exception as error:  # a channel switched off for now, a bug: another hour or release may do better
            log.exception("attachment %s: fetching from %s failed", errand.id, errand.channel)
            return Again(type(error).__name__)

    def _booking(self, errand: Errand, outcome: Stored | Again | Never) -> dict[str, Any]:
        """Return the columns that say what became of the errand."""
        now = self._clock.now()
        match outcome:
            case Stored(path, kind, mime, size):
                return {"state": "ready", "path": path, "kind": kind, "mime": mime, "size": size,
                        "error": None, "retry_at": None}  # fmt: skip
            case Never(reason):
                log.info("attachment %s refused: %s", errand.id, reason)
                return {"state": "refused", "error": reason[:ERROR_CHARS], "retry_at": None}
            case Again(reason) if now - errand.created_at >= GIVE_UP:
                log.warning("attachment %s given up after a day: %s", errand.id, reason)
                return {"state": "refused", "error": "expired", "retry_at": None}
            case Again(reason):
                again = now + backoff(errand.attempts)
                return {"state": "waiting", "error": reason[:ERROR_CHARS], "retry_at": again}


def backoff(attempts: int) -> timedelta:
    """Return how long to wait after so many attempts (≥ 1): 5 s, 10 s, 20 s … at most 10 minutes."""
    return min(LONGEST_BACKOFF, FIRST_BACKOFF * (1 << min(attempts - 1, 10)))


def due(now: datetime, limit: int, busy: Collection[int] = ()) -> "Select[*tuple[Any, ...]]":
    """Return the query for rows to be fetched now, the longest waiting first."""
    columns = (Attachment.id, Attachment.channel, Attachment.remote, Attachment.kind, Attachment.token,
               Attachment.attempts, Attachment.created_at)  # fmt: skip
    query = select(*columns).where(_WAITING, Attachment.retry_at <= now).order_by(Attachment.retry_at).limit(limit)
    query = query.with_for_update(skip_locked=True)
    return query.where(Attachment.id.not_in(busy)) if busy else query


def claim(session: Session, now: datetime, limit: int, busy: Collection[int] = ()) -> Sequence[Errand]:
    """Take rows that are due. A file that kills the process is tried ever more rarely: the lease grows, too."""
    errands = [
        Errand(row.id, row.channel, row.remote or "", row.kind, row.token, row.attempts + 1, row.created_at)
        for row in session.execute(due(now, limit, busy))
    ]
    for errand in errands:
        until = now + LEASE + backoff(errand.attempts)
        _change(session, errand.id, {"attempts": errand.attempts, "retry_at": until, "error": None})
    return errands


def book(session: Session, attachment_id: int, values: Mapping[str, Any]) -> bool:
    """Write down what became of a row; False when it had already ended (a lease that ran out meanwhile)."""
    return _change(session, attachment_id, values)


def release(session: Session, ids: Collection[int], now: datetime) -> None:
    """Give rows back: they are due at once."""
    for attachment_id in ids:
        _change(session, attachment_id, {"retry_at": now})


def prolong(session: Session, ids: Collection[int], until: datetime) -> None:
    """Keep rows that are being fetched."""
    for attachment_id in ids:
        _change(session, attachment_id, {"retry_at": until})


def hasten(session: Session, now: datetime) -> None:
    """Let rows come up again no later than their backoff asks for, whatever lease a dead process had."""
    rows = select(Attachment.id, Attachment.attempts).where(_WAITING, Attachment.retry_at > now)
    for row in session.execute(rows).all():
        soon = now + backoff(max(1, row.attempts))
        still = update(Attachment).where(Attachment.id == row.id, Attachment.retry_at > soon)
        session.execute(still.values(retry_at=soon))


def _change(session: Session, attachment_id: int, values: Mapping[str, Any]) -> bool:
    changed = session.execute(
        update(Attachment)
        .where(Attachment.id == attachment_id, Attachment.state == "waiting")
        .values(**values)
        .returning(Attachment.id)
    )
    return changed.scalar_one_or_none() is not None
