"""A resident on WeChat, a steward on WeCom: the closed loop over both wires, encrypted; on SQLite and PostgreSQL."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from storage.message_models import Outgoing
from tests.loop.both import Town, town
from tests.loop.test_telegram_loop import picture
from tests.loop.wechat import RATING
from tests.simulators.wechat import WeChatServer
from tests.simulators.wecom import WecomServer


@pytest.fixture
async def place(database_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    async with (
        WeChatServer() as wechat,
        WecomServer() as wecom,
        town(wechat, wecom, tmp_path, database_url) as opened,
    ):
        yield opened
        assert wechat.violations == []
        assert wecom.violations == []
        assert wecom.limits.dropped == {}


async def test_reported_on_wechat_accepted_and_shown_on_wecom_rated_on_wechat(place: Town) -> None:
    aunt = place.person("李阿姨")
    await aunt.follows("p_fengmei-3")
    await aunt.reads("记住了：您住丰美小区3号楼")
    await aunt.says("2单元楼道灯坏了")
    await aunt.reads("1 提交")
    await aunt.sends_photo(picture())
    await aunt.answers("提交")
    await aunt.reads("已收到")
    await aunt.agrees(RATING)
    steward = await place.with_card("接单", "wang", "chen", "wu")
    task = steward.card_with("接单")
    assert "#1001" in task.words
    await steward.presses("接单")
    await aunt.reads("已接单")
    await steward.sees_button("办结")
    assert task.changed == 1
    await steward.presses("办结")
    await steward.reads("请发一张")
    await steward.sends_photo(picture())
    await steward.reads("怎么办好的")
    await steward.says("换了新灯泡")
    await aunt.reads("换了新灯泡")
    await aunt.answers("解决了")
    await aunt.reads("5 非常满意")
    await aunt.says("5")
    await aunt.reads("谢谢")
    await steward.reads("5 分")
    missed = select(Outgoing.id).where(Outgoing.state == "not_reached")
    assert await place.app._store.read(lambda session: session.scalars(missed).all()) == []


async def test_a_steward_who_follows_the_account_too_is_one_person_and_each_side_works(place: Town) -> None:
    steward, phone = place.staff["wang"], place.person("王师傅")
    await phone.follows()
    await phone.reads("您好")
    await steward.says("/link")
    shown = re.search("[0-9]{6}", (await steward.reads("您的关联数字")).words)
    assert shown is not None
    await phone.says(f"关联 {shown.group()}")
    await phone.reads("都是您本人吗")
    await phone.answers("是，都是我")
    await phone.reads("现在是一个人")
    await phone.says("我的任务")
    await phone.reads("没有待办的了")
    await steward.says("/id")  # where he speaks last, there he hears
    await steward.reads("member.wang")
    aunt = place.person("李阿姨")
    await aunt.follows("p_fengmei-3")
    await aunt.says("2单元电梯坏了，有人困在里面")
    await aunt.answers("提交")
    await place.with_card("接单", "wang", "chen", "wu")
    assert not any("接单" in text for _, text in phone.chat.screen)
    await steward.says("/unlink")
    asked = await steward.reads("要把哪一边分开")
    await steward.presses(next(label for label in asked.buttons if label.startswith("分开微信")))
    await steward.reads("又单独算一个人")
    await phone.says("/tasks")
    await phone.reads(["不是给居民用的", "红管家"][1])
