"""The calls of the Official Account platform that we make, each with the access token that all processes share."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from bot.channels.tencent.http import Answer, Download, Http
from bot.channels.tencent.tokens import Tokens, stable_token
from bot.clock import Clock
from storage.engine import Store

CHANNEL = "wechat"


class Account(Protocol):
    """Whose calls they are, and where the platform is."""

    @property
    def app_id(self) -> str: ...  # noqa: D102
    @property
    def secret(self) -> str: ...  # noqa: D102
    @property
    def api_base(self) -> str: ...  # noqa: D102


class Caller(Protocol):
    """Calls with an access token."""

    async def call(self, send: Callable[[str], Awaitable[Answer]]) -> Answer:
        """Call with the token."""
        ...


class OneToken:
    """The token of a single command, fetched for it: the platform gives everybody who asks the same one."""

    def __init__(self, http: Http, account: Account) -> None:
        self._fetch = stable_token(http, account.api_base, account.app_id, account.secret)

    async def call(self, send: Callable[[str], Awaitable[Answer]]) -> Answer:
        """Call with the token. Raises NoToken, NoAnswer."""
        return await send((await self._fetch(False)).token)


class Api:
    """Calls the platform at `base`. Each raises NoToken, NoAnswer; a refusal is an answer with its `errcode`."""

    def __init__(self, http: Http, tokens: Caller, base: str) -> None:
        self._http = http
        self._tokens = tokens
        self._base = base

    @classmethod
    def shared(cls, store: Store, clock: Clock, account: Account) -> "Api":
        """Return the calls of a running desk: all its processes share one token."""
        http = Http()
        fetch = stable_token(http, account.api_base, account.app_id, account.secret)
        whose = f"{account.api_base}\n{account.app_id}\n{account.secret}"
        return cls(http, Tokens(store, clock, CHANNEL, whose, fetch), account.api_base)

    @classmethod
    def alone(cls, account: Account) -> "Api":
        """Return the calls of a single command, which needs no database."""
        http = Http()
        return cls(http, OneToken(http, account), account.api_base)

    async def close(self) -> None:
        """Close every connection."""
        await self._http.close()

    async def send(self, chat: str, payload: Mapping[str, Any]) -> Answer:
        """Send a customer-service message (客服消息)."""
        return await self._post("message/custom/send", {"touser": chat, **payload})

    async def template(self, chat: str, template: str, data: Mapping[str, Any], row: int) -> Answer:
        """Send a template message (模板消息). By `row` one that is sent again within ten minutes arrives once."""
        told = {"touser": chat, "template_id": template, "data": data, "client_msg_id": f"redsteward-{row}"}
        return await self._post("message/template/send", told)

    async def subscription(self, chat: str, template: str, data: Mapping[str, Any]) -> Answer:
        """Send a subscription notice (订阅通知); it uses one consent up."""
        return await self._post("message/subscribe/bizsend", {"touser": chat, "template_id": template, "data": data})

    async def scene(self, scene: str) -> Answer:
        """Ask for the permanent code of a scene; `url` of the answer is what the code says."""
        told = {"action_name": "QR_LIMIT_STR_SCENE", "action_info": {"scene": {"scene_str": scene}}}
        return await self._post("qrcode/create", told)

    async def ticket(self) -> Answer:
        """Ask for the ticket that pages are signed with."""
        url, query = f"{self._base}/cgi-bin/ticket/getticket", {"type": "jsapi"}
        return await self._tokens.call(lambda token: self._http.get(url, query | {"access_token": token}))

    async def menu(self, menu: Mapping[str, Any]) -> Answer:
        """Set the menu below the chat (自定义菜单)."""
        return await self._post("menu/create", menu)

    async def upload(self, kind: str, name: str, mime: str, content: bytes) -> Answer:
        """Bring a file there for three days; `media_id` of the answer names it."""
        url = f"{self._base}/cgi-bin/media/upload"
        return await self._tokens.call(
            lambda token: self._http.upload(url, {"access_token": token, "type": kind}, name, mime, content)
        )

    async def download(self, media: str, limit: int) -> Download:
        """Fetch a file that somebody sent. Raises TooLarge as well."""
        got = Download(b"")

        async def fetch(token: str) -> Answer:
            nonlocal got
            query = {"access_token": token, "media_id": media}
            got = await self._http.download(f"{self._base}/cgi-bin/media/get", query, limit)
            return got.refusal or {}

        await self._tokens.call(fetch)
        film = (got.refusal or {}).get("video_url")  # "获取临时素材": of a film comes where it can be had
        if isinstance(film, str) and film.startswith(("https://", "http://")):
            return await self._http.download(film, {}, limit)
        return got

    async def _post(self, path: str, body: Mapping[str, Any]) -> Answer:
        url = f"{self._base}/cgi-bin/{path}"
        return await self._tokens.call(lambda token: self._http.post(url, {"access_token": token}, body))
