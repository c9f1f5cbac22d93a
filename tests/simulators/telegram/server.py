"""The server: HTTP in front of the world, in the test's own event loop."""

import asyncio
import inspect
import random
import secrets
import socket
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Literal, Self

from aiohttp import web

from tests.simulators.telegram import http
from tests.simulators.telegram.cast import Cast
from tests.simulators.telegram.dispatch import HANDLERS
from tests.simulators.telegram.errors import BotApiError, ContractError, Json, Plain
from tests.simulators.telegram.faults import DOWNLOAD, Fault, Faults
from tests.simulators.telegram.limits import Limits
from tests.simulators.telegram.postman import Postman
from tests.simulators.telegram.record import Call, Violation
from tests.simulators.telegram.schema import CANONICAL, Upload, check_call, known_method
from tests.simulators.telegram.screen import Shown
from tests.simulators.telegram.updates import UpdateQueue
from tests.simulators.telegram.world import World

BOT_ID = 7_100_200_300


class TelegramServer(Cast):
    """A Telegram of one bot. Use it as `async with TelegramServer() as telegram:`."""

    def __init__(
        self, *, port: int = 0, token: str | None = None, username: str = "red_steward_bot", name: str = "红管家",
        limits: Limits | None = None, first_update_id: int | None = None, keep: int | None = None,
        privacy: bool = True, clock: Callable[[], float] = time.time, world: World | None = None,
    ) -> None:  # fmt: skip
        bot = {"id": BOT_ID, "is_bot": True, "first_name": name, "username": username}
        queue = UpdateQueue(first_update_id or random.randint(100_000_000, 900_000_000))
        super().__init__(world or World(bot, queue, limits or Limits(), keep, privacy, clock))
        self.token = token or f"{BOT_ID}:{secrets.token_urlsafe(26)[:35]}"
        self.faults = Faults()
        self.latency = 0.0  # seconds that every answer but getUpdates takes longer
        self.postman = Postman(self.world, self._perform)
        self.routes: dict[str, Callable[[web.Request], Plain]] = {}  # further paths, by their first word
        self._port = port
        self._runner: web.AppRunner | None = None

    @property
    def base_url(self) -> str:
        """What the token is appended to, as python-telegram-bot wants it: http://…/bot."""
        return f"http://127.0.0.1:{self._port}/bot"

    @property
    def base_file_url(self) -> str:
        """The same for downloads: http://…/file/bot."""
        return f"http://127.0.0.1:{self._port}/file/bot"

    @property
    def port(self) -> int:
        """Return the port the server listens on."""
        return self._port

    @property
    def calls(self) -> Sequence[Call]:
        """Return every call of the bot, the oldest first."""
        return self.world.record.calls

    def calls_of(self, method: str) -> Sequence[Call]:
        """Return every call of one method."""
        return self.world.record.by_method.get(method, ())

    @property
    def sent(self) -> dict[int, list[Shown]]:
        """Return the bot's messages by chat, as they looked when they were sent."""
        return self.world.record.sent

    @property
    def violations(self) -> list[Violation]:
        """Return what no correct bot does."""
        return self.world.record.violations

    @property
    def refused_429(self) -> int:
        """Return how many calls were refused for flooding."""
        return self.world.flood.refused.total()

    def limit(self, limits: Limits) -> None:
        """Change the limits."""
        self.world.limit(limits)

    def fail_next(
        self, method: str, status: int | None = None, *, body: Json | str | None = None, disconnect: bool = False,
        hang: float = 0.0, times: int = 1, applied: bool = False,
    ) -> None:  # fmt: skip
        """Let the next calls of a method ("*": of any, "download": of a file) fail, with 500 if nothing else is said.

        `hang` alone answers late but well; `applied` carries the call out and loses only its answer.
        """
        if status is None and (body is not None or not (disconnect or hang)):
            status = 500
        self.faults.add(method, Fault(status, body, disconnect, hang, applied), times)

    async def __aenter__(self) -> Self:
        await self.comes_up()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.goes_down()

    async def comes_up(self) -> None:
        """Listen, on the former port if there was one."""
        app = web.Application(client_max_size=0)
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1)
        await self._runner.setup()
        listener = socket.create_server(("127.0.0.1", self._port), backlog=1024)
        self._port = listener.getsockname()[1]
        await web.SockSite(self._runner, listener).start()
        await self.postman.follow()

    async def goes_down(self) -> None:
        """Break every connection and stop listening; nothing is forgotten."""
        self.world.queue.end_poll()
        await self.postman.stop()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        word, _, rest = request.path.lstrip("/").partition("/")
        if word in self.routes:
            response: web.StreamResponse = await self.routes[word](request)
            return response
        if word == "file":
            return await self._download(request, rest)
        if not word.startswith("bot"):
            return http.answer(404, {"ok": False, "error_code": 404, "description": "Not Found"})
        return await self._call(request, word.removeprefix("bot"), rest)

    async def _call(self, request: web.Request, token: str, name: str) -> web.StreamResponse:
        method = CANONICAL.get(name.lower(), name)
        fault = self.faults.take(method)
        if fault is not None:
            await asyncio.sleep(fault.hang)
            if fault.breaks and not fault.applied:
                self.world.record.add(method, {}, time.monotonic(), fault.status or 0, "a fault", None, "http")
                return self._broken(request, fault)
        response = await self._answer(request, token, name)
        if self.latency and method != "getUpdates":
            await asyncio.sleep(self.latency)
        return self._broken(request, fault) if fault is not None and fault.breaks else response

    async def _answer(self, request: web.Request, token: str, name: str) -> web.Response:
        try:
            params, uploads = await http.read_request(request, self.world.limits.upload_bytes)
        except BotApiError as error:
            return self._refuse(name, {}, error, "http")
        return await self.perform(token, name, params, uploads, "http")

    def _broken(self, request: web.Request, fault: Fault) -> web.Response:
        if fault.disconnect and request.transport is not None:
            request.transport.abort()
        return http.answer(fault.status or 500, fault.answer())

    async def _download(self, request: web.Request, rest: str) -> web.Response:
        token, _, path = rest.partition("/")
        fault = self.faults.take(DOWNLOAD)
        if fault is not None:
            await asyncio.sleep(fault.hang)
            if fault.breaks:
                return self._broken(request, fault)
        file = self.world.files.by_path.get(path) if token == f"bot{self.token}" else None
        if file is None:
            return http.answer(404, {"ok": False, "error_code": 404, "description": "Not Found"})
        return web.Response(body=file.data, content_type="application/octet-stream")

    async def _perform(self, method: str, params: Json) -> None:
        await self.perform(self.token, method, params, {}, "webhook")

    async def perform(
        self, token: str, name: str, params: Json, uploads: dict[str, Upload], via: Literal["http", "webhook"]
    ) -> web.Response:
        """Carry a call out and record it."""
        world = self.world
        try:
            self._check_token(token)
            world.doing = name = known_method(name)
            args = check_call(name, params, uploads)
            params = {key: f"<{len(v.data)} bytes>" if isinstance(v, Upload) else v for key, v in args.values.items()}
            result = HANDLERS[name](world, args)
            if inspect.isawaitable(result):
                result = await result
        except BotApiError as error:
            return self._refuse(name, params, error, via)
        if name in ("setWebhook", "deleteWebhook"):
            await self.postman.follow()
        world.record.add(name, params, time.monotonic(), 200, None, result, via)
        return http.answer(200, {"ok": True, "result": result})

    def _check_token(self, token: str) -> None:
        if token != self.token:
            raise BotApiError(401, "Unauthorized" if ":" in token else "Unauthorized: invalid token specified")

    def _refuse(self, name: str, params: Json, error: BotApiError, via: str) -> web.Response:
        if isinstance(error, ContractError):
            self.world.record.violate(name, error.reason, params)
        self.world.record.add(name, params, time.monotonic(), error.code, error.description, None, via)
        return http.refusal(error)
