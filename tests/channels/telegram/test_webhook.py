"""The webhook: who may call it, and when it says that an update is taken."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
import structlog
from starlette.applications import Starlette

from bot.channels.telegram import limits
from bot.channels.telegram.api import Api
from bot.channels.telegram.intake import Intake
from bot.channels.telegram.parse import Me
from bot.channels.telegram.webhook import Webhook
from bot.clock import Clock
from tests.channels.telegram.inbox import Inbox
from tests.channels.telegram.server import Server
from tests.channels.telegram.updates import Json, message, press

SECRET = "s3cret_-"
PATH = "/hooks/telegram"


class Site:
    """The web application with the webhook in it."""

    def __init__(self, api: Api) -> None:
        self.inbox = Inbox()
        self.webhook = Webhook(f"https://desk.example{PATH}", SECRET)
        self.app = Starlette(routes=[self.webhook.route()])
        self.intake = Intake(api, Me(42, "fengmei_bot"), self.inbox.accept, Clock())
        self.webhook.open(self.intake)

    async def post(
        self,
        body: bytes | Json,
        *,
        secret: str | None = SECRET,
        path: str = PATH,
        pieces: int = 1,
        hang_up: bool = False,
    ) -> int:
        """Call it as a web server does and return the status; 0: none was sent."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = [] if secret is None else [(b"x-telegram-bot-api-secret-token", secret.encode())]
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "https",
            "path": path, "raw_path": path.encode(), "query_string": b"", "headers": headers, "root_path": "",
        }  # fmt: skip
        size = max(1, -(-len(raw) // pieces))
        events = [_part(raw[at : at + size], at + size < len(raw)) for at in range(0, len(raw) or 1, size)]
        return await _run(self.app, scope, [{"type": "http.disconnect"}] if hang_up else events)


def _part(body: bytes, more: bool) -> Json:
    return {"type": "http.request", "body": body, "more_body": more}


async def _run(app: Starlette, scope: Json, events: Sequence[Json]) -> int:
    waiting, status = list(events), 0

    async def receive() -> Any:
        return waiting.pop(0)

    async def send(event: Any) -> None:
        nonlocal status
        status = event.get("status", status)

    await app(scope, receive, send)
    return status


@pytest.fixture
async def site(api: Api) -> AsyncIterator[Site]:
    """The site, ready for updates."""
    opened = Site(api)
    yield opened
    await opened.intake.stop()


async def test_taken_after_the_commit(site: Site) -> None:
    assert await site.post(message(7, text="漏水"), pieces=3) == 200
    assert site.inbox.taken == ["漏水"]


async def test_it_waits_for_the_commit(site: Site) -> None:
    site.inbox.slow = {"1001": 0.1}
    call = asyncio.create_task(site.post(message(7, text="漏水")))
    await asyncio.sleep(0.03)
    assert not call.done()
    assert await call == 200


async def test_what_is_not_committed_comes_again(site: Site) -> None:
    site.inbox.failing["漏水"] = 1
    with structlog.testing.capture_logs() as logs:
        assert await site.post(message(7, text="漏水")) == 500
    assert await site.post(message(7, text="漏水")) == 200
    assert (logs[0]["event"], logs[0]["update"]) == ("telegram_update_not_taken", 7)
    assert "漏水" not in str(logs)


@pytest.mark.parametrize("secret", [None, "", "s3cret", "s3cret_-x", "漏水", "S3CRET_-"])
async def test_without_the_secret_nothing_is_taken(site: Site, secret: str | None) -> None:
    with structlog.testing.capture_logs() as logs:
        assert await site.post(message(7, text="x"), secret=secret) == 403
    assert site.inbox.taken == []
    assert SECRET not in str(logs)


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"\xff\xfe", b"[" * 100_000, b"[]", b'"x"', b"{}", b'{"update_id": "7"}', b'{"update_id": null}'],
)
async def test_what_is_no_update(site: Site, body: bytes) -> None:
    assert await site.post(body) == 400
    assert site.inbox.taken == []


async def test_a_body_that_does_not_end(site: Site) -> None:
    body = b" " * (limits.WEBHOOK_BODY_BYTES + 1)
    assert await site.post(body, pieces=10) == 413
    exact = json.dumps(message(7, text="x")).encode().ljust(limits.WEBHOOK_BODY_BYTES)
    assert await site.post(exact) == 200


async def test_what_is_nothing_for_us_is_taken_as_well(site: Site, server: Server) -> None:
    with structlog.testing.capture_logs():
        assert await site.post({"update_id": 7, "brand_new": {}}) == 200
        assert await site.post({"update_id": 8, "message": {"broken": 1}}) == 200
        assert await site.post(press(data=None, game_short_name="chess")) == 200
        await asyncio.sleep(0.05)
    assert site.inbox.taken == []
    assert len(server.calls("answerCallbackQuery")) == 1


async def test_a_caller_that_hangs_up(site: Site) -> None:
    assert await site.post(b"{}", hang_up=True) == 400


async def test_hanging_up_while_it_is_committed_tears_nothing(site: Site) -> None:
    site.inbox.slow = {"1001": 0.05}
    call = asyncio.create_task(site.post(message(7, text="漏水")))
    await asyncio.sleep(0.02)
    call.cancel()
    await site.webhook.close()
    assert site.inbox.taken == ["漏水"]


async def test_before_and_after_it_answers_not_ready(site: Site) -> None:
    await site.webhook.close()
    assert await site.post(message(7, text="x")) == 503


async def test_the_path_is_that_of_the_url(site: Site) -> None:
    assert await site.post(message(7, text="x"), path="/telegram/webhook") == 404
    assert Webhook("https://desk.example", SECRET).path == "/telegram/webhook"


@pytest.mark.parametrize("secret", ["", "with space", "漏水", "x" * 257])
def test_a_secret_telegram_would_refuse(secret: str) -> None:
    with pytest.raises(ValueError, match="webhook_secret"):
        Webhook("https://desk.example", secret)
