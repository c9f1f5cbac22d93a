"""The route that WeChat calls: opened by the guard, committed, and only then answered; in time, whatever happens.

A callback that is none of the platform's is refused in a few words, and logged without any of its own.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from starlette.background import BackgroundTask
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.channels.base import Accept
from bot.channels.tencent.guard import BadCallback, Guard, Opened, read_body
from bot.channels.tencent.intime import Begin, InTime, NotInTime
from bot.channels.tencent.xml import write
from bot.channels.wechat import answers, limits, window
from bot.channels.wechat.answers import Held
from bot.channels.wechat.parse import CHANNEL, Arrival, read
from bot.channels.wechat.receipts import CameBack, Receipts
from bot.clock import Clock
from bot.died import told
from bot.together import Together
from handlers.inbound import Inbound
from storage.engine import Store
from storage.message_models import InboxEntry
from storage.prepared import insert_or_ignore
from storage.trouble import passes
from storage.upsert import table_of

log = structlog.get_logger(__name__)

SUCCESS = "success"
_NOTE = insert_or_ignore(table_of(InboxEntry), "channel", "key", "received_at")
MARK_SECONDS = 0.1  # in which answers that were given are gathered; a kill meanwhile has them given twice
AFTER_TROUBLE = 1.0  # seconds until a database that takes nothing is tried again


class Callback:
    """The callback of one account. Until `open` it answers 503, and so it does again after `close`."""

    def __init__(
        self, guard: Guard, store: Store, clock: Clock, ring: Callable[[], None], came_back: CameBack
    ) -> None:  # fmt: skip
        self.in_time: InTime[Held | None] = InTime(CHANNEL)
        self._guard = guard
        self._store = store
        self._clock = clock
        self._ring = ring
        self._receipts = Receipts(store, clock, self.in_time, came_back)
        self._marks = Together(self._mark, MARK_SECONDS)
        self._accept: Accept | None = None
        self._died = asyncio.Event()
        self._failure: BaseException | None = None

    def route(self) -> Route:
        """Return the route for the web application."""
        return Route(limits.CALLBACK, self.receive, methods=["GET", "POST"])

    def open(self, accept: Accept) -> None:
        """Begin to take callbacks in."""
        self._accept = accept

    async def close(self) -> None:
        """Take nothing more in; wait for what is in hand."""
        self._accept = None
        await self.in_time.close()

    async def watch(self) -> None:
        """Wait for ever. Raises what the marking of an answer died of: it would be given again and again."""
        await self._died.wait()
        if self._failure is not None:
            raise self._failure

    async def receive(self, request: Request) -> Response:
        """Answer one call."""
        began = time.monotonic()
        try:
            if request.method != "POST":
                return await self._verify(request)
            opened = self._guard.open(request.query_params, await read_body(request))
            arrival = read(opened.fields)
            if self._accept is None:
                return PlainTextResponse("starting or stopping", 503)
            held = await self._taken_in(arrival, opened, self._accept, began)
        except BadCallback as refusal:
            log.warning("wechat_callback_refused", reason=refusal.reason)
            return PlainTextResponse("refused", refusal.status)
        except ClientDisconnect:
            return PlainTextResponse("", 400)
        except NotInTime:
            return PlainTextResponse("again", 503)
        except Exception:  # noqa: BLE001 - whatever it is, it is not committed, and was told where it happened
            return PlainTextResponse("again", 500)
        if held is None or time.monotonic() - began > limits.PASSIVE_SECONDS or await request.is_disconnected():
            return PlainTextResponse(SUCCESS)  # what is held goes out by the outbox, or with WeChat's next try
        return self._answer(arrival, held, encrypted=opened.encrypted)

    async def _verify(self, request: Request) -> Response:
        """Answer the platform's question whether the address is ours; its signature opens no message afterwards."""
        verified = self._guard.verify(request.query_params)
        if verified.once:
            now, key = self._clock.now(), _once(verified.once)

            async def spend(_begin: Begin) -> None:
                await self._store.write(lambda session: _note(session, key, now))

            await self.in_time.take(key, spend)
        return PlainTextResponse(verified.echo)

    async def _taken_in(self, arrival: Arrival, opened: Opened, accept: Accept, began: float) -> Held | None:
        """Commit what was said; return its answer."""
        await self._receipts.take(arrival)
        if arrival.inbound is None and not arrival.grants:
            return None
        now = self._clock.now()
        if arrival.inbound is None:
            keep = partial(_keep_grants, arrival=arrival, once=opened.once, now=now)
            await self.in_time.take(arrival.key, lambda begin: self._store.write(partial(keep, begin=begin)))
            return None
        begun = partial(_begun, arrival=arrival, once=opened.once, now=now)
        held = await self.in_time.take(arrival.key, partial(_told, arrival.inbound, accept, begun))
        if held is not None:
            return held
        return await self._held(arrival, limits.PASSIVE_SECONDS - (time.monotonic() - began))

    async def _held(self, arrival: Arrival, seconds: float) -> Held | None:
        """Return the answer; None where it cannot be found in time: it is committed, and goes out by the outbox."""
        now = self._clock.now()
        try:
            async with asyncio.timeout(seconds):
                return await self._store.read(lambda session: answers.held(session, arrival.key, now))
        except (TimeoutError, DBAPIError) as error:
            log.warning("wechat_answer_not_found", why=type(error).__name__)
            return None

    def _answer(self, arrival: Arrival, held: Held, *, encrypted: bool) -> Response:
        document = write({
            "ToUserName": arrival.chat, "FromUserName": arrival.account,
            "CreateTime": int(self._clock.now().timestamp()), "MsgType": "text", "Content": held.text,
        })  # fmt: skip
        body = self._guard.seal(document) if encrypted else document
        return Response(body, media_type="application/xml", background=BackgroundTask(self._given, held))

    async def _given(self, held: Held) -> None:
        """Mark it, as soon as the database takes that; where it never will, the channel has died."""
        try:
            if held.more:
                await self._mark([held.key])
                self._ring()
            else:
                await self._marks.add(held.key)
        except Exception as error:  # noqa: BLE001 - whatever it is, `watch` raises it
            self._failure = error
            self._died.set()

    async def _mark(self, keys: Sequence[str]) -> None:
        while True:
            try:
                await self._store.write(lambda session: answers.given(session, keys, self._clock.now()))
            except DBAPIError as error:
                if not passes(error):
                    raise
                log.error("wechat_answer_not_marked", why=told(error))
            else:
                return
            if self._accept is None:  # the desk stops: it is given again, or sent, after the next start
                return
            await asyncio.sleep(AFTER_TROUBLE)


async def _told(inbound: Inbound, accept: Accept, begun: Callable[..., None], begin: Begin) -> Held | None:
    """Have the inbox take it in; return the answer that it holds, None where that was so before, or there is none."""
    found: list[Held] = []

    def held(payload: Mapping[str, Any], more: bool) -> None:
        found[:] = [answers.planned(inbound.key, payload, more=more)]

    await accept(replace(inbound, note=partial(begun, begin=begin), held=held))
    return found[0] if found else None


def _begun(session: Session, arrival: Arrival, once: str, now: datetime, begin: Begin) -> None:
    """Run first in the transaction of what was said. Raises TooLate, BadCallback: nothing of it is kept."""
    begin()
    _use(session, once, now)
    if arrival.opens is not None:
        window.opened(session, arrival.chat, arrival.opens, arrival.at)


def _keep_grants(session: Session, arrival: Arrival, once: str, now: datetime, begin: Begin) -> None:
    """Keep what a callback grants; a repetition grants nothing twice."""
    begin()
    if _note(session, arrival.key, arrival.at):
        _use(session, once, now)
        window.granted(session, arrival.chat, arrival.grants, arrival.at)


def _use(session: Session, once: str, now: datetime) -> None:
    """In plain mode a signature says nothing of the body, so it opens one message. Raises BadCallback at a second.

    The platform's repetition of the same message does not come here: it ends at the message's own key.
    """
    if once and not _note(session, _once(once), now):
        raise BadCallback("a nonce that was used before", 403)


def _once(signature: str) -> str:
    return f"n:{signature}"


def _note(session: Session, key: str, now: datetime) -> bool:
    return _NOTE.run(session, channel=CHANNEL, key=key, received_at=now) > 0
