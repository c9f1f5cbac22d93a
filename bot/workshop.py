"""Makes what was commissioned: pictures and sheets, outside any transaction and, where it is heavy, in a process apart.

What is quick does not wait for what is not: two work side by side, one thing at a time each.
A commission is a row; whoever takes it holds a lease, and keeps it while it lives. What was made, the message with it
and the mark that it is done are committed together, so nothing is forgotten, and only a process that dies before that
makes it again.
"""

import asyncio
import multiprocessing
import secrets
from collections.abc import Awaitable, Callable, Collection, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import structlog
from sqlalchemy import Select, insert, or_, select, update
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm import Session

from bot.attachments import Files
from bot.clock import Clock
from bot.died import told
from cases.context import Context, RulesFor
from handlers.commission import FAILED, WAITING, card_of
from handlers.desk import Desk
from handlers.inbound import FileKind
from handlers.message import Address, Message, Planner
from handlers.priority import ANSWER
from handlers.texts import Translate
from storage.engine import Store
from storage.faults import hit
from storage.message_models import Attachment, Commission
from storage.trouble import passes

LOOK_SECONDS = 1.0  # how long a commission waits at the most before it is begun
QUICK_LOOK_SECONDS = 0.25  # one that is quick
LEASE = timedelta(minutes=3)  # renewed while it is being made
RENEW_SECONDS = 60.0
MOST_ATTEMPTS = 3
SPAWN = multiprocessing.get_context("spawn")

P = ParamSpec("P")
T = TypeVar("T")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Order:
    """A commission in hand."""

    id: int
    kind: str
    person_id: int
    address: Address
    data: dict[str, Any]
    created_at: datetime
    attempt: int = 1  # whoever takes it after its lease has another

    @property
    def card(self) -> str:
        """The key of the card that says how far it is."""
        return card_of(self.id, self.data)


@dataclass(frozen=True, slots=True)
class Piece:
    """A file that was made. `name` is what people see it called."""

    data: bytes
    kind: FileKind
    mime: str
    name: str


@dataclass(frozen=True, slots=True)
class Made:
    """What came of it: files, and the message that goes with their attachment ids.

    `in_place`: the message changes the card it names. `note` writes down what must be true as soon as they are handed
    over, in the same transaction.
    """

    pieces: tuple[Piece, ...]
    say: Callable[[Translate, tuple[int, ...]], Message]
    note: Callable[[Context], None] | None = None
    in_place: bool = False


class Workshop:
    """One thing at a time, the oldest first; what is `quick` beside all else."""

    def __init__(
        self, store: Store, rules: RulesFor, planners: Mapping[str, Planner], clock: Clock, files: Files,
        makers: Mapping[str, "Maker"], ring: Callable[[], None], quick: Collection[str] = (),
        renew_seconds: float = RENEW_SECONDS,
    ) -> None:  # fmt: skip
        self._store = store
        self._rules = rules
        self._planners = planners
        self._clock = clock
        self._files = files
        self._makers = makers
        self._ring = ring
        self._renew_seconds = renew_seconds
        self._quick = [kind for kind in makers if kind in quick]
        self._slow = [kind for kind in makers if kind not in quick]

    @property
    def root(self) -> Path:
        """Where the files lie."""
        return self._files.root

    async def run(self) -> None:
        """Work until cancelled; a database that takes nothing is waited for. Raises what else it raised."""
        if self._store.url.get_backend_name() == "sqlite":  # no other process can hold a lease here
            await self._store.write(_release_all)
        await asyncio.gather(self._work(self._quick, QUICK_LOOK_SECONDS), self._work(self._slow, LOOK_SECONDS))

    async def _work(self, kinds: Collection[str], pause: float) -> None:
        while kinds:
            try:
                if await self._make_next(kinds):
                    continue
            except DBAPIError as error:
                if not passes(error):
                    raise
                log.error("workshop_waits", why=told(error))
                pause = max(pause, LOOK_SECONDS)
            await asyncio.sleep(pause)

    async def make_next(self) -> bool:
        """Make the oldest that waits; False where nothing does."""
        return await self._make_next(self._makers)

    async def _make_next(self, kinds: Collection[str]) -> bool:
        if await self._store.read(lambda session: session.scalar(_oldest(kinds, self._clock.now()))) is None:
            return False
        order = await self._store.write(lambda session: _take(session, kinds, self._clock.now()))
        if order is None:
            return False
        hit("workshop.taken")
        if order.attempt > MOST_ATTEMPTS:  # the process died of it each time
            await self._give_up(order, final=True)
            return True
        try:
            made = await self._make(order)
            hit("workshop.made")
            await self._hand_over(order, made)
            hit("workshop.after_mark")
        except SQLAlchemyError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it is this commission's alone
            log.error("not_made", kind=order.kind, commission=order.id, error=type(error).__name__)
            await self._give_up(order, final=order.attempt == MOST_ATTEMPTS)
        self._ring()
        return True

    async def _make(self, order: Order) -> Made:
        """Make it, and meanwhile keep it from others, however long it takes."""
        keeping = asyncio.create_task(self._keep(order))
        try:
            return await self._makers[order.kind](self, order)
        finally:
            keeping.cancel()

    async def _keep(self, order: Order) -> None:
        while True:
            await asyncio.sleep(self._renew_seconds)
            try:
                await self._store.write(lambda session: _renew(session, order, self._clock.now()))
            except SQLAlchemyError as error:
                log.error("commission_not_kept", commission=order.id, why=told(error))

    async def read(self, work: Callable[[Context], T]) -> T:
        """Run `work` in a reading transaction of its own."""
        return await self._store.read(lambda session: work(Context(session, self._clock.now(), self._rules(session))))

    async def apart(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a function of a module in a fresh process: its memory is given back, and no answer waits for it."""
        pool, others = ProcessPoolExecutor(1, mp_context=SPAWN), set(multiprocessing.active_children())
        running = pool.submit(work, *args, **kwargs)
        mine = set(multiprocessing.active_children()) - others
        try:
            return await asyncio.wrap_future(running)
        except asyncio.CancelledError:
            for process in mine:  # nobody waits for what it makes, and nobody may have to
                process.terminate()
            raise
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    async def progress(self, order: Order, say: Callable[[Translate], str]) -> None:
        """Say how far it is, on the card of the commission."""
        await self.show(order, lambda t: Message(say(t), card=order.card))

    async def show(self, order: Order, say: Callable[[Translate], Message]) -> None:
        """Change a card in the chat where the commission goes."""

        def note(desk: Desk) -> None:
            if _renew(desk.session, order, self._clock.now()):
                self._redraw(desk, order, say)

        await self._write(note)

    async def _hand_over(self, order: Order, made: Made) -> None:
        kept = []
        for piece in made.pieces:
            token = secrets.token_urlsafe(32)
            stored = await self._files.put_made(token, piece.data, piece.kind, piece.mime)
            kept.append(
                {
                    "token": token, "kind": stored.kind, "state": "ready", "channel": "made", "path": stored.path,
                    "mime": stored.mime, "size": stored.size, "attempts": 0, "created_at": self._clock.now(),
                    "name": piece.name, "person_id": order.person_id,
                }
            )  # fmt: skip

        def hand_over(desk: Desk) -> bool:
            if not _end(desk.session, order, "done", self._clock.now()):
                return False
            rows = (desk.session.execute(insert(Attachment).values(**row).returning(Attachment.id)) for row in kept)
            ids = tuple(row.scalar_one() for row in rows)
            message = made.say(desk.translator_for(desk.reach(order.person_id).language), ids)
            desk.post(order.address, message, priority=ANSWER, in_place=made.in_place)
            if made.note is not None:
                made.note(desk.context)
            hit("workshop.in_mark")
            return True

        if not await self._write(hand_over):
            log.warning("made_twice", kind=order.kind, commission=order.id)
            await asyncio.to_thread(self._files.remove, [str(row["path"]) for row in kept])

    async def _give_up(self, order: Order, *, final: bool) -> None:
        def note(desk: Desk) -> None:
            if not final:
                _change(desk.session, order, claimed_until=self._clock.now() + timedelta(seconds=5))
            elif _end(desk.session, order, "failed", self._clock.now()):
                self._redraw(desk, order, lambda t: Message(t(FAILED), card=order.card))

        await self._write(note)

    def _redraw(self, desk: Desk, order: Order, say: Callable[[Translate], Message]) -> None:
        t = desk.translator_for(desk.reach(order.person_id).language)
        desk.post(order.address, say(t), priority=ANSWER, in_place=True)

    async def _write(self, work: Callable[[Desk], T]) -> T:
        def carry_out(session: Session) -> T:
            desk = Desk(Context(session, self._clock.now(), self._rules(session)), self._planners)
            found = work(desk)
            desk.flush()
            return found

        found = await self._store.write(carry_out)
        self._ring()
        return found


Maker = Callable[[Workshop, Order], Awaitable[Made]]


def _oldest(kinds: Collection[str], now: datetime) -> Select[int]:
    free = or_(Commission.claimed_until.is_(None), Commission.claimed_until <= now)
    waiting = select(Commission.id).where(WAITING, free, Commission.kind.in_(kinds))
    return waiting.order_by(Commission.id).limit(1)


def _take(session: Session, kinds: Collection[str], now: datetime) -> Order | None:
    oldest = _oldest(kinds, now).with_only_columns(Commission)
    row = session.scalar(oldest.with_for_update(skip_locked=True))
    if row is None:
        return None
    row.attempts += 1
    row.claimed_until = now + LEASE
    address = Address(row.channel, row.chat, row.person_id)
    return Order(row.id, row.kind, row.person_id, address, row.data, row.created_at, row.attempts)


def _renew(session: Session, order: Order, now: datetime) -> bool:
    return _change(session, order, claimed_until=now + LEASE)


def _end(session: Session, order: Order, state: str, now: datetime) -> bool:
    return _change(session, order, state=state, done_at=now)


def _change(session: Session, order: Order, **values: Any) -> bool:
    """Change it; False where it is another's by now, or has ended."""
    mine = (Commission.id == order.id, WAITING, Commission.attempts == order.attempt)
    changed = update(Commission).where(*mine).values(**values).returning(Commission.id)
    return session.execute(changed).scalar_one_or_none() is not None


def _release_all(session: Session) -> None:
    session.execute(update(Commission).where(WAITING).values(claimed_until=None))
