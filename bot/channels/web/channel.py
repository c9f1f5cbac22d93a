"""The web chat as a channel."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute

from bot.attachments import Files
from bot.channels.base import Accept, Delivered, Delivery, FetchError, Outcome, Pace
from bot.channels.web import attachments, lines
from bot.channels.web.groups import is_group
from bot.channels.web.headers import Assets, page
from bot.channels.web.hub import Hub
from bot.channels.web.intake import Intake
from bot.channels.web.limits import STOP_SECONDS
from bot.channels.web.lines import Line
from bot.channels.web.personas import Persona
from bot.channels.web.plan import WebPlanner
from bot.channels.web.rate import Rate
from bot.channels.web.relay import Relay
from bot.channels.web.sessions import Sessions
from bot.channels.web.sockets import Sockets
from bot.channels.web.uploads import Uploads
from bot.clock import Clock
from handlers.message import Planner
from storage.engine import Store

STATIC = Path(__file__).parent / "static"


class WebChannel:
    """Pages, sockets and photos of the web chat.

    `public_origins` are web origins beside the server's own that may open the chat. With `personas`, anybody may be
    any of them: for the demo only. `zone` is the time zone that the page shows times in, `language` what it speaks
    when nothing else is asked for.
    """

    name = attachments.CHANNEL

    def __init__(
        self, store: Store, clock: Clock, public_origins: Sequence[str], files: Files,
        personas: Mapping[str, Persona] | None = None, *, zone: str = "Asia/Shanghai", language: str = "zh",
    ) -> None:  # fmt: skip
        self.planner: Planner = WebPlanner()
        self.pace = Pace()
        self.hub = Hub()
        self._store = store
        self._clock = clock
        self._relay = Relay(store, self.hub)
        rate = Rate()
        self._sessions = Sessions(public_origins, personas, language)
        self._intake = Intake(store, clock, self.hub, self._relay, rate)
        self._sockets = Sockets(store, clock, self._sessions, self.hub, self._intake, zone)
        self._uploads = Uploads(store, self._sessions, files, rate)

    async def start(self, accept: Accept) -> None:
        """Begin to take in what pages send."""
        await self._relay.start()
        self._intake.accept = accept
        self._sockets.open = True

    async def watch(self) -> None:
        """Wait for ever. Raises what made us deaf to the other processes."""
        await self._relay.watch()

    async def stop(self) -> None:
        """Close the sockets; what one of them is handing to the inbox is finished first."""
        self._sockets.open = False
        self.hub.close_all()
        await self.hub.wait_quiet(STOP_SECONDS)
        await self._relay.stop()

    async def deliver(self, delivery: Delivery) -> Outcome:
        """Write the line, then show it where the chat is open. Nobody there is fine: the history has it."""
        if "toast" in delivery.payload:
            return await self._toast(delivery.chat, delivery.payload)
        now = self._clock.now()
        line, edited = await self._store.write(lambda session: self._show(session, delivery, now))
        self.hub.push(delivery.chat, line.frame("edit" if edited else "line"))
        return Delivered(message=str(line.id))

    async def _toast(self, chat: str, told: dict[str, Any]) -> Delivered:
        toast, alert, to = told["toast"], bool(told["alert"]), told.get("to")
        if not self.hub.push(chat, {"type": "toast", "text": toast, "alert": alert}, to):
            await self._relay.tell_toast(chat, toast, alert=alert, to=to)
        return Delivered()

    def _show(self, session: Session, delivery: Delivery, now: datetime) -> tuple[Line, bool]:
        line, edited = lines.show(session, delivery, now)
        self._relay.tell_line(session, delivery.chat, line.id, edited=edited)
        return line, edited

    def is_group(self, chat: str) -> bool:
        """Tell whether several personas of the demo share the chat; every other one is with one person."""
        return is_group(chat)

    async def fetch(self, remote: str, limit: int) -> bytes:
        """Refuse: uploads are here before they are sent."""
        raise FetchError("the web chat has no files elsewhere", final=True)

    def routes(self) -> list[BaseRoute]:
        """Return the page, its socket, uploads, files and assets."""
        return [
            Route("/", self._page),
            WebSocketRoute("/chat/ws", self._sockets.serve),
            Route("/chat/upload", self._uploads.upload, methods=["POST"]),
            Route("/files/{token}", self._uploads.show),
            Mount("/chat/static", Assets(directory=STATIC)),
        ]

    async def _page(self, request: Request) -> Response:
        response = page((STATIC / "page.html").read_text(encoding="utf-8"), request.headers)
        self._sessions.remember(request, response)
        return response
