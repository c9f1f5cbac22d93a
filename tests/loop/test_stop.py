"""The program is stopped, or a part of it dies: in time, in order, with nothing said twice and a clear word."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
import yaml
from sqlalchemy import create_engine, text

from tests.cast import CONFIG
from tests.simulators.telegram import TelegramServer

STOPS_WITHIN = 15.0  # seconds, as promised to whoever supervises the process


@dataclass
class Desk:
    """The program as a process."""

    process: asyncio.subprocess.Process
    log: Path
    said: Path

    async def logs(self, event: str) -> None:
        """Wait until something is logged."""
        async with asyncio.timeout(60):
            while f'"{event}"' not in self.log.read_text(encoding="utf-8"):
                assert self.process.returncode is None, self.log.read_text(encoding="utf-8")
                await asyncio.sleep(0.05)

    async def is_ready(self) -> None:
        """Wait until every part has had its first look around."""
        lines = self.log.read_text(encoding="utf-8").splitlines()
        port = next(json.loads(line)["port"] for line in lines if '"started"' in line)
        async with asyncio.timeout(60), aiohttp.ClientSession() as client:
            while True:  # an answer not read to its end would leave its connection to the garbage collector
                async with client.get(f"http://127.0.0.1:{port}/readyz") as answer:
                    if answer.status == 200:
                        return
                await asyncio.sleep(0.05)

    async def ends(self) -> int:
        """Wait until it has ended, as long as it may take."""
        async with asyncio.timeout(STOPS_WITHIN):
            return await self.process.wait()


@asynccontextmanager
async def running(telegram: TelegramServer | None, folder: Path, url: str) -> AsyncIterator[Desk]:
    told = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))
    told["database"]["url"], told["data"], told["web"]["port"] = "${DATABASE_URL}", str(folder), 0
    if telegram is not None:
        told["channels"]["telegram"].update(
            enabled=True, base_url=telegram.base_url, base_file_url=telegram.base_file_url
        )
    config = folder / "config.yaml"
    config.write_text(yaml.safe_dump(told, allow_unicode=True), encoding="utf-8")
    environ = {**os.environ, "DATABASE_URL": url, "TELEGRAM_TOKEN": telegram.token if telegram else "1:x"}
    log, said = folder / "log", folder / "said"
    with log.open("ab") as err, said.open("ab") as out:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "--config", str(config), "run", stdout=out, stderr=err, env=environ
        )
    desk = Desk(process, log, said)
    try:
        await desk.logs("started")
        yield desk
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_a_stop_says_nothing_twice(database_url: str, tmp_path: Path) -> None:
    """Calls under way take five seconds to be answered; the desk waits for them, stops, and goes on after a restart."""
    async with TelegramServer() as telegram:
        people = [telegram.user(f"居民{n}") for n in range(6)]
        async with running(telegram, tmp_path, database_url) as desk:
            for person in people:
                await person.sends("/start")
            for person in people:
                await person.reads(timeout=30)
            telegram.fail_next("sendMessage", hang=5.0, times=6)
            for number, person in enumerate(people):
                await person.sends(f"{number + 1}号楼的门坏了，编号{number}")
            async with asyncio.timeout(30):
                while len(telegram.calls_of("sendMessage")) < 7:  # noqa: ASYNC110 - the simulator has no event for it
                    await asyncio.sleep(0.05)
            desk.process.send_signal(signal.SIGTERM)
            assert await desk.ends() == 0
            assert '"stopped"' in desk.log.read_text(encoding="utf-8")
        telegram.faults.clear()
        async with running(telegram, tmp_path, database_url):
            for number, person in enumerate(people):
                await person.reads(f"编号{number}", timeout=30)
            await telegram.idle(20)
            for number, person in enumerate(people):
                shown = [each.text for each in await person.screen() if f"编号{number}" in each.text]
                assert len(shown) == 2, shown  # their own words, and one card
        assert [str(each) for each in telegram.violations] == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_platform_that_hangs_does_not_hold_up_the_stop(database_url: str, tmp_path: Path) -> None:
    async with TelegramServer() as telegram:
        aunt = telegram.user("李阿姨")
        async with running(telegram, tmp_path, database_url) as desk:
            telegram.fail_next("*", hang=60.0, times=100)
            await aunt.sends("/start")
            await asyncio.sleep(0)
            desk.process.send_signal(signal.SIGTERM)
            assert await desk.ends() in (0, 1)


@pytest.mark.parametrize(("table", "part"), [("outgoing", "outbox"), ("commission", "workshop")])
async def test_a_part_that_dies_takes_the_desk_down(database_url: str, tmp_path: Path, table: str, part: str) -> None:
    """Its table is gone: whatever supervises the desk sees it end, and a person reads which part and why."""
    async with running(None, tmp_path, database_url) as desk:
        await desk.is_ready()
        engine = create_engine(database_url)
        with engine.connect() as connection, connection.begin():
            connection.execute(text(f"ALTER TABLE {table} RENAME TO gone"))
        engine.dispose()
        assert await desk.ends() == 1
        said, log = desk.said.read_text(encoding="utf-8"), desk.log.read_text(encoding="utf-8")
    assert f"the {part} died: " in said
    assert "start it again, nothing is lost" in said
    assert '"part_died"' in log
    assert "Traceback" not in log
    assert "SELECT" not in log + said
