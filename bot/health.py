"""`/livez`, `/readyz` and `/metrics`: is it alive, does it do its work, and how much waits."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, Gauge, generate_latest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from bot.clock import Clock
from bot.outbox import Outbox
from bot.scheduler import SWEEP, Scheduler
from storage.engine import Store
from storage.message_models import Outgoing
from storage.models import Case

STILL = 30.0  # seconds without a round after which the outbox counts as standing still
PATIENCE = 5.0  # seconds for the database to answer

WAITING = Gauge("redsteward_outbox_waiting", "Calls that wait to be sent")
OLDEST = Gauge("redsteward_outbox_oldest_seconds", "Age of the oldest call that could be sent by now")
OVERDUE = Gauge("redsteward_clock_behind_seconds", "How long the most overdue look of the clock is late")


class Health:
    """Asks the parts how they are."""

    def __init__(self, store: Store, clock: Clock, outbox: Outbox, scheduler: Scheduler) -> None:
        self._store = store
        self._clock = clock
        self._outbox = outbox
        self._scheduler = scheduler

    def routes(self) -> list[BaseRoute]:
        """Return the routes."""
        return [Route("/livez", self._livez), Route("/readyz", self._readyz), Route("/metrics", self._metrics)]

    async def troubles(self) -> list[str]:
        """Return what does not work, empty where everything does."""
        checks: dict[str, Callable[[], Any]] = {"outbox": self._outbox_stands, "clock": self._clock_stands}
        found = [f"{name} stands still" for name, stands in checks.items() if stands()]
        if not await self._database_answers():
            found.append("the database does not answer")
        return found

    async def _livez(self, _request: Request) -> Response:
        return PlainTextResponse("ok")

    async def _readyz(self, _request: Request) -> Response:
        troubles = await self.troubles()
        return JSONResponse({"ready": not troubles, "troubles": troubles}, 503 if troubles else 200)

    async def _metrics(self, _request: Request) -> Response:
        now = self._clock.now()
        waiting, oldest, behind = await self._store.read(lambda session: _backlog(session, now))
        WAITING.set(waiting)
        OLDEST.set(oldest)
        OVERDUE.set(behind)
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    def _outbox_stands(self) -> bool:
        last = self._outbox.last_round
        return last is None or asyncio.get_running_loop().time() - last > STILL

    def _clock_stands(self) -> bool:
        last = self._scheduler.last_round
        return last is None or asyncio.get_running_loop().time() - last > 2 * SWEEP.total_seconds()

    async def _database_answers(self) -> bool:
        """Ask the writer: a reader may answer while nothing can be kept any more."""
        try:
            async with asyncio.timeout(PATIENCE):
                await self._store.write(lambda session: session.execute(text("SELECT 1")).scalar())
        except Exception:  # noqa: BLE001 - whatever it is, nothing can be written
            return False
        return True


def _backlog(session: Session, now: datetime) -> tuple[int, float, float]:
    pending = text("outgoing.state = 'pending'")
    count = session.scalar(select(func.count()).select_from(Outgoing).where(pending)) or 0
    oldest = session.scalar(select(func.min(Outgoing.not_before)).where(pending))
    look = session.scalar(select(func.min(Case.look_at)))
    return count, _late(oldest, now), _late(look, now)


def _late(due: datetime | None, now: datetime) -> float:
    return max(timedelta(), now - due).total_seconds() if due else 0.0
