"""Sends what was committed: in order per chat, at each platform's pace, until it arrived or finally cannot.

A row is claimed with a lease in one short transaction, sent outside any, marked in another. Only a process that dies
between the send and its mark makes a message arrive twice; the lease then runs out and the row is due again.

Where no other process sends (SQLite), what answers an update is written with its lease from the beginning and handed
over after the COMMIT (`take`): no look-up, no second transaction before it goes out.
"""

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from bot import outrows, set_back
from bot.attachments import Files
from bot.booking import AFTER_TROUBLE, Booking
from bot.channels.base import Channel, Delivered, Later, Outcome
from bot.clock import Clock
from bot.delivering import deliver
from bot.died import told
from bot.in_hand import InHand
from bot.metrics import SENT, count
from bot.outrows import ANSWERS, NOTICES, Claimed
from bot.pace import Pacer
from handlers.priority import WARNING
from storage import shares
from storage.engine import Store
from storage.faults import hit
from storage.message_models import BESIDE
from storage.trouble import passes

SWEEP_SECONDS = 1.0  # how long a row waits at the most when nobody rings
LONG_WAIT = 10.0  # seconds a row may wait in hand for its chat; longer, and it is put off
STOP_SECONDS = 10.0  # what calls that have begun may take when the program stops

Rests = Mapping[tuple[str, str], float]
"""Seconds by channel and chat."""

log = structlog.get_logger(__name__)


class Outbox:
    """The only way out."""

    def __init__(
        self, store: Store, channels: Mapping[str, Channel], clock: Clock, files: Files | None = None,
        rest: Callable[[datetime], datetime] = lambda now: now, *, several: bool = False,
    ) -> None:  # fmt: skip
        """`rest` returns a moment of the day as it is, and one of the night as the end of it.

        `several` processes may send: then `bot.shares.Shares` tells the `pacers` how much is theirs.
        """
        self._store = store
        self._channels = channels
        self._clock = clock
        self._files = files
        self._rest = rest
        self._bell = asyncio.Event()
        self._at_it = asyncio.Lock()  # held by a round
        self.pacers = {name: Pacer(channel.pace) for name, channel in channels.items()}
        self._booking = Booking(store, clock, channels, self.pacers if several else {})
        self._several = several
        self._in_hand = InHand()
        self._behind = True  # rows may wait for one in hand
        self._all_open = False  # no platform has told us to wait: whose rows would be in hand for long
        self._answers_wait = False  # until there is room for them
        self._alone = False  # nobody else sends, and what a former process had claimed was given back
        self._calling: dict[int, Claimed] = {}  # rows whose call has begun
        self._stopping = False
        self._failure: BaseException | None = None
        self._latest: datetime | None = None  # what the clock said at the last round: it may be set back
        self.last_round: float | None = None  # by the loop's clock: stands still when the outbox does

    def ring(self) -> None:
        """Say that something new is due."""
        self._behind = True
        self._bell.set()

    def lease(self, now: datetime) -> datetime | None:
        """Return until when rows that are written now may be this process's own from the beginning; None: not at all.

        May be asked from any thread.
        """
        if not self._in_hand.has_room(ANSWERS):
            self._answers_wait = True  # what is written now waits, and nothing that comes later goes before it
        held = self._stopping or self._answers_wait or not self._in_hand.has_room(NOTICES)
        may = self._alone and self._all_open and not held
        return now + outrows.LEASE if may else None

    def take(self, claimed: Sequence[Claimed]) -> None:
        """Send rows that were written with a lease, now that they are committed."""
        if self._stopping:  # they are found again by the next start
            return
        for each in claimed:
            self._begin(each)
        hit("outbox.claimed")

    async def run(self) -> None:
        """Send until `stop`; a database that takes nothing is waited for.

        Raises what else a booking raised: the process must not go on as if nothing was.
        """
        if self._store.url.get_backend_name() == "sqlite":  # no other process can hold a lease here
            await self._store.write(outrows.release_all)
            self._alone = True
        while not self._stopping:
            try:
                async with self._at_it:
                    await self._round()
            except DBAPIError as error:
                if not passes(error):
                    raise
                log.error("outbox_waits", why=told(error))
                await asyncio.sleep(AFTER_TROUBLE)

    async def stop(self) -> None:
        """Claim nothing more, let calls that have begun end, and give back what waits for its turn."""
        self._stopping = self._booking.stopping = True
        self._bell.set()
        async with self._at_it:  # what it claims meanwhile would be leased to nobody
            pass
        under_way = self._in_hand.tasks
        waiting = [(number, task) for number, task in under_way.items() if number not in self._calling]
        for _, task in waiting:
            task.cancel()
        if under_way:
            await asyncio.wait(under_way.values(), timeout=STOP_SECONDS)
        given_back = [number for number, task in waiting if task.cancelled()]
        await self._store.write(lambda session: outrows.release(session, given_back))

    async def send_due(self) -> int:
        """Send what is due now and wait for it; return how many rows were tried."""
        claimed = await self._claim()
        await asyncio.gather(*(self._send(each) for each in claimed))
        return len(claimed)

    async def _round(self) -> None:
        self._bell.clear()
        if self._failure is not None:
            raise self._failure
        await self._keep_leases()
        if not self._in_hand:  # then all that is due is found, and tells when there is more
            self._behind = False
        hit("outbox.before_claim")
        claimed = await self._claim()
        self.last_round = asyncio.get_running_loop().time()
        if claimed:
            hit("outbox.claimed")
            self._behind = True
        for each in claimed:
            self._begin(each)
        if not claimed and not self._stopping:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._bell.wait(), SWEEP_SECONDS)

    def _begin(self, claimed: Claimed) -> None:
        task = asyncio.create_task(self._send(claimed))
        self._in_hand.take(claimed, task)
        task.add_done_callback(lambda done: self._done(claimed, done))

    def _done(self, claimed: Claimed, task: asyncio.Task[None]) -> None:
        room = self._in_hand.end(claimed)
        error = None if task.cancelled() else task.exception()
        if error is not None and not passes(error):  # else it was not sent, and is due again when its lease is over
            self._failure = error
        if self._failure is not None or self._stopping or (room and self._behind):
            self._bell.set()

    async def _claim(self) -> list[Claimed]:
        now = self._clock.now()
        busy = self._in_hand.numbers()
        await self._notice(now)
        names = [name for name in sorted(self._channels) if not self.pacers[name].held]
        self._all_open = len(names) == len(self._channels)
        answers, warnings, notices = self._in_hand.rooms()
        if not (answers or warnings or notices):
            return []
        rested = self._rest(now)
        morning = rested if rested > now else None
        claimed, rests = await self._store.write(
            lambda session: self._with_rests(session, outrows.claim(
                session, names, now, answers, self._files, busy, notices, morning, warnings
            )),
            ahead=True,
        )  # fmt: skip
        if sum(each.priority < WARNING for each in claimed) < answers:
            self._answers_wait = False
        for (channel, chat), seconds in rests.items():
            self.pacers[channel].rest(chat, seconds)
        return claimed

    def _with_rests(self, session: Session, claimed: list[Claimed]) -> tuple[list[Claimed], Rests]:
        """Add for how long their chats take nothing, because another process has just written there."""
        chats = {(each.channel, each.delivery.chat) for each in claimed if each.lane != BESIDE} if self._several else ()
        return claimed, shares.pauses(session, chats)

    async def _notice(self, now: datetime) -> None:
        """See whether the clock was set back since the last look, or before the start."""
        if self._latest is None or now < self._latest - set_back.SKEW:
            ahead = await self._store.write(lambda session: set_back.set_back(session, now))
            if ahead:
                log.warning("clock_was_set_back", messages=ahead)
        self._latest = now

    async def _send(self, claimed: Claimed) -> None:
        channel, delivery = self._channels[claimed.channel], claimed.delivery
        pacer = self.pacers[claimed.channel]
        group = channel.is_group(delivery.chat)
        turn = None
        if claimed.lane != BESIDE:  # warnings and notices share what is left, one by one
            if (wait := pacer.chat_waits(delivery.chat)) > LONG_WAIT:
                await self._put_off(claimed, wait)
                return
            rank = min(claimed.priority, WARNING)
            turn = await pacer.turn(delivery.chat, group=group, priority=rank)
        ours = await self._still_ours(claimed)
        if ours is None:
            if turn is not None:
                pacer.unused(turn, delivery.chat)
            return
        self._calling[delivery.id] = ours
        try:
            outcome = await deliver(channel, claimed)
            hit("outbox.after_send")
            if turn is not None:
                pacer.arrived(turn, delivery.chat, group=group)
            await self._book(claimed, outcome)
        finally:
            self._calling.pop(delivery.id, None)

    async def _put_off(self, claimed: Claimed, seconds: float) -> None:
        """Give a row back until its chat takes something again: a claim is not for waiting."""
        until = self._clock.now() + timedelta(seconds=seconds)
        await self._store.write(lambda session: outrows.put_off(session, claimed.delivery.id, until))

    async def _keep_leases(self) -> None:
        """Renew the leases of calls that take long: no other process sends the same meanwhile."""
        soon = self._clock.now() + outrows.LEASE / 2
        for number, claimed in [each for each in self._calling.items() if each[1].until <= soon]:
            ours = await self._still_ours(claimed)
            if ours is not None and number in self._calling:
                self._calling[number] = ours

    async def _still_ours(self, claimed: Claimed) -> Claimed | None:
        """Renew a lease that is half over; None where it is another's by now."""
        now = self._clock.now()
        if claimed.until - now > outrows.LEASE / 2:
            return claimed
        hit("outbox.before_renewal")
        return await self._store.write(lambda session: outrows.renew(session, claimed, now))

    async def _book(self, claimed: Claimed, outcome: Outcome) -> None:
        delivery = claimed.delivery
        if isinstance(outcome, Later) and outcome.everyone and outcome.seconds:
            self.pacers[claimed.channel].hold(outcome.seconds)
            self._all_open = False
        count(SENT, claimed.channel, type(outcome).__name__.lower())
        if not isinstance(outcome, Delivered):
            log.info("not_sent", channel=claimed.channel, row=delivery.id, how=type(outcome).__name__,
                     reason=getattr(outcome, "reason", ""))  # fmt: skip
        if isinstance(outcome, Delivered):
            await self._booking.sent(claimed, outcome.message)
        else:
            await self._booking.came_to(claimed, outcome)
            self._behind = True  # it may be said elsewhere now, or in a chat that has moved
        hit("outbox.after_mark")
