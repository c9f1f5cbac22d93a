"""Begins and ends the taking in of updates, by polling or by webhook."""

import asyncio
import contextlib
import math
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

from bot.channels.base import Accept
from bot.channels.telegram.api import Api, TooManyRequests
from bot.channels.telegram.errors import InvalidToken, TelegramError
from bot.channels.telegram.intake import Intake
from bot.channels.telegram.limits import ALLOWED_UPDATES, WEBHOOK_CONNECTIONS
from bot.channels.telegram.menus import MenuSetter
from bot.channels.telegram.outcome import reason, token_refused
from bot.channels.telegram.parse import Me, where
from bot.channels.telegram.pause import Stopping, backoff
from bot.channels.telegram.polling import Poller
from bot.channels.telegram.webhook import Webhook
from bot.clock import Clock
from bot.lease import Lease, alone

log = structlog.get_logger(__name__)

FIRST_RETRY, LAST_RETRY = 1.0, 60.0  # seconds between tries to reach Telegram at the start
PATIENCE = 6  # failures in a row, some minute, after which another process may poll instead

T = TypeVar("T")


class Arrivals:
    """Updates coming in. With a `webhook` Telegram calls us, without one we ask; with a `lease`, when it is ours."""

    def __init__(
        self, api: Api, clock: Clock, stopping: Stopping, menus: MenuSetter, webhook: Webhook | None,
        lease: Lease | None = None,
    ) -> None:  # fmt: skip
        self._api = api
        self._clock = clock
        self._stopping = stopping
        self._menus = menus
        self._webhook = webhook
        self._lease = lease
        self._poller: Poller | None = None
        self._intake: Intake | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._ready = asyncio.Event()
        self.username = ""  # of the bot, once Telegram was reached
        self._died = asyncio.Event()
        self._why = ""

    def start(self, accept: Accept) -> None:
        """Begin in the background; while Telegram cannot be reached it is tried again and again."""
        self._begin(self._run(accept))

    async def ready(self) -> None:
        """Wait until Telegram was reached and updates are taken in."""
        await self._ready.wait()

    async def watch(self) -> None:
        """Wait for ever. Raises RuntimeError where a background task has died: kind and place, no words."""
        await self._died.wait()
        raise RuntimeError(self._why)

    async def stop(self) -> None:
        """After `stopping` was set: finish what the inbox has in hand and confirm it to Telegram."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._webhook is not None:
            await self._webhook.close()
        if self._poller is not None:
            await self._poller.finish()
        if self._lease is not None:
            await self._lease.give_up()
        if self._intake is not None:
            await self._intake.stop()

    def _begin(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        task.add_done_callback(self._report_death)
        self._tasks.append(task)

    async def _run(self, accept: Accept) -> None:
        me = await self._insist(self._who_am_i)
        self._intake = Intake(self._api, me, accept, self._clock)
        self._begin(self._menus.set_all())
        if self._webhook is not None:
            await self._open(self._webhook, self._intake)
        else:
            await self._poll(self._intake)

    async def _open(self, webhook: Webhook, intake: Intake) -> None:
        webhook.open(intake)
        await self._insist(lambda: self._set_webhook(webhook))
        self._ready.set()

    async def _poll(self, intake: Intake) -> None:
        await self._insist(self._delete_webhook)
        self._ready.set()
        if self._lease is None:
            await self._take_turn(intake)
        else:
            await self._lease.hold(lambda: self._take_turn(intake))

    async def _take_turn(self, intake: Intake) -> None:
        """Poll as long as it is our turn. When it ends, what the inbox has in hand is finished and not confirmed."""
        over = Stopping()
        sure, patience = (self._lease.sure, PATIENCE) if self._lease is not None else (alone, math.inf)
        poller = self._poller = Poller(self._api, intake, over, sure, patience)
        try:
            await poller.run()
        finally:
            over.set()
            if not self._stopping:  # else `stop` finishes it
                self._poller = None
                await poller.drop()

    async def _who_am_i(self) -> Me:
        found = await self._api.call("getMe")
        self.username = str(found.get("username", ""))
        return Me(int(found["id"]), self.username)

    async def _delete_webhook(self) -> None:
        """Polling is refused while a webhook is set. What waits at Telegram is kept."""
        await self._api.call("deleteWebhook", {"drop_pending_updates": False})

    async def _set_webhook(self, webhook: Webhook) -> None:
        params = {
            "url": webhook.url,
            "secret_token": webhook.secret,
            "allowed_updates": list(ALLOWED_UPDATES),
            "max_connections": WEBHOOK_CONNECTIONS,
            "drop_pending_updates": False,
        }
        await self._api.call("setWebhook", params)

    async def _insist(self, call: Callable[[], Awaitable[T]]) -> T:
        """Call until it works: the desk must come up by itself when the network does.

        Raises CancelledError when the channel stops before that.
        """
        attempt = 0
        while not self._stopping:
            try:
                return await call()
            except Exception as error:  # noqa: BLE001 - an odd answer is no reason to give up either
                attempt += 1
                await self._stopping.wait(_pause_after(error, attempt))
        raise asyncio.CancelledError

    def _report_death(self, task: asyncio.Task[None]) -> None:
        """A side task that dies must not do so in silence, and not alone: the desk would be deaf."""
        with contextlib.suppress(asyncio.CancelledError):
            if (error := task.exception()) is not None:
                self._why = where(error)  # a printed stack may show the token
                log.critical("telegram_task_died", error=self._why)
                self._died.set()


def _pause_after(error: Exception, attempt: int) -> float:
    """Say what is wrong and return how many seconds to wait."""
    match error:
        case InvalidToken():
            token_refused()
            return LAST_RETRY
        case TooManyRequests():
            return error.seconds
    todo = "check the network, HTTPS_PROXY, telegram.base_url and telegram.webhook_url"
    told = reason(error) if isinstance(error, TelegramError) else where(error)
    log.error("telegram_not_reached", reason=told, attempt=attempt, todo=todo)
    return backoff(attempt, FIRST_RETRY, LAST_RETRY)
