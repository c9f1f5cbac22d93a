"""The table of a soak, and the page that it is written to."""

import argparse
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tests.faults.checker import Found
from tests.faults.rounds import Tried

DATABASES = ("sqlite", "postgresql")


@dataclass
class Row:
    """One line of the table."""

    tried: int = 0
    lost: int = 0
    doubled: int = 0
    broken: int = 0
    repeated: int = 0
    in_flight: int = 0
    longest: float = 0.0
    not_struck: int = 0

    def add(self, tried: Tried) -> None:
        """Count one more."""
        self.tried += tried.struck
        self.not_struck += not tried.struck
        self.count(tried.found, tried.in_flight, tried.recovery)

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
        return not (self.lost or self.doubled or self.broken or self.not_struck) and self.repeated <= self.in_flight


@dataclass
class Soak:
    """All lines so far, by fault and database."""

    told: argparse.Namespace
    rows: dict[str, dict[str, Row]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    begun: datetime = field(default_factory=lambda: datetime.now(UTC))

    def row(self, fault: str, database: str) -> Row:
        """Return the line of a fault."""
        return self.rows.setdefault(fault, {}).setdefault(database, Row())

    def note(self, words: str) -> None:
        """Say something, and keep it for the report."""
        self.notes.append(words)
        print(f"  ! {words}", flush=True)

    @property
    def well(self) -> bool:
        """Tell whether every promise was kept everywhere."""
        return not self.notes and all(row.well for lines in self.rows.values() for row in lines.values())

    def table(self) -> str:
        """Return the report in Markdown."""
        columns = ("tried", "lost", "doubled", "repeated / in flight", "longest recovery")
        lines = [
            "| fault | " + " | ".join(f"{name}: {column}" for name in DATABASES for column in columns) + " |",
            "|---|" + "---:|" * (len(DATABASES) * len(columns)),
        ]
        for fault, found in self.rows.items():
            lines.append(f"| {fault} | " + " | ".join(_cells(found.get(name)) for name in DATABASES) + " |")
        return "\n".join(lines)


def _cells(row: Row | None) -> str:
    if row is None:
        return " | ".join("–" * 5)
    missed = f" (+{row.not_struck} not struck)" if row.not_struck else ""
    lost = f"{row.lost}" + (f" (+{row.broken} broken)" if row.broken else "")
    return f"{row.tried}{missed} | {lost} | {row.doubled} | {row.repeated} / {row.in_flight} | {row.longest:.0f} s"


def report(soak: Soak, seconds: float) -> str:
    """Return the page."""
    told = soak.told
    notes = "\n".join(f"- {note}" for note in soak.notes) or "None."
    made = f"{soak.begun:%Y-%m-%d}, {os.cpu_count()} cores, {seconds / 60:.0f} minutes"
    return PAGE.format(kills=told.kills, seed=told.seed, only=" ".join(told.only) or "everything", made=made,
                       table=soak.table(), notes=notes)  # fmt: skip


PAGE = """# Reliability

Written by `make soak` ({made}); what was run: {only}; seed {seed}.

    make soak KILLS={kills}

The desk runs as a process of its own against strict simulators of Telegram and WeCom, while people report, send
photos, accept, finish, rate, wish, claim and are warned. At a named place of the program (`storage/faults.py`) it is
made to *raise*, to *hang* (and is killed then, as a supervisor does) or to die by *SIGKILL*, each once. Then it is
started again where it died, everything is drained, and the database and what the platforms were sent are compared with
what people did (`tests/faults/checker.py`).

- **lost**: an update, a case, a step, a message or a file of which nothing is there. **broken**: a case without an
  owner or a next moment, a history that was changed or does not lead to the state, a rule of the platform.
- **doubled**: a second effect of the same update, press or due moment.
- **repeated / in flight**: messages that arrived twice, and how many were claimed and not marked when it died: no more
  than these may.
- **longest recovery**: from the start after the fault until nothing waited any more, people at work meanwhile and the
  leases of a dead process (up to a minute) included.

{table}

What was found wrong in this run:

{notes}
"""
