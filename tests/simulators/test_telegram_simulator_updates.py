"""getUpdates to the letter, and the webhook."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from tests.simulators.conftest import BareBot
from tests.simulators.telegram import Limits, TelegramServer
from tests.simulators.telegram.postman import SECRET_HEADER


async def texts(bot: BareBot, **params: Any) -> list[str]:
    return [update["message"]["text"] for update in await bot.call("getUpdates", **params)]


async def test_an_update_stays_until_a_higher_offset_comes(telegram: TelegramServer, bot: BareBot) -> None:
    li = telegram.user("李阿姨")
    for text in ("一", "二", "三"):
        await li.sends(text)
    first = (await bot.call("getUpdates", limit=1))[0]["update_id"]
    assert await texts(bot) == ["一", "二", "三"]
    assert await texts(bot, offset=first) == ["一", "二", "三"]
    assert await texts(bot, offset=first + 1, limit=1) == ["二"]
    assert await texts(bot, offset=first) == ["二", "三"]
    assert telegram.pending == 2
    assert await texts(bot, offset=first + 3) == []
    assert telegram.pending == 0


async def test_numbers_follow_each_other(telegram: TelegramServer, bot: BareBot) -> None:
    li = telegram.user("李阿姨")
    for _ in range(3):
        await li.sends("x")
    numbers = [update["update_id"] for update in await bot.takes()]
    assert numbers == list(range(numbers[0], numbers[0] + 3))
    assert telegram.last_update_id == numbers[-1]


async def test_a_negative_offset_keeps_the_last(telegram: TelegramServer, bot: BareBot) -> None:
    li = telegram.user("李阿姨")
    for text in ("一", "二", "三"):
        await li.sends(text)
    assert await texts(bot, offset=-1) == ["三"]
    assert await texts(bot) == ["三"]


@pytest.mark.parametrize("to", [77, 2_000_000_000])
async def test_the_numbering_jumps_after_a_silence(to: int, telegram: TelegramServer, bot: BareBot) -> None:
    li = telegram.user("李阿姨")
    await li.sends("一")
    await bot.takes()
    await bot.takes()
    telegram.jumps(to)
    await li.sends("二")
    await li.sends("三")
    assert [(each["update_id"], each["message"]["text"]) for each in await bot.takes()] == [(to, "二"), (to + 1, "三")]
    assert await bot.takes() == []


async def test_the_numbering_jumps_anywhere(telegram: TelegramServer) -> None:
    start = telegram.jumps()
    await telegram.user("李阿姨").sends("一")
    assert telegram.last_update_id == start


async def test_numbers_jump_only_while_all_is_quiet(telegram: TelegramServer) -> None:
    with pytest.raises(ValueError, match="far"):
        telegram.jumps(telegram.last_update_id + 3)
    await telegram.user("李阿姨").sends("一")
    with pytest.raises(ValueError, match="pending"):
        telegram.jumps(5)


async def test_a_long_poll_ends_with_the_first_update(telegram: TelegramServer, bot: BareBot) -> None:
    poll = asyncio.create_task(bot.call("getUpdates", timeout=10))
    await asyncio.sleep(0.05)
    assert not poll.done()
    await telegram.user("李阿姨").sends("电梯坏了")
    assert [update["message"]["text"] for update in await poll] == ["电梯坏了"]


async def test_a_long_poll_ends_in_time(bot: BareBot) -> None:
    began = time.monotonic()
    assert await bot.call("getUpdates", timeout=1) == []
    assert 0.9 < time.monotonic() - began < 2


async def test_the_second_poller_throws_the_first_out(telegram: TelegramServer, bot: BareBot) -> None:
    first = asyncio.create_task(bot.refused("getUpdates", timeout=10))
    await asyncio.sleep(0.05)
    second = asyncio.create_task(bot.call("getUpdates", timeout=10))
    assert await first == (
        "409 Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
    )
    await telegram.user("李阿姨").sends("x")
    assert len(await second) == 1


async def test_a_poller_that_was_killed_is_forgotten(telegram: TelegramServer, bot: BareBot) -> None:
    first = asyncio.create_task(bot.call("getUpdates", timeout=10))
    await asyncio.sleep(0.05)
    first.cancel()
    await asyncio.sleep(0.05)
    await telegram.user("李阿姨").sends("x")
    assert len(await bot.takes()) == 1
    assert not [call for call in telegram.calls if call.status == 409]


async def test_only_updates_that_were_asked_for_come(telegram: TelegramServer, bot: BareBot) -> None:
    li = telegram.user("李阿姨")
    await bot.call("getUpdates", allowed_updates=["callback_query"])
    await li.sends("一")
    assert await bot.takes() == []
    await bot.call("getUpdates", allowed_updates=[])
    await li.sends("二")
    assert len(await bot.takes()) == 1


async def test_an_update_comes_again_when_asked_for(telegram: TelegramServer, bot: BareBot) -> None:
    await telegram.user("李阿姨").sends("一")
    (first,) = await bot.takes()
    assert await bot.takes() == []
    await telegram.send_again(first["update_id"])
    assert telegram.pending == 1
    assert await bot.call("getUpdates", offset=bot.offset) == [first]
    assert await bot.call("getUpdates", offset=bot.offset) == []
    assert telegram.pending == 0


async def test_an_update_nobody_knows(telegram: TelegramServer, bot: BareBot) -> None:
    number = telegram.inject({"thought": {"of": "nobody"}})
    assert await bot.takes() == [{"update_id": number, "thought": {"of": "nobody"}}]


async def test_idle_waits_for_the_last_acknowledgement(telegram: TelegramServer, bot: BareBot) -> None:
    await telegram.user("李阿姨").sends("一")
    with pytest.raises(AssertionError, match="1 updates"):
        await telegram.idle(0.05)
    waiting = asyncio.create_task(telegram.idle())
    await bot.takes()
    await asyncio.sleep(0.05)
    assert not waiting.done()
    await bot.takes()
    await waiting


@dataclass
class Hook:
    """A web server that takes updates in; `answers` are given one after another, then 200."""

    url: str = ""
    got: list[dict[str, Any]] = field(default_factory=list)
    secrets: set[str | None] = field(default_factory=set)
    answers: list[web.Response] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        self.got.append(await request.json())
        self.secrets.add(request.headers.get(SECRET_HEADER))
        return self.answers.pop(0) if self.answers else web.Response()

    @property
    def texts(self) -> list[str]:
        return [update["message"]["text"] for update in self.got]


@pytest.fixture
async def hook() -> AsyncIterator[Hook]:
    found = Hook()
    app = web.Application()
    app.router.add_post("/hook", found.take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    found.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield found
    await runner.cleanup()


async def test_a_webhook_gets_what_waits_and_what_comes(telegram: TelegramServer, bot: BareBot, hook: Hook) -> None:
    li = telegram.user("李阿姨")
    await li.sends("一")
    await bot.call("setWebhook", url=hook.url, secret_token="geheim", max_connections=3)
    await li.sends("二")
    await telegram.idle()
    assert hook.texts == ["一", "二"]
    assert hook.secrets == {"geheim"}
    info = await bot.call("getWebhookInfo")
    assert (info["url"], info["pending_update_count"], info["max_connections"]) == (hook.url, 0, 3)


async def test_a_webhook_that_fails_is_asked_again_in_order(telegram: TelegramServer, bot: BareBot, hook: Hook) -> None:
    telegram.postman.first_pause = 0.01
    hook.answers = [web.Response(status=500), web.Response(status=503)]
    await bot.call("setWebhook", url=hook.url)
    li = telegram.user("李阿姨")
    await li.sends("一")
    await li.sends("二")
    await telegram.idle()
    assert hook.texts == ["一", "一", "一", "二"]
    info = await bot.call("getWebhookInfo")
    assert info["last_error_message"] == "Wrong response from the webhook: 503 Service Unavailable"


async def test_a_slow_chat_does_not_hold_up_another(telegram: TelegramServer, bot: BareBot, hook: Hook) -> None:
    telegram.postman.first_pause = 0.3
    hook.answers = [web.Response(status=500)]
    await bot.call("setWebhook", url=hook.url)
    await telegram.user("李阿姨").sends("一")
    await asyncio.sleep(0.05)
    await telegram.user("王大爷").sends("二")
    await telegram.idle()
    assert hook.texts == ["一", "二", "一"]


async def test_an_update_is_posted_again_when_asked_for(telegram: TelegramServer, bot: BareBot, hook: Hook) -> None:
    await bot.call("setWebhook", url=hook.url)
    await telegram.user("李阿姨").sends("一")
    await telegram.idle()
    await telegram.send_again(hook.got[0]["update_id"])
    await telegram.idle()
    assert hook.got[0] == hook.got[1]


async def test_the_answer_to_an_update_may_be_a_call(telegram: TelegramServer, bot: BareBot, hook: Hook) -> None:
    li = telegram.user("李阿姨")
    call = {"method": "sendMessage", "chat_id": li.id, "text": "收到"}
    hook.answers = [web.json_response(call), web.json_response({"method": "getMe"}), web.Response(body=b"{")]
    hook.answers[2].content_type = "application/json"
    await bot.call("setWebhook", url=hook.url)
    await li.sends("一")
    assert (await li.reads()).text == "收到"
    await li.sends("二")
    await li.sends("三")
    await telegram.idle()
    assert [(call.method, call.via) for call in telegram.calls][1:] == [("sendMessage", "webhook")]
    assert [str(each) for each in telegram.violations] == ["webhook: the answer to an update is no JSON"]


async def test_polling_and_webhook_exclude_each_other(telegram: TelegramServer, bot: BareBot, hook: Hook) -> None:
    poll = asyncio.create_task(bot.refused("getUpdates", timeout=10))
    await asyncio.sleep(0.05)
    await bot.call("setWebhook", url=hook.url)
    assert await poll == "409 Conflict: terminated by setWebhook request"
    assert (await bot.refused("getUpdates")).startswith("409 Conflict: can't use getUpdates method while webhook is")
    await bot.call("deleteWebhook")
    await telegram.user("李阿姨").sends("一")
    assert len(await bot.takes()) == 1
    assert hook.got == []


async def test_updates_can_be_thrown_away(telegram: TelegramServer, bot: BareBot, hook: Hook) -> None:
    await telegram.user("李阿姨").sends("一")
    await bot.call("setWebhook", url=hook.url, drop_pending_updates=True)
    assert telegram.pending == 0
    await bot.call("setWebhook", url="")
    assert (await bot.call("getWebhookInfo"))["url"] == ""


async def test_two_webhooks_within_a_second_are_too_many(bot: BareBot, telegram: TelegramServer, hook: Hook) -> None:
    telegram.limit(Limits())
    await bot.call("setWebhook", url=hook.url)
    assert await bot.refused("setWebhook", url=hook.url) == "429 Too Many Requests: retry after 1"


async def test_the_server_goes_down_and_comes_up_again(telegram: TelegramServer, bot: BareBot) -> None:
    await telegram.user("李阿姨").sends("一")
    where = telegram.base_url
    await telegram.goes_down()
    with pytest.raises(aiohttp.ClientError):
        await bot.takes()
    await telegram.comes_up()
    assert telegram.base_url == where
    assert len(await bot.takes()) == 1
