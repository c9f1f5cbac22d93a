"""The whole program with its residents on WeChat and its staff on WeCom, both strict simulators at once."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.app import App
from bot.clock import Clock
from cases.settings import Settings
from tests.loop.wechat import NOTICE_FIELDS, RATING, RATING_FIELDS, TEMPLATE, settings_for
from tests.loop.wecom import Members
from tests.simulators.wechat import Follower, WeChatServer
from tests.simulators.wecom import Member, WecomServer


@dataclass
class Town(Members):
    """Everybody of `config.yaml` is a member; whoever lives there follows the account."""

    wechat: WeChatServer
    wecom: WecomServer
    app: App
    clock: Clock
    staff: dict[str, Member]

    def person(self, name: str) -> Follower:
        return Follower(self.wechat, name)


@asynccontextmanager
async def town(wechat: WeChatServer, wecom: WecomServer, folder: Path, url: str) -> AsyncIterator[Town]:
    """Run the program against both."""
    clock = Clock()
    wechat.clock = lambda: clock.now().timestamp()
    wechat.templates = {TEMPLATE: tuple(NOTICE_FIELDS), RATING: tuple(RATING_FIELDS)}
    settings = with_wecom(settings_for(None, wechat, folder, url), wecom)
    staff = {person.key: wecom.member(f"Member.{person.key}") for person in settings.people}
    app = App(settings, clock)
    await app.start()
    wechat.callback = f"http://127.0.0.1:{app.port}/wechat/callback"
    wecom.callback_url = f"http://127.0.0.1:{app.port}/wecom/callback"
    try:
        yield Town(wechat, wecom, app, clock, staff)
    finally:
        await app.stop()


def with_wecom(told: Settings, wecom: WecomServer) -> Settings:
    """Return the settings with WeCom and everybody's account there."""
    app = {
        "enabled": True, "corp_id": wecom.corp_id, "agent_id": wecom.agent_id, "secret": wecom.secret,
        "token": wecom.token, "aes_key": wecom.aes_key, "api_base": wecom.base_url, "robot_base": wecom.base_url,
    }  # fmt: skip
    channels = told.channels.model_copy(update={"wecom": told.channels.wecom.model_copy(update=app)})
    people = tuple(person.model_copy(update={"wecom": f"member.{person.key}"}) for person in told.people)
    return told.model_copy(update={"channels": channels, "people": people})
