"""What became of template messages and notices that the platform took: it tells later, and may not have delivered them.

What was sent keeps the platform's number in `outgoing.answers`, which no one else asks for by then; a notice whose
number the platform did not give, its template. The platform may tell before our own call has come back and is booked:
then it is looked for again.

A notice that was not delivered is said once more without the consent, which is spent: as a template message, or on
another channel.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.orm import Session

from bot.channels.base import Refused
from bot.channels.tencent.intime import Begin, InTime
from bot.channels.wechat.answers import Held
from bot.channels.wechat.parse import CHANNEL, Arrival, Receipt
from bot.clock import Clock
from bot.metrics import SENT
from storage.engine import Store
from storage.message_models import UPDATE_KEY, InboxEntry, Outgoing
from storage.upsert import insert_or_ignore

log = structlog.get_logger(__name__)

CameBack = Callable[[Session, int, Refused, datetime], None]
"""Books that what counted as sent did not arrive, and what follows from it."""

LOOKS = 5  # within the time in which the callback must be answered
LOOK_AGAIN = 0.5  # seconds
TOLD_WITHIN = timedelta(hours=1)  # of a notice without a number; an older one of the same template is another


class Receipts:
    """Takes in what the platform says of messages that did not arrive, once each."""

    def __init__(self, store: Store, clock: Clock, in_time: InTime[Held | None], came_back: CameBack) -> None:
        self._store = store
        self._clock = clock
        self._in_time = in_time
        self._came_back = came_back

    async def take(self, arrival: Arrival) -> None:
        """Book messages that did not arrive. Raises NotInTime."""
        await asyncio.gather(*(self._take(arrival, receipt) for receipt in arrival.receipts))

    async def _take(self, arrival: Arrival, receipt: Receipt) -> None:
        key = f"{arrival.key}:{receipt.message}"[:UPDATE_KEY]
        await self._in_time.take(key, lambda begin: self._looked_for(arrival, key, receipt, begin))

    async def _looked_for(self, arrival: Arrival, key: str, receipt: Receipt, begin: Begin) -> None:
        for _ in range(LOOKS):
            if await self._store.write(lambda session: self._book(session, arrival, key, receipt, begin)):
                return
            await asyncio.sleep(LOOK_AGAIN)
        log.warning("wechat_receipt_of_nothing")  # of a message that another program sent, or an old one

    def _book(self, session: Session, arrival: Arrival, key: str, receipt: Receipt, begin: Begin) -> bool:
        begin()
        row = _sent(session, arrival, receipt)
        if row is None or row.state == "pending":
            return False
        now = self._clock.now()
        noted = {"channel": CHANNEL, "key": key, "received_at": now}
        if insert_or_ignore(session, InboxEntry, noted) and row.state == "sent":
            if receipt.notice:
                _say_again(session, row.id, now)
            else:
                reason = "template: blocked by the person" if receipt.blocked else "template: the platform failed"
                self._came_back(session, row.id, Refused(reason, gone=receipt.blocked, elsewhere=True), now)
        return True


def _sent(session: Session, arrival: Arrival, receipt: Receipt) -> Any:
    """Return the row that the receipt means, locked; where only its template is known, the newest of this hour."""
    exactly: ColumnElement[bool] = Outgoing.answers == name_of(receipt.message)
    named = exactly
    if receipt.notice:
        young = or_(Outgoing.done_at.is_(None), Outgoing.done_at > arrival.at - TOLD_WITHIN)
        named = or_(exactly, and_(Outgoing.answers == name_of(receipt.notice), young))
    sent = select(Outgoing.id, Outgoing.state).where(Outgoing.channel == CHANNEL, Outgoing.chat == arrival.chat, named)
    return session.execute(sent.order_by(exactly.desc(), Outgoing.id.desc()).limit(1).with_for_update()).first()


def _say_again(session: Session, number: int, now: datetime) -> None:
    """Let the outbox look for another way than the consent."""
    row = session.get_one(Outgoing, number)
    row.payload = {**row.payload, "notice": {**row.payload["notice"], "occasion": ""}}
    row.state, row.not_before, row.error = "pending", now, "notice: the platform failed"
    row.done_at = row.claimed_until = row.answers = None
    SENT.labels(CHANNEL, "came_back").inc()


def name_of(message: str) -> str:
    """Return how a row names the message that the platform made of it."""
    return f"template:{message}"


def sent_as(session: Session, row: int, message: str) -> None:
    """Note which message the platform made of a row."""
    session.execute(update(Outgoing).where(Outgoing.id == row).values(answers=name_of(message)))
