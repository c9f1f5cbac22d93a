"""The WeCom channel: everything of this package put together."""

from collections.abc import Mapping
from typing import Protocol

from starlette.routing import BaseRoute

from bot.channels.base import Accept, Delivery, Outcome, Pace
from bot.channels.sending import Sending
from bot.channels.tencent.guard import Guard
from bot.channels.tencent.http import Http
from bot.channels.tencent.tokens import Tokens, gettoken
from bot.channels.wecom import media
from bot.channels.wecom.api import Api
from bot.channels.wecom.callback import Callback
from bot.channels.wecom.codes import Codes
from bot.channels.wecom.deliver import Sender
from bot.channels.wecom.limits import PACE
from bot.channels.wecom.parse import CHANNEL
from bot.channels.wecom.plan import WecomPlanner, is_robot
from bot.channels.wecom.quota import Quota
from bot.clock import Clock
from handlers.message import Planner
from storage.engine import Store


class Settings(Protocol):
    """What the channel needs to know; `token` and `aes_key` are those of the callback."""

    @property
    def corp_id(self) -> str: ...  # noqa: D102
    @property
    def agent_id(self) -> int: ...  # noqa: D102
    @property
    def secret(self) -> str: ...  # noqa: D102
    @property
    def token(self) -> str: ...  # noqa: D102
    @property
    def aes_key(self) -> str: ...  # noqa: D102
    @property
    def api_base(self) -> str: ...  # noqa: D102
    @property
    def robot_base(self) -> str: ...  # noqa: D102


class WecomChannel:
    """WeCom as a channel. `robots`: the webhook key of each group's robot, by the key of its place."""

    def __init__(self, settings: Settings, store: Store, clock: Clock, robots: Mapping[str, str]) -> None:
        self.name: str = CHANNEL
        self.planner: Planner = WecomPlanner()
        self.pace: Pace = PACE
        self._http = Http()
        fetch = gettoken(self._http, settings.api_base, settings.corp_id, settings.secret)
        account = f"{settings.corp_id} {settings.agent_id} {settings.secret}"
        self._tokens = Tokens(store, clock, CHANNEL, account, fetch)
        self._api = Api(self._http, self._tokens, settings.api_base, settings.robot_base, settings.agent_id)
        codes = Codes(store, clock)
        guard = Guard(token=settings.token, aes_key=settings.aes_key, receiver=settings.corp_id, clock=clock)
        self._callback = Callback(guard, codes, clock, settings.agent_id)
        self._sender = Sender(self._api, codes, Quota(store, clock), robots)
        self._sending = Sending(self._sender.deliver)

    async def start(self, accept: Accept) -> None:
        """Be ready for callbacks. Nothing is called: the token is fetched with the first sending."""
        self._callback.open(accept)

    async def stop(self) -> None:
        """Take nothing more in, finish what the inbox has in hand and what is being sent, close the connections."""
        self._sending.refuse()
        await self._callback.close()
        await self._sending.end()
        await self._http.close()

    async def deliver(self, delivery: Delivery) -> Outcome:
        """Send one planned call."""
        return await self._sending.deliver(delivery)

    def is_group(self, chat: str) -> bool:
        """Tell whether the chat is a group's robot."""
        return is_robot(chat)

    async def fetch(self, remote: str, limit: int) -> bytes:
        """Fetch a file a person sent, at most `limit` bytes. Raises FetchError."""
        return await media.fetch(self._api, remote, limit)

    def routes(self) -> list[BaseRoute]:
        """Return the address that WeCom calls."""
        return [self._callback.route()]
