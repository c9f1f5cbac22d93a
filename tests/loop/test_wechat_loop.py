"""The closed loop and a wish for a resident on WeChat, in the platform's real XML and JSON.

The simulator checks every call, window and quota, and refuses what WeChat refuses.
"""

import asyncio
import io
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image

from tests.loop.wechat import RATING, Town, town
from tests.simulators.telegram import Limits, Resident, TelegramServer
from tests.simulators.wechat import WeChatServer
from tests.simulators.wechat.server import Mode


@pytest.fixture(params=["encrypted", "compatible", "plain"])
def mode(request: pytest.FixtureRequest) -> Mode:
    found: Mode = request.param
    return found


@pytest.fixture
async def place(mode: Mode, database_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    async with (
        TelegramServer(limits=Limits.off()) as telegram,
        WeChatServer(mode=mode) as wechat,
        town(telegram, wechat, tmp_path, database_url) as opened,
    ):
        yield opened
        assert [str(each) for each in telegram.violations] == []
        assert wechat.violations == []


def picture() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (320, 240), (200, 60, 60)).save(file, "JPEG")
    return file.getvalue()


async def test_the_closed_loop(place: Town) -> None:
    aunt = place.person("李阿姨")
    await aunt.follows("p_fengmei-3")
    await aunt.reads("记住了：您住丰美小区3号楼")
    await aunt.says("2单元楼道灯坏了")
    assert aunt.chat.screen[-1][0] == "passive"
    await aunt.reads("1 提交")
    await aunt.sends_photo(picture())
    await aunt.answers("提交")
    await aunt.reads("已收到")
    await aunt.agrees(RATING)
    steward = await task(place)
    await presses(steward, "接单")
    await aunt.reads("已接单")
    place.clock.move(timedelta(hours=49))  # she has not written for two days: every window is closed
    await finish(steward)
    asked = await aunt.reads("#1001")
    assert aunt.chat.screen[aunt.read_up_to - 1][0] == "subscription", asked
    await aunt.says("解决了")
    await aunt.reads("5 非常满意")
    await aunt.says("５")
    await aunt.reads("谢谢")
    await steward.reads("5 分", timeout=15)
    assert not any("没能送到" in shown.text for shown in await steward.screen())  # the photo alone found no way


async def task(place: Town) -> Resident:
    """Wait for the task; return its steward."""
    for _ in range(100):
        for key in ("wang", "chen"):
            if any("#1001" in shown.text for shown in await place.staff[key].screen()):
                return place.staff[key]
        await asyncio.sleep(0.1)
    raise AssertionError("nobody got the task")


async def presses(person: Resident, label: str) -> None:
    """Press a button once it is there."""
    for _ in range(100):
        if any(label in labels for shown in await person.screen() for labels in shown.labels):
            await person.presses(label)
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"{person} never saw {label}")


async def finish(steward: Resident) -> None:
    await presses(steward, "办结")
    await steward.sends_photo(picture())
    await steward.reads("怎么办好的", timeout=10)
    await steward.sends("换了新灯泡")


async def test_a_wish_from_telling_to_thanks(place: Town) -> None:
    aunt, leader, volunteer = place.person("李阿姨"), place.staff["feng"], place.staff["zhou"]
    await aunt.follows("p_fengmei-5")
    await aunt.reads("记住了")
    await aunt.says("我家奶奶想要一辆轮椅出门晒太阳，能不能帮忙")
    await aunt.reads("1 提交")
    await aunt.says("提交")
    await aunt.reads("#1001")
    await aunt.says("13800138000")
    await aunt.reads("138")
    await leader.reads("轮椅", timeout=15)
    await presses(leader, "通过")
    await aunt.reads("正在等人认领")
    await volunteer.reads("待认领", timeout=15)
    await presses(volunteer, "认领")
    await aunt.reads("认领了")
    await presses(volunteer, "办结")
    await volunteer.sends("轮椅送到了")
    await aunt.reads("轮椅送到了")
    await aunt.answers("解决了")
    await aunt.reads("5 非常满意")
    await aunt.says("五")
    await aunt.reads("可以放上去")
    await aunt.answers("可以放上去")
    await volunteer.reads("谢谢", timeout=15)
