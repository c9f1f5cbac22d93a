"""The demo's page and its clock."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
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
from bot.scheduler import next_moment
from handlers.texts import LANGUAGES
from storage.engine import Store

STATIC = Path(__file__).parent / "static"
LONGEST_STEP = timedelta(days=31)  # that the clock moves on at once
MINUTE = timedelta(minutes=1)
_BODY_BYTES = 1000  # of a request that changes something

Facts = dict[str, Any]
Change = Callable[[Facts], Awaitable[Facts | None]]  # returns what the answer says beside the state; None: refused


def demo_routes(
    clock: Clock, personas: Mapping[str, Persona], *, store: Store, public_origins: Sequence[str] = (),
    zone: str = "Asia/Shanghai", morning: Callable[[datetime], datetime] | None = None,
) -> list[BaseRoute]:  # fmt: skip
    """Return the demo's routes. They come before the web channel's, because `/` shows the demo too.

    `morning` tells when the next morning digest is due; the way to the next reminder does not jump over it.
    """
    demo = _Demo(clock, personas, store, origins.normal(public_origins), zone, morning)
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
    morning: Callable[[datetime], datetime] | None

    async def page(self, request: Request) -> Response:
        return page((STATIC / "demo.html").read_text(encoding="utf-8"), request.headers)

    async def state(self, _request: Request) -> Response:
        return self._answer({})

    async def move_clock(self, request: Request) -> Response:
        return await self._change(request, self._move)

    async def set_language(self, request: Request) -> Response:
        return await self._change(request, self._speak)

    async def _change(self, request: Request, change: Change) -> Response:
        if not origins.trusted(request.headers, self.origins):
            return secure(JSONResponse({"error": "not from this page"}, 403))
        done = await change(await _body(request))
        if done is None:
            return secure(JSONResponse({"error": "this cannot be done"}, 400))
        return self._answer(done)

    async def _move(self, body: Facts) -> Facts | None:
        """Move on by some minutes or to the next reminder, and say by how many seconds; None: there is no reminder."""
        to_next = body.get("next") is True
        step = await self._to_next() if to_next else _minutes(body)
        if step is None:
            return {"moved": None} if to_next else None
        self.clock.move(step)
        return {"moved": round(step.total_seconds())}

    async def _to_next(self) -> timedelta | None:
        """Return how far away the next moment is at which the desk has something to do; None when there is none."""
        moment = await self.store.read(next_moment)
        if moment is None:
            return None
        if self.morning is not None:
            moment = min(moment, self.morning(self.clock.now()))
        return min(max(moment - self.clock.now(), timedelta()), LONGEST_STEP)

    async def _speak(self, body: Facts) -> Facts | None:
        language = body.get("language")
        if not isinstance(language, str) or language not in LANGUAGES:
            return None
        await self.store.write(lambda session: speak(session, self.personas, language))
        return {}

    def _answer(self, done: Facts) -> Response:
        people = [asdict(persona) for persona in self.personas.values()]
        return secure(JSONResponse({"now": stamp(self.clock.now()), "zone": self.zone, "personas": people, **done}))


def _minutes(body: Facts) -> timedelta | None:
    """Return the minutes to move on by; None where they are no number of minutes ahead."""
    minutes = body.get("minutes")
    if not isinstance(minutes, int) or isinstance(minutes, bool) or not 1 <= minutes <= LONGEST_STEP / MINUTE:
        return None
    return timedelta(minutes=minutes)


async def _body(request: Request) -> Facts:
    """Read a small JSON object; anything else is an empty one."""
    if int(request.headers.get("content-length", "0")) > _BODY_BYTES:
        return {}
    try:
        found = await request.json()
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
