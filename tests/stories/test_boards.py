"""A group in which the bot speaks and hears nothing: what is new, what is to be claimed and how, warnings."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from cases.states import State
from storage.message_models import GroupChat, Outgoing
from tests.cast import PLAIN, ZONE, Estate
from tests.stories.warned import Sending, settle

AUNT_LI, BOARD, FAR = "李阿姨", "board", "far board"


@pytest.fixture
async def boards(estate: Estate) -> Estate:
    """The estate has such a group, and so has building 9."""
    rows = [
        {"channel": PLAIN, "chat": chat, "place_id": estate.rules.tree.by_key(place).id,  # type: ignore[union-attr]
         "kind": "task", "bound_at": estate.clock.now(), "write_only": True}
        for chat, place in ((BOARD, "fengmei"), (FAR, "fengmei-9"))
    ]  # fmt: skip
    await estate.store.write(lambda session: session.execute(insert(GroupChat), rows))
    return estate


async def report(estate: Estate, text: str) -> None:
    await estate.says(AUNT_LI, text)
    await estate.presses(AUNT_LI, "提交")


async def test_a_new_public_matter_is_said_around_its_place_without_whose_it_is(boards: Estate) -> None:
    await report(boards, "3号楼2单元楼道灯坏了")
    said = await boards.reads(BOARD)
    assert "#1001" in said
    assert "楼道灯坏了" in said
    assert AUNT_LI not in said
    assert await boards.told(FAR) == []
    await boards.presses(await boards.steward(), "接单")
    assert await boards.reads(BOARD) == ""  # said once; a change of it is no news there


async def test_at_night_only_an_emergency_makes_a_noise(boards: Estate) -> None:
    boards.clock.move(timedelta(hours=14))  # midnight
    await report(boards, "3号楼2单元楼道灯坏了")
    await report(boards, "5号楼电梯坏了，有人困在里面")
    waits = select(Outgoing.not_before).where(Outgoing.chat == BOARD).order_by(Outgoing.id)
    ordinary, emergency = await boards.store.read(lambda session: session.scalars(waits).all())
    assert ordinary.astimezone(ZONE).hour == 7
    assert emergency <= boards.clock.now()


async def test_what_is_private_is_not_said(boards: Estate) -> None:
    await report(boards, "3号楼2单元楼上楼下天天吵架，想请人调解")
    assert boards.rules.category(await boards.case()).private
    assert await boards.told(BOARD) == []


async def test_a_wish_is_said_with_what_to_write_and_claimed_so(boards: Estate) -> None:
    await boards.says(AUNT_LI, "/start p_fengmei-5")
    await report(boards, "我家奶奶想要一辆轮椅出门晒太阳，能不能帮忙")
    assert await boards.told(BOARD) == []
    await boards.presses("feng", "通过")
    (offer,) = await boards.told(BOARD)
    assert "轮椅" in offer["text"]
    assert offer["instead"] == "要认领，请私下给我发：认领 1001"
    await boards.says("zhou", "认领 1001")
    assert "谢谢" in await boards.reads("zhou")
    assert (await boards.case()).state == State.WORKING
    await boards.says("chen", "认领 1001")
    assert "人手够了" in await boards.reads("chen")


async def test_claiming_asks_for_a_number_and_is_for_stewards(boards: Estate) -> None:
    await boards.says("zhou", "/claim")
    assert "认领 1042" in await boards.reads("zhou")
    await boards.says("zhou", "/claim 9999")
    assert "没有" in await boards.reads("zhou")
    await boards.says(AUNT_LI, "/claim 1001")
    assert "红管家" in await boards.reads(AUNT_LI)


async def test_a_warning_is_said_in_the_groups_of_its_place(boards: Estate) -> None:
    sending = Sending(boards)
    await settle(boards, "fengmei-9", ["丁叔"])
    await sending.is_made("9号楼", "今晚停水，请储水")
    await sending.goes_round()
    await sending.goes_round()
    said = await boards.told(FAR)
    assert [row["text"].count("停水") for row in said] == [1]
    assert await boards.told(BOARD) == []
