"""Where the time of an update goes: the running program under residents, its threads each under a profiler of its own.

    uv run python -m bench.inside --who five --seconds 6         # two tables: event loop, writing thread
    uv run python -m bench.inside --who two --plain              # no profiler: CPU of each thread for one update

What is counted is CPU of the thread, not time by the clock, so that a busy machine changes little. A profiler makes
small functions look dearer than they are: read the order, and measure a change with --plain.
"""

import argparse
import asyncio
import cProfile
import io
import pstats
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench import lap
from bench.contenders import CONTENDERS, Contender, Ground, people
from bench.process import TICKS, cpu_seconds
from bench.residents import Crowd
from bot import cli, running
from storage.sqlite_store import SqliteStore

PROFILED = "bench.inside"
SHOWN = 45  # functions


class Profiled(Ground):
    """Starts the desk as this module, which puts profilers around it."""

    def command(self, who: Contender, address: str) -> tuple[list[str], str]:
        """Return how the desk is started, and its database."""
        told, url = super().command(who, address)
        return [told[0], "-m", PROFILED, "--inside", str(self.folder), *told[3:]], url


async def measure(told: argparse.Namespace, ground: Ground) -> None:
    """Have residents at work, and print what each thread took."""
    who = next(each for each in CONTENDERS if each.key == told.who)
    async with lap.at_work(ground, who) as (api, process, _url):
        crowd = Crowd(api, who.script, people())
        crowd.closed_loop(told.at_once)
        await asyncio.sleep(lap.WARM_SECONDS)
        pid = process.pid
        print("process", pid, flush=True)
        updates, calls, cpu, threads = len(crowd.seen.answers), api.calls, cpu_seconds(pid), _threads(pid)
        cases, at = crowd.seen.finished, time.perf_counter()
        await asyncio.sleep(told.seconds)
        updates, calls = len(crowd.seen.answers) - updates, api.calls - calls
        cpu, took = cpu_seconds(pid) - cpu, time.perf_counter() - at
        cases = crowd.seen.finished - cases
        later = _threads(pid)
        crowd.stop()
    print(f"{who.name}: {updates / cpu:.0f} updates/CPU s, {cases / cpu:.0f} cases/CPU s, {calls / updates:.2f} calls"
          f" an update, {updates / took:.0f} updates/s, {cpu / took:.0%} of a core")  # fmt: skip
    spent = sorted(((later[tid] - threads.get(tid, 0.0), tid) for tid in later), reverse=True)
    print("µs an update by thread:", *(f"{'loop' if tid == pid else tid} {1e6 * each / updates:.0f}"
                                       for each, tid in spent if each > 0.05))  # fmt: skip


def _threads(pid: int) -> dict[int, float]:
    """Return what each thread of a process has computed, in seconds."""
    found = {}
    for entry in Path(f"/proc/{pid}/task").iterdir():
        parts = (entry / "stat").read_text(encoding="ascii").rpartition(")")[2].split()
        found[int(entry.name)] = (int(parts[11]) + int(parts[12])) / TICKS
    return found


def _under(profile: cProfile.Profile, function: Callable[..., Any], path: Path) -> Callable[..., Any]:
    def run(*args: Any, **named: Any) -> Any:
        try:
            return profile.runcall(function, *args, **named)
        finally:
            profile.dump_stats(path)

    return run


def inside(folder: Path) -> None:
    """Be the desk, under profilers."""
    profiles = [cProfile.Profile(time.thread_time) for _ in range(2)]
    SqliteStore._run = _under(profiles[0], SqliteStore._run, folder / "writer.prof")  # type: ignore[method-assign]  # noqa: SLF001
    running._run = _under(profiles[1], running._run, folder / "loop.prof")  # noqa: SLF001
    cli.main()


def _shown(path: Path, order: str) -> str:
    text = io.StringIO()
    pstats.Stats(str(path), stream=text).sort_stats(order).print_stats(SHOWN)
    return text.getvalue().replace(str(Path(__file__).parents[1]) + "/", "")


def main() -> None:
    """Read the command line and run."""
    if "--inside" in sys.argv:
        at = sys.argv.index("--inside")
        folder = Path(sys.argv[at + 1])
        del sys.argv[at : at + 2]
        inside(folder)
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--who", default="five", choices=("five", "two"))
    parser.add_argument("--at-once", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--plain", action="store_true", help="without profilers")
    parser.add_argument("--order", default="tottime", help="tottime, cumulative")
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        ground = Ground(Path(place)) if told.plain else Profiled(Path(place))
        asyncio.run(measure(told, ground))
        for name in () if told.plain else ("loop", "writer"):
            print(name, _shown(Path(place) / f"{name}.prof", told.order))


if __name__ == "__main__":
    main()
