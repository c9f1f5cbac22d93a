"""Waiting that ends early when the channel stops."""

import asyncio


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
        """Wait so long, or until the channel stops.

        Not with `asyncio.wait_for`: before Python 3.12 it swallows a cancellation that comes together with the event.
        """
        stop = asyncio.ensure_future(self._event.wait())
        try:
            await asyncio.wait((stop,), timeout=seconds)
        finally:
            stop.cancel()


def backoff(attempt: int, first: float, most: float) -> float:
    """Return the seconds to wait after the `attempt`-th failure in a row (from 1): doubling, up to `most`."""
    return float(min(most, first * 2 ** min(attempt - 1, 16)))
