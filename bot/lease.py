"""What one process of several does at a time, and another takes over when it dies (`storage.lease`).

Whoever has the lease renews it. Who cannot, stops before another may begin: a process counts from the moment *before*
it asked, the database from the one after. A process that slept (a stopped machine, a hanging disk) finds that its time
is over when it wakes up; `sure` asks the database itself, before anything that must not be done by two.
"""

import asyncio
import contextlib
import secrets
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from storage import lease
from storage.engine import Store

LEASE_SECONDS = 30.0  # after which another may take what a dead process had
RENEW_SECONDS = 8.0
LOOK_SECONDS = 2.0  # how often those who have it not look whether it is free
ANSWER_SECONDS = 5.0  # for the database to answer

Work = Callable[[], Coroutine[Any, Any, None]]

log = structlog.get_logger(__name__)


class Lease:
    """One process's part in it."""

    def __init__(self, store: Store, name: str) -> None:
        self._store = store
        self._name = name
        self._me = secrets.token_hex(8)
        self._until = 0.0  # by time.monotonic()

    async def hold(self, work: Work) -> None:
        """Do `work` whenever the lease is ours, until cancelled; it is cancelled when the lease is lost.

        Where `work` ends by itself, another process has the next turn. What it raises is raised.
        """
        while True:
            if await self._ask(lease.take):
                log.info("lease_taken", name=self._name)
                if await self._while_ours(work):
                    await self.give_up()
                else:
                    log.warning("lease_lost", name=self._name)
                await asyncio.sleep(LOOK_SECONDS)
            await asyncio.sleep(LOOK_SECONDS)

    async def sure(self) -> bool:
        """Tell whether the lease is ours now, by the database's word; renews it."""
        return self._until > time.monotonic() and await self._ask(lease.renew)

    async def give_up(self) -> None:
        """Let another process have it at once."""
        if self._until == 0.0:
            return
        self._until = 0.0
        with contextlib.suppress(SQLAlchemyError, TimeoutError):
            async with asyncio.timeout(ANSWER_SECONDS):
                await self._store.write(lambda session: lease.give_up(session, self._name, self._me))

    async def _while_ours(self, work: Work) -> bool:
        """Do the work and renew the lease beside it; return whether the work came to its end."""
        task = asyncio.create_task(work())
        try:
            while (left := self._until - time.monotonic()) > 0:
                done, _ = await asyncio.wait([task], timeout=min(RENEW_SECONDS, left))
                if done:
                    task.result()
                    return True
                if self._until > time.monotonic():
                    await self._ask(lease.renew)
            return False
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _ask(self, how: Callable[..., bool]) -> bool:
        """Take or renew; False where it is not ours, or the database does not answer: then what was ours still is."""
        before = time.monotonic()
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                ours = await self._store.write(lambda session: how(session, self._name, self._me, LEASE_SECONDS))
        except (SQLAlchemyError, TimeoutError) as error:
            log.warning("lease_not_asked", name=self._name, error=type(error).__name__)
            return False
        self._until = before + LEASE_SECONDS if ours else 0.0
        return ours


Sure = Callable[[], Awaitable[bool]]
"""Tells whether one may still go on."""


async def alone() -> bool:
    """Go on: there is no other process."""
    return True
