"""Whose telephone number is shown to whom: while the case is theirs, and each look is written down."""

import pytest
from sqlalchemy import select

from cases.states import State
from storage.models import HistoryEntry
from tests.cast import Estate
from tests.stories.quarrel import (
    AUNT_LI,
    ELDER,
    FENG,
    LIN,
    MEDIATOR,
    PHONE,
    SECRETS,
    UNCLE_ZHANG,
    betrayed,
    looks,
    person_id,
    quarrel,
    set_person,
)


async def offered(estate: Estate, people: int = 1) -> None:
    """Make a wish that stewards may claim, of somebody whose number is known."""
    await estate.says(AUNT_LI, "/start p_fengmei-5")
    await set_person(estate, AUNT_LI, phone=PHONE)
    await estate.says(AUNT_LI, "我的心愿是有人陪我下棋")
    if people == 2:
        await estate.presses(AUNT_LI, "几个人")
        await estate.presses(AUNT_LI, "2人")
    await estate.presses(AUNT_LI, "提交")
    await estate.presses(FENG, "通过")


async def sees_number(estate: Estate, who: str) -> bool:
    """Press an old button for the number; tell whether it was shown."""
    await estate.reads(who)
    await estate.presses_data(who, "c:phone:1001")
    told = await estate.reads(who)
    assert told
    return PHONE in told


async def test_claimers_see_the_wishers_number_while_the_claim_is_theirs(estate: Estate) -> None:
    await offered(estate, people=2)
    assert not await sees_number(estate, "zhou")
    for who in ("zhou", "wang"):
        await estate.presses(who, "认领")
    assert await sees_number(estate, "zhou")
    assert await sees_number(estate, "wang")
    assert await looks(estate) == 2
    await estate.presses_data("zhou", "c:unclaim:1001")  # the lead leaves
    assert not await sees_number(estate, "zhou")
    assert await sees_number(estate, "wang")
    await estate.presses_data("wang", "c:unclaim:1001")  # back in the pool
    assert not await sees_number(estate, "wang")
    assert await looks(estate) == 3
    await estate.presses("wang", "认领")
    await estate.presses_data(LIN, "c:transfer:1001")
    await estate.presses(LIN, "陈秀英 · 红色管家 · 楼栋党员")
    assert not await sees_number(estate, "wang")
    assert await sees_number(estate, "chen")
    assert AUNT_LI not in (await estate.told("wang"))[-1].get("text", "")


@pytest.mark.parametrize("stars", ["5 非常满意", "1 很不满意"])
async def test_once_it_is_closed_the_number_is_nobodys_but_whose_who_call(estate: Estate, stars: str) -> None:
    await offered(estate, people=2)
    for who in ("zhou", "wang"):
        await estate.presses(who, "认领")
    await estate.presses_data("zhou", "c:done:1001")
    await estate.says("zhou", "下了一下午棋")
    await estate.presses(AUNT_LI, "解决了")
    await estate.presses(AUNT_LI, stars)
    await estate.says(AUNT_LI, "下棋的人不耐烦")
    for who in ("zhou", "wang", "chen"):
        assert not await sees_number(estate, who)
    assert await sees_number(estate, FENG) is (stars == "1 很不满意")
    assert await looks(estate) == int(stars == "1 很不满意")


async def test_after_handing_on_a_steward_sees_no_number(estate: Estate) -> None:
    await quarrel(estate)
    await estate.presses(MEDIATOR, "转派")
    await estate.presses(MEDIATOR, "何伯 · 银发先锋")
    assert not await sees_number(estate, MEDIATOR)
    await estate.presses_data(MEDIATOR, "c:card:1001")
    await estate.presses_data(MEDIATOR, "c:story:1001")
    assert betrayed(await estate.reads(MEDIATOR)) == []
    assert await sees_number(estate, ELDER)


async def test_the_mediator_sees_everything_and_each_look_at_the_number_is_written_down(estate: Estate) -> None:
    await quarrel(estate)
    await estate.presses(MEDIATOR, "接单")
    assert betrayed(await estate.reads(MEDIATOR)) == list(SECRETS)
    for number in (1, 2):
        await estate.presses(MEDIATOR, "更多…")
        await estate.presses(MEDIATOR, "居民电话")
        assert f"电话：{PHONE}" in await estate.reads(MEDIATOR)
        assert await looks(estate) == number
    actors = select(HistoryEntry.actor_id).where(HistoryEntry.action == "contact").distinct()
    seen = await estate.store.read(lambda session: session.scalars(actors).all())
    assert seen == [await person_id(estate, MEDIATOR)]


async def test_neighbours_with_the_same_trouble_learn_neither_name_nor_number(estate: Estate) -> None:
    """Whoever reported it and whoever follows it read each other's words without what leads to a person."""
    await quarrel(estate, "5栋路灯坏了")
    await estate.says(UNCLE_ZHANG, "5栋楼下的路灯坏了，我电话13911112222")
    await estate.presses(UNCLE_ZHANG, "是，关注 #1001")
    await estate.presses_data(AUNT_LI, "c:add:1001")
    await estate.says(AUNT_LI, "晚上打我电话13800138000")
    steward = await estate.steward()
    await estate.presses(steward, "接单")
    await estate.presses_data(steward, "c:hold:1001")
    await estate.says(steward, "等李师傅，电话13711112222")
    for who in (AUNT_LI, UNCLE_ZHANG):
        await estate.presses_data(who, "c:story:1001")
    mine, theirs = await estate.reads(AUNT_LI), await estate.reads(UNCLE_ZHANG)
    assert "13911112222" not in mine
    assert UNCLE_ZHANG not in mine
    assert "13711112222" in mine  # what her steward tells her
    assert AUNT_LI not in theirs
    assert "13800138000" not in theirs
    assert "13711112222" not in theirs
    assert "等李师傅" in theirs


async def test_joined_cases_show_no_numbers_of_the_other(estate: Estate) -> None:
    await quarrel(estate, "5栋路灯坏了，电话13800138000")
    await quarrel(estate, "5栋楼下路灯不亮，电话13911112222", UNCLE_ZHANG)
    await estate.presses_data(LIN, "c:mergeto:1002:1001")
    assert (await estate.case()).state == State.MERGED
    for who, number in ((AUNT_LI, 1001), (UNCLE_ZHANG, 1002), (UNCLE_ZHANG, 1001)):
        await estate.presses_data(who, f"c:story:{number}")
    assert "13911112222" not in await estate.reads(AUNT_LI)
    assert "13800138000" not in await estate.reads(UNCLE_ZHANG)
