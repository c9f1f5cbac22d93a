"""An import beside a running desk on SQLite: that file has one writer, so the rows are handed to it.

The running program holds a lock on `<database>.lock` as long as it lives; whoever gets it may write. Otherwise the job
is put into the folder `imports` beside the data, and the running program answers there. Both files are for its own user
alone and are removed at once: they hold telephone numbers.
"""

import asyncio
import contextlib
import json
import os
import secrets
import time
from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path

import structlog
from sqlalchemy.orm import Session

from bot.clock import Clock
from bot.importing.table import Problem
from bot.importing.work import Job, Report, perform
from cases.context import Context, RulesFor
from cases.settings import Settings
from storage.engine import Store
from storage.faults import hit
from storage.hold import InUse, held

log = structlog.get_logger(__name__)

FOLDER = "imports"
LOOK_SECONDS = 1.0
PATIENCE = 120.0  # seconds in which a running desk takes a job; it looks once a second


@contextlib.contextmanager
def alone(settings: Settings) -> Iterator[bool]:
    """Tell whether nobody else writes to the database, and keep it so meanwhile. PostgreSQL has room for many."""
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(held(settings.database.url))
        except InUse:
            yield False
            return
        yield True


def hand_over(settings: Settings, job: Job) -> Report:
    """Give the job to the running desk and wait for what comes of it. Raises TimeoutError."""
    folder = Path(settings.data) / FOLDER
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = secrets.token_hex(8)
    asked, answered = folder / f"{name}.job", folder / f"{name}.report"
    _put(asked, asdict(job))
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if answered.exists():
            told = json.loads(answered.read_text(encoding="utf-8"))
            answered.unlink()
            return Report(tuple(Problem(**problem) for problem in told["problems"]), told["counts"])
        time.sleep(LOOK_SECONDS / 5)
    asked.unlink(missing_ok=True)
    raise TimeoutError(f"the running desk has not answered in {PATIENCE:.0f} seconds; stop it and import again")


class Receiver:
    """The running desk's end: takes jobs in, one after the other."""

    def __init__(self, store: Store, rules: RulesFor, clock: Clock, data: str) -> None:
        self._store = store
        self._rules = rules
        self._clock = clock
        self._folder = Path(data) / FOLDER

    async def run(self) -> None:
        """Look for jobs until cancelled."""
        while True:
            try:
                await self.look()
            except OSError as error:  # a full disk: whoever imports is told that nobody has answered
                log.error("import_not_answered", error=type(error).__name__)
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        """Carry out what lies there."""
        for path in await asyncio.to_thread(lambda: sorted(self._folder.glob("*.job"))):
            try:
                job = await asyncio.to_thread(_take, path)
                hit("import.taken")
                report = await self._store.write(partial(self._perform, job))
            except Exception as error:  # noqa: BLE001 - whatever it is, it is this import's alone
                log.error("import_failed", error=type(error).__name__)
                wrong = Problem(0, "", f"the running desk could not do it ({type(error).__name__})", "look at its log")
                report = Report((wrong,))
            answer = {"problems": [asdict(problem) for problem in report.problems], "counts": dict(report.counts)}
            hit("import.before_report")
            await asyncio.to_thread(_put, path.with_suffix(".report"), answer)

    def _perform(self, job: Job, session: Session) -> Report:
        return perform(Context(session, self._clock.now(), self._rules(session)), job)


def _take(path: Path) -> Job:
    told = json.loads(path.read_text(encoding="utf-8"))
    path.unlink()
    return Job(told["kind"], tuple((number, cells) for number, cells in told["rows"]), told["apply"])


def _put(path: Path, told: object) -> None:
    """Write a file that is there as a whole or not at all."""
    draft = path.with_suffix(".part")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(told, file, ensure_ascii=False)
    draft.rename(path)
