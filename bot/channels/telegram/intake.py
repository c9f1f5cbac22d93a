"""From a raw update to the inbox."""

import asyncio
import contextlib
from collections import Counter
from typing import Any

import structlog

from bot.channels.base import Accept
from bot.channels.telegram.api import Api
from bot.channels.telegram.errors import TelegramError
from bot.channels.telegram.parse import Me, Skipped, read
from bot.clock import Clock
from handlers.inbound import Inbound

log = structlog.get_logger(__name__)


class Intake:
    """Reads updates and hands them over. What is nothing for us is counted by its kind in `skipped`."""

    def __init__(self, api: Api, me: Me, accept: Accept, clock: Clock) -> None:
        self.accept = accept
        self.skipped: Counter[str] = Counter()
        self._api = api
        self._me = me
        self._clock = clock
        self._answers: set[asyncio.Task[None]] = set()

    def read(self, update: dict[str, Any]) -> Inbound | None:
        """Return what to hand over; None: acknowledge it, there is nothing in it."""
        found = read(update, self._me, self._clock.now())
        if isinstance(found, Inbound):
            return found
        self._skip(found)
        return None

    async def stop(self) -> None:
        """Let go of answers still under way: they only stop a waiting sign."""
        for task in tuple(self._answers):
            task.cancel()
        await asyncio.gather(*self._answers, return_exceptions=True)

    def _skip(self, skipped: Skipped) -> None:
        self.skipped[skipped.kind] += 1
        if skipped.trouble is None:
            log.info("telegram_update_skipped", kind=skipped.kind)
        else:
            log.error("telegram_update_unreadable", kind=skipped.kind, trouble=skipped.trouble)
        if skipped.query is not None:
            task = asyncio.create_task(self._answer(skipped.query))
            self._answers.add(task)
            task.add_done_callback(self._answers.discard)

    async def _answer(self, query: str) -> None:
        with contextlib.suppress(TelegramError):
            await self._api.call("answerCallbackQuery", {"callback_query_id": query})
