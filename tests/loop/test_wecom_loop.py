"""The closed loop with the stewards on WeCom, over its real XML and JSON, encrypted; on SQLite and PostgreSQL.

The simulator checks every call for its required fields, lengths and limits.
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.loop.test_telegram_loop import picture
from tests.loop.wecom import ROBOT_KEY, Office, office
from tests.simulators.telegram import Limits, Resident, TelegramServer
from tests.simulators.wecom import Member, WecomServer


@pytest.fixture
async def place(database_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    async with WecomServer() as wecom, TelegramServer(limits=Limits.off()) as telegram, office(
        wecom, telegram, tmp_path, database_url
    ) as opened:  # fmt: skip
        yield opened
        assert wecom.violations == []
        assert wecom.limits.dropped == {}
        assert [str(each) for each in telegram.violations] == []


async def test_accepted_and_done_by_the_cards_buttons(place: Office) -> None:
    aunt = place.telegram.user("李阿姨")
    await aunt.sends("3号楼2单元电梯坏了，有人困在里面")
    await aunt.reads("96333")
    await aunt.presses("提交")
    await aunt.reads("已收到")
    steward = await place.with_card("接单", "wang", "chen")
    task = steward.card_with("接单")
    assert "#1001" in task.words
    assert {"接单", "退回", "详情"} <= set(task.buttons)
    await steward.presses("接单")
    await aunt.reads("已接单")
    await steward.sees_button("办结")
    assert task.changed == 1
    assert "办结" in task.buttons
    await steward.presses("办结")
    await steward.reads("请发一张")
    await steward.sends_photo(picture())
    await steward.sees_button("已修好")
    await steward.presses("已修好")
    await aunt.reads("已修好", timeout=20)
    await taps(aunt, "解决了")
    await taps(aunt, "5 非常满意")
    await steward.reads("5 分")
    assert any("电梯" in said for said in place.wecom.robots[ROBOT_KEY])


async def test_returned_and_done_by_text_and_numbers(place: Office) -> None:
    aunt = place.telegram.user("李阿姨")
    await aunt.sends("3号楼2单元楼道灯坏了")
    await taps(aunt, "提交")
    first = await place.with_card("接单", "wang", "chen", "wu")
    await first.presses("退回")
    await first.reads("#1001")
    await first.says("我今天在外面培训")
    others = [key for key in ("wang", "chen", "wu") if place.staff[key] is not first]
    second = await place.with_card("接单", *others)
    await second.says("任务")
    await second.reads("#1001")
    place.wecom.codes_work = False  # the card cannot be changed any more: what it would say comes as text, with numbers
    await second.presses("接单")
    await second.reads("回复数字")
    await second.says(second.number_of("办结"))
    await second.reads("请发一张")
    await second.says("换了新灯泡")
    await second.sends_photo(picture())
    await aunt.reads("换了新灯泡", timeout=20)


async def test_a_wish_is_vetted_offered_in_the_group_claimed_by_its_number_and_fulfilled(place: Office) -> None:
    aunt = place.telegram.user("李阿姨")
    await aunt.sends("/wish 想找人帮奶奶把旧沙发搬下楼，3号楼2单元")
    await taps(aunt, "提交")
    coordinator = await place.with_card("通过", "lin")
    await coordinator.presses("通过")
    offer = await said_in_group(place, "认领 1001")
    assert "沙发" in offer
    assert "李阿姨" not in offer
    claimer = place.staff["zhou"]
    await claimer.reads("#1001")
    await claimer.says("认领 1001")
    await claimer.sees_button("办结")
    await claimer.presses("办结")
    await claimer.reads("#1001")
    await claimer.says("沙发已经搬下楼了")
    await claimer.sends_photo(picture())
    await aunt.reads("沙发已经搬下楼了", timeout=20)


async def test_whatever_else_a_member_sends_is_answered(place: Office) -> None:
    wang = place.staff["wang"]
    await wang.enters()
    for _ in range(2):
        await wang.says("/id", number="77")  # WeCom repeats what it got no answer for
    await wang.reads("member.wang")
    assert len(wang.screen) == 1  # opening the app is no reason to be written to
    await wang.sends_voice(b"#!AMR\n" + b"\x3c" * 400)
    await wang.reads("请再写几个字")
    await wang.says("楼道灯坏了 ]]> <a href='x'>&amp;")
    await wang.sends_location(23.1326, 113.2761, "丰美小区")
    card = await wang.sees_button("提交")
    assert "<a" not in card.words
    await wang.presses("提交")
    await wang.reads("已收到")
    assert sum("member.wang" in shown.words for shown in wang.screen) == 1


async def taps(person: Resident, label: str) -> None:
    """Press a button of the resident's once it is there."""
    for _ in range(300):
        if any(label in labels for shown in await person.screen() for labels in shown.labels):
            await person.presses(label)
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"{person} never saw {label}")


async def said_in_group(place: Office, part: str) -> str:
    lin: Member = place.staff["lin"]
    for _ in range(300):
        for said in place.wecom.robots[ROBOT_KEY]:
            if part in said:
                return said
        await lin.pause()
    raise AssertionError(f"the robot never said {part!r}: {place.wecom.robots[ROBOT_KEY]}")
