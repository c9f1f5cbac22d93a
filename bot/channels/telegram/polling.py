"""Takes updates by asking for them, and confirms only what is committed."""

import asyncio
import contextlib
import math
from typing import Any

import structlog

from bot.channels.telegram.api import Api, TooManyRequests
from bot.channels.telegram.errors import Conflict, InvalidToken, TelegramError
from bot.channels.telegram.intake import Intake
from bot.channels.telegram.limits import ALLOWED_UPDATES, POLL_SECONDS, UPDATES_AT_ONCE
from bot.channels.telegram.line import Line
from bot.channels.telegram.outcome import reason, token_refused
from bot.channels.telegram.parse import where
from bot.channels.telegram.pause import Stopping, backoff
from bot.lease import Sure, alone

log = structlog.get_logger(__name__)

READ_MARGIN = 10.0  # seconds beyond the long poll before the line counts as dead
LAST_WAIT = 5.0  # seconds for the last word before stopping
SETTLE = 1.0  # seconds to wait for the inbox before looking for other chats' updates
FIRST_PAUSE, LAST_PAUSE = 1.0, 30.0  # seconds, after an error
CONFLICT_PAUSE = 15.0  # seconds
TOKEN_PAUSE = 60.0  # seconds
UNSURE_PAUSE = 1.0  # seconds, while it is not known whether it is still our turn


class Poller:
    """The getUpdates loop. Updates that are not confirmed come again: nothing is lost with this process.

    `sure` tells, before each call, whether it is still this process that polls; `patience` is the number of failures in
    a row after which another process may have better luck.
    """

    def __init__(
        self, api: Api, intake: Intake, stopping: Stopping, sure: Sure = alone, patience: float = math.inf
    ) -> None:  # fmt: skip
        self._api = api
        self._intake = intake
        self._stopping = stopping
        self._sure = sure
        self._patience = patience
        self._line = Line(intake.accept, stopping)
        self._offset: int | None = None
        self._failures = 0

    async def run(self) -> None:
        """Poll until cancelled, or out of patience; call `finish` or `drop` afterwards."""
        while not self._stopping and self._failures < self._patience:
            if not await self._sure():
                await self._stopping.wait(UNSURE_PAUSE)
                continue
            try:
                await self._take(await self._ask())
            except Exception as error:  # noqa: BLE001 - the desk must not go deaf, whatever it is
                await self._trouble(error)
            else:
                self._failures = 0

    async def finish(self) -> None:
        """Wait for what the inbox has in hand and confirm it, so that it does not come again."""
        await self.drop()
        self._move_on()
        if self._offset is None or not await self._sure():
            return
        params = {"offset": self._offset, "limit": 1, "timeout": 0, "allowed_updates": list(ALLOWED_UPDATES)}
        with contextlib.suppress(TelegramError, TimeoutError):
            async with asyncio.timeout(LAST_WAIT):
                await self._api.call("getUpdates", params)

    async def drop(self) -> None:
        """Wait for what the inbox has in hand, and confirm nothing: it is another's turn, who will see it again."""
        await self._line.finish()

    async def _ask(self) -> list[Any]:
        """Ask for updates; without waiting while some are still unconfirmed, for these come back at once anyhow."""
        wait = 0 if len(self._line) else POLL_SECONDS
        params = {
            "offset": self._offset,
            "limit": UPDATES_AT_ONCE,
            "timeout": wait,
            "allowed_updates": list(ALLOWED_UPDATES),
        }
        found = await self._api.call("getUpdates", params, wait=wait + READ_MARGIN)
        if not isinstance(found, list):
            raise TelegramError("Invalid server response")
        return found

    async def _take(self, updates: list[Any]) -> None:
        """Hand the new ones over, wait a while, move the offset past what is committed."""
        if not updates and not len(self._line):
            # Everything is confirmed. The next number may be lower than the last one: ask without an offset.
            self._offset = None
            return
        for update in updates:
            self._add(update)
        await self._line.settle(SETTLE)
        self._move_on()

    def _add(self, update: Any) -> None:
        number = update.get("update_id") if isinstance(update, dict) else None
        if not isinstance(number, int):
            log.error("telegram_update_without_number")
        elif number not in self._line:
            self._line.add(number, self._intake.read(update))

    def _move_on(self) -> None:
        offset = self._line.confirm()
        if offset is not None:
            self._offset = offset

    async def _trouble(self, error: Exception) -> None:
        self._failures += 1
        await self._stopping.wait(self._pause_after(error))

    def _pause_after(self, error: Exception) -> float:
        """Say what is wrong and return how many seconds to wait."""
        match error:
            case Conflict():
                todo = "another program polls with this token, or a webhook is set: stop it, or use mode: webhook"
                log.error("telegram_polling_conflict", reason=reason(error), todo=todo)
                return CONFLICT_PAUSE
            case InvalidToken():
                token_refused()
                return TOKEN_PAUSE
            case TooManyRequests():
                return error.seconds
        log.warning("telegram_polling_failed", error=where(error), attempt=self._failures)
        return backoff(self._failures, FIRST_PAUSE, LAST_PAUSE)
