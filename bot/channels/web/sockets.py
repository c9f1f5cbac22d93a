"""The conversation over one WebSocket: history first, then whatever either side has to say."""

import asyncio
from typing import Any

from starlette.websockets import WebSocket

from bot.channels.web import frames, lines
from bot.channels.web.frames import BadFrame, Older, Pressed, Said
from bot.channels.web.hub import NO_SESSION, TOO_MANY_TABS, TRY_LATER, Hub, Mailbox
from bot.channels.web.intake import Intake
from bot.channels.web.sessions import Sessions, Visitor
from bot.channels.web.texts import Code, say
from bot.clock import Clock
from storage.engine import Store

FORBIDDEN = 1008  # before the socket is accepted it becomes HTTP 403
RETRY = {"too_many": 3, "trouble": 5}  # seconds after which the page sends the same again by itself


class Sockets:
    """Serves `/chat/ws`."""

    def __init__(
        self, store: Store, clock: Clock, sessions: Sessions, hub: Hub, intake: Intake, zone: str
    ) -> None:  # fmt: skip
        self._store = store
        self._clock = clock
        self._sessions = sessions
        self._hub = hub
        self._intake = intake
        self._zone = zone
        self.open = False

    async def serve(self, websocket: WebSocket) -> None:
        """Talk with one page until it goes away or we stop."""
        if not self._sessions.trusts(websocket):
            await websocket.close(FORBIDDEN)
            return
        visitor = self._sessions.visitor(websocket)
        await websocket.accept()
        if visitor is None:
            await self._turn_away(websocket, "no_session", NO_SESSION)
        elif not self.open:
            await websocket.close(TRY_LATER)
        else:
            await self._welcome(websocket, visitor)

    async def _welcome(self, websocket: WebSocket, visitor: Visitor) -> None:
        box = Mailbox(websocket, visitor.user)
        if not self._hub.open(visitor.chat, box):
            await self._turn_away(websocket, "too_many_tabs", TOO_MANY_TABS)
            return
        sending: asyncio.Task[None] | None = None
        try:
            # The socket listens already: what is delivered while the history is read follows it, and is not missed.
            await websocket.send_json(await self._history(visitor, None))
            sending = asyncio.create_task(box.send())
            await self._listen(websocket, visitor, box)
        finally:
            if sending is not None:
                sending.cancel()
            self._hub.leave(visitor.chat, box)

    async def _listen(self, websocket: WebSocket, visitor: Visitor, box: Mailbox) -> None:
        """Take frames one after the other, so that what a person says keeps its order."""
        while self.open:
            message = await websocket.receive()
            if message["type"] == "websocket.disconnect":
                return
            try:
                await self._hear(visitor, box, frames.parse(message.get("text")))
            except BadFrame as bad:
                box.put(_refusal(bad, visitor.language))

    async def _hear(self, visitor: Visitor, box: Mailbox, frame: Said | Older) -> None:
        if isinstance(frame, Older):
            box.put(await self._history(visitor, frame.before))
            return
        await self._intake.take(visitor, frame)
        box.put(_accepted(frame))

    async def _history(self, visitor: Visitor, before: int | None) -> dict[str, Any]:
        found, more = await self._store.read(lambda session: lines.page(session, visitor.chat, before))
        frame = {
            "type": "history", "lines": [line.frame() for line in found], "more": more, "before": before,
            "zone": self._zone, "now": lines.stamp(self._clock.now()),
        }  # fmt: skip
        return frame | {"me": {"user": visitor.user, "name": visitor.name}} if visitor.in_group else frame

    async def _turn_away(self, websocket: WebSocket, code: Code, close: int) -> None:
        text = say(code, self._sessions.language(websocket))
        await websocket.send_json({"type": "error", "id": None, "text": text})
        await websocket.close(close)


def _accepted(said: Said) -> dict[str, Any]:
    frame: dict[str, Any] = {"type": "accepted", "id": said.id}
    return frame | {"line": said.line, "data": said.data} if isinstance(said, Pressed) else frame


def _refusal(bad: BadFrame, language: str) -> dict[str, Any]:
    frame: dict[str, Any] = {"type": "error", "id": bad.client, "text": say(bad.code, language)}
    return frame | {"retry": RETRY[bad.code]} if bad.code in RETRY else frame
