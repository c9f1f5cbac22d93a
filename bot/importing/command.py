"""`redsteward import people.csv`: a dry run that lists every bad row; with --apply all rows are written, or none."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy.orm import Session

from bot import seed
from bot.clock import Clock
from bot.importing.handover import alone, hand_over
from bot.importing.table import ImportRefused, Problem
from bot.importing.work import Job, Report, perform, read_job
from bot.say import say
from cases.context import Context
from cases.settings import Settings
from storage.engine import open_store
from storage.migrate import upgrade

MOST_SHOWN = 200  # problems; who has more put the first ones right


class _NothingWritten(Exception):
    def __init__(self, report: Report) -> None:
        super().__init__()
        self.report = report


def carry_out(settings: Settings, kind: str, path: Path, *, apply: bool) -> int:
    """Import a file; return the exit status: 0 done or could be, 1 something is wrong and nothing was written."""
    try:
        job = read_job(kind, path, apply=apply)
    except ImportRefused as refused:
        return _tell(path, Report(tuple(refused.problems)), len(refused.problems), apply=apply)
    with alone(settings) as mine:
        report = asyncio.run(_write(settings, job)) if mine else hand_over(settings, job)
    return _tell(path, report, len(job.rows), apply=apply)


async def _write(settings: Settings, job: Job) -> Report:
    await asyncio.to_thread(upgrade, settings.database.url)
    store = open_store(settings.database.url)
    now = Clock().now()

    def work(session: Session) -> Report:
        rules = seed.sync(session, settings, now)
        report = perform(Context(session, now, rules), job)
        if report.problems or not job.apply:  # not what config.yaml says, either
            raise _NothingWritten(report)
        return report

    try:
        return await store.write(work)
    except _NothingWritten as outcome:
        return outcome.report
    finally:
        store.close()


def _tell(path: Path, report: Report, rows: int, *, apply: bool) -> int:
    for problem in report.problems[:MOST_SHOWN]:
        say(f"{path.name}: {problem}")
    if report.problems:
        more = len(report.problems) - MOST_SHOWN
        say(
            f"{path.name}: and {more} more"
            if more > 0
            else f"{path.name}: nothing was written; put these rows right first"
        )
        return 1
    done = ", ".join(f"{count} {what}" for what, count in report.counts.items() if count) or "nothing to change"
    say(f"{path.name}: {rows} rows are right: {done}." + ("" if apply else " Nothing is written yet; add --apply."))
    return 0


def kind_of(told: str | None, path: Path) -> str | None:
    """Return what a file holds: as told, else by its name; None where that does not say."""
    names: Mapping[str, tuple[str, ...]] = {"people": ("people", "人员"), "places": ("places", "地点")}
    found = (kind for kind, words in names.items() if any(word in path.stem.lower() for word in words))
    return told or next(found, None)


def unclear(path: Path) -> Problem:
    """Return what is said where nothing tells whether people or places are in a file."""
    return Problem(0, "", f"does {path.name} hold people or places?", "write --kind people or --kind places")
