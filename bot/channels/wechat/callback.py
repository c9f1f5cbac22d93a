"""The route that WeChat calls: opened by the guard, committed, and only then answered.

A callback that is none of the platform's is refused in a few words, and logged without any of its own.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import structlog
from sqlalchemy.orm import Session
from starlette.background import BackgroundTask
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.channels.base import Accept
from bot.channels.tencent.guard import BadCallback, Guard, read_body
from bot.channels.tencent.xml import write
from bot.channels.wechat import answers, limits, window
from bot.channels.wechat.answers import Held
from bot.channels.wechat.parse import CHANNEL, Arrival, read
from bot.clock import Clock
from storage.engine import Store
from storage.message_models import InboxEntry
from storage.upsert import insert_or_ignore

log = structlog.get_logger(__name__)

SUCCESS = "success"


class Callback:
    """The callback of one account. Until `open` it answers 503, and so it does again after `close`."""

    def __init__(self, guard: Guard, store: Store, clock: Clock, ring: Callable[[], None]) -> None:
        self._guard = guard
        self._store = store
        self._clock = clock
        self._ring = ring
        self._accept: Accept | None = None
        self._in_hand: set[asyncio.Task[Held | None]] = set()

    def route(self) -> Route:
        """Return the route for the web application."""
        return Route(limits.CALLBACK, self.receive, methods=["GET", "POST"])

    def open(self, accept: Accept) -> None:
        """Begin to take callbacks in."""
        self._accept = accept

    async def close(self) -> None:
        """Take nothing more in; wait for what is in hand."""
        self._accept = None
        await asyncio.gather(*self._in_hand, return_exceptions=True)

    async def receive(self, request: Request) -> Response:
        """Answer one call."""
        began = time.monotonic()
        try:
            if request.method != "POST":
                return PlainTextResponse(self._guard.verify(request.query_params))
            opened = self._guard.open(request.query_params, await read_body(request))
            arrival = read(opened.fields)
        except BadCallback as refusal:
            log.warning("wechat_callback_refused", reason=refusal.reason)
            return PlainTextResponse("refused", refusal.status)
        except ClientDisconnect:
            return PlainTextResponse("", 400)
        if self._accept is None:
            return PlainTextResponse("starting or stopping", 503)
        held = await self._taken_in(arrival, self._accept)
        if held is None or time.monotonic() - began > limits.PASSIVE_SECONDS or await request.is_disconnected():
            return PlainTextResponse(SUCCESS)  # what is held goes out by the outbox, or with WeChat's next try
        return self._answer(arrival, held, encrypted=opened.encrypted)

    async def _taken_in(self, arrival: Arrival, accept: Accept) -> Held | None:
        """Commit what was said; return its answer. A caller that hangs up does not undo it."""
        task = asyncio.create_task(self._take(arrival, accept))
        self._in_hand.add(task)
        task.add_done_callback(self._in_hand.discard)
        return await asyncio.shield(task)

    async def _take(self, arrival: Arrival, accept: Accept) -> Held | None:
        if arrival.inbound is None:
            if arrival.grants:
                await self._store.write(partial(_keep_grants, arrival=arrival))
            return None
        await accept(replace(arrival.inbound, note=partial(_open_window, arrival=arrival)))
        now = self._clock.now()
        return await self._store.read(lambda session: answers.held(session, arrival.key, now))

    def _answer(self, arrival: Arrival, held: Held, *, encrypted: bool) -> Response:
        document = write({
            "ToUserName": arrival.chat, "FromUserName": arrival.account,
            "CreateTime": int(self._clock.now().timestamp()), "MsgType": "text", "Content": held.text,
        })  # fmt: skip
        body = self._guard.seal(document) if encrypted else document
        return Response(body, media_type="application/xml", background=BackgroundTask(self._given, held))

    async def _given(self, held: Held) -> None:
        now = self._clock.now()
        if await self._store.write(lambda session: answers.given(session, held.row, now)):
            self._ring()


def _open_window(session: Session, arrival: Arrival) -> None:
    """Keep which window a callback opens."""
    if arrival.opens is not None:
        window.opened(session, arrival.chat, arrival.opens, arrival.at)


def _keep_grants(session: Session, arrival: Arrival) -> None:
    """Keep what a callback grants; a repetition grants nothing twice."""
    row = {"channel": CHANNEL, "key": arrival.key, "received_at": arrival.at}
    if insert_or_ignore(session, InboxEntry, row):
        window.granted(session, arrival.chat, arrival.grants, arrival.at)
