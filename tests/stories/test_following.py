"""Who says "me too", cases that are the same, and who works on a case beside its lead."""

from cases.states import State
from tests.cast import Estate

AUNT_LI, UNCLE_ZHANG = "李阿姨", "张叔"
LIN, VOLUNTEER = "lin", "zhou"


async def test_a_co_handler_sees_and_adds_and_the_lead_stays(estate: Estate) -> None:
    await estate.says(AUNT_LI, "5栋路灯坏了")
    await estate.presses(AUNT_LI, "提交")
    lead = await estate.steward()
    await estate.presses(lead, "接单")
    await estate.presses(lead, "更多…")
    await estate.presses(lead, "请人协办")
    await estate.presses(lead, next(label for label in await estate.labels(lead) if label.startswith("周小燕")))
    assert "请您协办" in await estate.reads(VOLUNTEER)
    await estate.presses(VOLUNTEER, "加照片或补充")
    await estate.says(VOLUNTEER, "梯子我带")
    assert "梯子我带" in await estate.reads(lead)
    assert "梯子我带" not in await estate.reads(AUNT_LI)  # the resident hears one voice
    await estate.presses_data(VOLUNTEER, "c:done:1001")
    assert (await estate.case()).state == State.WORKING
    assert await estate.steward() == lead


async def test_two_cases_become_one_and_nobody_is_lost(estate: Estate) -> None:
    await estate.says(AUNT_LI, "5栋路灯坏了")
    await estate.presses(AUNT_LI, "提交")
    await estate.says(UNCLE_ZHANG, "5栋楼下路灯不亮了")
    await estate.presses_if_asked(UNCLE_ZHANG, "不是，继续上报")
    await estate.presses(UNCLE_ZHANG, "提交")
    await estate.says("王奶奶", "/start p_fengmei-5")
    await estate.presses_data("王奶奶", "c:follow:1002")
    await estate.presses_data(LIN, "c:more:1002")
    await estate.presses(LIN, "与另一件相同")
    await estate.presses(LIN, next(label for label in await estate.labels(LIN) if label.startswith("#1001")))
    merged = await estate.case()
    assert (merged.state, merged.merged_into, merged.look_at) == (State.MERGED, 1001, None)
    assert "已合并" in await estate.reads(UNCLE_ZHANG)
    steward = await estate.steward()
    await estate.presses_data(steward, "c:accept:1001")
    assert "接单" in await estate.reads(UNCLE_ZHANG)
    assert "接单" in await estate.reads("王奶奶")


async def test_five_who_follow_make_it_urgent(estate: Estate) -> None:
    await estate.says(AUNT_LI, "5栋路灯坏了")
    await estate.presses(AUNT_LI, "提交")
    for number in range(5):
        assert not (await estate.case()).urgent
        await estate.presses_data(f"远处{number}", "c:follow:1001")  # who lives elsewhere does not count
        await estate.says(f"邻居{number}", "/start p_fengmei-5")
        await estate.presses_data(f"邻居{number}", "c:follow:1001")
        await estate.presses_data(f"邻居{number}", "c:follow:1001")
    assert (await estate.case()).urgent


async def test_followers_are_asked_at_the_end_and_may_answer(estate: Estate) -> None:
    await estate.says(AUNT_LI, "5栋路灯坏了")
    await estate.presses(AUNT_LI, "提交")
    await estate.says(UNCLE_ZHANG, "5栋楼下的路灯坏了")
    await estate.presses(UNCLE_ZHANG, "是，关注 #1001")
    steward = await estate.steward()
    await estate.presses(steward, "接单")
    await estate.presses(steward, "办结")
    await estate.sends_photo(steward, "换好了")
    await estate.reads(LIN)
    await estate.presses(UNCLE_ZHANG, "没解决")
    assert "还没解决" in await estate.reads("feng")
    assert (await estate.case()).state == State.RESOLVED
    await estate.presses(AUNT_LI, "解决了")
    await estate.presses(AUNT_LI, "5 非常满意")
    assert {(rating.solved, rating.stars) for rating in await estate.ratings()} == {(False, None), (True, 5)}
    await estate.presses_data(UNCLE_ZHANG, "c:story:1001")
    assert AUNT_LI not in await estate.reads(UNCLE_ZHANG)


async def test_a_merge_that_is_refused_changes_nothing(estate: Estate) -> None:
    for number in (5, 3):
        await estate.says(f"居民{number}", f"{number}栋路灯坏了")
        await estate.presses(f"居民{number}", "提交")
    await estate.presses_data("feng", "c:mergeto:1001:1002")  # leads building 5 alone
    assert [case.state for case in await estate.cases()] == [State.ASSIGNED, State.ASSIGNED]
    assert "merge" not in await estate.history()


async def test_following_what_is_over_meanwhile_loses_no_report(estate: Estate) -> None:
    await estate.says(AUNT_LI, "5栋路灯坏了")
    await estate.presses(AUNT_LI, "提交")
    await estate.says(UNCLE_ZHANG, "5栋楼下的路灯坏了")
    await estate.presses_data(AUNT_LI, "c:really:1001")
    await estate.presses(UNCLE_ZHANG, "是，关注 #1001")
    await estate.presses(UNCLE_ZHANG, "提交")
    assert [case.state for case in await estate.cases()] == [State.WITHDRAWN, State.ASSIGNED]
