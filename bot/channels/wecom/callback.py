"""The address that WeCom calls: it is answered after the commit. Without an answer within 5 s WeCom calls again."""

import asyncio
from collections import Counter

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.channels.base import Accept
from bot.channels.tencent.guard import BadCallback, Guard, read_body
from bot.channels.tencent.xml import one_reason
from bot.channels.wecom.codes import Codes, card_of
from bot.channels.wecom.parse import Pressed, Skipped, read
from bot.clock import Clock
from handlers.inbound import Inbound

log = structlog.get_logger(__name__)

PATH = "/wecom/callback"


class Callback:
    """The route. Until `open` it answers 503, and so it does again after `close`."""

    def __init__(self, guard: Guard, codes: Codes, clock: Clock, agent_id: int) -> None:
        self.skipped: Counter[str] = Counter()
        self._guard = guard
        self._codes = codes
        self._clock = clock
        self._agent_id = agent_id
        self._accept: Accept | None = None
        self._in_hand: set[asyncio.Task[bool]] = set()

    def route(self) -> Route:
        """Return the route for the web application."""
        return Route(PATH, self.called, methods=["GET", "POST"])

    def open(self, accept: Accept) -> None:
        """Begin to take callbacks in."""
        self._accept = accept

    async def close(self) -> None:
        """Take nothing more in; wait for what the inbox has in hand."""
        self._accept = None
        await asyncio.gather(*self._in_hand, return_exceptions=True)

    async def called(self, request: Request) -> Response:
        """Answer one call of WeCom's."""
        try:
            if request.method != "POST":
                return PlainTextResponse(self._guard.verify(request.query_params))
            opened = self._guard.open(request.query_params, await read_body(request))
            with one_reason("unreadable"):
                found = read(opened.fields, self._agent_id, self._clock.now())
        except BadCallback as refusal:
            log.warning("wecom_callback_refused", reason=refusal.reason)
            return PlainTextResponse("refused", status_code=refusal.status)
        except ClientDisconnect:
            return PlainTextResponse("gone", status_code=400)
        return await self._take(found)

    async def _take(self, found: Inbound | Pressed | Skipped) -> Response:
        if isinstance(found, Skipped):
            self.skipped[found.kind] += 1
            log.info("wecom_callback_skipped", kind=found.kind)
            return PlainTextResponse("")
        if self._accept is None:
            return PlainTextResponse("not ready", status_code=503)
        task = asyncio.create_task(self._taken(self._accept, found))
        self._in_hand.add(task)
        task.add_done_callback(self._in_hand.discard)
        # Shielded: a caller that hangs up must not tear a transaction that is nearly done.
        return PlainTextResponse("") if await asyncio.shield(task) else PlainTextResponse("again", status_code=500)

    async def _taken(self, accept: Accept, found: Inbound | Pressed) -> bool:
        try:
            if isinstance(found, Pressed):
                await self._keep_code(found)
                found = found.inbound
            await accept(found)
        except Exception as error:  # noqa: BLE001 - whatever it is, the callback is not committed
            log.error("wecom_callback_not_taken", error=type(error).__name__)
            return False
        return True

    async def _keep_code(self, pressed: Pressed) -> None:
        """Keep what lets us change the pressed card, before the inbox says what it is to show."""
        card = card_of(pressed.task_id)
        if card is not None and pressed.code:
            await self._codes.keep(pressed.inbound.chat, card, pressed.code)
