"""Private matters: who sees whose they are, and who does not."""

from tests.cast import Estate
from tests.stories.quarrel import (
    AUNT_LI,
    ELDER,
    FENG,
    HUANG,
    LIN,
    MEDIATOR,
    REFUSED,
    STAFF,
    UNCLE_ZHANG,
    ZHENG,
    betrayed,
    live,
    looks,
    quarrel,
)


async def test_who_leads_the_building_and_lives_in_it_learns_nothing(estate: Estate) -> None:
    await quarrel(estate)
    assert await estate.steward() == MEDIATOR
    await estate.presses(MEDIATOR, "接单")
    for verb in ("card", "story", "photos", "phone", "call", "more", "helpers"):
        await estate.presses_data(FENG, f"c:{verb}:1001")
    told = str(await estate.told(FENG))
    assert betrayed(told) == []
    assert "吵架" not in told
    assert "一位居民" in told
    assert "（内容保密）" in told
    assert REFUSED in told
    assert await looks(estate) == 0


async def test_a_fight_is_told_to_leaders_who_live_elsewhere(estate: Estate) -> None:
    await quarrel(estate, "5栋有人打架，快来人")
    case = await estate.case()
    assert case.emergency
    assert case.category == "crime"
    assert "#1001" in await estate.reads(LIN)
    assert await estate.reads(FENG) == ""


async def test_where_everybody_is_a_neighbour_they_work_without_knowing_whose_it_is(estate: Estate) -> None:
    """From the report to the call after a low mark, with everybody living in building 5."""
    await live(estate, 5, *STAFF)
    await quarrel(estate)
    assert await estate.steward() == MEDIATOR
    await estate.presses(MEDIATOR, "接单")
    await estate.presses(AUNT_LI, "加照片或补充")
    await estate.says(AUNT_LI, "李阿姨又被502骂了")
    await estate.presses(MEDIATOR, "问居民")
    await estate.says(MEDIATOR, "什么时候在家？")
    await estate.presses(AUNT_LI, "回答")
    await estate.says(AUNT_LI, "到501找李阿姨")
    await estate.presses_data(AUNT_LI, "c:urge:1001")
    await estate.lives_until("2026-10-13 18:00")  # late, told upwards, in the morning's list
    await estate.presses_data(LIN, "c:transfer:1001")
    await estate.presses(LIN, "何伯 · 银发先锋")
    await estate.presses(ELDER, "接单")
    await estate.presses(ELDER, "办结")
    await estate.says(ELDER, "谈好了")
    await estate.presses(AUNT_LI, "没解决")
    await estate.says(AUNT_LI, "502还在闹，打我电话13800138000")
    await estate.presses(ELDER, "办结")
    await estate.says(ELDER, "又谈了一次")
    await estate.presses(AUNT_LI, "解决了")
    await estate.presses(AUNT_LI, "1 很不满意")
    await estate.says(AUNT_LI, "李阿姨501不满意，502没道歉")
    await estate.lives_until("2026-10-20 18:00")  # the call is asked for again
    for who in (MEDIATOR, ELDER, FENG, LIN, HUANG, ZHENG):
        for verb in ("card", "story", "phone", "call"):
            await estate.presses_data(who, f"c:{verb}:1001")
        await estate.says(who, "/tasks")
    told = {who: str(await estate.told(who)) for who in STAFF}
    assert {who: betrayed(text) for who, text in told.items()} == {who: [] for who in STAFF}
    assert "***和我吵架" in told[MEDIATOR]
    assert "到***找＊＊" in told[MEDIATOR]
    assert "已超时" in told[FENG]
    assert "没道歉" in told[ELDER]  # who may answer
    assert "请回访" in told[FENG]
    assert "居民电话" not in told[FENG]
    assert await looks(estate) == 0


async def test_a_public_matter_knows_no_such_neighbours(estate: Estate) -> None:
    await live(estate, 5, "wang", "chen", "wu")
    await quarrel(estate, "5栋路灯坏了")
    assert await estate.steward() in ("wang", "chen", "wu")
    await estate.presses_data(FENG, "c:card:1001")
    assert AUNT_LI in await estate.reads(FENG)


async def test_a_public_matter_that_turns_private_leaves_followers_and_neighbours(estate: Estate) -> None:
    await live(estate, 5, "liu")
    await estate.says(AUNT_LI, "/start p_fengmei-5")
    await estate.says(AUNT_LI, "5栋楼上太吵")
    await estate.presses(AUNT_LI, "提交")
    assert await estate.steward() == "liu"
    await estate.says(UNCLE_ZHANG, "/start p_fengmei-5")
    await estate.presses_data(UNCLE_ZHANG, "c:follow:1001")
    await estate.reads(UNCLE_ZHANG)
    await estate.presses_data("liu", "c:kind:1001:dispute")
    assert await estate.steward() == MEDIATOR
    assert "#1001\n这件事在私下办理" in await estate.reads(UNCLE_ZHANG)
    await estate.presses(MEDIATOR, "接单")
    await estate.presses(MEDIATOR, "办结")
    await estate.says(MEDIATOR, "两家说好了")
    assert await estate.reads(UNCLE_ZHANG) == ""
    for verb in ("story", "photos", "unfollow", "add"):
        await estate.presses_data(UNCLE_ZHANG, f"c:{verb}:1001")
    told = await estate.reads(UNCLE_ZHANG)
    assert "纠纷" not in told
    assert "太吵" not in told
    await estate.lives_until("2026-10-08 18:00")
    assert "解决了吗" not in await estate.reads(UNCLE_ZHANG)


async def test_a_steward_at_work_on_what_turns_private_sees_no_more_whose_it_is(estate: Estate) -> None:
    await live(estate, 5, "liu")
    await quarrel(estate, "5栋501楼上太吵，电话13800138000")
    await estate.presses("liu", "接单")
    await estate.reads("liu")
    await estate.presses_data(LIN, "c:kind:1001:dispute")
    await estate.presses_data("liu", "c:card:1001")
    await estate.presses_data("liu", "c:phone:1001")
    assert betrayed(await estate.reads("liu")) == []
    assert await estate.steward() == "liu"
