"""What a channel is sending: each call in a task of its own, ended in order when the channel stops."""

import asyncio
from collections.abc import Awaitable, Callable

from bot.channels.base import Delivery, Later, Outcome

STOP_SECONDS = 25.0  # what a call under way may still take when the channel stops


class Sending:
    """Calls under way. `send` makes one."""

    def __init__(self, send: Callable[[Delivery], Awaitable[Outcome]]) -> None:
        self._send = send
        self._stopping = False
        self._under_way: set[asyncio.Task[Outcome]] = set()

    async def deliver(self, delivery: Delivery) -> Outcome:
        """Send one planned call."""
        if self._stopping:
            return Later("stopping")
        # A task of its own: a caller that is cancelled must not leave us in doubt whether the message went out.
        task = asyncio.ensure_future(self._made(delivery))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return await asyncio.shield(task)

    def refuse(self) -> None:
        """Begin no more."""
        self._stopping = True

    async def end(self) -> None:
        """Wait for what is under way, for a while."""
        self._stopping = True
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=STOP_SECONDS)

    async def _made(self, delivery: Delivery) -> Outcome:
        return await self._send(delivery)
