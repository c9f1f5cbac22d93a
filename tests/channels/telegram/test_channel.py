"""The whole channel: coming up, going down, and what it tells the application about itself."""

import asyncio

import pytest
import structlog
from starlette.routing import Route

from bot.channels.base import Channel, Delivered, Delivery, Later
from bot.channels.telegram import Menus, TelegramChannel, arrivals
from bot.channels.telegram.plan import TelegramPlanner
from bot.clock import Clock
from handlers.message import Message
from tests.channels.telegram.inbox import Inbox
from tests.channels.telegram.running import Configured, started
from tests.channels.telegram.server import TOKEN, Answer, Server, good, refused
from tests.channels.telegram.updates import message


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrivals, "FIRST_RETRY", 0.01)


def channel_for(server: Server, mode: str = "polling", token: str = TOKEN) -> TelegramChannel:
    settings = Configured(mode, token, server.base_url, server.base_file_url, "https://desk.example/hook", "s3cret")
    commands = {"resident": {"zh": [("report", "上报")]}}
    return TelegramChannel(settings, Clock(), Menus(commands))


def words(text: str = "收到") -> Delivery:
    (call,) = TelegramPlanner().send("1001", Message(text))
    return Delivery(1, "1001", call.payload)


@pytest.mark.parametrize(("per_second", "chat_seconds"), [(30, 1.0), (500, 1.0), (0, None)])
def test_the_pace_is_as_configured_and_none_at_zero(per_second: float, chat_seconds: float | None) -> None:
    channel = TelegramChannel(
        Configured("polling", TOKEN, "http://x/bot", "http://x/file/bot", "", "", per_second), Clock()
    )
    assert (channel.pace.per_second or 0, channel.pace.chat_seconds) == (per_second, chat_seconds)
    assert channel.planner.per_second == channel.pace.per_second


async def test_polling_comes_up_and_goes_down(server: Server) -> None:
    inbox = Inbox()
    server.send(message(7, text="漏水"))
    async with started(channel_for(server), inbox) as channel:
        assert await inbox.until(1) == ["漏水"]
        assert await channel.deliver(words()) == Delivered("500")
        assert channel.routes() == []
        async with asyncio.timeout(5):
            while not server.calls("setMyCommands"):  # noqa: ASYNC110 - the server is no part of this loop's events
                await asyncio.sleep(0.01)
    assert [asked.method for asked in server.asked][:2] == ["getMe", "deleteWebhook"]
    assert server.calls("deleteWebhook")[0].params["drop_pending_updates"] == "false"
    assert server.pending == []


async def test_a_webhook_is_set_with_its_secret(server: Server) -> None:
    async with started(channel_for(server, "webhook"), Inbox()) as channel:
        (route,) = channel.routes()
        assert isinstance(route, Route)
        assert route.path == "/hook"
    (asked,) = server.calls("setWebhook")
    assert asked.params["url"] == "https://desk.example/hook"
    assert asked.params["secret_token"] == "s3cret"
    assert asked.params["max_connections"] == "40"
    assert asked.json("allowed_updates") == ["message", "edited_message", "callback_query", "my_chat_member"]
    assert asked.params["drop_pending_updates"] == "false"
    assert not server.calls("getUpdates")
    assert not server.calls("deleteWebhook")


async def test_it_comes_up_when_the_network_does(server: Server) -> None:
    server.say("getMe", Answer(cut=True), refused(500, "oops"), refused(429, "Too Many Requests", retry_after=0.01))
    server.say("deleteWebhook", Answer(cut=True))
    with structlog.testing.capture_logs() as logs:
        async with started(channel_for(server), Inbox()):
            pass
    assert [log["event"] for log in logs] == ["telegram_not_reached"] * 3
    assert "HTTPS_PROXY" in logs[0]["todo"]
    assert TOKEN not in str(logs)


async def test_a_wrong_token_is_said_and_does_not_stop_the_desk(server: Server) -> None:
    channel = channel_for(server, token="1:wrong")
    with structlog.testing.capture_logs() as logs:
        await channel.start(Inbox().accept)
        await asyncio.sleep(0.1)
        await channel.stop()
    assert [log["event"] for log in logs] == ["telegram_token_refused"]
    assert "wrong" not in str(logs)


async def test_after_stopping_nothing_is_sent(server: Server) -> None:
    async with started(channel_for(server), Inbox()) as channel:
        pass
    assert await channel.deliver(words()) == Later("stopping")
    assert not server.calls("sendMessage")


async def test_stopping_waits_for_what_is_being_sent(server: Server) -> None:
    server.say("sendMessage", Answer(hang=0.2, body=b'{"ok": true, "result": {"message_id": 9}}'))
    async with started(channel_for(server), Inbox()) as channel:
        sending = asyncio.create_task(channel.deliver(words()))
        await asyncio.sleep(0.05)
    assert await sending == Delivered("9")


async def test_menus_that_fail_stop_nothing(server: Server) -> None:
    server.say("setMyCommands", refused(500, "oops"), Answer(cut=True))
    inbox = Inbox()
    server.send(message(7, text="漏水"))
    async with started(channel_for(server), inbox):
        await inbox.until(1)


async def test_it_is_a_channel(server: Server) -> None:
    channel: Channel = channel_for(server)
    assert channel.name == "telegram"
    assert channel.pace.group_per_minute == 20
    assert [channel.is_group(chat) for chat in ("1001", "-5", "-100500")] == [False, True, True]


async def test_an_odd_answer_is_no_reason_to_give_up(server: Server) -> None:
    server.say("getMe", good({"no": "id"}))
    with structlog.testing.capture_logs() as logs:
        async with started(channel_for(server), Inbox()):
            pass
    assert [log["event"] for log in logs] == ["telegram_not_reached"]


async def test_a_task_that_dies_says_so_and_takes_the_desk_along(server: Server) -> None:
    async def dies() -> None:
        raise RuntimeError(TOKEN)

    channel = channel_for(server)
    with structlog.testing.capture_logs() as logs:
        channel._arrivals._begin(dies())
        with pytest.raises(RuntimeError, match="RuntimeError in dies") as told:
            async with asyncio.timeout(5):
                await channel.watch()
    assert [(log["event"], log["log_level"]) for log in logs] == [("telegram_task_died", "critical")]
    assert TOKEN not in str(logs) + str(told.value)
