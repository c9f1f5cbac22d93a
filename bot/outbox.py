"""Sends what was committed: in order per chat, at each platform's pace, until it arrived or finally cannot.

A row is claimed with a lease in one short transaction, sent outside any, marked in another. Only a process that dies
between the send and its mark makes a message arrive twice; the lease then runs out and the row is due again.
"""

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, exists, or_, select, update
from sqlalchemy.orm import Session, aliased

from bot.channels.base import Channel, Delivered, Delivery, Later, Moved, Outcome, Refused
from bot.clock import Clock
from storage.engine import Store
from storage.models import CardMessage, Identity, Outgoing
from storage.upsert import insert_or_update

LEASE = timedelta(seconds=60)  # longer than any call's timeout
BATCH = 100  # rows claimed at once
SWEEP_SECONDS = 1.0  # how long a row waits at the most when nobody rings
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 600.0  # seconds between tries, doubled each time
REASON = 200  # characters of a reason that are kept


class Outbox:
    """The only way out."""

    def __init__(self, store: Store, channels: Mapping[str, Channel], clock: Clock) -> None:
        self._store = store
        self._channels = channels
        self._clock = clock
        self._bell = asyncio.Event()
        self._free_at: dict[tuple[str, str], float] = {}  # when a chat may be written to again, by the loop's clock

    def ring(self) -> None:
        """Say that something new is due."""
        self._bell.set()

    async def run(self) -> None:
        """Send for ever; cancel to stop. What is under way then is sent again after its lease."""
        while True:
            self._bell.clear()
            if not await self.send_due():
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._bell.wait(), SWEEP_SECONDS)

    async def send_due(self) -> int:
        """Send what is due now, side by side where it goes to different chats; return how many rows were tried."""
        now = self._clock.now()
        deliveries = await self._store.write(lambda session: claim(session, sorted(self._channels), now))
        await asyncio.gather(*(self._send(channel, delivery, attempts) for channel, delivery, attempts in deliveries))
        return len(deliveries)

    async def _send(self, channel: str, delivery: Delivery, attempts: int) -> None:
        await self._keep_pace(channel, delivery.chat)
        try:
            outcome = await self._channels[channel].deliver(delivery)
        except Exception as error:  # noqa: BLE001 - a channel's bug must not lose the message
            outcome = Later(f"{type(error).__name__} in channel {channel}")
        await self._store.write(
            lambda session: book(session, channel, delivery, outcome, attempts, self._clock.now())
        )

    async def _keep_pace(self, channel: str, chat: str) -> None:
        """Wait until the platform lets us write to this chat again."""
        between = self._channels[channel].pace.chat_seconds
        if between is None:
            return
        loop = asyncio.get_running_loop()
        turn = max(loop.time(), self._free_at.get((channel, chat), 0))
        self._free_at[channel, chat] = turn + between
        await asyncio.sleep(turn - loop.time())


def claim(session: Session, channels: Sequence[str], now: datetime) -> list[tuple[str, Delivery, int]]:
    """Claim the rows that are due: the first of each chat's queue, and those beside it (lane 1)."""
    earlier = aliased(Outgoing)
    blocked = exists().where(
        earlier.channel == Outgoing.channel, earlier.chat == Outgoing.chat, earlier.lane == Outgoing.lane,
        earlier.id < Outgoing.id, earlier.state == "pending",
    )  # fmt: skip
    due = session.execute(
        select(Outgoing)
        .where(
            Outgoing.state == "pending", Outgoing.channel.in_(channels), Outgoing.not_before <= now,
            or_(Outgoing.claimed_until.is_(None), Outgoing.claimed_until <= now),
            or_(Outgoing.lane > 0, ~blocked),
        )
        .order_by(Outgoing.priority, Outgoing.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    ).scalars().all()  # fmt: skip
    if due:
        claimed = [row.id for row in due]
        session.execute(update(Outgoing).where(Outgoing.id.in_(claimed)).values(claimed_until=now + LEASE))
    return [(row.channel, _delivery(session, row), row.attempts) for row in due]


def book(
    session: Session, channel: str, delivery: Delivery, outcome: Outcome, attempts: int, now: datetime
) -> None:  # fmt: skip
    """Write down how a delivery went, and what follows from it."""
    match outcome:
        case Delivered(message):
            _mark(session, delivery.id, state="sent", done_at=now, error=None)
            if delivery.card and message:
                row = {"channel": channel, "chat": delivery.chat, "card": delivery.card, "message": message}
                insert_or_update(session, CardMessage, row, ("channel", "chat", "card"))
        case Later(reason, seconds, _):
            pause = min(seconds if seconds is not None else FIRST_PAUSE * 2**attempts, LONGEST_PAUSE)
            _mark(session, delivery.id, not_before=now + timedelta(seconds=pause), claimed_until=None,
                  attempts=attempts + 1, error=reason[:REASON])  # fmt: skip
        case Refused(reason, gone):
            _mark(session, delivery.id, state="not_reached", done_at=now, error=reason[:REASON])
            if gone:
                _note_unreachable(session, channel, delivery.chat, reason)
        case Moved(chat):
            _move_chat(session, channel, delivery.chat, chat)


def _delivery(session: Session, row: Outgoing) -> Delivery:
    message = session.scalar(
        select(CardMessage.message).where(
            CardMessage.channel == row.channel, CardMessage.chat == row.chat, CardMessage.card == row.card
        )
    ) if row.card else None  # fmt: skip
    return Delivery(row.id, row.chat, row.payload, row.person_id, row.card, message)


def _mark(session: Session, row_id: int, **values: Any) -> None:
    session.execute(update(Outgoing).where(Outgoing.id == row_id).values(**values))


def _note_unreachable(session: Session, channel: str, chat: str, reason: str) -> None:
    here = and_(Identity.channel == channel, Identity.chat == chat)
    session.execute(update(Identity).where(here).values(unreachable=reason[:120]))


def _move_chat(session: Session, channel: str, old: str, new: str) -> None:
    """Follow a group that has a new id: what waits goes there, its cards are found there."""
    waiting = and_(Outgoing.channel == channel, Outgoing.chat == old, Outgoing.state == "pending")
    session.execute(update(Outgoing).where(waiting).values(chat=new, claimed_until=None))
    cards = and_(CardMessage.channel == channel, CardMessage.chat == old)
    session.execute(update(CardMessage).where(cards).values(chat=new))
