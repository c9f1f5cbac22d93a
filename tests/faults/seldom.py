"""What happens seldom: a picture is asked for, hours pass, a morning comes, a token ends, people are imported."""

import asyncio
import os
import sys
import time
from contextlib import suppress
from datetime import timedelta

import aiohttp

from bench.town import RESIDENT_ID
from tests.faults.stream import PATIENCE, reports
from tests.faults.town import ZONE, Town


async def counted(town: Town) -> None:
    """An admin asks for figures, which come as a picture."""
    await town.staff["huang"].sends("/stats")


async def waits_for_its_turn(town: Town) -> None:
    """Somebody asks five things at once; while the answers wait for their turn, half the lease passes."""
    person = town.telegram.user("急性子", id=RESIDENT_ID + town.next())
    for _ in range(3):
        for _ in range(5):
            await person.sends("/help")
        for _ in range(6):
            await asyncio.sleep(0.5)
            town.desk.move(timedelta(seconds=35))


async def falls_due(town: Town) -> None:
    """Nobody accepts what was reported, and hours pass."""
    await reports(town)
    await town.drain()
    for _ in range(3):
        town.desk.move(timedelta(hours=2))
        await asyncio.sleep(1)


async def next_morning(town: Town) -> None:
    """The daily digest falls due."""
    await reports(town)
    await town.drain()
    town.desk.move(until(town, 3, time_of_day=(8, 31)))
    await asyncio.sleep(1)


async def next_night(town: Town) -> None:
    """A sheet is made; two nights later it is removed."""
    person = town.telegram.user("查资料的", id=RESIDENT_ID + town.next())
    await person.sends("/mydata")
    for _ in range(2):
        await town.drain()
        town.desk.move(until(town, 1, time_of_day=(3, 30)))
        await asyncio.sleep(8)  # the keeper looks every five seconds
        await town.drain()


def until(town: Town, weekday_before: int, *, time_of_day: tuple[int, int]) -> timedelta:
    """Return how far it is to a time of day; `weekday_before` 3: of a working day but Monday."""
    there = town.desk.now().astimezone(ZONE)
    day = there.replace(hour=time_of_day[0], minute=time_of_day[1], second=0, microsecond=0)
    while day <= there or (weekday_before == 3 and day.weekday() not in (1, 2, 3, 4)):
        day += timedelta(days=1)
    return day - there


async def token_ends(town: Town) -> None:
    """The token for WeCom ends; a member writes, and is answered with a new one."""
    await town.drain()
    town.desk.move(timedelta(hours=2))
    member = town.wecom.member("Member.aunt")
    number, before = str(town.wecom.next_number()), len(member.screen)
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with suppress(AssertionError, aiohttp.ClientError):
            await member.says("帮助", number=number)
            break
        await asyncio.sleep(0.2)
    while len(member.screen) == before:
        if time.monotonic() > end:
            raise AssertionError("the member was not answered")
        await asyncio.sleep(0.1)


async def imported(town: Town) -> None:
    """People are imported beside the running desk; where that is not reported it is done once more."""
    sheet = town.desk.config.with_name(f"people-{town.next()}.csv")
    sheet.write_text(f"name,telegram\n新人{town.count},{RESIDENT_ID + town.count}\n", encoding="utf-8")
    command = (sys.executable, "-m", "bot", "--config", str(town.desk.config), "import", str(sheet), "--apply")
    for _ in range(3):
        process = await asyncio.create_subprocess_exec(
            *command, "--kind", "people", env={**os.environ, **town.desk.env},
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        said, _ = await process.communicate()
        if process.returncode == 0:
            return
    raise AssertionError(f"the import was never reported: {said.decode()}")
