"""Keeps no longer than it may: forgets who asks for it, removes every night what is over, and takes files off the disk.

What it does next stands in the rows, so it goes on after a crash. Each step is a short transaction, with a pause after
it, so that whoever writes meanwhile does not wait.
"""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TypeVar

import structlog
from sqlalchemy import delete, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.attachments import Files
from bot.clock import Clock
from cases import erasing, jobs, retention
from cases.context import Context, RulesFor
from storage.engine import Store
from storage.faults import hit
from storage.privacy_models import GoneFile

ROUND_SECONDS = 5.0
PAUSE_SECONDS = 0.05  # between two steps: others come in between
FILES = 100  # taken off the disk in one go

T = TypeVar("T")

log = structlog.get_logger(__name__)


class Keeper:
    """Looks every few seconds whether something is to be removed."""

    def __init__(self, store: Store, rules: RulesFor, clock: Clock, files: Files) -> None:
        self._store = store
        self._rules = rules
        self._clock = clock
        self._files = files
        self._over: str | None = None  # the night that is through

    async def run(self) -> None:
        """Go on until cancelled; what fails is tried again."""
        while True:
            try:
                await self.go_round()
            except (SQLAlchemyError, OSError) as error:
                log.error("keeping_failed", error=type(error).__name__)
            await asyncio.sleep(ROUND_SECONDS)

    async def go_round(self, pause: float = PAUSE_SECONDS) -> None:
        """Do all that is due now."""
        while (number := await self._read(erasing.due)) is not None:
            if not await self._write(partial(_erase, number), pause):
                break
        night = await self._read(jobs.nightly)
        if night is not None and night != self._over:
            await self._keep(night, pause)
        while await self._take_off(pause):
            pass

    async def _keep(self, night: str, pause: float) -> None:
        for job in retention.JOBS:
            while await self._write(partial(_remove, job, night), pause) is not None:
                pass
        removed = await self._write(lambda context: retention.finish(context, night))
        if removed:
            log.info("removed_what_is_over", **removed)
        if await self._read(lambda context: jobs.is_done(context, retention.DONE, night)):
            self._over = night

    async def _take_off(self, pause: float) -> bool:
        """Take files off the disk, then forget their names; a crash in between takes them off once more."""
        gone = await self._read(self._gone)
        if not gone:
            return False
        hit("keeper.before_files")
        await asyncio.to_thread(self._files.remove, [path for _number, path in gone])
        hit("keeper.after_files")
        numbers = [number for number, _path in gone]
        await self._store.write(lambda session: session.execute(delete(GoneFile).where(GoneFile.id.in_(numbers))))
        log.info("files_removed", count=len(gone))
        await asyncio.sleep(pause)
        return True

    def _gone(self, context: Context) -> list[tuple[int, str]]:
        due = select(GoneFile.id, GoneFile.path).where(GoneFile.due_at <= context.now).order_by(GoneFile.due_at)
        return [(row.id, row.path) for row in context.session.execute(due.limit(FILES))]

    async def _read(self, work: Callable[[Context], T]) -> T:
        return await self._store.read(lambda session: work(self._context(session)))

    async def _write(self, work: Callable[[Context], T], pause: float = 0) -> T:
        hit("keeper.before_step")
        done = await self._store.write(lambda session: work(self._context(session)))
        hit("keeper.after_step")
        await asyncio.sleep(pause)
        return done

    def _context(self, session: Session) -> Context:
        return Context(session, self._clock.now(), self._rules(session))


def _erase(number: int, context: Context) -> bool:
    return erasing.go_on(context, number)


def _remove(job: str, night: str, context: Context) -> int | None:
    return retention.go_on(context, job, night)
