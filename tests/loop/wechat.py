"""The whole program with residents on WeChat and staff on Telegram, a strict simulator of each on the other side."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.app import App
from bot.clock import Clock
from bot.config import load
from cases.settings import PersonSettings, Settings
from cases.wechat_settings import TemplateSettings
from tests.cast import CONFIG
from tests.simulators.telegram import Resident, TelegramServer
from tests.simulators.wechat import Follower, WeChatServer

FIRST_ID = 700_001
NOTICE, RATING = "template-notice", "template-rating"
NOTICE_FIELDS = {"thing1": "title", "thing2": "choices", "time3": "time"}
RATING_FIELDS = {"thing1": "title", "phrase2": "text", "character_string3": "number"}


@dataclass
class Town:
    """Staff have Telegram; whoever `joins` follows the account."""

    telegram: TelegramServer
    wechat: WeChatServer
    app: App
    clock: Clock
    staff: dict[str, Resident]

    def person(self, name: str) -> Follower:
        return Follower(self.wechat, name)


@asynccontextmanager
async def town(telegram: TelegramServer, wechat: WeChatServer, folder: Path, url: str) -> AsyncIterator[Town]:
    """Run the program against both simulators."""
    clock = Clock()
    wechat.clock = lambda: clock.now().timestamp()
    wechat.templates = {NOTICE: tuple(NOTICE_FIELDS), RATING: tuple(RATING_FIELDS)}
    settings = settings_for(telegram, wechat, folder, url)
    staff = {person.key: telegram.user(person.name, id=person.telegram) for person in settings.people}
    for person in staff.values():
        await person.starts()
    app = App(settings, clock)
    await app.start()
    wechat.callback = f"http://127.0.0.1:{app.port}/wechat/callback"
    try:
        await telegram.idle(10)
        for person in staff.values():
            person.skips()
        yield Town(telegram, wechat, app, clock, staff)
    finally:
        await app.stop()


def settings_for(telegram: TelegramServer | None, wechat: WeChatServer, folder: Path, url: str) -> Settings:
    """Return the example's settings with WeChat, and with Telegram where there is one."""
    told = load(CONFIG, {})
    account = told.channels.wechat.model_copy(
        update={
            "enabled": True, "app_id": wechat.app_id, "secret": wechat.secret, "token": wechat.token,
            "aes_key": wechat.aes_key if wechat.mode != "plain" else "", "mode": wechat.mode,
            "api_base": wechat.api_base, "template": TemplateSettings(id=NOTICE, fields=NOTICE_FIELDS),
            "rating": TemplateSettings(id=RATING, fields=RATING_FIELDS),
        }
    )  # fmt: skip
    channels, people = told.channels.model_copy(update={"wechat": account}), told.people
    if telegram is not None:
        bot = told.channels.telegram.model_copy(
            update={"enabled": True, "token": telegram.token, "base_url": telegram.base_url,
                    "base_file_url": telegram.base_file_url}
        )  # fmt: skip
        channels = channels.model_copy(update={"telegram": bot})
        people = tuple(_with_telegram(person, FIRST_ID + n) for n, person in enumerate(told.people))
    return told.model_copy(
        update={
            "people": people, "channels": channels, "web": told.web.model_copy(update={"port": 0}),
            "database": told.database.model_copy(update={"url": url}), "data": str(folder),
        }
    )  # fmt: skip


def _with_telegram(person: PersonSettings, number: int) -> PersonSettings:
    return person.model_copy(update={"telegram": number})
