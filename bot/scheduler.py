"""The clock: APScheduler ticks, the database remembers.

A tick takes the cases whose next moment has come, lets the rules look at each in the same transaction, and sleeps until
the next moment of any case. A slow sweep is the guarantee for what other processes have planned meanwhile.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlalchemy import Select, func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from bot.clock import Clock
from cases import absence, leaving
from cases.context import Context, Rules, RulesFor
from handlers import digests, handing, leaves, ticks, unreached
from handlers.desk import Desk
from handlers.message import Planner
from storage.engine import Store
from storage.faults import hit
from storage.models import Case

log = structlog.get_logger()

BATCH = 200  # cases looked at in one transaction
AFTER_FAILURE = timedelta(hours=1)
SWEEP = timedelta(seconds=30)
TICK = "look"


class Scheduler:
    """Wakes at the next due moment."""

    def __init__(
        self, store: Store, rules: RulesFor, planners: Mapping[str, Planner], clock: Clock,
        ring: Callable[[], None],
    ) -> None:  # fmt: skip
        self._store = store
        self._rules = rules
        self._planners = planners
        self._clock = clock
        self._ring = ring
        # A stalled loop must delay a tick, never drop it: the default grace time of one second would.
        self._jobs = AsyncIOScheduler(job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1})
        self._rounds_done: set[tuple[str, str]] = set()
        self.last_round: float | None = None  # by the loop's clock: stands still when the ticks do

    def start(self) -> None:
        """Begin to tick; the first tick catches up with what fell due while nobody ran."""
        self._jobs.add_job(self.tick, "interval", seconds=SWEEP.total_seconds(), id=TICK, next_run_time=_now())
        self._jobs.start()
        self._clock.on_move(self.wake)

    def stop(self) -> None:
        """Tick no more."""
        if self._jobs.running:
            self._jobs.shutdown(wait=False)

    def wake(self) -> None:
        """Tick at once."""
        self._jobs.modify_job(TICK, next_run_time=_now())

    async def tick(self) -> None:
        """Look at everything that is due, then set the alarm for what comes next."""
        looked = 0
        while found := await self._store.write(self._look):
            looked += found
            hit("clock.after_look")
            self._ring()
        while await self._store.read(self._departs) and await self._store.write(self._hand_on):
            self._ring()
        self.last_round = asyncio.get_running_loop().time()
        if looked:
            log.info("clock_looked", cases=looked)
        upcoming = await self._store.read(next_moment)
        if upcoming is not None and (wait := upcoming - self._clock.now()) < SWEEP:
            self._jobs.modify_job(TICK, next_run_time=_now() + max(wait, timedelta()))
        while await self._store.read(unreached.waits):
            await self._store.write(self._tell_unreached)
            self._ring()
        await self._go_round()

    async def _go_round(self) -> None:
        """Send the digests that are due; each of their steps is a short transaction of its own."""
        due = await self._store.read(
            lambda session: digests.due(Context(session, self._clock.now(), self._rules(session)))
        )
        for job in due:
            done: bool | None = job in self._rounds_done
            while done is False:
                hit("clock.before_slot")
                done = await self._store.write(partial(self._serve, job))
                hit("clock.after_slot")
                self._ring()
            if done:  # not where another process works on it: that one may die
                self._rounds_done.add(job)

    def _serve(self, job: tuple[str, str], session: Session) -> bool | None:
        return serve_round(session, self._clock.now(), self._rules(session), self._planners, job)

    def _departs(self, session: Session) -> bool:
        return leaving.is_due(session, self._clock.now()) or absence.is_due(session, self._clock.now())

    def _hand_on(self, session: Session) -> bool:
        return hand_on(session, self._clock.now(), self._rules(session), self._planners)

    def _tell_unreached(self, session: Session) -> int:
        return tell_unreached(session, self._clock.now(), self._rules(session), self._planners)

    def _look(self, session: Session) -> int:
        return look_at_due(session, self._clock.now(), self._rules(session), self._planners)


def due_cases(now: datetime) -> Select[Case]:
    """Return the query for what is due, the longest due first; others may work on other rows meanwhile."""
    due = select(Case).where(Case.look_at <= now).order_by(Case.look_at, Case.id)
    return due.limit(BATCH).with_for_update(skip_locked=True)


def look_at_due(session: Session, now: datetime, rules: Rules, planners: Mapping[str, Planner]) -> int:
    """Look at the cases that are due, at most `BATCH`; return how many there were."""
    due = session.scalars(due_cases(now)).all()
    if due:
        hit("clock.before_look")
    desk = Desk(Context(session, now, rules), planners)
    if not _look(desk, due):
        for case in due:
            if not _look(desk, [case]):
                case.look_at = now + AFTER_FAILURE
                session.flush()
    desk.flush()
    if due:
        hit("clock.in_look")
    return len(due)


def _look(desk: Desk, cases: Sequence[Case]) -> bool:
    """Look at cases; one that cannot be looked at must not stop the clock for all the others."""
    said = len(desk.tray)
    try:
        with desk.session.begin_nested():
            ticks.look_at(desk, cases)
    except OperationalError:  # a deadlock or a lost connection is not these cases' fault: all of it is tried again
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, it is these cases' alone
        del desk.tray[said:]
        log.error("look_failed", case=cases[0].id, cases=len(cases), error=type(error).__name__)
        return False
    return True


def hand_on(session: Session, now: datetime, rules: Rules, planners: Mapping[str, Planner]) -> bool:
    """Hand on the next cases of somebody whose role was taken or whose leave begins; False where nothing waits."""
    desk = Desk(Context(session, now, rules), planners)
    done = handing.next_departure(desk) or leaves.next_leave(desk)
    desk.flush()
    return done


def serve_round(
    session: Session, now: datetime, rules: Rules, planners: Mapping[str, Planner], job: tuple[str, str]
) -> bool | None:  # fmt: skip
    """Serve the next people of a daily or weekly round; return whether it is through, None: another process does."""
    desk = Desk(Context(session, now, rules), planners)
    done = digests.go_on(desk, *job)
    desk.flush()
    hit("clock.in_slot")
    return done


def tell_unreached(session: Session, now: datetime, rules: Rules, planners: Mapping[str, Planner]) -> int:
    """Tell who handles a case that a message to its resident did not arrive; return how many messages that were."""
    desk = Desk(Context(session, now, rules), planners)
    told = unreached.tell_some(desk)
    desk.flush()
    return told


def next_moment(session: Session) -> datetime | None:
    """Return when the clock has to look at a case next."""
    return session.scalar(select(func.min(Case.look_at)))


def _now() -> datetime:
    """Return the machine's time: APScheduler does not know of a clock that was moved."""
    return datetime.now(UTC)
