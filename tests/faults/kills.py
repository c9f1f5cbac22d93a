"""SIGKILL at random moments while people report, finish, rate and claim, then everything counted."""

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

from tests.faults import stream
from tests.faults.checker import Found
from tests.faults.rounds import Drive
from tests.faults.town import Town

LIVES = (0, 30)  # calls to the platform that the desk makes in its life: however slow the machine, it dies at work
LONGEST = 20.0  # seconds that it lives where there is nothing to do
MOMENT = (0.0, 0.1)  # seconds after the last of these calls
BIRTHS = (0.0, 0.8)  # seconds that one has who dies before that
ALL: tuple[Drive, ...] = (stream.lives, stream.wishes, stream.reports, stream.lives, stream.wishes, stream.warned)
YOUNG = 0.15  # part of those that die before they have begun to work
MINUTE = timedelta(minutes=1)
LOOK_EVERY = 50  # deaths: what people have begun is finished then, which takes half a minute
SAY_EVERY = 25


@dataclass
class Killed:
    """What a number of deaths has led to."""

    deaths: int = 0
    in_flight: int = 0  # messages, when it died, over all deaths
    young: int = 0  # of the deaths, those before it had begun to work
    recovery: float = 0.0  # the longest from a death until the desk worked again and nothing waited any more
    found: Found = field(default_factory=Found)

    @property
    def well(self) -> bool:
        """Tell whether every promise was kept."""
        return self.found.well and self.found.repeated <= self.in_flight

    def __str__(self) -> str:
        found = self.found
        wrong = "; ".join([*found.lost, *found.doubled, *found.broken][:6])
        again = f"{found.repeated} of {self.in_flight} in flight came again"
        return f"{self.deaths} deaths, {self.young} of them while it started; {again}; {wrong or 'well'}"


async def kills(
    town: Town, deaths: int, chance: random.Random, people: int = 6, doing: Sequence[Drive] = ALL,
    told: Callable[[Killed], None] = lambda _: None, said: Callable[[Killed], None] = lambda _: None,
) -> Killed:  # fmt: skip
    """Kill the desk so often, look every fifty times and at the end, and tell it; say between how far it is."""
    found = Killed()
    while found.deaths < deaths:
        end = asyncio.Event()
        working = [asyncio.create_task(_work(town, number, end, doing)) for number in range(people)]
        try:
            for _ in range(min(LOOK_EVERY, deaths - found.deaths)):
                await _die(town, chance, found)
                if found.deaths % SAY_EVERY == 0:
                    said(found)
        finally:
            end.set()
        begun = time.monotonic()
        await town.desk.start()
        await asyncio.gather(*working)
        skipped = await town.drain()
        found.recovery = max(found.recovery, time.monotonic() - begun + skipped)
        seen = await town.checker.look(town.desk.now() - timedelta(seconds=2))
        found.found.lost += seen.lost
        found.found.doubled += seen.doubled
        found.found.broken += seen.broken
        found.found.repeated += seen.repeated
        told(found)
    return found


async def _die(town: Town, chance: random.Random, found: Killed) -> None:
    desk = town.desk
    if not desk.alive:
        if chance.random() < YOUNG:
            found.young += 1
            with suppress(TimeoutError):
                async with asyncio.timeout(chance.uniform(*BIRTHS)):
                    await desk.start()
        else:
            await desk.start()
    await _works(town, chance.randint(*LIVES))
    await asyncio.sleep(chance.uniform(*MOMENT))
    await desk.kill()
    desk.move(MINUTE)  # reminders fall due, and leases of the dead run out
    found.deaths += 1
    found.in_flight += await town.in_flight()
    await town.lapse()


async def _works(town: Town, calls: int) -> None:
    """Wait until the platform has answered so many calls more."""
    record, end = town.telegram.world.record, time.monotonic() + LONGEST
    last = record.count + calls
    while record.count < last and town.desk.alive and time.monotonic() < end:  # noqa: ASYNC110 - no event for it
        await asyncio.sleep(0.005)


async def _work(town: Town, number: int, end: asyncio.Event, doing: Sequence[Drive]) -> None:
    """Do one thing after the other, each of them to its end."""
    while not end.is_set():
        await doing[number % len(doing)](town)
        number += 1
