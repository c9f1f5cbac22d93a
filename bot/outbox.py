"""Sends what was committed: in order per chat, at each platform's pace, until it arrived or finally cannot.

A row is claimed with a lease in one short transaction, sent outside any, marked in another. Only a process that dies
between the send and its mark makes a message arrive twice; the lease then runs out and the row is due again.
"""

import asyncio
import contextlib
from collections.abc import Mapping

import structlog

from bot import outrows
from bot.attachments import Files
from bot.channels.base import Channel, Delivered, Delivery, Later, Outcome
from bot.clock import Clock
from bot.metrics import SENT
from bot.outrows import Claimed
from bot.pace import Pacer
from storage.engine import Store

SWEEP_SECONDS = 1.0  # how long a row waits at the most when nobody rings
AT_ONCE = 100  # calls under way

log = structlog.get_logger(__name__)


class Outbox:
    """The only way out."""

    def __init__(self, store: Store, channels: Mapping[str, Channel], clock: Clock, files: Files | None = None) -> None:
        self._store = store
        self._channels = channels
        self._clock = clock
        self._files = files
        self._bell = asyncio.Event()
        self._pacers = {name: Pacer(channel.pace) for name, channel in channels.items()}
        self._under_way: set[asyncio.Task[None]] = set()
        self._failure: BaseException | None = None
        self.last_round: float | None = None  # by the loop's clock: stands still when the outbox does

    def ring(self) -> None:
        """Say that something new is due."""
        self._bell.set()

    async def run(self) -> None:
        """Send for ever; cancel to stop. What is under way then is sent again after its lease."""
        try:
            while True:
                await self._round()
        finally:
            for task in self._under_way:
                task.cancel()
            await asyncio.gather(*self._under_way, return_exceptions=True)

    async def send_due(self) -> int:
        """Send what is due now and wait for it; return how many rows were tried."""
        claimed = await self._claim()
        await asyncio.gather(*(self._send(each) for each in claimed))
        return len(claimed)

    async def _round(self) -> None:
        self._bell.clear()
        if self._failure is not None:
            raise self._failure
        claimed = await self._claim() if len(self._under_way) < AT_ONCE else []
        self.last_round = asyncio.get_running_loop().time()
        for each in claimed:
            task = asyncio.create_task(self._send(each))
            self._under_way.add(task)
            task.add_done_callback(self._done)
        if not claimed:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._bell.wait(), SWEEP_SECONDS)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self._failure = task.exception()  # the database refused to book it: `run` must not go on as if nothing was
        self._bell.set()

    async def _claim(self) -> list[Claimed]:
        now, names = self._clock.now(), sorted(self._channels)
        room = AT_ONCE - len(self._under_way)
        return await self._store.write(lambda session: outrows.claim(session, names, now, room, self._files))

    async def _send(self, claimed: Claimed) -> None:
        channel, delivery = self._channels[claimed.channel], claimed.delivery
        pacer = self._pacers[claimed.channel]
        group = channel.is_group(delivery.chat)
        if claimed.lane == 0:
            await pacer.turn(delivery.chat, group=group)
        outcome = await _deliver(channel, delivery)
        if claimed.lane == 0:
            pacer.arrived(delivery.chat, group=group)
        if isinstance(outcome, Later) and outcome.everyone and outcome.seconds:
            pacer.hold(outcome.seconds)
        SENT.labels(claimed.channel, type(outcome).__name__.lower()).inc()
        if not isinstance(outcome, Delivered):
            log.info("not_sent", channel=claimed.channel, row=delivery.id, how=type(outcome).__name__,
                     reason=getattr(outcome, "reason", ""))  # fmt: skip
        await self._store.write(lambda session: outrows.book(session, claimed, outcome, self._clock.now()))


async def _deliver(channel: Channel, delivery: Delivery) -> Outcome:
    try:
        return await channel.deliver(delivery)
    except Exception as error:  # noqa: BLE001 - a channel's bug must not lose the message
        log.error("channel_failed", channel=channel.name, row=delivery.id, error=type(error).__name__)
        return Later(f"{type(error).__name__} in channel {channel.name}")
