"""Waiting for something in the simulator to change."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class Signal:
    """Wakes everybody who waits for a change. A pickled one comes back with nobody waiting."""

    def __init__(self) -> None:
        self._waiting: list[asyncio.Future[None]] = []

    def fire(self) -> None:
        """Something changed."""
        waiting, self._waiting = self._waiting, []
        for future in waiting:
            if not future.done():
                future.set_result(None)

    async def until(self, ready: Callable[[], T | None], timeout: float) -> T | None:  # noqa: ASYNC109
        """Wait until `ready` returns something; None after `timeout` seconds."""
        loop = asyncio.get_running_loop()
        end = loop.time() + timeout
        while (found := ready()) is None:
            if (left := end - loop.time()) <= 0:
                return None
            future = loop.create_future()
            self._waiting.append(future)
            await asyncio.wait((future,), timeout=left)
        return found

    def __reduce__(self) -> tuple[type["Signal"], tuple[()]]:
        return Signal, ()
