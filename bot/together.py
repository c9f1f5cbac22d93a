"""Carries out at once what has gathered while it was busy, or for a moment: many small writes become one."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Together(Generic[T]):
    """Takes things one by one; `carry_out` gets all that wait, never two lots at the same time.

    `seconds`: for so long more is waited for, where what comes can wait.
    """

    def __init__(self, carry_out: Callable[[list[T]], Awaitable[None]], seconds: float = 0.0) -> None:
        self._carry_out = carry_out
        self._seconds = seconds
        self._waiting: list[tuple[T, asyncio.Future[None]]] = []
        self._working: asyncio.Task[None] | None = None

    async def add(self, one: T) -> None:
        """Return once it was carried out. Raises what that raised, for each of the lot."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((one, done))
        if self._working is None:
            self._working = asyncio.create_task(self._work())
        await done

    async def _work(self) -> None:
        while self._waiting:
            if self._seconds:
                await asyncio.sleep(self._seconds)
            lot, self._waiting = self._waiting, []
            error: BaseException | None = None
            try:
                await self._carry_out([one for one, _done in lot])
            except BaseException as raised:  # noqa: BLE001 - it belongs to those who wait for it
                error = raised
            for _one, done in lot:
                if done.done():  # whoever waited was cancelled
                    continue
                if error is None:
                    done.set_result(None)
                else:
                    done.set_exception(error)
        self._working = None
