"""`/livez`, `/readyz` and `/metrics`: is it alive, does it do its work, and how much waits."""

import asyncio
import math
import shutil
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Generic, TypeVar

from prometheus_client import CONTENT_TYPE_LATEST, Gauge, generate_latest
from sqlalchemy import Select, func, select, text
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from bot import metrics
from bot.clock import Clock
from bot.outbox import Outbox
from bot.scheduler import SWEEP, Scheduler
from cases import jobs
from storage.engine import Store
from storage.message_models import Attachment, Commission, JobRun, Outgoing
from storage.models import Case
from storage.upsert import insert_or_update

T = TypeVar("T")

OUTBOX_STILL = 30.0  # seconds without a round after which the outbox counts as standing still
CLOCK_STILL = 2 * SWEEP.total_seconds()  # likewise the clock
PATIENCE = 5.0  # seconds for the database to answer
SPARE_BYTES = 64 * 1024 * 1024  # a few of the largest files and the database's journal

_PENDING = text("outgoing.state = 'pending'")  # literal, so that both databases use their partial indexes
_FETCHING = text("attachment.state = 'waiting'")
_MAKING = text("commission.state = 'waiting'")


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits; ages in seconds."""

    waiting: int
    oldest: float
    retried: float
    behind: float
    files: int
    oldest_file: float
    oldest_commission: float


class Question(Generic[T]):
    """Something asked of the database. As long as it does not answer it is not asked again, so nothing piles up."""

    def __init__(self, ask: Callable[[], Coroutine[Any, Any, T]]) -> None:
        self._ask = ask
        self._asked: asyncio.Task[T] | None = None

    async def answer(self) -> T | None:
        """Return the answer; None where there is none in time, or an error instead."""
        if self._asked is None or self._asked.done():
            self._asked = asyncio.create_task(self._ask())
            self._asked.add_done_callback(lambda task: task.cancelled() or task.exception())
        done, _ = await asyncio.wait([self._asked], timeout=PATIENCE)
        if not done or self._asked.cancelled() or self._asked.exception() is not None:
            return None
        return self._asked.result()


class Health:
    """Asks the parts how they are."""

    def __init__(
        self, store: Store, clock: Clock, outbox: Outbox, scheduler: Scheduler, folders: Sequence[Path] = (),
        spare: int = SPARE_BYTES,
    ) -> None:  # fmt: skip
        """`folders` are where the desk writes; with less than `spare` bytes left there it cannot accept."""
        self._store = store
        self._clock = clock
        self._outbox = outbox
        self._scheduler = scheduler
        self._folders = folders
        self._spare = spare
        # Something is really written: reading, or a transaction without a change, goes on with a full disk.
        self._writes = Question(lambda: store.write(lambda session: _write(session, clock.now())))
        self._backlog = Question(lambda: store.read(lambda session: _backlog(session, clock.now())))

    def routes(self) -> list[BaseRoute]:
        """Return the routes."""
        return [Route("/livez", self._livez), Route("/readyz", self._readyz), Route("/metrics", self._metrics)]

    async def troubles(self) -> list[str]:
        """Return what does not work, empty where everything does."""
        stands = {
            "outbox": _still(self._outbox.last_round, OUTBOX_STILL),
            "clock": _still(self._scheduler.last_round, CLOCK_STILL),
            "database": await self._writes.answer() is None,
            "disk": await asyncio.to_thread(self._is_full),
        }
        for part, trouble in stands.items():
            metrics.TROUBLE.labels(part).set(trouble)
        told = {"database": "the database takes no write", "disk": "the disk is full"}
        return [told.get(part, f"{part} stands still") for part, trouble in stands.items() if trouble]

    def _is_full(self) -> bool:
        return any(shutil.disk_usage(folder).free < self._spare for folder in self._folders if folder.exists())

    async def _livez(self, _request: Request) -> Response:
        return PlainTextResponse("ok")

    async def _readyz(self, _request: Request) -> Response:
        troubles = await self.troubles()
        return JSONResponse({"ready": not troubles, "troubles": troubles}, 503 if troubles else 200)

    async def _metrics(self, _request: Request) -> Response:
        """Answer even when the database does not: then what waits is not known (NaN), and `redsteward_trouble` is 1."""
        _, backlog = await asyncio.gather(self.troubles(), self._backlog.answer())
        for gauge, value in _gauges(backlog).items():
            gauge.set(value)
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


def _write(session: Session, now: datetime) -> bool:
    row = {"job": "health", "period": jobs.EVER, "up_to": 0, "done_at": now}
    insert_or_update(session, JobRun, row, ("job", "period"))
    return True


def _still(last: float | None, seconds: float) -> bool:
    return last is None or asyncio.get_running_loop().time() - last > seconds


def _gauges(found: Backlog | None) -> dict[Gauge, float]:
    unknown = math.nan
    return {
        metrics.WAITING: found.waiting if found else unknown,
        metrics.OLDEST: found.oldest if found else unknown,
        metrics.RETRIED: found.retried if found else unknown,
        metrics.OVERDUE: found.behind if found else unknown,
        metrics.FILES: found.files if found else unknown,
        metrics.OLDEST_FILE: found.oldest_file if found else unknown,
        metrics.OLDEST_COMMISSION: found.oldest_commission if found else unknown,
    }


def _backlog(session: Session, now: datetime) -> Backlog:
    pending = select(func.count(), func.min(Outgoing.not_before)).select_from(Outgoing).where(_PENDING)
    waiting, due = session.execute(pending).one()
    # While a platform is down each try puts `not_before` off: how long something really waits is told by its making.
    retried = select(func.min(Outgoing.created_at)).where(_PENDING, Outgoing.attempts > 0)
    fetching = select(func.count(), func.min(Attachment.created_at)).select_from(Attachment).where(_FETCHING)
    files, file = session.execute(fetching).one()
    making = select(func.min(Commission.created_at)).where(_MAKING)

    def age(question: Select[datetime | None]) -> float:
        return _late(session.scalar(question), now)

    return Backlog(
        waiting, _late(due, now), age(retried), age(select(func.min(Case.look_at))), files, _late(file, now),
        age(making),
    )  # fmt: skip


def _late(due: datetime | None, now: datetime) -> float:
    return max(timedelta(), now - due).total_seconds() if due else 0.0
