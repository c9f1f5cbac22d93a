"""The simulator as a process of its own, talked to over HTTP."""

import asyncio
import base64
import json
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.simulators.telegram import Limits, TelegramServer
from tests.simulators.telegram.control import Control


class Remote:
    """What a benchmark does from outside."""

    def __init__(self, session: aiohttp.ClientSession, control: str, api: str) -> None:
        self.session, self.control, self.api = session, control, api

    async def get(self, path: str, **query: Any) -> Any:
        async with self.session.get(self.control + path, params=query) as response:
            body = await response.json()
            return body["result"] if response.status == 200 else body["error"]

    async def post(self, path: str, wish: Any) -> Any:
        async with self.session.post(self.control + path, json=wish) as response:
            body = await response.json()
            return body["result"] if response.status == 200 else body["error"]

    async def call(self, method: str, **params: Any) -> Any:
        async with self.session.post(f"{self.api}/{method}", json=params) as response:
            return await response.json()


@pytest.fixture
async def remote() -> AsyncIterator[Remote]:
    """The door to a server in this process."""
    async with TelegramServer(limits=Limits.off()) as server, aiohttp.ClientSession() as session:
        Control(server)
        yield Remote(session, f"http://127.0.0.1:{server.port}/control/", server.base_url + server.token)


@asynccontextmanager
async def process(*options: str) -> AsyncIterator[Remote]:
    """Start a simulator, and end it as an operator would."""
    command = [sys.executable, "-m", "tests.simulators.telegram", *options]
    root = Path(__file__).parents[2]
    child = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE, cwd=root)
    assert child.stdout is not None
    where = json.loads(await child.stdout.readline())
    async with aiohttp.ClientSession() as session:
        yield Remote(session, where["control"], where["base_url"] + where["token"])
    child.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(child.wait(), 10) == 0


async def test_people_act_and_the_bot_is_watched(remote: Remote) -> None:
    acts = [{"user": 7, "name": "李阿姨", "does": "sends", "with": {"text": text}} for text in ("一", "二")]
    said = await remote.post("act", acts)
    assert [message["text"] for message in said] == ["一", "二"]
    markup = {"inline_keyboard": [[{"text": "提交", "callback_data": "x"}]]}
    sent = await remote.call("sendMessage", chat_id=7, text="收到", reply_markup=markup)
    assert int(await remote.post("act", {"user": 7, "does": "presses", "with": {"label": "提交"}})) > 0
    assert (await remote.get("state"))["pending"] == 3
    assert [message["text"] for message in await remote.get("screen", chat=7)] == ["一", "二", "收到"]
    assert await remote.get("sent", chat=7) == [sent["result"]]
    assert await remote.get("sent") == {"7": [sent["result"]]}
    calls = await remote.get("calls", after=0, method="sendMessage")
    assert [(call["number"], call["status"], call["params"]["text"]) for call in calls] == [(1, 200, "收到")]
    assert await remote.get("calls", after=1) == []


async def test_files_come_in_base64_and_messages_are_answered(remote: Remote) -> None:
    data = base64.b64encode(b"OggS").decode()
    voice = await remote.post("act", {"user": 7, "does": "sends_voice", "with": {"data": data}})
    assert voice["voice"]["file_size"] == 4
    photos = await remote.post("act", {"user": 7, "does": "sends_album", "with": {"photos": [data, data]}})
    assert len(photos) == 2
    reply = await remote.post("act", {"user": 7, "does": "replies", "with": {"to": voice, "text": "x"}})
    assert reply["reply_to_message"]["message_id"] == voice["message_id"]
    ask = {"chat_id": 7, "text": "哪里?", "reply_markup": {"force_reply": True}}
    asked = (await remote.call("sendMessage", **ask))["result"]
    answer = await remote.post("act", {"user": 7, "does": "answers", "with": {"text": "501"}})
    again = await remote.post("act", {"user": 7, "does": "sends", "with": {"text": "502", "reply_to": asked}})
    assert [each["reply_to_message"]["message_id"] for each in (answer, again)] == [asked["message_id"]] * 2


async def test_groups_are_made_and_move(remote: Remote) -> None:
    old = (await remote.post("group", {"title": "3号楼群", "members": [7, 8]}))["id"]
    await remote.post("act", {"user": 7, "does": "sends", "with": {"text": "/x"}, "in": old})
    new = (await remote.post("group", {"id": old, "does": "migrates"}))["id"]
    assert old != new
    answer = await remote.call("sendMessage", chat_id=old, text="x")
    assert answer["parameters"] == {"migrate_to_chat_id": new}


async def test_trouble_is_made(remote: Remote) -> None:
    number = (await remote.post("inject", {"thought": {}}))["update_id"]
    assert "1 updates" in await remote.get("idle", timeout=0.05)
    await remote.call("getUpdates", offset=number + 1)
    assert await remote.get("idle") == {"pending": 0}
    await remote.post("again", {"update_id": number})
    assert (await remote.call("getUpdates", offset=number + 1))["result"] == [{"update_id": number, "thought": {}}]
    await remote.post("fail", {"method": "getMe", "status": 503})
    assert (await remote.call("getMe"))["error_code"] == 503
    await remote.post("limits", {"per_second": 1, "chat_seconds": None})
    await remote.post("act", {"user": 7, "does": "sends", "with": {"text": "x"}})
    assert [(await remote.call("sendMessage", chat_id=7, text="x"))["ok"] for _ in range(2)] == [True, False]
    await remote.call("sendMessage", chat_id=7, text="x", oops=1)
    state = await remote.get("state")
    assert state["refused"] == {"all": 1}
    assert state["violations"] == ["sendMessage: sendMessage has no parameter 'oops'"]


async def test_a_wrong_wish_is_explained(remote: Remote) -> None:
    assert "nobody can 'fly'" in await remote.post("act", {"user": 7, "does": "fly"})
    assert "no group can 'fly'" in await remote.post("group", {"id": 7, "does": "fly"})
    assert "sees no button" in await remote.post("act", {"user": 7, "does": "presses", "with": {"label": "x"}})
    assert "no GET" in await remote.get("nonsense")


async def test_a_process_puts_everything_aside_and_goes_on(tmp_path: Path) -> None:
    state = str(tmp_path / "telegram.state")
    async with process("--state", state, "--no-limits") as remote:
        await remote.post("act", {"user": 7, "does": "sends", "with": {"text": "一"}})
        sent = await remote.call("sendMessage", chat_id=7, text="收到")
    async with process("--state", state) as remote:
        (update,) = (await remote.call("getUpdates"))["result"]
        assert update["message"]["text"] == "一"
        assert await remote.get("sent", chat=7) == [sent["result"]]
        edited = await remote.call("editMessageText", chat_id=7, message_id=sent["result"]["message_id"], text="好")
        assert edited["ok"] is True
