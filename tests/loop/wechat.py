"""The whole program with residents on WeChat and staff on Telegram, a strict simulator of each on the other side."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.app import App
from bot.clock import Clock
from cases.context import Context
from cases.settings import PersonSettings, Settings
from cases.wechat_settings import TemplateSettings
from handlers.desk import Desk
from handlers.message import Message
from handlers.priority import NOTICE
from storage.engine import Store
from storage.message_models import Outgoing
from storage.models import Identity
from tests.cast import ZONE, example
from tests.simulators.telegram import Resident, TelegramServer
from tests.simulators.wechat import Follower, WeChatServer

PUBLIC = "https://desk.example.cn"
FIRST_ID = 700_001
TUESDAY = 1  # of `date.weekday()`
TEMPLATE, RATING = "template-notice", "template-rating"
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


def _on_a_working_morning() -> Clock:
    """Return a clock at ten on a Tuesday to come: what is late then does not change with the hour of the test."""
    now = datetime.now(ZONE)
    ten = now.replace(hour=10, minute=0, second=0, microsecond=0) + timedelta(days=7 - (now.weekday() - TUESDAY) % 7)
    return Clock(ten - now)


@asynccontextmanager
async def town(telegram: TelegramServer, wechat: WeChatServer, folder: Path, url: str) -> AsyncIterator[Town]:
    """Run the program against both simulators."""
    clock = _on_a_working_morning()
    wechat.clock = lambda: clock.now().timestamp()
    wechat.templates = {TEMPLATE: tuple(NOTICE_FIELDS), RATING: tuple(RATING_FIELDS)}
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
    """Return the example's settings with WeChat, and with Telegram where there is one, which takes any number."""
    told = example()
    account = told.channels.wechat.model_copy(
        update={
            "enabled": True, "app_id": wechat.app_id, "secret": wechat.secret, "token": wechat.token,
            "aes_key": wechat.aes_key if wechat.mode != "plain" else "", "mode": wechat.mode,
            "api_base": wechat.api_base, "template": TemplateSettings(id=TEMPLATE, fields=NOTICE_FIELDS),
            "rating": TemplateSettings(id=RATING, fields=RATING_FIELDS),
        }
    )  # fmt: skip
    channels, people = told.channels.model_copy(update={"wechat": account}), told.people
    if telegram is not None:
        bot = told.channels.telegram.model_copy(
            update={"enabled": True, "token": telegram.token, "base_url": telegram.base_url,
                    "base_file_url": telegram.base_file_url, "per_second": 0}
        )  # fmt: skip
        channels = channels.model_copy(update={"telegram": bot})
        people = tuple(_with_telegram(person, FIRST_ID + n) for n, person in enumerate(told.people))
    return told.model_copy(
        update={
            "people": people, "channels": channels,
            "web": told.web.model_copy(update={"port": 0, "public_url": PUBLIC}),
            "database": told.database.model_copy(update={"url": url}), "data": str(folder),
        }
    )  # fmt: skip


def _with_telegram(person: PersonSettings, number: int) -> PersonSettings:
    return person.model_copy(update={"telegram": number})


@dataclass
class Office:
    """A desk with WeChat and the web chat alone, for what is said to one resident."""

    wechat: WeChatServer
    app: App
    clock: Clock

    @property
    def store(self) -> Store:
        return self.app._store

    async def follower(self, name: str = "李阿姨") -> Follower:
        """Return somebody who follows, whose window for that is over."""
        person = Follower(self.wechat, name)
        await person.follows("p_fengmei-3")
        await person.reads("记住了")
        self.clock.move(timedelta(minutes=2))
        return person

    async def person_of(self, follower: Follower) -> int:
        """Return who that is to the desk."""
        whose = select(Identity.person_id).where(Identity.user == follower.openid)
        found = await self.store.read(lambda session: session.scalar(whose))
        assert found is not None
        return found

    async def tells(
        self, follower: Follower, *messages: Message, priority: int = NOTICE, matters: bool = False
    ) -> None:
        """Say something to somebody of ourselves, as the clock does."""
        person = await self.person_of(follower)

        def say(session: Session) -> None:
            desk = Desk(
                Context(session, self.clock.now(), self.app._book.at(session)), self.app._outbox._booking._planners
            )
            for message in messages:
                desk.tell(person, partial(_as_it_is, message), priority=priority, matters=matters)
            desk.flush()

        await self.store.write(say)
        self.app._outbox.ring()

    async def rows(self) -> list[Outgoing]:
        """Return everything that went out or is to go out, oldest first."""
        return list(
            await self.store.read(lambda session: session.scalars(select(Outgoing).order_by(Outgoing.id)).all())
        )

    async def newest(self, *states: str) -> Outgoing:
        """Wait until the newest row is in one of these states; return it."""
        for _ in range(200):
            row = (await self.rows())[-1]
            if row.state in states:
                return row
            await asyncio.sleep(0.05)
        raise AssertionError(f"the newest row is {row.state}: {row.error}")


def _as_it_is(message: Message, _t: object) -> Message:
    return message


@asynccontextmanager
async def office(wechat: WeChatServer, folder: Path, url: str) -> AsyncIterator[Office]:
    """Run the program against the simulator."""
    clock = Clock()
    wechat.clock = lambda: clock.now().timestamp()
    wechat.templates = {TEMPLATE: tuple(NOTICE_FIELDS), RATING: tuple(RATING_FIELDS)}
    app = App(settings_for(None, wechat, folder, url), clock)
    await app.start()
    wechat.callback = f"http://127.0.0.1:{app.port}/wechat/callback"
    try:
        yield Office(wechat, app, clock)
    finally:
        await app.stop()
