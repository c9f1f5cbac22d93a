"""The clock: APScheduler ticks, the database remembers.

A tick takes the cases whose next moment has come, lets the rules look at each in the same transaction, and sleeps until
the next moment of any case. A slow sweep is the guarantee for what other processes have planned meanwhile.
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.clock import Clock
from cases.context import Context, Rules
from handlers import ticks
from handlers.desk import Desk
from handlers.message import Planner
from storage.engine import Store
from storage.models import Case

log = structlog.get_logger()

BATCH = 50  # cases looked at in one transaction
AFTER_FAILURE = timedelta(hours=1)
SWEEP = timedelta(seconds=30)
TICK = "look"


class Scheduler:
    """Wakes at the next due moment."""

    def __init__(
        self, store: Store, rules: Callable[[], Rules], planners: Mapping[str, Planner], clock: Clock,
        ring: Callable[[], None],
    ) -> None:  # fmt: skip
        self._store = store
        self._rules = rules
        self._planners = planners
        self._clock = clock
        self._ring = ring
        # A stalled loop must delay a tick, never drop it: the default grace time of one second would.
        self._jobs = AsyncIOScheduler(job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1})
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
            self._ring()
        self.last_round = asyncio.get_running_loop().time()
        if looked:
            log.info("clock_looked", cases=looked)
        upcoming = await self._store.read(next_moment)
        if upcoming is not None and (wait := upcoming - self._clock.now()) < SWEEP:
            self._jobs.modify_job(TICK, next_run_time=_now() + max(wait, timedelta()))

    def _look(self, session: Session) -> int:
        return look_at_due(session, self._clock.now(), self._rules(), self._planners)


def look_at_due(session: Session, now: datetime, rules: Rules, planners: Mapping[str, Planner]) -> int:
    """Look at the cases that are due, at most `BATCH`; return how many there were."""
    due = session.scalars(
        select(Case).where(Case.look_at <= now).order_by(Case.look_at, Case.id).limit(BATCH)
        .with_for_update(skip_locked=True)
    ).all()  # fmt: skip
    desk = Desk(Context(session, now, rules), planners)
    for case in due:
        _look(desk, case)
    desk.flush()
    return len(due)


def _look(desk: Desk, case: Case) -> None:
    """Look at one case; one that cannot be looked at must not stop the clock for all the others."""
    said = len(desk.tray)
    try:
        with desk.session.begin_nested():
            ticks.look_at(desk, case)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is this case's alone
        del desk.tray[said:]
        log.error("look_failed", case=case.id, look=case.look_kind, error=type(error).__name__)
        case.look_at = desk.context.now + AFTER_FAILURE
        desk.session.flush()


def next_moment(session: Session) -> datetime | None:
    """Return when the clock has to look at a case next."""
    return session.scalar(select(func.min(Case.look_at)))


def _now() -> datetime:
    """Return the machine's time: APScheduler does not know of a clock that was moved."""
    return datetime.now(UTC)
