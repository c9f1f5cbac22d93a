"""One person on Telegram and in the web chat, over both real wires: joined, told where they can be reached, parted."""

import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from storage.message_models import Outgoing
from tests.channels.web.client import AUNT, Page, opened
from tests.loop.telegram import town
from tests.loop.test_telegram_loop import free_port, picture, presses, task
from tests.simulators.telegram import TelegramServer


async def line(page: Page, words: str) -> dict[str, Any]:
    """Return the newest line of the desk with these words, new or changed, once it is there."""
    while True:
        for frame in reversed(page.seen):
            if frame["type"] in ("line", "edit") and not frame.get("mine") and words in str(frame["body"]):
                return dict(frame)
        await page.next()


def data(body: Any, label: str) -> str:
    """Return what the button of that label sends."""
    if isinstance(body, dict):
        if str(body.get("label", "")).startswith(label):
            return str(body["data"])
        body = list(body.values())
    if isinstance(body, list):
        return next((found for each in body if (found := data(each, label))), "")
    return ""


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
async def test_who_blocks_telegram_reads_it_on_the_web(database_url: str, tmp_path: Path) -> None:
    async with TelegramServer() as telegram, town(telegram, tmp_path, database_url, "polling", free_port()) as place:
        aunt = telegram.user("李阿姨")
        await aunt.sends("3号楼2单元电梯坏了")
        await aunt.reads("提交")
        await aunt.presses("提交")
        await aunt.reads("已收到")
        await aunt.sends("/link")
        shown = re.search("[0-9]{6}", (await aunt.reads("您的关联数字")).text)
        assert shown is not None
        async with opened(f"127.0.0.1:{place.app.port}", AUNT) as page:
            await page.say(f"/link {shown.group()}", "l1")
            asked = await line(page, "都是您本人吗")
            assert "Telegram（李阿姨）" in str(asked["body"])
            await page.send(type="press", id="p1", data=data(asked["body"], "是，都是我"), line=asked["id"])
            await line(page, "现在是一个人")
            await aunt.reads("这边已经和网页")
            await page.say("/mycases", "m1")
            await line(page, "#1001")
            await aunt.sends("/mycases")  # where she speaks last, before she shuts the door
            await aunt.reads("我的事项")
            await aunt.blocks()
            steward = await task(place)
            await steward.presses("接单")
            await line(page, "已接单")
            await presses(place, steward, "办结")
            await steward.reads("请发一张")
            await steward.sends_photo(picture())
            await presses(place, steward, "已修好")
            done = await line(page, "解决了")
            await page.send(type="press", id="p2", data=data(done["body"], "解决了"), line=done["id"])
            await line(page, "非常满意")
            lost = select(Outgoing.id).where(Outgoing.state == "not_reached")
            assert await place.app._store.read(lambda session: session.scalars(lost).all()) == []
            await page.say("/unlink", "u1")
            part = await line(page, "要把哪一边分开")
            await page.send(type="press", id="p3", data=data(part["body"], "分开网页"), line=part["id"])
            await line(page, "又单独算一个人")
            await page.say("/mycases", "m2")
            await line(page, "您还没有事项")
        assert [str(each) for each in telegram.violations] == []
