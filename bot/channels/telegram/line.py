"""Updates on their way into the inbox: in order within a chat, chats beside each other."""

import asyncio
from collections import deque

import structlog

from bot.channels.base import Accept
from bot.channels.telegram.parse import where
from bot.channels.telegram.pause import Stopping, backoff
from handlers.inbound import Inbound

log = structlog.get_logger(__name__)

FIRST_RETRY, LAST_RETRY = 0.5, 60.0  # seconds
LOUD_AFTER = 5  # failures in a row; from then on a person should look


class Line:
    """Hands each update to `accept` until that succeeds, and knows up to where all are committed.

    An update that fails again and again holds back its own chat; other chats go on as long as Telegram, which gives
    out a hundred unconfirmed updates at most, has something new to give.
    """

    def __init__(self, accept: Accept, stopping: Stopping) -> None:
        self._accept = accept
        self._stopping = stopping
        self._committed: dict[int, bool] = {}  # by update id, in the order they came
        self._chats: dict[str, deque[tuple[int, Inbound]]] = {}
        self._workers: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        """Count the updates that are not confirmed yet."""
        return len(self._committed)

    def add(self, update_id: int, inbound: Inbound | None) -> None:
        """Take an update in that is not known yet; None: there is nothing to hand over."""
        self._committed[update_id] = inbound is None
        if inbound is not None:
            self._queue(inbound.chat).append((update_id, inbound))

    def __contains__(self, update_id: int) -> bool:
        """Tell whether the update is known and not confirmed yet."""
        return update_id in self._committed

    def confirm(self) -> int | None:
        """Return the offset that confirms every update before the first uncommitted one; None: there is none.

        It goes by the order of arrival: after a quiet week Telegram starts its numbers anew, anywhere.
        """
        offset = None
        while self._committed and (first := next(iter(self._committed))) is not None and self._committed[first]:
            del self._committed[first]
            offset = first + 1
        return offset

    async def settle(self, seconds: float) -> None:
        """Wait until everything is committed, at most so long."""
        if self._workers:
            await asyncio.wait(self._workers, timeout=seconds)

    async def finish(self) -> None:
        """After `stopping` was set: wait for what `accept` has in hand."""
        await asyncio.gather(*self._workers, return_exceptions=True)

    def _queue(self, chat: str) -> deque[tuple[int, Inbound]]:
        """Return the chat's queue; a new one gets somebody to work it off."""
        if chat not in self._chats:
            self._chats[chat] = deque()
            worker = asyncio.create_task(self._work(chat))
            self._workers.add(worker)
            worker.add_done_callback(self._workers.discard)
        return self._chats[chat]

    async def _work(self, chat: str) -> None:
        queue = self._chats[chat]
        while queue and not self._stopping:
            update_id, inbound = queue[0]
            if await self._hand_over(update_id, inbound):
                self._committed[update_id] = True
                queue.popleft()
        del self._chats[chat]

    async def _hand_over(self, update_id: int, inbound: Inbound) -> bool:
        """Try until it is committed; False: the channel stops, Telegram will give it again."""
        attempt = 0
        while not self._stopping:
            try:
                await self._accept(inbound)
            except Exception as error:  # noqa: BLE001 - whatever it is, the update is not committed and stays ours
                attempt += 1
                await self._complain(update_id, attempt, error)
            else:
                return True
        return False

    async def _complain(self, update_id: int, attempt: int, error: Exception) -> None:
        pause = backoff(attempt, FIRST_RETRY, LAST_RETRY)
        if attempt < LOUD_AFTER:
            log.warning("telegram_update_not_taken", update=update_id, attempt=attempt, error=where(error))
        else:
            todo = "the chat of this update waits for it; see the error before this line, mend it, restart if needed"
            log.error("telegram_update_stuck", update=update_id, attempt=attempt, error=where(error), todo=todo)
        await self._stopping.wait(pause)
