"""The platform's server: tokens, windows, quotas; and what it does to the desk's callback."""

import asyncio
import json
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType
from typing import Any, Literal, Self

from aiohttp import ClientSession, ClientTimeout, web

from tests.simulators.wechat import rules
from tests.simulators.wechat.chat import Chat
from tests.simulators.wechat.crypto import sign
from tests.simulators.wechat.rules import WeChatError
from tests.simulators.wechat.wire import Wire, read_answer

TOKEN_SECONDS = 7200
WAIT_SECONDS = 5.0
RETRIES = 3  # after the first time
WANTED = "as the test wants it"
OUT_OF_SERVICE = "该公众号提供的服务出现故障，请稍后再试"

Mode = Literal["plain", "compatible", "encrypted"]


async def _nothing() -> None:
    """Ask again at once."""


class WeChatServer:
    """A WeChat with one Official Account. Use it as `async with WeChatServer() as wechat:`."""

    def __init__(self, *, mode: Mode = "encrypted", clock: Callable[[], float] = time.time) -> None:
        self.app_id, self.secret = f"wx{secrets.token_hex(8)}", secrets.token_hex(16)
        self.token, self.aes_key = secrets.token_hex(8), secrets.token_hex(22)[:43]
        self.account = "gh_" + secrets.token_hex(6)
        self.mode: Mode = mode
        self.clock = clock
        self.callback = ""  # the desk's address
        self.wait_seconds = WAIT_SECONDS
        self.between: Callable[[], Awaitable[None]] = _nothing  # what happens before it asks again
        self.templates: dict[str, tuple[str, ...]] = {}
        self.chats: dict[str, Chat] = {}
        self.media: dict[str, tuple[str, bytes]] = {}  # id: kind, content
        self.violations: list[str] = []
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.faults: list[tuple[str, int]] = []  # the next call of this path is refused with this code
        self.answers: list[str] = []  # what the callback said, each try
        self.receipts: list[str] = []  # what becomes of the next template messages: the Status it tells afterwards
        self.notice_codes: list[int] = []  # what becomes of the next notices: the ErrorCode it tells afterwards
        self.numbers_notices = False  # whether the call that sends a notice is answered with its number
        self.receipts_at_once = False  # it tells so before the call that sends is answered
        self.telling: set[asyncio.Task[None]] = set()
        self.tokens_given = 0
        self.menu: dict[str, Any] | None = None
        self.scenes: dict[str, str] = {}  # what a code says: its scene
        self.ticket = secrets.token_hex(20)
        self._access: tuple[str, float] | None = None
        self._wire = Wire(self)
        self._runner: web.AppRunner | None = None
        self._client: ClientSession | None = None
        self._port = 0

    @property
    def api_base(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=30 << 20)
        app.router.add_route("*", "/cgi-bin/{path:.*}", self._serve)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self._port = self._runner.addresses[0][1]
        self._client = ClientSession()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._client is not None
        assert self._runner is not None
        for task in self.telling:
            task.cancel()
        await asyncio.gather(*self.telling, return_exceptions=True)
        await self._client.close()
        await self._runner.cleanup()

    def refuses(self, path: str, code: int, times: int = 1) -> None:
        """Refuse the next calls of this path with a code."""
        self.faults += [(path, code)] * times

    def forget_token(self) -> None:
        """Make the token that was given invalid, as when somebody else forces a new one."""
        self._access = None

    def calls_of(self, path: str) -> list[dict[str, Any]]:
        """Return the bodies of all calls of a path, those that were refused too."""
        return [body for called, body in self.calls if called == path]

    def opens(self, chat: Chat, seconds: float, messages: int) -> None:
        """Open a window: words count anew, they do not add up."""
        chat.windows = [each for each in chat.windows if each[0] > self.clock() and each[2] != seconds]
        chat.windows.append([self.clock() + seconds, messages, seconds])

    # the platform calls

    async def call(self, fields: Mapping[str, Any]) -> None:
        """Tell the desk what happened, up to four times; show the person what it answers."""
        chat = self.chats[str(fields["FromUserName"])]
        for _ in range(1 + RETRIES):
            said = await self._try(fields)
            if said is not None:
                self._show_answer(chat, said)
                return
            await self.between()
        chat.screen.append(("trouble", OUT_OF_SERVICE))

    async def verify(self) -> str:
        """Set the address of the callback, as on the page 服务器配置; return what the desk echoes."""
        assert self._client is not None
        stamp, nonce, echo = str(int(self.clock())), secrets.token_hex(5), secrets.token_hex(8)
        query = {"signature": sign(self.token, stamp, nonce), "timestamp": stamp, "nonce": nonce, "echostr": echo}
        async with self._client.get(self.callback, params=query) as response:
            assert await response.text() == echo, response.status
            return echo

    async def _try(self, fields: Mapping[str, Any]) -> str | None:
        assert self._client is not None
        query, body = self._wire.request(fields)
        headers, timeout = {"Content-Type": "text/xml"}, ClientTimeout(total=self.wait_seconds)
        try:
            async with self._client.post(
                self.callback, params=query, data=body, headers=headers, timeout=timeout
            ) as response:
                text = await response.text()
                self.answers.append(text)
                return text if response.status == 200 else None
        except (TimeoutError, OSError, asyncio.IncompleteReadError):
            self.answers.append("")
            return None
        except Exception as error:  # noqa: BLE001 - aiohttp's own errors: the desk was not there
            self.answers.append(type(error).__name__)
            return None

    def _show_answer(self, chat: Chat, said: str) -> None:
        if said in ("", "success"):
            return
        try:
            text = read_answer(self._wire.opened(said), chat.openid, self.account)
        except (AssertionError, ValueError, KeyError) as error:
            self.violations.append(f"answer to a callback: {error}")
            chat.screen.append(("trouble", OUT_OF_SERVICE))
            return
        chat.screen.append(("passive", text))

    # the desk calls

    async def _serve(self, request: web.Request) -> web.Response:
        path = request.match_info["path"]
        handlers: dict[str, Callable[[web.Request], Awaitable[dict[str, Any] | web.Response]]] = {
            "stable_token": self._token, "message/custom/send": self._custom, "message/template/send": self._template,
            "message/subscribe/bizsend": self._subscription, "media/upload": self._upload, "media/get": self._get,
            "film": self._film, "qrcode/create": self._qrcode, "ticket/getticket": self._get_ticket,
            "menu/create": self._menu,
        }  # fmt: skip
        try:
            if path not in handlers:
                raise WeChatError(40066, "invalid url")
            if path not in ("stable_token", "film"):
                self._check_token(request)
            answer = await handlers[path](request)
        except WeChatError as error:
            if error.text != WANTED and error.code in (
                40008,
                47001,
                40033,
                44004,
                45002,
                47003,
                40037,
                40016,
                40017,
                40018,
                40066,
            ):
                self.violations.append(f"{path}: {error}")
            answer = {"errcode": error.code, "errmsg": error.text}
        return answer if isinstance(answer, web.Response) else web.json_response(answer)

    def _check_token(self, request: web.Request) -> None:
        given = request.query.get("access_token")
        if self._access is None or given != self._access[0]:
            raise WeChatError(40001, "invalid credential")
        if self._access[1] <= self.clock():
            raise WeChatError(42001, "access_token expired")

    async def _body(self, request: web.Request, path: str) -> dict[str, Any]:
        if request.method != "POST":
            raise WeChatError(43002, "require POST method")
        found = json.loads(await request.read())
        if not isinstance(found, dict):
            raise WeChatError(47001, "data format error")
        self.calls.append((path, found))
        for fault in self.faults:
            if fault[0] == path:
                self.faults.remove(fault)
                raise WeChatError(fault[1], WANTED)
        return found

    async def _token(self, request: web.Request) -> dict[str, Any]:
        body = await self._body(request, "stable_token")
        if body.get("grant_type") != "client_credential" or body.get("appid") != self.app_id:
            raise WeChatError(40013, "invalid appid")
        if body.get("secret") != self.secret:
            raise WeChatError(40125, "invalid appsecret")
        if self._access is None or self._access[1] <= self.clock() or body.get("force_refresh") is True:
            self.tokens_given += 1
            self._access = (secrets.token_urlsafe(40), self.clock() + TOKEN_SECONDS)
        return {"access_token": self._access[0], "expires_in": int(self._access[1] - self.clock())}

    def _to(self, body: Mapping[str, Any]) -> Chat:
        chat = self.chats.get(str(body.get("touser")))
        if chat is None:
            raise WeChatError(40003, "invalid openid")
        if not chat.follows:
            raise WeChatError(43004, "require subscribe")
        return chat

    async def _custom(self, request: web.Request) -> dict[str, Any]:
        body = await self._body(request, "message/custom/send")
        kind, text = rules.check_custom(body)
        chat = self._to(body)
        if kind in ("image", "voice", "video") and self.media.get(text, ("",))[0] != kind:
            raise WeChatError(40007, "invalid media_id")
        now = self.clock()
        unexpired = [each for each in chat.windows if each[0] > now]
        if not unexpired:
            raise WeChatError(45015, "response out of time limit or subscription is canceled")
        left = [each for each in unexpired if each[1] > 0]
        if not left:
            raise WeChatError(45047, "out of response count limit")
        min(left)[1] -= 1
        if kind == "msgmenu":
            chat.menu = {item["content"]: item["id"] for item in body["msgmenu"]["list"]}
        chat.screen.append((kind, text))
        return {"errcode": 0, "errmsg": "ok"}

    async def _template(self, request: web.Request) -> dict[str, Any]:
        body = await self._body(request, "message/template/send")
        text = rules.check_template(body, self.templates, {"client_msg_id", "url", "miniprogram"})
        chat, number = self._to(body), secrets.randbelow(10**9)
        status = self.receipts.pop(0) if self.receipts else "success"
        if status == "success":
            chat.screen.append(("template", text))
        self.telling.add(asyncio.create_task(self._tell_receipt(chat, number, status)))
        if self.receipts_at_once:
            await asyncio.sleep(0.5)
        return {"errcode": 0, "errmsg": "ok", "msgid": number}

    async def _tell_receipt(self, chat: Chat, number: int, status: str) -> None:
        """Tell what became of a template message, and once more, as when the first answer had got lost."""
        await self._tell_later(chat, {"Event": "TEMPLATESENDJOBFINISH", "MsgID": number, "Status": status})

    async def _tell_later(self, chat: Chat, about: Mapping[str, Any]) -> None:
        await asyncio.sleep(0.0 if self.receipts_at_once else 0.3)
        told = {"ToUserName": self.account, "FromUserName": chat.openid, "CreateTime": int(self.clock()),
                "MsgType": "event", **about}  # fmt: skip
        await self.call(told)
        await self.call(told)

    async def _subscription(self, request: web.Request) -> dict[str, Any]:
        body = await self._body(request, "message/subscribe/bizsend")
        text = rules.check_template(body, self.templates, {"page", "miniprogram"})
        chat = self._to(body)
        if chat.consents.get(body["template_id"], 0) < 1:
            raise WeChatError(43101, "user refuse to accept the msg")
        chat.consents[body["template_id"]] -= 1
        code = self.notice_codes.pop(0) if self.notice_codes else 0
        if not code:
            chat.screen.append(("subscription", text))
        number = secrets.randbelow(10**18)
        self.telling.add(asyncio.create_task(self._tell_notice(chat, body["template_id"], number, code)))
        if self.receipts_at_once:
            await asyncio.sleep(0.5)
        return {"errcode": 0, "errmsg": "ok", **({"msgid": number} if self.numbers_notices else {})}

    async def _tell_notice(self, chat: Chat, template: str, number: int, code: int) -> None:
        """Tell what became of a notice, likewise."""
        status = "system failed" if code else "success"
        told = {"TemplateId": template, "MsgID": number, "ErrorCode": code, "ErrorStatus": status}
        await self._tell_later(chat, {"Event": "subscribe_msg_sent_event", "SubscribeMsgSentEvent": {"List": told}})

    async def _upload(self, request: web.Request) -> dict[str, Any]:
        kind = request.query.get("type", "")
        form = await request.post()
        file = form.get("media")
        if not isinstance(file, web.FileField) or kind not in ("image", "voice", "video"):
            raise WeChatError(41005, "media data missing")
        content = file.file.read()
        if len(content) > (2 << 20 if kind == "voice" else 10 << 20):
            raise WeChatError(45001, "media size out of limit")
        return {"type": kind, "media_id": self.keep(kind, content), "created_at": int(self.clock())}

    def keep(self, kind: str, content: bytes) -> str:
        """Keep a file; return its id."""
        media = secrets.token_urlsafe(48)
        self.media[media] = (kind, content)
        return media

    async def _get(self, request: web.Request) -> web.Response:
        found = self.media.get(request.query.get("media_id", ""))
        if found is None:
            raise WeChatError(40007, "invalid media_id")
        for fault in self.faults:
            if fault[0] == "media/get":
                self.faults.remove(fault)
                raise WeChatError(fault[1], WANTED)
        if found[0] == "video":  # a film is not given, only where it can be had
            address = f"{self.api_base}/cgi-bin/film?of={request.query['media_id']}"
            return web.json_response({"video_url": address})
        kind = {"image": "image/jpeg", "voice": "audio/amr"}[found[0]]
        return web.Response(body=found[1], content_type=kind)

    async def _film(self, request: web.Request) -> web.Response:
        return web.Response(body=self.media[request.query["of"]][1], content_type="video/mp4")

    async def _qrcode(self, request: web.Request) -> dict[str, Any]:
        body = await self._body(request, "qrcode/create")
        scene = body.get("action_info", {}).get("scene", {}).get("scene_str", "")
        if body.get("action_name") != "QR_LIMIT_STR_SCENE" or not 1 <= len(scene) <= 64:
            raise WeChatError(40053, "invalid action info")
        url = f"http://weixin.qq.com/q/{secrets.token_urlsafe(12)}"
        self.scenes[url] = scene
        return {"ticket": secrets.token_urlsafe(60), "url": url}

    async def _get_ticket(self, request: web.Request) -> dict[str, Any]:
        if request.query.get("type") != "jsapi":
            raise WeChatError(40097, "invalid args")
        return {"errcode": 0, "errmsg": "ok", "ticket": self.ticket, "expires_in": 7200}

    async def _menu(self, request: web.Request) -> dict[str, Any]:
        body = await self._body(request, "menu/create")
        rules.check_menu(body)
        self.menu = body
        return {"errcode": 0, "errmsg": "ok"}
