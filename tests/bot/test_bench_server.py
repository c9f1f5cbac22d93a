"""The Bot API and the residents of the bench: what they measure must be the conversation, and all of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode, urlsplit

import aiohttp
import pytest

from bench.api_server import TOKEN, BotApi
from bench.null_bot import Null
from bench.residents import OURS_TWO, RIVAL, Crowd


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    """A server that listens."""
    found = BotApi()
    await found.start()
    yield found
    found.stop()


async def test_residents_go_the_whole_way_and_every_update_is_answered(api: BotApi) -> None:
    parts = urlsplit(api.address)
    bot = asyncio.create_task(Null(str(parts.hostname), int(parts.port or 0)).run())
    crowd = Crowd(api, RIVAL, [1, 2, 3])
    await crowd.open_loop(3, 1000)
    async with asyncio.timeout(10):
        await crowd.ended.wait()
    bot.cancel()
    with suppress(asyncio.CancelledError):
        await bot
    await asyncio.sleep(0)  # until the connections are closed
    assert (crowd.seen.begun, crowd.seen.finished, len(crowd.seen.answers)) == (3, 3, 15)
    assert api.odd == []


async def test_what_is_not_confirmed_comes_again(api: BotApi) -> None:
    async with aiohttp.ClientSession() as client:
        crowd = Crowd(api, OURS_TWO, [7])
        crowd.begin()
        (first,) = await _call(client, api, "getUpdates", timeout=0)
        assert await _call(client, api, "getUpdates", timeout=0) == [first]
        assert await _call(client, api, "getUpdates", timeout=0, offset=first["update_id"] + 1) == []


async def test_only_the_button_that_is_waited_for_is_pressed(api: BotApi) -> None:
    async with aiohttp.ClientSession() as client:
        crowd = Crowd(api, OURS_TWO, [7])
        crowd.begin()
        (said,) = await _call(client, api, "getUpdates", timeout=0)
        assert "单元" in said["message"]["text"]
        after = said["update_id"] + 1
        await _call(client, api, "sendMessage", chat_id=7, text="wait", reply_markup='{"callback_data": "r:0:cancel"}')
        assert await _call(client, api, "getUpdates", timeout=0, offset=after) == []
        card = (
            '{"inline_keyboard": [[{"text": "x", "callback_data": "r:0af:submit"}, {"callback_data": "r:0af:card"}]]}'
        )
        await _call(client, api, "sendMessage", chat_id=7, text="card", reply_markup=card)
        (press,) = await _call(client, api, "getUpdates", timeout=0, offset=after)
        assert press["callback_query"]["data"] == "r:0af:submit"
        await _call(client, api, "editMessageText", chat_id=7, text="已受理 #1001")
        assert crowd.seen.finished == 1


async def _call(client: aiohttp.ClientSession, api: BotApi, method: str, **params: object) -> Any:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    async with client.post(f"{api.address}/bot{TOKEN}/{method}", data=urlencode(params), headers=headers) as response:
        return (await response.json())["result"]
