"""The answer to a callback is given once: as the response, with WeChat's next try, or by itself."""

import asyncio
import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from sqlalchemy import select

from bot.channels.base import FetchError
from storage.engine import open_store
from storage.message_models import Outgoing
from storage.models import Case
from tests.loop.wechat import PUBLIC, RATING, Office, office
from tests.simulators.wechat import Follower, WeChatServer

CUSTOM = "message/custom/send"


class Process:
    """A desk in a process of its own, which can be killed and started anew."""

    module = "tests.loop.wechat_process"

    def __init__(self, wechat: WeChatServer, folder: Path, url: str) -> None:
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            self.port = found.getsockname()[1]
        names = ("app_id", "secret", "token", "aes_key", "mode", "api_base")
        self.told: dict[str, Any] = {
            "platform": {name: getattr(wechat, name) for name in names}, "folder": str(folder), "url": url,
            "port": self.port,
        }  # fmt: skip
        self.folder = folder
        self.running: subprocess.Popen[bytes] | None = None

    async def start(self, *, kill: bool | str, behind: float = 0.0) -> None:
        ready, how = self.folder / "ready", self.folder / "how.json"
        ready.unlink(missing_ok=True)
        how.write_text(json.dumps({**self.told, "kill": kill, "behind": behind}), encoding="utf-8")
        command = [sys.executable, "-m", self.module, str(how)]
        self.running = subprocess.Popen(command, stderr=subprocess.DEVNULL)  # noqa: ASYNC220 - it starts in no time
        for _ in range(600):
            if ready.exists():
                return
            assert self.running.poll() is None, "the desk ended before it was ready"
            await asyncio.sleep(0.1)
        raise AssertionError("the desk never was ready")

    def end(self) -> None:
        if self.running is not None and self.running.poll() is None:
            os.kill(self.running.pid, signal.SIGKILL)
            self.running.wait(20)


async def marked(url: str) -> None:
    """Wait until it is written down that the answer was given: that is so just after it was."""
    store = open_store(url)
    for _ in range(200):
        if await store.read(lambda session: session.scalars(select(Outgoing.state)).first()) == "sent":
            break
        await asyncio.sleep(0.05)
    store.close()


async def test_killed_between_commit_and_answer_the_next_try_finds_the_same_answer_once(
    database_url: str, tmp_path: Path
) -> None:
    async with WeChatServer() as wechat:
        desk = Process(wechat, tmp_path, database_url)
        ends: list[int] = []

        async def starts_again() -> None:
            assert desk.running is not None
            ends.append(await asyncio.to_thread(desk.running.wait, 20))
            killed = time.monotonic()
            await desk.start(kill=False, behind=60.0)  # it is ready within what WeChat waits, however slow this machine
            assert time.monotonic() - killed < 60

        wechat.between = starts_again
        wechat.wait_seconds = 30.0
        wechat.callback = f"http://127.0.0.1:{desk.port}/wechat/callback"
        aunt = Follower(wechat, "李阿姨")
        aunt.chat.follows = True
        try:
            await desk.start(kill=True)
            await aunt.says("3号楼2单元楼道灯坏了")
            assert ends == [-signal.SIGKILL]
            assert [how for how, _ in aunt.chat.screen] == ["passive"]
            await marked(database_url)
            await aunt.repeats()  # and once more, as when the answer had got lost on the way
            await aunt.says("1")
            await aunt.reads("已收到")
        finally:
            desk.end()
        assert len([text for _, text in aunt.chat.screen if "1 提交" in text]) == 1
        assert wechat.violations == []
    store = open_store(database_url)
    states = await store.read(lambda session: session.scalars(select(Outgoing.state).order_by(Outgoing.id)).all())
    cases = await store.read(lambda session: session.scalars(select(Case)).all())
    store.close()
    assert states[0] == "sent"
    assert len(cases) == 1


@pytest.fixture
async def place(database_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    async with WeChatServer() as wechat, office(wechat, tmp_path, database_url) as opened:
        yield opened
        assert wechat.violations == []


async def test_the_answer_is_the_response_and_the_rest_follows(place: Office) -> None:
    aunt = Follower(place.wechat, "李阿姨")
    await aunt.follows()
    await aunt.reads("您住哪栋楼")
    assert [how for how, _ in aunt.chat.screen] == ["passive", "text"]
    await aunt.repeats()
    assert place.wechat.answers[-1] == "success"


async def test_an_answer_that_could_not_be_given_goes_out_by_itself(
    place: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    aunt = await place.follower()
    channel: Any = place.app._channels["wechat"]

    def lost(*_arguments: object, **_more: object) -> None:
        raise ConnectionError("the line is dead")

    monkeypatch.setattr(channel._callback, "_answer", lost)
    monkeypatch.setattr(place.wechat, "violations", [])
    with pytest.raises(AssertionError):  # nothing comes while WeChat may still ask
        await _says(aunt, "3号楼2单元楼道灯坏了")
    place.clock.move(timedelta(seconds=25))
    place.app._outbox.ring()
    await aunt.reads("1 提交")
    assert len([call for call in place.wechat.calls_of(CUSTOM) if "提交" in str(call)]) == 1


async def _says(aunt: Follower, words: str) -> None:
    await aunt.says(words)
    await aunt.reads("提交", within=0.5)


async def test_voice_is_kept_and_a_few_words_are_asked_for(place: Office) -> None:
    aunt = await place.follower()
    await aunt.sends_voice(b"#!AMR\n" + b"\0" * 200)
    await aunt.reads("几个字")
    await aunt.says("厨房漏水")
    await aunt.reads("1 提交")
    await aunt.says("1")
    await aunt.reads("已收到")


async def test_a_film_is_fetched_from_where_the_platform_says(place: Office) -> None:
    film, channel = place.wechat.keep("video", b"\0\0\0 ftypmp42"), place.app._channels["wechat"]
    assert await channel.fetch(film, 1000) == b"\0\0\0 ftypmp42"


@pytest.mark.parametrize(("code", "final"), [(40007, True), (45009, False), (48001, False), (-1, False)])
async def test_a_photo_is_given_up_only_where_it_is_gone(place: Office, code: int, final: bool) -> None:
    photo, channel = place.wechat.keep("image", b"\xff\xd8"), place.app._channels["wechat"]
    place.wechat.refuses("media/get", code)
    with pytest.raises(FetchError) as caught:
        await channel.fetch(photo, 1000)
    assert caught.value.final is final
    assert await channel.fetch(photo, 1000) == b"\xff\xd8"


async def test_a_location_leads_to_its_place(place: Office) -> None:
    aunt = await place.follower()
    await aunt.sends_location(23.1352, 113.2708)
    await aunt.reads("几个字")
    await aunt.says("路灯坏了")
    assert "丰美小区" in await aunt.reads("1 提交")


async def test_the_menu_and_a_poster_that_is_scanned_again(place: Office) -> None:
    aunt = await place.follower()
    place.wechat.menu = {"button": [{"type": "click", "name": "我的事项", "key": "m:mine"}]}
    await aunt.taps("我的事项")
    await aunt.reads("您还没有")
    await aunt.scans("p_fengmei-5")
    await aunt.reads("记住了：您住丰美小区5号楼")
    await aunt.scans("nonsense")
    await aunt.reads("您好")


async def test_consent_to_a_notice_is_asked_for_when_a_case_is_filed(place: Office) -> None:
    aunt = await place.follower()
    await aunt.says("2单元楼道灯坏了")
    await aunt.says("1")
    assert f"{PUBLIC}/wechat/notice" in await aunt.reads("已收到")
    async with ClientSession() as phone, phone.get(f"http://127.0.0.1:{place.app.port}/wechat/notice?from=1") as page:
        shown = await page.text()
    assert f'template="{RATING}"' in shown
    assert "同意，告诉我一次" in shown
    told = json.loads(shown.split("wx.config(")[1].split(");")[0])
    signed = (f"jsapi_ticket={place.wechat.ticket}&noncestr={told['nonceStr']}&timestamp={told['timestamp']}"
              f"&url={PUBLIC}/wechat/notice?from=1")  # fmt: skip
    assert told["signature"] == hashlib.sha1(signed.encode()).hexdigest()


async def test_the_address_of_the_callback_can_be_set(place: Office) -> None:
    await place.wechat.verify()
