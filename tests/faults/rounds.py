"""One fault after the other on a living desk: armed, struck, started again, drained, checked."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from storage.faults import POINTS
from tests.faults import seldom, stream
from tests.faults.checker import Found
from tests.faults.town import Town

Drive = Callable[[Town], Coroutine[Any, Any, None]]
KINDS = ("raise", "hang", "kill")
LATE = 120.0  # seconds until what was asked for is begun: a picture is made in a process of its own
HANGS = 1.5  # seconds that a process may hang before whoever supervises it kills it
DRIVES: dict[str, Drive] = {
    "outbox.before_renewal": seldom.waits_for_its_turn, "outbox.in_renewal": seldom.waits_for_its_turn,
    "clock.before_slot": seldom.next_morning, "clock.in_slot": seldom.next_morning,
    "clock.after_slot": seldom.next_morning,
    "clock": seldom.falls_due, "token": seldom.token_ends, "workshop": seldom.counted, "broadcast": stream.warned,
    "keeper": seldom.next_night, "import": seldom.imported, "file": stream.reports, "fetcher": stream.reports,
}  # fmt: skip
MOVING = frozenset({seldom.falls_due, seldom.next_morning, seldom.next_night})
"""After these many hours have passed: whatever is open falls due, so little should be open."""
NTH = {"store": 9, "inbox": 4, "case": 3, "outbox": 5, "telegram": 9}  # up to which time, where it is passed often
ON_SQLITE_ALONE = frozenset({"import.taken", "import.before_report"})  # PostgreSQL needs no handing over


@dataclass
class Tried:
    """One fault and what came of it."""

    point: str
    kind: str
    struck: bool
    died: bool
    in_flight: int
    recovery: float  # seconds from the start after it until nothing waited any more
    found: Found

    @property
    def well(self) -> bool:
        """Tell whether every promise was kept."""
        return self.struck and self.found.well and self.found.repeated <= self.in_flight

    def __str__(self) -> str:
        found = self.found
        wrong = "; ".join([*found.lost, *found.doubled, *found.broken][:6])
        if found.repeated > self.in_flight:
            wrong += f"; {found.repeated} came again, {self.in_flight} were in flight"
        return f"{self.point} {self.kind}: {'not struck' if not self.struck else wrong or 'well'}"


def points_of(url: str) -> list[str]:
    """Return the places that are passed on this database."""
    return [point for point in POINTS if url.startswith("sqlite") or point not in ON_SQLITE_ALONE]


def drive_of(point: str) -> Drive:
    """Return what leads past a place."""
    return DRIVES.get(point) or DRIVES.get(point.partition(".")[0]) or stream.mixed


async def attempt(town: Town, point: str, kind: str, nth: int, drive: Drive | None = None) -> Tried:
    """Let it happen once, start again what died or hangs, and look whether all is well."""
    desk = town.desk
    desk.arm(point, kind, nth)
    driving = asyncio.create_task((drive or drive_of(point))(town))
    striking = asyncio.create_task(desk.struck.wait())
    await asyncio.wait([driving, striking], return_when=asyncio.FIRST_COMPLETED)
    if not desk.struck.is_set():
        await _wait(striking, LATE)
    struck = desk.struck.is_set()
    striking.cancel()
    in_flight = await town.in_flight()
    if kind == "raise":
        await _wait(asyncio.create_task(desk.ended()), HANGS)
    elif kind == "hang" and struck:
        await asyncio.sleep(HANGS)
        await desk.kill()
    elif struck:
        await desk.ended()
    died = not desk.alive
    if struck and not (kind == "raise" and not died):
        in_flight = max(in_flight, await town.in_flight())
    begun = time.monotonic()
    if died:
        await town.lapse()
        await desk.start()
    else:
        desk.arm("none", "raise", 1)
    skipped = await town.drain()
    recovery = time.monotonic() - begun + skipped
    await driving
    await town.drain()
    found = await town.checker.look(desk.now() - timedelta(seconds=2))
    return Tried(point, kind, struck, died, in_flight + (kind == "raise"), recovery, found)


async def _wait(task: "asyncio.Task[object]", seconds: float) -> None:
    await asyncio.wait([task], timeout=seconds)
