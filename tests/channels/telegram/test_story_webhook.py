"""The webhook behind a real web server, called by a stand-in for Telegram."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
import uvicorn
from starlette.applications import Starlette

from bot.channels.telegram import TelegramChannel
from bot.clock import Clock
from tests.channels.telegram.inbox import Inbox
from tests.channels.telegram.running import Configured, started
from tests.simulators.telegram import TelegramServer

SECRET = "s3cret"


@asynccontextmanager
async def site(telegram: TelegramServer, inbox: Inbox) -> AsyncIterator[TelegramChannel]:
    """Run the channel with its route in a web server."""
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/hooks/telegram"
    settings = Configured("webhook", telegram.token, telegram.base_url, telegram.base_file_url, url, SECRET)
    channel = TelegramChannel(settings, Clock())
    config = uvicorn.Config(Starlette(routes=channel.routes()), lifespan="off", log_level="warning", http="h11")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    async with started(channel, inbox):
        yield channel
    server.should_exit = True
    await serving


async def test_updates_arrive_in_order(telegram: TelegramServer) -> None:
    inbox = Inbox()
    li, wang = telegram.user("李阿姨"), telegram.user("王大爷")
    await li.sends("before the desk was there")
    async with site(telegram, inbox):
        for number in range(5):
            await li.sends(str(number))
        await wang.sends("停电")
        await telegram.idle()
    mine = [inbound.text for inbound in inbox.all if inbound.user == str(li.id)]
    assert mine == ["before the desk was there", "0", "1", "2", "3", "4"]
    assert "停电" in inbox.taken


async def test_what_was_not_committed_comes_again_before_what_is_behind_it(telegram: TelegramServer) -> None:
    inbox = Inbox()
    inbox.failing["漏水"] = 2
    li = telegram.user("李阿姨")
    with structlog.testing.capture_logs() as logs:
        async with site(telegram, inbox):
            await li.sends("漏水")
            await li.sends("停电")
            await telegram.idle()
    assert inbox.taken == ["漏水", "停电"]
    assert inbox.tries == {"漏水": 3, "停电": 1}
    assert [log["event"] for log in logs] == ["telegram_update_not_taken"] * 2


async def test_somebody_who_does_not_know_the_secret(telegram: TelegramServer) -> None:
    inbox = Inbox()
    with structlog.testing.capture_logs() as logs:
        async with site(telegram, inbox):
            telegram.world.webhook.secret = "guessed"
            await telegram.user("李阿姨").sends("漏水")
            await asyncio.sleep(0.15)
            assert inbox.taken == []
            telegram.world.webhook.secret = SECRET
            await telegram.idle()
    assert inbox.taken == ["漏水"]
    assert {log["event"] for log in logs} == {"telegram_webhook_secret_wrong"}


async def test_after_stopping_telegram_keeps_what_comes(telegram: TelegramServer) -> None:
    inbox = Inbox()
    li = telegram.user("李阿姨")
    async with site(telegram, inbox):
        await li.sends("漏水")
        await telegram.idle()
    await li.sends("停电")
    await asyncio.sleep(0.05)
    assert telegram.pending > 0
    async with site(telegram, inbox):
        await telegram.idle()
    assert inbox.taken == ["漏水", "停电"]
