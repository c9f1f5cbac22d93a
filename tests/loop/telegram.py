"""The whole program on Telegram: the strict simulator on one side, the example community on the other."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.app import App
from bot.clock import Clock
from cases.settings import PersonSettings, Settings
from tests.cast import example
from tests.simulators.telegram import Resident, TelegramServer

FIRST_ID = 700_001
SECRET = "Loop-secret_1"


@dataclass
class Town:
    """Everybody of `config.yaml` has Telegram; `clock` may be moved."""

    telegram: TelegramServer
    app: App
    clock: Clock
    staff: dict[str, Resident]

    async def steward_with_task(self) -> Resident:
        """Return the steward whose chat shows a case to accept."""
        for key in ("wang", "chen"):
            if await self.staff[key].screen():
                return self.staff[key]
        raise AssertionError("nobody got a task")


@asynccontextmanager
async def town(telegram: TelegramServer, folder: Path, url: str, mode: str, port: int) -> AsyncIterator[Town]:
    """Run the program against the simulator."""
    settings = _settings(telegram, folder, url, mode, port)
    clock = Clock()
    staff = {person.key: telegram.user(person.name, id=person.telegram) for person in settings.people}
    for person in staff.values():
        await person.starts()
    app = App(settings, clock)
    await app.start()
    try:
        await telegram.idle(10)
        for person in staff.values():
            person.skips()
        yield Town(telegram, app, clock, staff)
    finally:
        await app.stop()


def _settings(telegram: TelegramServer, folder: Path, url: str, mode: str, port: int) -> Settings:
    told = example()
    people = tuple(_with_telegram(person, FIRST_ID + n) for n, person in enumerate(told.people))
    channel = told.channels.telegram.model_copy(
        update={
            "enabled": True, "mode": mode, "token": telegram.token, "base_url": telegram.base_url,
            "base_file_url": telegram.base_file_url, "webhook_secret": SECRET,
            "webhook_url": f"http://127.0.0.1:{port}/telegram/webhook",
        }
    )  # fmt: skip
    channels = told.channels.model_copy(update={"telegram": channel})
    web = told.web.model_copy(update={"port": port})
    database = told.database.model_copy(update={"url": url})
    return told.model_copy(
        update={"people": people, "channels": channels, "web": web, "database": database, "data": str(folder)}
    )


def _with_telegram(person: PersonSettings, number: int) -> PersonSettings:
    return person.model_copy(update={"telegram": number})
