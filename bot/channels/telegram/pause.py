"""Waiting that ends early when the channel stops."""

import asyncio
import contextlib


class Stopping:
    """Whether the channel is being stopped."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def __bool__(self) -> bool:
        return self._event.is_set()

    def set(self) -> None:
        """Begin to stop."""
        self._event.set()

    async def wait(self, seconds: float) -> None:
        """Wait so long, or until the channel stops."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._event.wait(), seconds)


def backoff(attempt: int, first: float, most: float) -> float:
    """Return the seconds to wait after the `attempt`-th failure in a row (from 1): doubling, up to `most`."""
    return float(min(most, first * 2 ** min(attempt - 1, 16)))
