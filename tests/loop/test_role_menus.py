"""A role given or taken in chat changes the menu that Telegram's app shows to its holder, within seconds."""

import asyncio
from pathlib import Path

from tests.loop.telegram import Town, town
from tests.loop.test_telegram_loop import free_port
from tests.simulators.telegram import Resident, TelegramServer

PATIENCE = 30.0


async def test_the_menu_follows_the_role(database_url: str, tmp_path: Path) -> None:
    async with (
        TelegramServer() as telegram,
        town(telegram, tmp_path, database_url, "polling", free_port()) as place,
    ):
        chen, admin = place.staff["chen"], place.staff["huang"]
        await shows(chen, "tasks")
        assert "cases" not in names(chen)
        await admin.sends("/role 陈秀英 给 楼长 丰美小区5号楼")
        await chen.reads("协调员", timeout=PATIENCE)
        await shows(chen, "cases")
        await all_taken(place)
        await shows(chen, "report")
        assert not {"cases", "tasks"} & set(names(chen))
        assert (telegram.refused_429, [str(each) for each in telegram.violations]) == (0, [])


async def all_taken(place: Town) -> None:
    """Have an admin take all that somebody holds."""
    admin = place.staff["huang"]
    await admin.sends("/remove 陈秀英")
    await admin.reads("陈秀英", timeout=PATIENCE)
    await admin.presses("收回全部角色")
    await admin.reads("要收回", timeout=PATIENCE)
    await admin.presses("是的，收回")
    await place.staff["chen"].reads("谢谢您一直以来", timeout=PATIENCE)


def names(person: Resident) -> list[str]:
    """Return the commands that the app offers."""
    return [str(each["command"]) for each in person.menu()]


async def shows(person: Resident, command: str) -> None:
    """Wait until the app offers a command, and none of a role that is gone."""
    async with asyncio.timeout(PATIENCE):
        while command not in names(person) or (command == "report" and "tasks" in names(person)):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
