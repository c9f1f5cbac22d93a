"""What a channel is sending: calls under way are ended in order when it stops."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from bot.channels.base import Delivery, Later, Outcome

STOP_SECONDS = 25.0  # what a call under way may still take when the channel stops


class Sending:
    """Calls under way. `send` makes one."""

    def __init__(self, send: Callable[[Delivery], Awaitable[Outcome]]) -> None:
        self._send = send
        self._stopping = False
        self._under_way = 0
        self._none_left = asyncio.Event()

    async def deliver(self, delivery: Delivery) -> Outcome:
        """Send one planned call. Do not cancel it: nobody would know whether the message went out."""
        if self._stopping:
            return Later("stopping")
        self._under_way += 1
        try:
            return await self._send(delivery)
        finally:
            self._under_way -= 1
            if not self._under_way:
                self._none_left.set()

    def refuse(self) -> None:
        """Begin no more."""
        self._stopping = True

    async def end(self) -> None:
        """Wait for what is under way, for a while."""
        self._stopping = True
        if self._under_way:
            self._none_left.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._none_left.wait(), STOP_SECONDS)
