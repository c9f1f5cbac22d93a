"""A Bot API that says what a test tells it to say, also what Telegram never would: garbage, silence, half an answer."""

import asyncio
import contextlib
import json
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.channels.telegram.updates import BOT, Json

TOKEN = "42:SECRET-token-of-the-bot"
SENT: Json = {"message_id": 500, "date": 1, "chat": {"id": 1001, "type": "private"}}


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: status and body; `hang` seconds before it, `cut`: the connection breaks instead."""

    status: int = 200
    body: bytes = b""
    hang: float = 0
    cut: bool = False


def good(result: Any) -> Answer:
    return Answer(body=json.dumps({"ok": True, "result": result}).encode())


def refused(status: int, description: str, **parameters: Any) -> Answer:
    body = {"ok": False, "error_code": status, "description": description}
    return Answer(status, json.dumps(body | ({"parameters": parameters} if parameters else {})).encode())


@dataclass(frozen=True, slots=True)
class Asked:
    """A call that came: parameters as text, uploaded files as name and bytes."""

    method: str
    params: dict[str, str]
    files: Mapping[str, tuple[str, bytes]]

    def json(self, name: str) -> Any:
        return json.loads(self.params[name])


@dataclass(slots=True)
class Server:
    """Answers with what was `say`-ed for a method, in that order, then as if all were well."""

    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    pending: list[Json] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    _said: dict[str, deque[Answer]] = field(default_factory=lambda: defaultdict(deque))
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def base_url(self) -> str:
        return f"{self.url}/bot"

    @property
    def base_file_url(self) -> str:
        return f"{self.url}/file/bot"

    def say(self, method: str, *answers: Answer) -> None:
        self._said[method].extend(answers)

    def send(self, *updates: Json) -> None:
        """Have updates wait for the bot."""
        self.pending.extend(updates)
        self._news.set()

    def calls(self, method: str) -> list[Asked]:
        return [asked for asked in self.asked if asked.method == method]

    async def answer(self, request: web.Request) -> web.StreamResponse:
        if request.match_info["token"] != TOKEN:
            return _respond(refused(401, "Unauthorized"))
        asked = await _read(request)
        self.asked.append(asked)
        if said := self._said[asked.method]:
            return await _play(said.popleft(), request)
        return _respond(good(await self._result(asked)))

    async def file(self, request: web.Request) -> web.Response:
        content = self.files.get(request.match_info["path"])
        return web.Response(status=404) if content is None else web.Response(body=content)

    async def _result(self, asked: Asked) -> Any:
        match asked.method:
            case "getMe":
                return BOT
            case "getUpdates":
                return await self._updates(int(asked.params.get("offset", 0)), float(asked.params["timeout"]))
            case method if method.startswith("send"):
                return SENT
        return True

    async def _updates(self, offset: int, wait: float) -> list[Json]:
        self.pending = [update for update in self.pending if update["update_id"] >= offset]
        if not self.pending and wait:
            self._news.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), wait)
        return self.pending[:100]


@asynccontextmanager
async def serving() -> AsyncIterator[Server]:
    """Run a server on a free port."""
    server = Server()
    app = web.Application(client_max_size=60_000_000)
    app.router.add_post("/bot{token}/{method}", server.answer)
    app.router.add_get("/file/bot{token}/{path:.*}", server.file)
    running = TestServer(app)
    await running.start_server(access_log=None)
    server.url = str(running.make_url("")).rstrip("/")
    yield server
    await running.close()


async def _read(request: web.Request) -> Asked:
    params: dict[str, str] = {}
    files: dict[str, tuple[str, bytes]] = {}
    if request.content_type == "application/json":
        told = {
            name: value if isinstance(value, str) else json.dumps(value)
            for name, value in json.loads(await request.read()).items()
        }
        return Asked(request.match_info["method"], told, files)
    for name, value in (await request.post()).items():
        if isinstance(value, web.FileField):
            files[name] = (value.filename, value.file.read())
        else:
            params[name] = str(value)
    return Asked(request.match_info["method"], params, files)


async def _play(answer: Answer, request: web.Request) -> web.StreamResponse:
    await asyncio.sleep(answer.hang)
    if answer.cut and request.transport is not None:
        request.transport.abort()
    return _respond(answer)


def _respond(answer: Answer) -> web.Response:
    return web.Response(status=answer.status, body=answer.body, content_type="application/json")
