"""The address that WeCom calls: it is answered after the commit. Without an answer within 5 s WeCom calls again."""

from collections import Counter
from collections.abc import Awaitable
from dataclasses import replace

import structlog
from sqlalchemy.orm import Session
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.channels.base import Accept
from bot.channels.tencent.guard import BadCallback, Guard, read_body
from bot.channels.tencent.intime import Begin, InTime, NotInTime
from bot.channels.tencent.xml import one_reason
from bot.channels.wecom.codes import Codes, card_of
from bot.channels.wecom.parse import CHANNEL, Pressed, Skipped, read
from bot.clock import Clock
from handlers.inbound import Inbound

log = structlog.get_logger(__name__)

PATH = "/wecom/callback"


class Callback:
    """The route. Until `open` it answers 503, and so it does again after `close`."""

    def __init__(self, guard: Guard, codes: Codes, clock: Clock, agent_id: int) -> None:
        self.skipped: Counter[str] = Counter()
        self.in_time: InTime[None] = InTime(CHANNEL)
        self._guard = guard
        self._codes = codes
        self._clock = clock
        self._agent_id = agent_id
        self._accept: Accept | None = None

    def route(self) -> Route:
        """Return the route for the web application."""
        return Route(PATH, self.called, methods=["GET", "POST"])

    def open(self, accept: Accept) -> None:
        """Begin to take callbacks in."""
        self._accept = accept

    async def close(self) -> None:
        """Take nothing more in; wait for what the inbox has in hand."""
        self._accept = None
        await self.in_time.close()

    async def called(self, request: Request) -> Response:
        """Answer one call of WeCom's."""
        try:
            if request.method != "POST":
                return PlainTextResponse(self._guard.verify(request.query_params).echo)
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
        accept, pressed = self._accept, found if isinstance(found, Pressed) else None
        inbound = found.inbound if isinstance(found, Pressed) else found

        def work(begin: Begin) -> Awaitable[None]:
            return accept(replace(inbound, note=lambda session: self._note(session, begin, pressed)))

        try:
            await self.in_time.take(inbound.key, work)
        except NotInTime:
            return PlainTextResponse("again", status_code=503)
        except Exception:  # noqa: BLE001 - whatever it is, it is not committed, and was told where it happened
            return PlainTextResponse("again", status_code=500)
        return PlainTextResponse("")

    def _note(self, session: Session, begin: Begin, pressed: Pressed | None) -> None:
        """Run first in the transaction of what was said or pressed.

        What lets us change the pressed card is kept before the inbox says what it is to show.
        """
        begin()
        card = card_of(pressed.task_id) if pressed is not None else None
        if pressed is not None and card is not None and pressed.code:
            self._codes.note(session, pressed.inbound.chat, card, pressed.code)
