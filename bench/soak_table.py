"""What a soak has found, kept in a file from one run to the next, and the page that it is written to."""

import json
import os
import platform
import sqlite3
import subprocess
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tests.faults.checker import Found
from tests.faults.rounds import KINDS, points_of

DATABASES = ("sqlite", "postgresql")
KILLED, REPLICAS = "SIGKILL at random", "three processes, one killed every 20 s"
PLATFORM, CLOCK, DISK = "Telegram down, then refusing, then slow", "clock set back and forth", "disk full"
RESTARTS, SILENT = "PostgreSQL restarted every 5 to 40 s", "line to PostgreSQL silent"
LASTING = {
    PLATFORM: DATABASES, CLOCK: DATABASES, DISK: ("sqlite",), RESTARTS: ("postgresql",), SILENT: ("postgresql",),
    REPLICAS: ("postgresql",),
}  # fmt: skip
SEED = "seed"
KILLS = 1000  # that are wanted, on each database


@dataclass
class Result:
    """One fault that was tried on one database. `kind`: how a place failed, or with which seed it was killed."""

    fault: str
    kind: str
    database: str
    commit: str
    seconds: float = 0.0
    tried: int = 0
    lost: int = 0
    doubled: int = 0
    broken: int = 0
    repeated: int = 0
    in_flight: int = 0
    longest: float = 0.0
    not_struck: int = 0
    detail: str = ""
    notes: list[str] = field(default_factory=list)

    def count(self, found: Found, in_flight: int, recovery: float) -> None:
        """Count what was found."""
        self.lost += len(found.lost)
        self.doubled += len(found.doubled)
        self.broken += len(found.broken)
        self.repeated += found.repeated
        self.in_flight += in_flight
        self.longest = max(self.longest, recovery)

    @property
    def well(self) -> bool:
        """Tell whether every promise was kept."""
        wrong = self.lost or self.doubled or self.broken or self.not_struck or self.notes
        return not wrong and self.repeated <= self.in_flight


@dataclass
class Soak:
    """All results: what is tried once more replaces what was."""

    results: dict[tuple[str, str, str], Result] = field(default_factory=dict)

    def add(self, result: Result) -> None:
        """Keep it, and say it."""
        self.results[result.fault, result.kind, result.database] = result
        print(f"{result.database:11} {_said(result)}", flush=True)

    @property
    def well(self) -> bool:
        """Tell whether every promise was kept everywhere."""
        return all(result.well for result in self.results.values())

    def read(self, path: Path) -> None:
        """Go on from what a file has."""
        if path.exists():
            found = [Result(**told) for told in json.loads(path.read_text(encoding="utf-8"))]
            self.results |= {(each.fault, each.kind, each.database): each for each in found}

    def write(self, path: Path) -> None:
        """Keep it all in a file."""
        kept = [asdict(result) for result in self.results.values()]
        path.write_text(json.dumps(kept, ensure_ascii=False, indent=0), encoding="utf-8")

    def table(self) -> str:
        """Return one line a fault, in the order of the places."""
        columns = ("tried", "lost", "doubled", "repeated / in flight", "longest recovery")
        lines = [
            "| fault | " + " | ".join(f"{name}: {column}" for name in DATABASES for column in columns) + " |",
            "|---|" + "---:|" * (len(DATABASES) * len(columns)),
        ]
        for fault in (*points_of("sqlite"), KILLED, *LASTING):
            found = [self._of(fault, name) for name in DATABASES]
            if any(found):
                lines.append(f"| {fault} | " + " | ".join(_cells(each) for each in found) + " |")
        return "\n".join(lines)

    def missing(self) -> Iterator[str]:
        """Return in words what was not tried."""
        for database in DATABASES:
            points = points_of(database)
            lacking = [f"`{point}` × {kind}" for point in points for kind in KINDS
                       if (point, kind, database) not in self.results]  # fmt: skip
            if lacking:
                yield f"{database}: {len(lacking)} of {len(points) * len(KINDS)} faults: {', '.join(lacking)}"
            deaths = self.deaths(database)
            if deaths < KILLS:
                yield f"{database}: {KILLS - deaths:,} of {KILLS:,} deaths at random"
            lasting = [name for name, where in LASTING.items() if database in where and not self._of(name, database)]
            if lasting:
                yield f"{database}: {', '.join(lasting)}"

    def deaths(self, database: str) -> int:
        """Return how often it was killed at random."""
        return sum(each.tried for each in self._of(KILLED, database))

    def seeds(self, database: str) -> list[int]:
        """Return with which seeds."""
        return [int(each.kind.removeprefix(SEED)) for each in self._of(KILLED, database)]

    def _of(self, fault: str, database: str) -> list[Result]:
        return [each for each in self.results.values() if each.fault == fault and each.database == database]


def _said(result: Result) -> str:
    wrong = "; ".join(result.notes) or ("well" if result.well else "NOT WELL")
    if result.not_struck:
        wrong = f"not struck; {wrong}"
    flight = f"{result.repeated}/{result.in_flight}, {result.longest:.0f} s of {result.seconds:.0f} s"
    return f"{result.fault} {result.kind}: {wrong} ({flight}{', ' + result.detail if result.detail else ''})"


def _cells(found: Sequence[Result]) -> str:
    if not found:
        return " | ".join("–" * 5)
    total = Counter[str]()
    for each in found:
        total.update({name: value for name, value in asdict(each).items() if isinstance(value, int)})
    missed = f" (+{total['not_struck']} not struck)" if total["not_struck"] else ""
    lost = f"{total['lost']}" + (f" (+{total['broken']} broken)" if total["broken"] else "")
    longest = max(each.longest for each in found)
    again = f"{total['repeated']} / {total['in_flight']:,}"
    return f"{total['tried']:,}{missed} | {lost} | {total['doubled']} | {again} | {longest:.0f} s"


def report(soak: Soak) -> str:
    """Return the page."""
    found = soak.results.values()
    commits = Counter(each.commit for each in found)
    details = [f"- {each.fault}, {each.database}: {each.detail}." for each in found if each.detail]
    notes = [f"- {each.database}: {each.fault} {each.kind}: {note}" for each in found for note in each.notes]
    return PAGE.format(
        machine=machine(), hours=sum(each.seconds for each in found) / 3600, table=soak.table(),
        commits=", ".join(f"`{commit}` ({count})" for commit, count in commits.items()),
        details="\n".join(details) or "Nothing.", notes="\n".join(notes) or "Nothing.",
        missing="\n".join(f"- {each}." for each in soak.missing()) or "Nothing: all of it was tried.",
    )  # fmt: skip


def machine() -> str:
    """Return on what it ran."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (f"{os.cpu_count()} cores, {memory:.0f} GB, {platform.system()} {platform.machine()}, "
            f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}")  # fmt: skip


def commit() -> str:
    """Return what is tried: the commit, and whether something was changed since."""
    told = subprocess.run(("git", "describe", "--always", "--dirty=+"), capture_output=True, text=True, check=False)
    return told.stdout.strip() or "unknown"


PAGE = """# Reliability

Written by `bench/soak.py` on {machine}, other work on it at the same time; {hours:.1f} hours, the sum of all that was
tried. Commits (results of each): {commits}.

    make soak                                                # all of it, some hours
    uv run python -m bench.soak --parts faults --databases sqlite --only outbox. inbox.after_commit --keep results.json
    uv run python -m bench.soak --parts deaths --missing --keep results.json --out docs/reliability.md

The desk runs as a process of its own against strict simulators of Telegram and WeCom, while people report, send
photos, accept, finish, rate, wish, claim and are warned. At a named place of the program (`storage/faults.py`) it is
made to *raise*, to *hang* (and is killed then, as a supervisor does) or to die by *SIGKILL*, each once. Then it is
started again where it died, everything is drained, and the database and what the platforms were sent are compared with
what people did (`tests/faults/checker.py`). Each start is a fork of a process that has imported the program, read its
configuration and waits.

- **lost**: an update, a case, a step, a message or a file of which nothing is there. **broken**: a case without an
  owner or a next moment, a history that was changed or does not lead to the state, a rule of the platform.
- **doubled**: a second effect of the same update, press or due moment.
- **repeated / in flight**: messages that arrived twice, and how many were claimed and not marked when it died: no more
  than these may.
- **longest recovery**: from the start after the fault until nothing waited any more, people at work meanwhile and the
  leases of a dead process (up to a minute, by the desk's clock) included. On PostgreSQL two more leases go by its own
  clock, which cannot be moved: they were ended at once, so up to 32 seconds (long polling) are to be added there; not
  to what lasted longer, where nothing was shortened.

{table}

## What lasted longer

{details}

## What was found wrong

{notes}

## What was not tried

{missing}
"""
