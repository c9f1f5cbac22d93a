"""Writes down what became of a delivery, as soon as the database takes it."""

import asyncio
from collections.abc import Mapping, Sequence

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from bot import outrows
from bot.channels.base import Channel, Outcome
from bot.clock import Clock
from bot.died import told
from bot.outrows import Claimed
from bot.pace import Pacer
from bot.together import Together
from storage import shares
from storage.engine import Store
from storage.message_models import BESIDE
from storage.trouble import passes
from storage.work import Work

AFTER_TROUBLE = 1.0  # seconds until a database that takes nothing is tried again

log = structlog.get_logger(__name__)


class Booking:
    """The end of each row: what was sent and not marked would be sent again.

    `pacers`: of channels whose pauses other processes must know of.
    """

    def __init__(
        self, store: Store, clock: Clock, channels: Mapping[str, Channel], pacers: Mapping[str, Pacer]
    ) -> None:
        self._store = store
        self._clock = clock
        self._channels = channels
        self._planners = {name: channel.planner for name, channel in channels.items()}
        self._pacers = pacers
        self._marks = Together(self._mark_sent)
        self.stopping = False  # then trouble is raised, not waited for

    async def sent(self, claimed: Claimed, message: str | None) -> None:
        """Mark it, together with others that were sent meanwhile."""
        await self._marks.add((claimed, message))

    async def came_to(self, claimed: Claimed, outcome: Outcome) -> None:
        """Write down what else became of it."""
        now = self._clock.now()
        await self._mark(lambda session: outrows.book(session, claimed, outcome, now, self._planners), [claimed])

    async def _mark_sent(self, sent: Sequence[tuple[Claimed, str | None]]) -> None:
        now = self._clock.now()
        await self._mark(lambda session: outrows.mark_sent(session, sent, now), [claimed for claimed, _ in sent])

    async def _mark(self, work: Work[None], of: Sequence[Claimed]) -> None:
        pauses = self._pauses_after(of)

        def mark(session: Session) -> None:
            work(session)
            for channel, chat, seconds in pauses:
                shares.pause(session, channel, chat, seconds)

        while True:
            try:
                await self._store.write(mark, ahead=True)  # what follows in the chat may go out then
            except DBAPIError as error:
                if not passes(error) or self.stopping:
                    raise
                log.error("outbox_waits", why=told(error))
                await asyncio.sleep(AFTER_TROUBLE)
            else:
                return

    def _pauses_after(self, sent: Sequence[Claimed]) -> list[tuple[str, str, float]]:
        """Return which chats take nothing for a while, in one order: so no two processes wait for each other."""
        if not self._pacers:
            return []
        chats = {(each.channel, each.delivery.chat) for each in sent if each.lane != BESIDE}
        found = [
            (channel, chat, self._pacers[channel].between(group=self._channels[channel].is_group(chat)))
            for channel, chat in sorted(chats)
        ]
        return [each for each in found if each[2]]
