"""The demo's page and its clock."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from bot.channels.web import Persona, origins
from bot.channels.web.headers import Assets, page, secure
from bot.channels.web.lines import stamp
from bot.clock import Clock
from bot.demo.personas import speak
from handlers.texts import LANGUAGES
from storage.engine import Store

STATIC = Path(__file__).parent / "static"
LONGEST_STEP = 31 * 24 * 60  # minutes that the clock moves on at once
_BODY_BYTES = 1000  # of a request that changes something

Change = Callable[[dict[str, Any]], Awaitable[bool]]


def demo_routes(
    clock: Clock, personas: Mapping[str, Persona], *, store: Store, public_origins: Sequence[str] = (),
    zone: str = "Asia/Shanghai",
) -> list[BaseRoute]:  # fmt: skip
    """Return the demo's routes. They come before the web channel's, because `/` shows the demo too."""
    demo = _Demo(clock, personas, store, origins.normal(public_origins), zone)
    return [
        Route("/", demo.page),
        Route("/demo", demo.page),
        Route("/demo/state", demo.state),
        Route("/demo/clock", demo.move_clock, methods=["POST"]),
        Route("/demo/language", demo.set_language, methods=["POST"]),
        Mount("/demo/static", Assets(directory=STATIC)),
    ]


@dataclass(frozen=True, slots=True)
class _Demo:
    clock: Clock
    personas: Mapping[str, Persona]
    store: Store
    origins: frozenset[str]
    zone: str

    async def page(self, request: Request) -> Response:
        return page((STATIC / "demo.html").read_text(encoding="utf-8"), request.headers)

    async def state(self, _request: Request) -> Response:
        return self._answer()

    async def move_clock(self, request: Request) -> Response:
        return await self._change(request, self._move)

    async def set_language(self, request: Request) -> Response:
        return await self._change(request, self._speak)

    async def _change(self, request: Request, change: Change) -> Response:
        if not origins.trusted(request.headers, self.origins):
            return secure(JSONResponse({"error": "not from this page"}, 403))
        if not await change(await _body(request)):
            return secure(JSONResponse({"error": "this cannot be done"}, 400))
        return self._answer()

    async def _move(self, body: dict[str, Any]) -> bool:
        minutes = body.get("minutes")
        if not isinstance(minutes, int) or isinstance(minutes, bool) or not 1 <= minutes <= LONGEST_STEP:
            return False
        self.clock.move(timedelta(minutes=minutes))
        return True

    async def _speak(self, body: dict[str, Any]) -> bool:
        language = body.get("language")
        if not isinstance(language, str) or language not in LANGUAGES:
            return False
        await self.store.write(lambda session: speak(session, self.personas, language))
        return True

    def _answer(self) -> Response:
        people = [asdict(persona) for persona in self.personas.values()]
        return secure(JSONResponse({"now": stamp(self.clock.now()), "zone": self.zone, "personas": people}))


async def _body(request: Request) -> dict[str, Any]:
    """Read a small JSON object; anything else is an empty one."""
    if int(request.headers.get("content-length", "0")) > _BODY_BYTES:
        return {}
    try:
        found = await request.json()
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
