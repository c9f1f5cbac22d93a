"""The platform's server: token, messages, cards, media, robots; and the callbacks it makes."""

import asyncio
import hashlib
import itertools
import json
import secrets
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from typing import Self

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.simulators.wecom.contract import TEXT_BYTES, Breach, Json, check_card, check_message
from tests.simulators.wecom.crypto import Crypto
from tests.simulators.wecom.limits import Limits
from tests.simulators.wecom.member import Member, Shown

MEDIA_KINDS = {"image": ({"image/jpeg", "image/png"}, 10 << 20), "video": ({"video/mp4"}, 10 << 20),
               "voice": ({"audio/amr"}, 2 << 20), "file": (None, 20 << 20)}  # fmt: skip
ANSWER_SECONDS = 5.0
CALLBACKS = 3  # how often it calls altogether

Call = Callable[[web.Request], Awaitable[Json]]


async def _nothing() -> None:
    """Call again at once."""


class WecomServer:
    """Run it with `async with`; `base_url` is where the program's calls go, `callback_url` where it is called."""

    def __init__(self) -> None:
        self.corp_id, self.agent_id, self.secret = "ww5823bf96d3bd56c7", 1000002, "corp-secret_1"
        self.token, self.aes_key = "QDG6eK", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
        self.crypto = Crypto(self.token, self.aes_key, self.corp_id)
        self.limits = Limits()
        self.callback_url = ""
        self.clock: Callable[[], float] = time.time  # stamps callbacks; limits and tokens have one of their own
        self.codes_work = True  # False: all codes are too old when they are used
        self.members: dict[str, Member] = {}
        self.robots: defaultdict[str, list[str]] = defaultdict(list)
        self.violations: list[str] = []
        self.refused: Counter[int] = Counter()  # by error code
        self.duplicates = 0  # messages not delivered because the same was sent before
        self.calls: list[tuple[str, Json]] = []
        self.called_back: list[int] = []  # status of each callback's answer
        self.between: Callable[[], Awaitable[None]] = _nothing  # what happens before it calls again
        self._faults: dict[str, list[Json | str]] = defaultdict(list)
        self._tokens: dict[str, float] = {}
        self._tasks: dict[str, Shown] = {}
        self._codes: dict[str, tuple[Member, Shown]] = {}
        self._media: dict[str, tuple[bytes, str]] = {}
        self._sent: dict[str, float] = {}  # fingerprint of a message: when
        self._numbers = itertools.count(4561255354251345929)

    async def __aenter__(self) -> Self:
        """Listen."""
        application = web.Application(client_max_size=64 << 20)
        for method, path, call in (
            ("GET", "gettoken", self._gettoken), ("POST", "message/send", self._send),
            ("POST", "message/update_template_card", self._update), ("POST", "media/upload", self._upload),
            ("POST", "webhook/send", self._robot),
        ):  # fmt: skip
            application.router.add_route(method, f"/cgi-bin/{path}", self._answering(path, call))
        application.router.add_get("/cgi-bin/media/get", self._download)
        self._server = TestServer(application)
        await self._server.start_server()
        self._client = aiohttp.ClientSession()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop."""
        await self._client.close()
        await self._server.close()

    @property
    def base_url(self) -> str:
        """Where the platform is."""
        return str(self._server.make_url("")).rstrip("/")

    def member(self, userid: str) -> Member:
        """Return a member, making them on first use."""
        return self.members.setdefault(userid.lower(), Member(self, userid))

    def fail(self, path: str, code: int, times: int = 1) -> None:
        """Have the next calls refused with an error code."""
        self._faults[path] += [{"errcode": code, "errmsg": "asked for"}] * times

    def lose_answer(self, path: str) -> None:
        """Carry the next call out and hang up instead of answering."""
        self._faults[path].append("lose")

    def end_tokens(self) -> None:
        """Let every token be over."""
        self._tokens = dict.fromkeys(self._tokens, 0.0)

    def keep_media(self, content: bytes, mime: str) -> str:
        """Keep a file that a member sends; return its media_id."""
        media = secrets.token_urlsafe(40)
        self._media[media] = (content, mime)
        return media

    def next_number(self) -> int:
        """Return a MsgId."""
        return next(self._numbers)

    def give_code(self, member: Member, shown: Shown) -> str:
        """Return a code with which a card may be changed once."""
        code = secrets.token_urlsafe(48)
        self._codes[code] = (member, shown)
        return code

    async def call_back(self, document: str) -> None:
        """Call the app as for one message: again where there is no answer in time, three times in all."""
        secret = self.crypto.encrypt(document)
        for _ in range(CALLBACKS):
            if await self.post(secret) == 200:
                return
            await self.between()
        raise AssertionError("the app did not take the callback")

    def envelope(self, secret: str) -> tuple[dict[str, str], bytes]:
        """Return query and body of a callback."""
        timestamp, nonce = str(int(self.clock())), secrets.token_hex(5)
        query = {"timestamp": timestamp, "nonce": nonce, "msg_signature": self.crypto.sign(timestamp, nonce, secret)}
        head = f"<ToUserName><![CDATA[{self.corp_id}]]></ToUserName><AgentID><![CDATA[{self.agent_id}]]></AgentID>"
        return query, f"<xml>{head}<Encrypt><![CDATA[{secret}]]></Encrypt></xml>".encode()

    async def post(self, secret: str) -> int:
        """Post one encrypted callback; return the status, 0 for no answer in time."""
        query, body = self.envelope(secret)
        timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
        try:
            async with self._client.post(self.callback_url, params=query, data=body, timeout=timeout) as answer:
                said = await answer.text()
        except (TimeoutError, aiohttp.ClientError):  # no answer in time, or nobody there
            self.called_back.append(0)
            return 0
        self.called_back.append(answer.status)
        if answer.status == 200 and said:
            self._note("callback", f"a passive answer that is not expected: {said[:40]}")
        return answer.status

    def _answering(self, path: str, call: Call) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def answer(request: web.Request) -> web.StreamResponse:
            fault = self._faults[path].pop(0) if self._faults[path] else None
            try:
                found = fault if isinstance(fault, dict) else await call(request)
            except Breach as breach:
                self._note(path, breach.reason)
                found = {"errcode": breach.code, "errmsg": breach.reason}
            if found.get("errcode"):
                self.refused[found["errcode"]] += 1
            if fault == "lose":
                assert request.transport is not None
                request.transport.abort()
                await asyncio.sleep(0)
            return web.json_response(found)

        return answer

    async def _gettoken(self, request: web.Request) -> Json:
        if request.query.get("corpid") != self.corp_id:
            return _error(40013)
        if request.query.get("corpsecret") != self.secret:
            return _error(40001)
        token = next((each for each, ends in self._tokens.items() if ends > time.monotonic()), None)
        if token is None:
            token = secrets.token_urlsafe(64)
            self._tokens[token] = time.monotonic() + 7200
        return {"errcode": 0, "errmsg": "ok", "access_token": token, "expires_in": 7200}

    async def _send(self, request: web.Request) -> Json:
        if refusal := self._check_token(request):
            return refusal
        body = await self._body(request, "message/send")
        check_message(body)
        if body.get("agentid") != self.agent_id:
            return _error(40056)
        member = self.members.get(str(body.get("touser", "")).lower())
        if member is None:
            return {**_error(81013), "invaliduser": str(body.get("touser"))}
        shown = self._shown(body)
        if shown is None:
            return _error(40007)
        if shown.task_id and shown.task_id in self._tasks:
            return _error(42014)
        done: Json = {"errcode": 0, "errmsg": "ok", "msgid": secrets.token_hex(16)}
        if shown.card is not None:
            done["response_code"] = self.give_code(member, shown)
            self._tasks[shown.task_id] = shown
        if self._is_repeat(body):
            self.duplicates += 1
        elif self.limits.takes(member.userid, time.monotonic()):
            member.screen.append(shown)
        return done

    def _shown(self, body: Json) -> Shown | None:
        """Return the message as its member sees it; None where its file is not there."""
        kind = body["msgtype"]
        content = body[kind]
        if kind == "template_card":
            return Shown(kind, card=content, task_id=content["task_id"])
        if kind == "text":
            return Shown(kind, text=content["content"])
        kept = self._media.get(content["media_id"])
        return Shown(kind, media=kept[0]) if kept is not None else None

    def _is_repeat(self, body: Json) -> bool:
        """Tell whether the app asked not to deliver what it has sent just before."""
        same = {key: value for key, value in body.items() if "duplicate" not in key}
        print_ = hashlib.sha256(json.dumps(same, sort_keys=True).encode()).hexdigest()
        before, self._sent[print_] = self._sent.get(print_), time.monotonic()
        within = float(body.get("duplicate_check_interval", 1800))
        return body.get("enable_duplicate_check") == 1 and before is not None and before > time.monotonic() - within

    async def _update(self, request: web.Request) -> Json:
        if refusal := self._check_token(request):
            return refusal
        body = await self._body(request, "message/update_template_card")
        if body.get("agentid") != self.agent_id:
            return _error(40056)
        card = body.get("template_card")
        if not isinstance(card, dict):
            raise Breach(40058, "neither button nor template_card")
        check_card(card, update=True)
        found = self._codes.pop(str(body.get("response_code")), None)
        if found is None or not self.codes_work:
            return _error(40239)  # its number in the real one is not documented
        member, shown = found
        if body.get("userids") != [member.userid.lower()]:
            raise Breach(40003, "the code is another member's")
        number = card.get("task_id")
        if number is not None and number in self._tasks:
            return _error(42014)
        if number is not None:
            self._tasks[number] = shown
            shown.task_id = number
        shown.card, shown.changed = card, shown.changed + 1
        return {"errcode": 0, "errmsg": "ok", "invaliduser": []}

    async def _upload(self, request: web.Request) -> Json:
        if refusal := self._check_token(request):
            return refusal
        mimes, most = MEDIA_KINDS.get(request.query.get("type", ""), (set(), 0))
        part = await (await request.multipart()).next()
        if not isinstance(part, aiohttp.BodyPartReader) or part.name != "media" or not part.filename:
            raise Breach(41005, "no part `media` with a file name")
        content = bytes(await part.read())
        mime = part.headers.get("Content-Type", "")
        if mimes is not None and mime not in mimes:
            raise Breach(40004, f"{mime} is no {request.query.get('type')}")
        if not 5 < len(content) <= most:
            raise Breach(40006, "the size of the file")
        media = self.keep_media(content, mime)
        return {"errcode": 0, "errmsg": "", "type": request.query["type"], "media_id": media, "created_at": "1"}

    async def _download(self, request: web.Request) -> web.StreamResponse:
        if refusal := self._check_token(request):
            return web.json_response(refusal)
        kept = self._media.get(request.query.get("media_id", ""))
        if kept is None:
            return web.json_response(_error(40007))
        headers = {"Content-Disposition": 'attachment; filename="MEDIA_ID.jpg"'}
        return web.Response(body=kept[0], content_type=kept[1], headers=headers)

    async def _robot(self, request: web.Request) -> Json:
        key = request.query.get("key", "")
        if key not in self.robots:
            return _error(93000)
        body = await self._body(request, "webhook/send")
        text = body.get("text", {}).get("content", "")
        if body.get("msgtype") != "text" or not text or len(text.encode()) > TEXT_BYTES:
            raise Breach(40058, "no text of at most 2048 bytes")
        if not self.limits.robot_takes(key, time.monotonic()):
            return _error(45009)
        self.robots[key].append(text)
        return {"errcode": 0, "errmsg": "ok"}

    def _check_token(self, request: web.Request) -> Json | None:
        ends = self._tokens.get(request.query.get("access_token", ""))
        if ends is None:
            return _error(40014)
        return None if ends > time.monotonic() else _error(42001)

    async def _body(self, request: web.Request, path: str) -> Json:
        try:
            body = json.loads(await request.read())
        except ValueError:
            raise Breach(47001, "no JSON") from None
        self.calls.append((path, body))
        if not isinstance(body, dict):
            raise Breach(47001, "no JSON object")
        return body

    def _note(self, path: str, reason: str) -> None:
        self.violations.append(f"{path}: {reason}")


def _error(code: int) -> Json:
    return {"errcode": code, "errmsg": f"refused, hint: [{code}]"}
