"""Sends warnings to everybody: copies into the outbox a few hundred at a time, and how far it is on the maker's card.

What it does next stands in the rows: after a restart it goes on, and on several processes each step is one's alone.
"""

import asyncio
from collections.abc import Callable, Mapping
from functools import partial

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.clock import Clock
from cases import broadcasts
from cases.broadcast_figures import Figures, figures
from cases.context import Context, RulesFor
from handlers.admin import warn_copies
from handlers.desk import Desk
from handlers.message import Planner
from storage.engine import Store
from storage.faults import hit

ROUND_SECONDS = 1.0

log = structlog.get_logger(__name__)


class Broadcaster:
    """Looks once a second whether a warning is under way."""

    def __init__(
        self, store: Store, rules: RulesFor, planners: Mapping[str, Planner], clock: Clock,
        ring: Callable[[], None] = lambda: None,
    ) -> None:  # fmt: skip
        self._store = store
        self._rules = rules
        self._planners = planners
        self._clock = clock
        self._ring = ring
        self._shown: dict[int, Figures] = {}  # what the cards say, of the warnings under way

    async def run(self) -> None:
        """Go on until cancelled; what fails, a database that does not answer or one warning, is tried again."""
        while True:
            try:
                await self.go_round()
            except SQLAlchemyError as error:
                log.error("broadcast_round_failed", error=type(error).__name__)
            await asyncio.sleep(ROUND_SECONDS)

    async def go_round(self) -> None:
        """Write the copies that are wanted now, and show how far each warning is."""
        moving = await self._store.read(broadcasts.under_way)
        self._shown = {number: found for number, found in self._shown.items() if number in moving}
        for number in moving:
            try:
                await self._go_on(number)
            except SQLAlchemyError:
                raise
            except Exception as error:  # noqa: BLE001 - whatever it is, it is this warning's alone
                log.error("broadcast_failed", broadcast=number, error=type(error).__name__)

    async def _go_on(self, number: int) -> None:
        hit("broadcast.before_chunk")
        more = True
        while more:
            more = await self._store.write(partial(self._write_some, number))
            hit("broadcast.after_chunk")
            self._ring()
        found = await self._store.read(lambda session: figures(session, number))
        if await self._store.write(partial(self._show, number, found)):
            self._shown[number] = found
            self._ring()

    def _write_some(self, number: int, session: Session) -> bool:
        desk = self._desk(session)
        more = warn_copies.write_some(desk, number)
        desk.flush()
        hit("broadcast.in_chunk")
        return more

    def _show(self, number: int, found: Figures, session: Session) -> bool:
        desk = self._desk(session)
        shown = warn_copies.go_on(desk, number, found, news=found != self._shown.get(number))
        desk.flush()
        return shown

    def _desk(self, session: Session) -> Desk:
        return Desk(Context(session, self._clock.now(), self._rules(session)), self._planners)
