"""The WeChat Official Account channel: everything of this package put together."""

from collections.abc import Callable
from typing import Literal, Protocol

from starlette.routing import BaseRoute

from bot.channels.base import Accept, Delivery, FetchError, Outcome, Pace
from bot.channels.reading import TooLarge
from bot.channels.sending import Sending
from bot.channels.tencent.guard import Guard
from bot.channels.tencent.http import NoAnswer, code_of
from bot.channels.tencent.tokens import NoToken
from bot.channels.wechat.api import Api
from bot.channels.wechat.callback import Callback
from bot.channels.wechat.consent_page import ConsentPage
from bot.channels.wechat.deliver import Sender, Template
from bot.channels.wechat.limits import GONE, PACE
from bot.channels.wechat.parse import CHANNEL
from bot.channels.wechat.plan import WeChatPlanner
from bot.channels.wechat.receipts import CameBack
from bot.clock import Clock
from handlers.consent import consent_words
from handlers.message import Planner
from storage.engine import Store


class TemplateSettings(Protocol):
    """A template: its id, and what each field says."""

    @property
    def id(self) -> str: ...  # noqa: D102
    @property
    def fields(self) -> dict[str, str]: ...  # noqa: D102


class Settings(Protocol):
    """What the channel needs to know."""

    @property
    def app_id(self) -> str: ...  # noqa: D102
    @property
    def secret(self) -> str: ...  # noqa: D102
    @property
    def token(self) -> str: ...  # noqa: D102
    @property
    def aes_key(self) -> str: ...  # noqa: D102
    @property
    def mode(self) -> Literal["plain", "compatible", "encrypted"]: ...  # noqa: D102
    @property
    def api_base(self) -> str: ...  # noqa: D102
    @property
    def template(self) -> TemplateSettings: ...  # noqa: D102
    @property
    def rating(self) -> TemplateSettings: ...  # noqa: D102


class WeChatChannel:
    """WeChat as a channel. `ring` is called when an answer was given, so that what waits behind it goes out.

    `came_back` books a message that the platform took and did not deliver.
    """

    def __init__(
        self, settings: Settings, store: Store, clock: Clock, *, zone: str, desk: str,
        ring: Callable[[], None] = lambda: None, public_url: str = "", language: str = "zh",
        came_back: CameBack = lambda session, row, outcome, now: None,
    ) -> None:  # fmt: skip
        self.name: str = CHANNEL
        self.pace: Pace = PACE
        guard = Guard(
            token=settings.token, aes_key=settings.aes_key, receiver=settings.app_id, clock=clock, mode=settings.mode
        )
        self._api = Api.shared(store, clock, settings)
        template, words = settings.rating.id, consent_words(language)
        page = ConsentPage(self._api, clock, settings.app_id, template, public_url, words)
        self._page = page if template and public_url else None
        self.planner: Planner = WeChatPlanner(page.url if self._page else "")
        self._callback = Callback(guard, store, clock, ring, came_back)
        self._sender = Sender(
            self._api, store, clock, template=_template(settings.template), rating=_template(settings.rating),
            zone=zone, desk=desk, language=language,
        )  # fmt: skip
        self._sending = Sending(self._sender.deliver)

    async def start(self, accept: Accept) -> None:
        """Begin to take callbacks in. WeChat need not be reached for that."""
        self._callback.open(accept)

    async def watch(self) -> None:
        """Wait for ever. Raises what work in the background died of."""
        await self._callback.watch()

    async def stop(self) -> None:
        """Take nothing more in, finish what is in hand and what is being sent, close the connections."""
        self._sending.refuse()
        await self._callback.close()
        await self._sending.end()
        await self._api.close()

    async def deliver(self, delivery: Delivery) -> Outcome:
        """Send one planned call."""
        return await self._sending.deliver(delivery)

    def is_group(self, chat: str) -> bool:
        """Tell whether the chat is a group: an account of this kind is in none."""
        return False

    async def fetch(self, remote: str, limit: int) -> bytes:
        """Fetch a file a person sent, at most `limit` bytes. Raises FetchError."""
        try:
            got = await self._api.download(remote, limit)
        except TooLarge:
            raise FetchError("too large", final=True) from None
        except (NoAnswer, NoToken) as error:
            raise FetchError(str(error), final=False) from None
        if got.refusal is not None:
            code = code_of(got.refusal)
            raise FetchError(f"errcode {code}", final=code in GONE)
        return got.content

    def routes(self) -> list[BaseRoute]:
        """Return the routes of the callback and of the page for consent, where that can be asked for."""
        return [self._callback.route(), *([self._page.route()] if self._page else [])]


def _template(told: TemplateSettings) -> Template:
    return Template(told.id, dict(told.fields))
