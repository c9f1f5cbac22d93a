"""The open sockets of each chat, and the frames that wait for each of them."""

import asyncio
import contextlib
import json
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.channels.web.limits import MAILBOX, SEND_SECONDS, SOCKETS

GOING_AWAY, TRY_LATER = 1001, 1013  # RFC 6455 section 7.4.1, and the IANA registry of close codes
NO_SESSION, TOO_MANY_TABS = 4401, 4429  # ours: 4000 to 4999 are free for it

Frame = Mapping[str, Any]


class Mailbox:
    """What waits for one socket. One task sends, so that frames keep their order and nobody waits for a slow page."""

    def __init__(self, websocket: WebSocket, user: str) -> None:
        self.user = user
        self._websocket = websocket
        self._waiting: asyncio.Queue[Frame | int] = asyncio.Queue()

    def put(self, frame: Frame) -> None:
        """Queue a frame; a page that does not keep up is let go and reads the history when it comes back."""
        if self._waiting.qsize() >= MAILBOX:
            self.close(TRY_LATER)
        else:
            self._waiting.put_nowait(frame)

    def close(self, code: int) -> None:
        """Drop what waits and close the socket."""
        while not self._waiting.empty():
            self._waiting.get_nowait()
        self._waiting.put_nowait(code)

    async def send(self) -> None:
        """Send what comes until the socket is closed by either side."""
        with contextlib.suppress(WebSocketDisconnect, RuntimeError, TimeoutError):
            while True:
                item = await self._waiting.get()
                async with asyncio.timeout(SEND_SECONDS):
                    if isinstance(item, int):
                        await self._websocket.close(item)
                        return
                    await self._websocket.send_text(json.dumps(item, ensure_ascii=False))


class Hub:
    """Who is listening to which chat in this process."""

    def __init__(self) -> None:
        self._boxes: dict[str, set[Mailbox]] = defaultdict(set)
        self._quiet = asyncio.Event()
        self._quiet.set()

    def open(self, chat: str, box: Mailbox) -> bool:
        """Let a socket listen to a chat; False when the person has too many open already."""
        if sum(other.user == box.user for other in self._boxes.get(chat, ())) >= SOCKETS:
            return False
        self._boxes[chat].add(box)
        self._quiet.clear()
        return True

    def leave(self, chat: str, box: Mailbox) -> None:
        """Forget a socket."""
        self._boxes[chat].discard(box)
        if not self._boxes[chat]:
            del self._boxes[chat]
        if not self._boxes:
            self._quiet.set()

    def has(self, chat: str) -> bool:
        """Tell whether anybody listens to the chat here."""
        return chat in self._boxes

    def push(self, chat: str, frame: Frame, to: str | None = None) -> int:
        """Send a frame to all sockets of a chat, or to those of one person in it; return how many these are."""
        boxes = [box for box in self._boxes.get(chat, ()) if to is None or box.user == to]
        for box in boxes:
            box.put(frame)
        return len(boxes)

    def close_all(self, code: int = GOING_AWAY) -> None:
        """Close every socket. What a page sent and was not told about, it sends again: that is harmless."""
        for boxes in tuple(self._boxes.values()):
            for box in tuple(boxes):
                box.close(code)

    async def wait_quiet(self, seconds: float) -> None:
        """Wait until nobody is connected any more, at most so long."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._quiet.wait()
