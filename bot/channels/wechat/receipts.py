"""What became of template messages that the platform took: it tells later, and may not have delivered them.

What was sent keeps the platform's number in `outgoing.answers`, which no one else asks for by then. The platform may
tell before our own call has come back and is booked: then it is looked for again.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime

import structlog
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.channels.base import Refused
from bot.channels.tencent.intime import Begin, InTime
from bot.channels.wechat.answers import Held
from bot.channels.wechat.parse import CHANNEL, Arrival, Receipt
from bot.clock import Clock
from storage.engine import Store
from storage.message_models import InboxEntry, Outgoing
from storage.upsert import insert_or_ignore

log = structlog.get_logger(__name__)

CameBack = Callable[[Session, int, Refused, datetime], None]
"""Books that what counted as sent did not arrive, and what follows from it."""

LOOKS = 5  # within the time in which the callback must be answered
LOOK_AGAIN = 0.5  # seconds


class Receipts:
    """Takes in what the platform says of messages that did not arrive, once each."""

    def __init__(self, store: Store, clock: Clock, in_time: InTime[Held | None], came_back: CameBack) -> None:
        self._store = store
        self._clock = clock
        self._in_time = in_time
        self._came_back = came_back

    async def take(self, arrival: Arrival, receipt: Receipt) -> None:
        """Book a message that did not arrive. Raises NotInTime."""
        await self._in_time.take(arrival.key, lambda begin: self._looked_for(arrival, receipt, begin))

    async def _looked_for(self, arrival: Arrival, receipt: Receipt, begin: Begin) -> None:
        for _ in range(LOOKS):
            if await self._store.write(lambda session: self._book(session, arrival, receipt, begin)):
                return
            await asyncio.sleep(LOOK_AGAIN)
        log.warning("wechat_receipt_of_nothing")  # of a message that another program sent, or an old one

    def _book(self, session: Session, arrival: Arrival, receipt: Receipt, begin: Begin) -> bool:
        begin()
        sent = select(Outgoing.id, Outgoing.state).where(
            Outgoing.channel == CHANNEL, Outgoing.answers == name_of(receipt.message), Outgoing.chat == arrival.chat
        )
        row = session.execute(sent.limit(1).with_for_update()).first()
        if row is None or row.state == "pending":
            return False
        now = self._clock.now()
        noted = {"channel": CHANNEL, "key": arrival.key, "received_at": now}
        if insert_or_ignore(session, InboxEntry, noted) and row.state == "sent":
            reason = "template: blocked by the person" if receipt.blocked else "template: the platform failed"
            self._came_back(session, row.id, Refused(reason, gone=receipt.blocked, elsewhere=True), now)
        return True


def name_of(message: str) -> str:
    """Return how a row names the message that the platform made of it."""
    return f"template:{message}"


def sent_as(session: Session, row: int, message: str) -> None:
    """Note which message the platform made of a row."""
    session.execute(update(Outgoing).where(Outgoing.id == row).values(answers=name_of(message)))
