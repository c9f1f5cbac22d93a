"""SIGKILL around a press on a WeCom card: nothing is lost, nothing counts twice, at most one message comes again."""

import asyncio
import signal
import time
from pathlib import Path

import pytest
from sqlalchemy import select

from storage.engine import open_store
from storage.message_models import Outgoing
from storage.models import HistoryEntry
from tests.loop.test_wechat_answers import Process
from tests.simulators.wechat import Follower, WeChatServer
from tests.simulators.wecom import Member, WecomServer

STAFF = ("wang", "chen", "wu")
AHEAD = 90.0  # seconds: a claim of a process that died lasts sixty


class Desk(Process):
    """A desk on both."""

    module = "tests.loop.wecom_process"

    def __init__(self, wechat: WeChatServer, wecom: WecomServer, folder: Path, url: str) -> None:
        super().__init__(wechat, folder, url)
        names = ("corp_id", "agent_id", "secret", "token", "aes_key", "base_url")
        self.told["wecom"] = {name: getattr(wecom, name) for name in names}


@pytest.mark.parametrize("where", ["committed", "refreshed"])
async def test_killed_around_a_press(database_url: str, tmp_path: Path, where: str) -> None:
    async with WeChatServer() as wechat, WecomServer() as wecom:
        desk = Desk(wechat, wecom, tmp_path, database_url)
        wechat.callback = f"http://127.0.0.1:{desk.port}/wechat/callback"
        wecom.callback_url = f"http://127.0.0.1:{desk.port}/wecom/callback"
        wechat.wait_seconds = 30.0
        members = {key: wecom.member(f"member.{key}") for key in STAFF}
        ends: list[int] = []

        async def starts_again() -> None:
            if not ends and desk.running is not None:
                ends.append(await asyncio.to_thread(desk.running.wait, 20))
                await desk.start(kill="", behind=-AHEAD)

        wecom.between = starts_again
        try:
            await desk.start(kill=where)
            aunt = Follower(wechat, "李阿姨")
            await aunt.follows("p_fengmei-3")
            await aunt.says("2单元楼道灯坏了")
            await aunt.answers("提交")
            steward = await who_has_it(members)
            card = steward.card_with("接单")
            await steward.presses("接单")
            if not ends:
                await starts_again()
            assert ends == [-signal.SIGKILL]
            await aunt.reads("已接单")
            await sees(steward, "办结")
            assert sum("已接单" in text for _, text in aunt.chat.screen) == 1
            told = [shown for shown in steward.screen if shown is not card and "#1001" in shown.words]
            assert len(told) <= 1  # what the changed card says, once more as text
            assert wecom.violations == []
        finally:
            desk.end()
    store = open_store(database_url)
    actions = await store.read(lambda session: session.scalars(select(HistoryEntry.action)).all())
    states = set(await store.read(lambda session: session.scalars(select(Outgoing.state)).all()))
    store.close()
    assert actions.count("accept") == 1
    assert states <= {"sent", "dropped", "pending"}


async def who_has_it(members: dict[str, Member]) -> Member:
    """Wait until one of them has the task; return them."""
    ends = time.monotonic() + 20
    while time.monotonic() < ends:
        for member in members.values():
            if any("接单" in shown.buttons for shown in member.screen):
                return member
        await asyncio.sleep(0.05)
    raise AssertionError("nobody got the task")


async def sees(member: Member, choice: str) -> None:
    """Wait until they can choose it: by a button of the card, or by a number where that could not be changed."""
    for _ in range(300):
        if any(choice in shown.buttons or choice in shown.text for shown in member.screen):
            return
        await member.pause()
    raise AssertionError(f"{member.userid} cannot choose {choice!r}: {[each.words for each in member.screen]}")
