"""What lasts longer than a moment: a full disk, a silent line, a database that restarts, a platform that is gone."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
from sqlalchemy.exc import DBAPIError

from bot import outrows
from tests.faults import stream
from tests.faults.rounds import Drive, Tried
from tests.faults.town import Town

HOLE = 30.0  # seconds of silence
FLOODED = {"ok": False, "error_code": 429, "description": "Too Many Requests: retry after 2",
           "parameters": {"retry_after": 2}}  # fmt: skip
HOUR = timedelta(hours=1)
AT_LAST = timedelta(seconds=outrows.LONGEST_PAUSE)
BETWEEN = (5.0, 40.0)  # seconds from one restart to the next
PATIENCE = 1.5  # times as long as it was to take, where the messages take longer

Trouble = Callable[[Town], Coroutine[Any, Any, str]]
"""Makes it and ends it; returns in words what it was."""


async def through(
    town: Town, name: str, trouble: Trouble, doing: Sequence[Drive] = (stream.mixed, stream.mixed)
) -> Tried:  # fmt: skip
    """Have people at work while it lasts, start the desk again where it dies, and look afterwards."""
    end = asyncio.Event()
    async with supervised(town) as deaths:
        working = [asyncio.create_task(_work(town, drive, end)) for drive in doing]
        try:
            told = await trouble(town)
            begun = time.monotonic()
            end.set()
            await asyncio.gather(*working)
            await stream.mixed(town)
        finally:
            for work in working:
                work.cancel()
            await asyncio.gather(*working, return_exceptions=True)
    if not town.desk.alive:
        await town.desk.start()
    skipped = await town.drain()
    recovery = time.monotonic() - begun + skipped
    found = await town.checker.look(town.desk.now() - timedelta(seconds=2))
    return Tried(name, told, True, bool(deaths), sum(deaths), recovery, found)


async def _work(town: Town, drive: Drive, end: asyncio.Event) -> None:
    """Do the same again and again, each time to its end."""
    while not end.is_set():
        await drive(town)


@asynccontextmanager
async def supervised(town: Town) -> AsyncIterator[list[int]]:
    """Start the desk again whenever it ends, as systemd does; yields how many messages were in flight at each death."""
    deaths: list[int] = []
    watching = asyncio.create_task(_supervise(town, deaths))
    try:
        yield deaths
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


async def _supervise(town: Town, deaths: list[int]) -> None:
    while True:
        if not town.desk.alive:
            with suppress(AssertionError, TimeoutError, DBAPIError):
                deaths.append(await town.in_flight())
                await town.desk.start()
        await asyncio.sleep(0.5)


async def platform_gone(town: Town) -> str:
    """Telegram is down for an hour, then refuses for flooding, then is slow."""
    await asyncio.sleep(2)
    await town.telegram.goes_down()
    for _ in range(12):
        town.desk.move(HOUR / 12)
        await asyncio.sleep(0.7)
    await town.telegram.comes_up()
    town.telegram.fail_next("sendMessage", 429, body=FLOODED, times=8)
    town.telegram.latency = 2.0
    await asyncio.sleep(20)
    town.telegram.latency = 0.0
    town.telegram.faults.clear()
    town.desk.move(AT_LAST)  # what waits longest for its next try is not waited for
    return "an hour by the desk's clock, 8 times 429, 20 s in which each answer took 2 s"


async def clock_set(town: Town) -> str:
    """The machine's clock goes back and forth by an hour."""
    for step in (-1, 1, 1, -1):
        await asyncio.sleep(3)
        town.desk.move(step * HOUR)
    await asyncio.sleep(2)
    town.desk.move(HOUR)  # what was planned while it was ahead comes an hour later: that hour is not slept away
    return "one hour back, two on, one back"


def full_disk(folder: Path) -> Trouble:
    """Return the trouble: nothing is left where database and files lie; then there is room again."""

    async def fill(town: Town) -> str:
        await ready(town, 200)
        filler = folder / "filler"
        with filler.open("wb", buffering=0) as file, suppress(OSError):
            while file.write(b"\0" * 65536):
                pass
        await ready(town, 503)
        await asyncio.sleep(10)
        filler.unlink()
        await ready(town, 200)
        return "not a byte left for database and files, for 10 s after /readyz said so"

    return fill


def restarts(stop: Callable[[], None], start: Callable[[], None], seconds: float, messages: int) -> Trouble:
    """Return the trouble: the database restarts again and again, for so long and until so many messages have passed."""
    chance = random.Random(1)

    async def again_and_again(town: Town) -> str:
        begun, before, times = time.monotonic(), _passed(town), 0
        while time.monotonic() - begun < seconds or _passed(town) - before < messages:
            if time.monotonic() - begun > PATIENCE * seconds:
                break
            await asyncio.sleep(chance.uniform(*BETWEEN))
            await asyncio.to_thread(stop)
            await asyncio.to_thread(start)
            times += 1
        minutes = (time.monotonic() - begun) / 60
        return f"{times} times in {minutes:.0f} minutes, {_passed(town) - before:,} messages in and out"

    return again_and_again


def _passed(town: Town) -> int:
    return town.telegram.last_update_id + town.sent


async def ready(town: Town, status: int) -> None:
    """Wait until `/readyz` says so."""
    async with asyncio.timeout(90), aiohttp.ClientSession() as session:
        while True:
            with suppress(aiohttp.ClientError):
                async with session.get(f"http://127.0.0.1:{town.desk.port}/readyz") as answer:
                    if answer.status == status:
                        return
            await asyncio.sleep(0.2)


class Line:
    """A proxy between the desk and PostgreSQL that can fall silent."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._flows = asyncio.Event()
        self._flows.set()
        self._pumps: set[asyncio.Task[None]] = set()

    async def open(self) -> int:
        """Listen; return the port."""
        self._server = await asyncio.start_server(self._connect, "127.0.0.1", 0)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def close(self) -> None:
        """Let go of everything."""
        self._server.close()
        await self._cut()

    async def falls_silent(self, _town: Town) -> str:
        """Pass nothing on for a while, then drop what was connected meanwhile."""
        await asyncio.sleep(3)
        self._flows.clear()
        await asyncio.sleep(HOLE)
        await self._cut()
        self._flows.set()
        return f"nothing passed for {HOLE:.0f} s, then the connections were gone"

    async def _cut(self) -> None:
        for pump in self._pumps:
            pump.cancel()
        await asyncio.gather(*self._pumps, return_exceptions=True)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_unix_connection(self._path)
        for source, target in ((reader, back), (there, writer)):
            pump = asyncio.create_task(self._pump(source, target))
            self._pumps.add(pump)
            pump.add_done_callback(self._pumps.discard)

    async def _pump(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        try:
            with suppress(ConnectionError):
                while data := await source.read(65536):
                    await self._flows.wait()
                    target.write(data)
                    await target.drain()
        finally:
            target.close()
