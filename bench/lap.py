"""One lap: a bot, its server and its residents for some seconds, and what was seen."""

import asyncio
import statistics
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bench.api_server import BotApi
from bench.contenders import ENVIRONMENT, Contender, Ground, kept, people
from bench.process import Running, cpu_seconds, load, peak_megabytes, tree_cpu_seconds
from bench.residents import Crowd

READY_SECONDS = 180.0  # a machine that has much else to do
WARM_SECONDS, WARM_UPDATES, WARM_AT_MOST = 3.0, 300, 15.0  # before anything is counted
LAST_SECONDS = 20.0  # for what is under way when a lap is over


@dataclass(frozen=True, slots=True)
class Lap:
    """What was seen in one lap."""

    seconds: float
    updates: int  # that were answered
    cases: int
    cpu: float
    database_cpu: float
    peak: float  # MB
    answers: tuple[float, ...]  # seconds, sorted
    lost: int  # cases that a resident was told of and the database does not have
    waiting: int  # messages that were still to be sent
    detours: int
    load: float

    def percentile(self, part: float) -> float:
        """Return what so large a part of the answers took at the most, in milliseconds."""
        return percentile(self.answers, part)


def percentile(found: Sequence[float], part: float) -> float:
    """Return what so large a part of the sorted seconds is at the most, in milliseconds."""
    return 1000 * found[min(len(found) - 1, int(len(found) * part))] if found else float("nan")


def median(laps: Sequence[Lap], of: str) -> float:
    """Return the median of a field over the rounds."""
    return float(statistics.median(getattr(lap, of) for lap in laps))


@asynccontextmanager
async def at_work(ground: Ground, who: Contender) -> AsyncIterator[tuple[BotApi, Running, str]]:
    """Have a bot up and asking for updates."""
    api = BotApi()
    command, url = ground.command(who, await api.start())
    try:
        async with Running(command, ground.folder / f"{who.key}.log", ENVIRONMENT) as running:
            await asyncio.wait_for(api.asked.wait(), READY_SECONDS)
            yield api, running, url
    finally:
        api.stop()
        ground.drop(url)
    if api.odd:
        raise RuntimeError(f"{who.name} called what this server does not know: {set(api.odd)}")


async def run(ground: Ground, who: Contender, at_once: int, seconds: float, database_pid: int | None) -> Lap:
    """Have residents in a closed loop, `at_once` of them."""
    loop = asyncio.get_running_loop()
    async with at_work(ground, who) as (api, running, url):
        crowd = Crowd(api, who.script, people())
        crowd.closed_loop(at_once)
        await _warm(crowd)
        pid, seen = running.pid, crowd.seen
        before = len(seen.answers), seen.finished, cpu_seconds(pid), _cpu_of(database_pid, who), loop.time()
        await asyncio.sleep(seconds)
        after = len(seen.answers), seen.finished, cpu_seconds(pid), _cpu_of(database_pid, who), loop.time()
        peak, busy = peak_megabytes(pid), load()
        finished = seen.finished
        crowd.stop()
        await _stop(running)
        cases, waiting = kept(url) if who.ours else (finished, 0)
        return Lap(
            after[4] - before[4], after[0] - before[0], after[1] - before[1], after[2] - before[2],
            after[3] - before[3], peak, tuple(sorted(seen.answers[before[0] : after[0]])), max(0, finished - cases),
            waiting, seen.detours, busy,
        )  # fmt: skip


async def _warm(crowd: Crowd) -> None:
    """Wait until the bot has compiled and cached what it does all the time."""
    await asyncio.sleep(WARM_SECONDS)
    end = time.perf_counter() + WARM_AT_MOST - WARM_SECONDS
    while len(crowd.seen.answers) < WARM_UPDATES and time.perf_counter() < end:  # noqa: ASYNC110 - others move it on
        await asyncio.sleep(0.1)


async def _stop(running: Running) -> None:
    assert running.process is not None
    running.process.terminate()
    await asyncio.wait_for(running.process.wait(), LAST_SECONDS)


def _cpu_of(pid: int | None, who: Contender) -> float:
    return tree_cpu_seconds(pid) if pid is not None and who.database == "postgresql" else 0.0
