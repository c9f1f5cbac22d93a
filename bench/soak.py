"""Every fault at every named place, deaths at random, and what lasts longer, on both databases; prints one table.

    uv run python -m bench.soak --keep results.json --out docs/reliability.md

In parts: `--parts`, `--databases`, `--only`; what `--keep` names goes on from one run to the next.

Telegram and WeCom are simulators in this process, the desk is a process of its own. After each fault it is started
again where it died, everything is drained, and the database and what the platform was sent are held against what people
did.
"""

import argparse
import asyncio
import random
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bench import replicas
from bench.soak_run import Run, database
from bench.soak_table import (
    CLOCK,
    DATABASES,
    DISK,
    KILLED,
    KILLS,
    PLATFORM,
    REPLICAS,
    RESTARTS,
    SEED,
    SILENT,
    Result,
)
from tests.faults import stream, troubles
from tests.faults.kills import Killed, kills
from tests.faults.rounds import KINDS, MOVING, NTH, Drive, attempt, drive_of, points_of
from tests.faults.town import Town, town

BATCH = 250  # deaths of one town
FAILURES = 3  # towns in which people could not go on: then something is thoroughly wrong
DISK_SIZE = "128m"  # of the disk that is filled
BUSY: tuple[Drive, ...] = (stream.asks, stream.one_report) * 6  # at once, while PostgreSQL restarts


async def faults(run: Run, kind: str) -> None:
    """Try every kind of fault at every place, all on the same living desk."""
    chance = random.Random(run.told.seed)
    wanted = [(point, how) for point in points_of(kind) for how in KINDS if run.wants(f"{point} {how}")]
    wanted = [each for each in wanted if run.lacks(*each, kind)]
    while wanted:
        with tempfile.TemporaryDirectory(prefix="redsteward-soak-") as name:
            async with database(kind, Path(name)) as (url, _), town(Path(name), url) as built:
                moving, first = drive_of(wanted[0][0]) in MOVING, wanted[0][0]
                while wanted and (wanted[0][0] == first if moving else drive_of(wanted[0][0]) not in MOVING):
                    point, how = wanted.pop(0)
                    if not await _attempt(run, kind, built, point, how, chance):
                        break  # a new desk for the rest


async def _attempt(run: Run, kind: str, built: Town, point: str, how: str, chance: random.Random) -> bool:
    """Try one fault; return whether the desk can be used for the next."""
    result, begun = run.result(point, how, kind), time.monotonic()
    nth = chance.randint(1, NTH.get(point.partition(".")[0], 1))
    try:
        tried = await attempt(built, point, how, nth)
    except (AssertionError, TimeoutError) as error:
        result.broken += 1
        result.notes.append(f"the {nth}. time: {str(error)[:400]}")
    else:
        result.tried, result.not_struck = int(tried.struck), int(not tried.struck)
        result.count(tried.found, tried.in_flight, tried.recovery)
        if tried.struck and not tried.well:
            result.notes.append(f"the {nth}. time: {tried}")
    run.add(result, begun)
    return not result.broken


async def deaths(run: Run, kind: str) -> None:
    """Kill the desk at random, in a new town each few hundred times: a thousand deaths are some years of a district."""
    seed, left, failed = run.told.seed, run.told.kills, 0
    if run.told.missing:
        left -= run.soak.deaths(kind)
        seed = max((seed, *(each + 1 for each in run.soak.seeds(kind))))
    while left > 0 and failed < FAILURES:
        died, well = await _deaths(run, kind, min(BATCH, left), seed)
        seed, left, failed = seed + 1, left - died, failed + (not well)


async def _deaths(run: Run, kind: str, wanted: int, seed: int) -> tuple[int, bool]:
    """Kill it so often, keep what was counted so far each time; return how often, and whether people could go on."""
    begun, killed = time.monotonic(), Killed()

    def say(now: Killed) -> None:
        pace = (time.monotonic() - begun) / now.deaths
        print(f"{kind:11} {now.deaths} of {wanted} deaths (seed {seed}), {pace:.1f} s each", flush=True)

    with tempfile.TemporaryDirectory(prefix="redsteward-soak-") as name:
        async with database(kind, Path(name)) as (url, _), town(Path(name), url) as built:

            def keep(now: Killed) -> None:
                nonlocal killed
                killed = replace(now)
                run.add(_killed(run, kind, built, killed, seed), begun)

            try:
                await kills(built, wanted, random.Random(seed), told=keep, said=say)
            except (AssertionError, TimeoutError) as error:
                result = _killed(run, kind, built, killed, seed)
                result.broken += 1
                result.notes.append(f"after {result.tried}: {str(error)[:400]}")
                run.add(result, begun)
                return killed.deaths, False
    return killed.deaths, True


def _killed(run: Run, kind: str, built: Town, killed: Killed, seed: int) -> Result:
    result = run.result(KILLED, f"{SEED} {seed}", kind)
    result.tried = killed.deaths
    result.count(killed.found, killed.in_flight, killed.recovery)
    updates = built.telegram.last_update_id - built.checker.first_update + 1
    result.detail = (f"{killed.deaths:,} deaths ({result.kind}), {killed.young} of them while it started; "
                     f"{updates:,} updates taken in, {built.sent:,} messages and changes sent")  # fmt: skip
    if not killed.well:
        result.notes.append(str(killed))
    return result


async def lasting(run: Run, kind: str) -> None:
    """Go through what lasts longer."""
    for name, trouble in ((PLATFORM, troubles.platform_gone), (CLOCK, troubles.clock_set)):
        if run.wants(name) and run.lacks(name, "", kind):
            with tempfile.TemporaryDirectory(prefix="redsteward-soak-") as folder:
                async with database(kind, Path(folder)) as (url, _), town(Path(folder), url) as built:
                    await _through(run, kind, built, name, trouble)
    for name, go in ({DISK: _disk} if kind == "sqlite" else ON_POSTGRESQL).items():
        if run.wants(name) and run.lacks(name, "", kind):
            await go(run)


async def _through(
    run: Run, kind: str, built: Town, name: str, trouble: troubles.Trouble,
    doing: Sequence[Drive] = (stream.mixed, stream.mixed),
) -> None:  # fmt: skip
    result, begun = run.result(name, "", kind), time.monotonic()
    try:
        tried = await troubles.through(built, name, trouble, doing)
    except (AssertionError, TimeoutError) as error:
        result.broken += 1
        result.notes.append(str(error)[:400])
    else:
        result.tried, result.detail = 1, tried.kind
        result.count(tried.found, tried.in_flight, tried.recovery)
        if not tried.well:
            result.notes.append(str(tried))
    run.add(result, begun)


async def _disk(run: Run) -> None:
    """Fill a small disk of its own; only root may make one."""
    with tempfile.TemporaryDirectory(prefix="redsteward-disk-") as name:
        folder = Path(name)
        if await _run("mount", "-t", "tmpfs", "-o", f"size={DISK_SIZE}", "tmpfs", name):
            print("disk full: not tried, a disk can be made by root alone", flush=True)
            return
        try:
            async with town(folder, f"sqlite:///{folder}/desk.db") as built:
                await _through(run, "sqlite", built, DISK, troubles.full_disk(folder))
        finally:
            await _run("umount", name)


async def _run(*command: str) -> int:
    return await (await asyncio.create_subprocess_exec(*command)).wait()


async def _restarts(run: Run) -> None:
    """Let PostgreSQL restart."""
    with tempfile.TemporaryDirectory(prefix="redsteward-soak-") as name:
        async with database("postgresql", Path(name)) as (url, server), town(Path(name), url) as built:
            # The package has no public way to stop.
            trouble = troubles.restarts(
                server._stop, server.ensure_postgres_running, run.told.minutes * 60, run.told.messages  # noqa: SLF001
            )  # fmt: skip
            await _through(run, "postgresql", built, RESTARTS, trouble, BUSY)


async def _silent(run: Run) -> None:
    """Let the line to PostgreSQL fall silent."""
    with tempfile.TemporaryDirectory(prefix="redsteward-soak-") as name:
        async with database("postgresql", Path(name)) as (url, _):
            line = troubles.Line(f"{_socket_folder(url)}/.s.PGSQL.5432")
            port = await line.open()
            through = f"postgresql+psycopg://postgres@127.0.0.1:{port}/{url.partition('?')[0].rsplit('/', 1)[1]}"
            try:
                async with town(Path(name), url, through) as built:
                    await _through(run, "postgresql", built, SILENT, line.falls_silent)
            finally:
                await line.close()


async def _replicas(run: Run) -> None:
    """Kill one of three processes again and again."""
    result, begun = run.result(REPLICAS, "", "postgresql"), time.monotonic()
    plan = replicas.Plan(seconds=run.told.replica_minutes * 60, seed=run.told.seed)
    with tempfile.TemporaryDirectory(prefix="redsteward-soak-") as name:
        async with database("postgresql", Path(name)) as (url, _):
            seen = await replicas.torture(plan, Path(name), url)
    made, taken = seen.updates
    result.tried, result.lost = seen.kills, len(seen.lost) + len(seen.unseen) + abs(made - taken) + (not seen.quiet)
    result.doubled, result.broken = len(seen.twice), len(seen.violations) + seen.floods
    result.repeated, result.in_flight, result.longest = max(0, seen.again), seen.in_flight, seen.longest
    result.detail = (f"{seen.kills} kills, {made:,} updates made, {seen.planned:,} messages; as recovery: the longest "
                     "time in which nothing was taken in; in flight: of all three")  # fmt: skip
    run.add(result, begun)


def _socket_folder(url: str) -> str:
    return url.partition("host=")[2].partition("&")[0]


async def soak_all(told: argparse.Namespace) -> bool:
    """Run what is asked for, print the table; return whether every promise was kept."""
    run = Run(told)
    for part in (part for name, part in PARTS.items() if name in told.parts):
        for kind in told.databases:
            await part(run, kind)
    run.write()
    print(run.soak.table())
    return run.soak.well


PARTS = {"faults": faults, "deaths": deaths, "lasting": lasting}
ON_POSTGRESQL = {RESTARTS: _restarts, SILENT: _silent, REPLICAS: _replicas}


def main() -> None:
    """Read the command line and run; the exit status tells whether all is well."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=KILLS, help="deaths at random, on each database")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=15.0, help="in which PostgreSQL restarts")
    parser.add_argument("--messages", type=int, default=20_000, help="in and out meanwhile")
    parser.add_argument("--replica-minutes", type=float, default=10.0, help="in which one of three processes is killed")
    parser.add_argument("--databases", nargs="+", default=list(DATABASES), choices=DATABASES)
    parser.add_argument("--parts", nargs="*", default=list(PARTS), choices=list(PARTS))
    parser.add_argument(
        "--only", nargs="+", default=[], help="places and kinds, as in: outbox. 'inbox.after_commit kill'"
    )
    parser.add_argument("--missing", action="store_true", help="only what --keep lacks; of deaths, as many as that is")
    parser.add_argument("--also", nargs="+", default=[], help="files of results of other runs: read only")
    parser.add_argument("--keep", help="a file of results: read, and written after each")
    parser.add_argument("--out", help="where to write the page")
    raise SystemExit(0 if asyncio.run(soak_all(parser.parse_args())) else 1)


if __name__ == "__main__":
    main()
