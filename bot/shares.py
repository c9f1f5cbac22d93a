"""Keeps to a platform's pace together with the other processes: each has an equal share of it (PostgreSQL).

The rows of the outbox are anybody's, so equal shares are used up as long as there is work. Each pacer keeps to its
share as it does to the whole where it is alone; so all together never send more, however calls bunch up. A process that
died leaves its share to the others when its time is over; one that slept sends nothing until it was told anew.
"""

import asyncio
import contextlib
import itertools
import secrets
from collections.abc import Mapping
from functools import partial

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.pace import Pacer
from storage import shares
from storage.engine import Store
from storage.shares import Granted

ROUND_SECONDS = 1.0
LASTS = 10.0  # seconds that a share may be used without asking again
ANSWER_SECONDS = 5.0  # for the database to answer
CLEAN_ROUNDS = 60

log = structlog.get_logger(__name__)


class Shares:
    """Asks again and again how much each pacer may use. Until it has asked, they give no turn."""

    def __init__(self, store: Store, pacers: Mapping[str, Pacer]) -> None:
        self._store = store
        self._me = secrets.token_hex(8)
        self._pacers = {name: pacer for name, pacer in pacers.items() if pacer.whole is not None}
        for pacer in self._pacers.values():
            pacer.share(0, LASTS)

    async def run(self) -> None:
        """Go on until cancelled; then leave the shares to the others."""
        try:
            for number in itertools.count():
                await self.ask()
                if number % CLEAN_ROUNDS == 0:
                    await self._clean()
                await asyncio.sleep(ROUND_SECONDS)
        finally:
            with contextlib.suppress(SQLAlchemyError, TimeoutError):
                async with asyncio.timeout(ANSWER_SECONDS):
                    await self._store.write(lambda session: shares.give_up(session, self._me))

    async def ask(self) -> None:
        """Ask once for each channel."""
        for name, pacer in self._pacers.items():
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    await self._ask(name, pacer)
            except (SQLAlchemyError, TimeoutError) as error:
                log.warning("share_not_asked", channel=name, error=type(error).__name__)

    async def _ask(self, name: str, pacer: Pacer) -> None:
        asked = asyncio.get_running_loop().time()
        use, whole = pacer.use(), pacer.whole or 0
        granted: Granted = await self._store.write(
            lambda session: shares.ask(session, name, self._me, whole, use, LASTS)
        )
        if granted.held > 0:
            pacer.heed(granted.held)
        pacer.share(granted.share, asked + LASTS - asyncio.get_running_loop().time())

    async def _clean(self) -> None:
        for name in self._pacers:
            with contextlib.suppress(SQLAlchemyError):
                await self._store.write(partial(shares.forget_pauses, channel=name))
