"""One import in one transaction: all rows, or nothing; a dry run is the same work, taken back at its end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from bot.importing import people, places
from bot.importing.table import ImportRefused, Problem, Row, read_rows
from cases.context import Context

KINDS: Mapping[str, Any] = {"people": people, "places": places}
MAKERS: Mapping[str, Any] = {"people": people.PeopleImport, "places": places.PlaceImport}


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be taken in; plain enough to be handed to another process."""

    kind: str
    rows: tuple[tuple[int, dict[str, str]], ...]
    apply: bool


@dataclass(frozen=True, slots=True)
class Report:
    """What came of it."""

    problems: tuple[Problem, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)


class _TakeBack(Exception):
    """Ends a transaction of which nothing is to stay."""


def read_job(kind: str, path: Path, *, apply: bool) -> Job:
    """Read a file. Raises ImportRefused."""
    rows = read_rows(path, KINDS[kind].COLUMNS, KINDS[kind].NEEDED)
    if not rows:
        raise ImportRefused([Problem(0, "", "there are no rows under the header", "write a row for each of them")])
    return Job(kind, tuple((row.number, dict(row.cells)) for row in rows), apply)


def perform(context: Context, job: Job) -> Report:
    """Carry a job out. Nothing of it stays where a row is wrong, nor in a dry run."""
    rows = [Row(number, cells) for number, cells in job.rows]
    counts: Mapping[str, int] = {}
    try:
        with context.session.begin_nested():
            counts = MAKERS[job.kind](context, rows).carry_out()
            problems = _problems(rows)
            if problems or not job.apply:
                raise _TakeBack
    except _TakeBack:
        _forget(context.session)
    return Report(tuple(_problems(rows)), counts)


def _problems(rows: Sequence[Row]) -> list[Problem]:
    return [problem for row in rows for problem in row.problems]


def _forget(session: Session) -> None:
    """What was taken back is no longer remembered either."""
    session.expunge_all()
