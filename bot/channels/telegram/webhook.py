"""Takes updates from Telegram's own calls: 200 is said only after the commit, anything else makes Telegram repeat.

Telegram sends the updates of one chat one after another, each when the one before it was answered.
"""

import asyncio
import hmac
import re
from typing import Any
from urllib.parse import urlsplit

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.channels.telegram.intake import Intake
from bot.channels.telegram.limits import SECRET_TOKEN, WEBHOOK_BODY_BYTES
from bot.channels.telegram.parse import where
from storage.plain import from_json

log = structlog.get_logger(__name__)

HEADER = "X-Telegram-Bot-Api-Secret-Token"
DEFAULT_PATH = "/telegram/webhook"


class Refusal(Exception):
    """A request that is not answered with 200."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.response = PlainTextResponse(reason, status_code=status)


class Webhook:
    """The route Telegram calls. Until `open` it answers 503, and so it does again after `close`."""

    def __init__(self, url: str, secret: str) -> None:
        if not re.fullmatch(SECRET_TOKEN, secret):
            raise ValueError("telegram.webhook_secret: write 1 to 256 of A-Z a-z 0-9 _ -")
        self.url = url
        self.secret = secret
        path = urlsplit(url).path
        self.path = path if path.strip("/") else DEFAULT_PATH
        self._intake: Intake | None = None
        self._in_hand: set[asyncio.Task[bool]] = set()

    def route(self) -> Route:
        """Return the route for the web application."""
        return Route(self.path, self.receive, methods=["POST"])

    def open(self, intake: Intake) -> None:
        """Begin to take updates in."""
        self._intake = intake

    async def close(self) -> None:
        """Take nothing more in; wait for what the inbox has in hand."""
        self._intake = None
        await asyncio.gather(*self._in_hand, return_exceptions=True)

    async def receive(self, request: Request) -> Response:
        """Answer one call of Telegram's."""
        try:
            self._check_secret(request)
            update = _update(await _body(request))
        except Refusal as refusal:
            return refusal.response
        except ClientDisconnect:
            return PlainTextResponse("gone", status_code=400)
        if self._intake is None:
            return PlainTextResponse("not ready", status_code=503)
        task = asyncio.create_task(_taken(self._intake, update))
        self._in_hand.add(task)
        task.add_done_callback(self._in_hand.discard)
        # Shielded: a caller that hangs up must not tear a transaction that is nearly done.
        return PlainTextResponse("ok") if await asyncio.shield(task) else PlainTextResponse("again", status_code=500)

    def _check_secret(self, request: Request) -> None:
        given = request.headers.get(HEADER, "").encode("utf-8", "replace")
        if not hmac.compare_digest(given, self.secret.encode()):
            log.warning("telegram_webhook_secret_wrong")
            raise Refusal(403, "wrong secret")


async def _taken(intake: Intake, update: dict[str, Any]) -> bool:
    inbound = intake.read(update)
    if inbound is None:
        return True
    try:
        await intake.accept(inbound)
    except Exception as error:  # noqa: BLE001 - whatever it is, the update is not committed
        log.error("telegram_update_not_taken", update=update["update_id"], error=where(error))
        return False
    return True


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > WEBHOOK_BODY_BYTES:
            raise Refusal(413, "too large")
    return bytes(body)


def _update(body: bytes) -> dict[str, Any]:
    try:
        update = from_json(body)
    except (ValueError, RecursionError):
        raise Refusal(400, "no JSON") from None
    if not isinstance(update, dict) or not isinstance(update.get("update_id"), int):
        raise Refusal(400, "no update")
    return update
