"""An answer in time to every callback, however long the database takes.

The platforms wait five seconds and call again, three times on WeChat; what was answered with an error they repeat at
once. So a call that is not committed in four seconds is answered with 503. The work goes on meanwhile, and the
repetition joins it: it finds the answer of the very same transaction. Work whose turn comes when the platform has given
up is not begun, so that whoever was told "out of service" is not dealt with behind their back.

Where what was called before has waited in vain for its turn, nothing more is put into the queue: the call waits
outside, and is answered with 503 when its time is over.
"""

import asyncio
import threading
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import structlog

from bot.channels.tencent.xml import BadCallback
from bot.died import told
from bot.metrics import PUT_OFF

T = TypeVar("T")
Begin = Callable[[], None]
"""Called when the turn of a work has come, in its transaction. Raises TooLate: then nothing of it may stay."""

log = structlog.get_logger(__name__)

COMMIT_SECONDS = 4.0  # of the five that the platforms wait: the way there and back takes some of it
KEEP_SECONDS = 7.0  # after the last call for it that a work may still begin: by then the platform has called again
LOOK_SECONDS = 0.2  # how often somebody who waits outside looks
OUTSIDE = 1000  # so many wait outside at the most; who comes then is answered at once
LOG_SECONDS = 1.0  # one line in so long: many are put off at a time


class NotInTime(Exception):
    """It is not committed (yet): have the platform call again."""


class TooLate(Exception):
    """The platform does not call for it any more."""


@dataclass(slots=True)
class _Item(Generic[T]):
    number: int
    since: float
    until: float
    task: asyncio.Task[T] = field(init=False)


class InTime(Generic[T]):
    """What is in hand of the callbacks of one channel, each by its key."""

    def __init__(self, channel: str) -> None:
        self._channel = channel
        self._seconds, self._keep = COMMIT_SECONDS, KEEP_SECONDS
        self._items: dict[str, _Item[T]] = {}
        self._queue: deque[_Item[T]] = deque()  # in the order they came
        self._came = 0
        self._reached = 0  # the latest that has got its turn
        self._lock = threading.Lock()  # transactions begin in threads
        self._outside = 0
        self._logged = 0.0

    async def take(self, key: str, work: Callable[[Begin], Awaitable[T]]) -> T:
        """Carry out `work`, or join it where it is under way. Raises NotInTime, and what the work raises."""
        ends = time.monotonic() + self._seconds
        item = self._items.get(key)
        if item is None and await self._room(ends):
            item = self._items.get(key) or self._begin(key, work)
        if item is None:
            raise self._put_off("backlog")
        item.until = time.monotonic() + self._keep
        # Not cancelled with the caller: who hangs up must not tear a transaction that is nearly done.
        await asyncio.wait([item.task], timeout=max(0.0, ends - time.monotonic()))
        if not item.task.done():
            raise self._put_off("slow")
        try:
            return item.task.result()
        except TooLate:
            raise self._put_off("slow") from None

    async def close(self) -> None:
        """Wait for what is in hand."""
        await asyncio.gather(*(item.task for item in self._items.values()), return_exceptions=True)

    def _begin(self, key: str, work: Callable[[Begin], Awaitable[T]]) -> _Item[T]:
        self._came += 1
        now = time.monotonic()
        item: _Item[T] = _Item(self._came, now, now + self._keep)
        item.task = asyncio.ensure_future(_run(work, lambda: self._turn(item)))
        item.task.add_done_callback(lambda task: self._done(key, item, task))
        self._items[key] = item
        self._queue.append(item)
        return item

    def _turn(self, item: _Item[T]) -> None:
        """Note that this one has got its turn: who came before it waits for something of its own, not for the rest."""
        self._reach(item.number)
        if item.until < time.monotonic():
            raise TooLate

    def _reach(self, number: int) -> None:
        with self._lock:
            self._reached = max(self._reached, number)

    def _done(self, key: str, item: _Item[T], task: asyncio.Task[T]) -> None:
        self._reach(item.number)
        del self._items[key]
        error = None if task.cancelled() else task.exception()
        if error is not None and not isinstance(error, TooLate | BadCallback):
            log.error("callback_not_taken", channel=self._channel, why=told(error))

    async def _room(self, ends: float) -> bool:
        """Wait until the first in the queue has not waited for too long; False: it is no use."""
        if not self._full():
            return True
        if self._outside >= OUTSIDE:
            return False
        self._outside += 1
        try:
            while self._full() and time.monotonic() < ends:  # noqa: ASYNC110 - what moves on is a thread
                await asyncio.sleep(LOOK_SECONDS)
        finally:
            self._outside -= 1
        return not self._full()

    def _full(self) -> bool:
        while self._queue and self._queue[0].number <= self._reached:
            self._queue.popleft()
        return bool(self._queue) and time.monotonic() - self._queue[0].since > self._seconds

    def _put_off(self, why: str) -> NotInTime:
        PUT_OFF.labels(self._channel, why).inc()
        now = time.monotonic()
        if now - self._logged > LOG_SECONDS:
            self._logged = now
            log.warning("callback_put_off", channel=self._channel, why=why, in_hand=len(self._items),
                        outside=self._outside)  # fmt: skip
        return NotInTime(why)


async def _run(work: Callable[[Begin], Awaitable[T]], begin: Begin) -> T:
    return await work(begin)
