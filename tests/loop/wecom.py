"""The whole program with its stewards on WeCom and its residents on Telegram: both simulators at once."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.app import App
from bot.clock import Clock
from cases.program_settings import RobotSettings
from cases.settings import Settings
from tests.cast import example
from tests.simulators.telegram import TelegramServer
from tests.simulators.wecom import Member, WecomServer

ROBOT_KEY = "robot-key-fengmei"


class Members:
    """Staff who are on WeCom, by their keys."""

    staff: dict[str, Member]

    async def with_card(self, label: str, *keys: str) -> Member:
        """Return the one of these members who gets a button of that label first."""
        first = self.staff[keys[0]]
        for _ in range(300):
            for key in keys:
                if any(label in shown.buttons for shown in self.staff[key].screen):
                    return self.staff[key]
            await first.pause()
        raise AssertionError(f"none of {keys} sees {label!r}")


@dataclass
class Office(Members):
    """Everybody of `config.yaml` is a member; `clock` may be moved."""

    wecom: WecomServer
    telegram: TelegramServer
    app: App
    clock: Clock
    staff: dict[str, Member]


@asynccontextmanager
async def office(wecom: WecomServer, telegram: TelegramServer, folder: Path, url: str) -> AsyncIterator[Office]:
    """Run the program against the simulators."""
    settings = _settings(wecom, telegram, folder, url)
    wecom.robots[ROBOT_KEY] = []
    staff = {person.key: wecom.member(f"Member.{person.key}") for person in settings.people}
    clock = Clock()
    app = App(settings, clock)
    await app.start()
    wecom.callback_url = f"http://127.0.0.1:{app.port}/wecom/callback"
    try:
        await telegram.idle(10)
        yield Office(wecom, telegram, app, clock, staff)
    finally:
        await app.stop()


def _settings(wecom: WecomServer, telegram: TelegramServer, folder: Path, url: str) -> Settings:
    told = example()
    people = tuple(person.model_copy(update={"wecom": f"member.{person.key}"}) for person in told.people)
    app = {
        "enabled": True, "corp_id": wecom.corp_id, "agent_id": wecom.agent_id, "secret": wecom.secret,
        "token": wecom.token, "aes_key": wecom.aes_key, "api_base": wecom.base_url, "robot_base": wecom.base_url,
        "robots": (RobotSettings(place="fengmei", webhook_key=ROBOT_KEY),),
    }  # fmt: skip
    bot = {
        "enabled": True, "mode": "polling", "token": telegram.token, "base_url": telegram.base_url,
        "base_file_url": telegram.base_file_url, "per_second": 0,  # it is not Telegram's pace that is tried here
    }  # fmt: skip
    channels = told.channels.model_copy(
        update={
            "wecom": told.channels.wecom.model_copy(update=app),
            "telegram": told.channels.telegram.model_copy(update=bot),
        }
    )
    web = told.web.model_copy(update={"port": 0})
    database = told.database.model_copy(update={"url": url})
    return told.model_copy(
        update={"people": people, "channels": channels, "web": web, "database": database, "data": str(folder)}
    )
