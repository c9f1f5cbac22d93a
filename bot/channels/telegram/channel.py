"""The Telegram channel: everything of this package put together."""

from typing import Protocol

from starlette.routing import BaseRoute

from bot.channels.base import Accept, Delivery, Outcome, Pace
from bot.channels.sending import Sending
from bot.channels.telegram.api import Api
from bot.channels.telegram.arrivals import Arrivals
from bot.channels.telegram.chats import is_group
from bot.channels.telegram.deliver import Sender
from bot.channels.telegram.fetch import fetch
from bot.channels.telegram.limits import pace
from bot.channels.telegram.menus import Menus, MenuSetter
from bot.channels.telegram.pause import Stopping
from bot.channels.telegram.plan import TelegramPlanner
from bot.channels.telegram.quick import CHANNEL
from bot.channels.telegram.webhook import Webhook
from bot.clock import Clock
from bot.lease import Lease
from handlers.message import Planner


class Settings(Protocol):
    """What the channel needs to know.

    `mode` is "polling" or "webhook"; the two base URLs end where the token begins (`https://api.telegram.org/bot`).
    `per_second` is how many messages may go out in all; 0: as many as there are, to one chat as well.
    """

    @property
    def mode(self) -> str: ...  # noqa: D102
    @property
    def token(self) -> str: ...  # noqa: D102
    @property
    def base_url(self) -> str: ...  # noqa: D102
    @property
    def base_file_url(self) -> str: ...  # noqa: D102
    @property
    def per_second(self) -> float: ...  # noqa: D102
    @property
    def webhook_url(self) -> str: ...  # noqa: D102
    @property
    def webhook_secret(self) -> str: ...  # noqa: D102


class TelegramChannel:
    """Telegram as a channel. Raises ValueError for a webhook secret that Telegram would not take.

    Of several processes the one that has the `lease` polls.
    """

    def __init__(
        self, settings: Settings, clock: Clock, menus: Menus | None = None, lease: Lease | None = None
    ) -> None:  # fmt: skip
        self.name: str = CHANNEL
        self.pace: Pace = pace(settings.per_second)
        self.planner: Planner = TelegramPlanner(self.pace.per_second)
        self._api = Api(settings.token, settings.base_url, settings.base_file_url)
        self._stopping = Stopping()
        self._menus = MenuSetter(self._api, menus or Menus(), self._stopping)
        self._webhook = Webhook(settings.webhook_url, settings.webhook_secret) if settings.mode == "webhook" else None
        self._arrivals = Arrivals(self._api, clock, self._stopping, self._menus, self._webhook, lease)
        self._sender = Sender(self._api, self.pace)
        self._sending = Sending(self._sender.deliver)

    async def start(self, accept: Accept) -> None:
        """Begin to take updates in and set the menus. Returns at once, also when Telegram cannot be reached yet."""
        self._arrivals.start(accept)

    async def ready(self) -> None:
        """Wait until Telegram was reached and updates are taken in."""
        await self._arrivals.ready()

    async def watch(self) -> None:
        """Wait for ever. Raises RuntimeError where nothing is taken in any more."""
        await self._arrivals.watch()

    async def stop(self) -> None:
        """Take nothing more in, finish what the inbox has in hand and what is being sent, close the connections."""
        self._stopping.set()
        self._sending.refuse()
        await self._arrivals.stop()
        await self._sending.end()
        await self._api.close()

    async def deliver(self, delivery: Delivery) -> Outcome:
        """Send one planned call."""
        return await self._sending.deliver(delivery)

    def is_group(self, chat: str) -> bool:
        """Tell whether the chat is a group."""
        return is_group(chat)

    async def fetch(self, remote: str, limit: int) -> bytes:
        """Fetch a file a person sent, at most `limit` bytes. Raises FetchError."""
        return await fetch(self._api, remote, limit)

    def routes(self) -> list[BaseRoute]:
        """Return the webhook's route; none when polling."""
        return [] if self._webhook is None else [self._webhook.route()]

    def start_link(self, payload: str) -> str | None:
        """Return the deep link that opens a chat with the bot; None until Telegram was reached."""
        name = self._arrivals.username
        return f"https://t.me/{name}?start={payload}" if name else None

    async def set_menu(self, chat: str, role: str, language: str | None = None) -> None:
        """Show the menu of a role in one private chat ("resident": everybody's); a failure is logged, no more."""
        await self._menus.set_menu(chat, role, language)
