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


async def followed(estate: Estate, words: str = "5栋楼下的路灯坏了") -> str:
    """Have Uncle Zhang follow the report of Aunt Li; return its steward."""
    await estate.says(AUNT_LI, "5栋2单元301门口路灯坏了，电话13800138000")
    await estate.presses(AUNT_LI, "提交")
    await estate.says(UNCLE_ZHANG, words)
    await estate.presses(UNCLE_ZHANG, "是，关注 #1001")
    for who in (AUNT_LI, UNCLE_ZHANG):
        await estate.reads(who)
    return await estate.steward()


async def test_following_ends_by_a_button_and_begins_again(estate: Estate) -> None:
    steward = await followed(estate)
    assert "不再关注" in await estate.labels(UNCLE_ZHANG)  # on the very answer
    await estate.presses(steward, "接单")
    assert "王建国" in await estate.reads(UNCLE_ZHANG)
    assert await estate.labels(UNCLE_ZHANG) == ["不再关注"]
    await estate.presses(UNCLE_ZHANG, "不再关注")
    assert "以后不再告诉您" in await estate.reads(UNCLE_ZHANG)
    await hold(estate, steward, "等配件")
    assert await estate.reads(UNCLE_ZHANG) == ""
    await estate.presses_data(UNCLE_ZHANG, "c:unfollow:1001")  # under an old message
    assert "您没有关注这件事" in await estate.reads(UNCLE_ZHANG)
    await estate.presses(UNCLE_ZHANG, "重新关注")  # though nobody knows where he lives
    assert "每一步都会告诉您" in await estate.reads(UNCLE_ZHANG)
    await estate.presses_data(UNCLE_ZHANG, "c:follow:1001")
    assert "您已经关注" in await estate.reads(UNCLE_ZHANG)
    await estate.presses(steward, "继续办理")
    await hold(estate, steward, "等电工")
    assert "等电工" in await estate.reads(UNCLE_ZHANG)
    assert "不再关注" not in str(await estate.told(AUNT_LI))


async def hold(estate: Estate, steward: str, words: str) -> None:
    """Have the steward wait for somebody else."""
    await estate.presses_data(steward, "c:hold:1001")
    await estate.says(steward, words)


async def test_a_stranger_begins_and_ends_nothing(estate: Estate) -> None:
    await followed(estate)
    for data in ("c:unfollow:1001", "c:follow:1001", "c:story:1001", "c:photos:1001"):
        await estate.presses_data("远处", data)
    assert "路灯" not in await estate.reads("远处")
    assert (await estate.history()).count("follow") == 1


async def test_the_story_has_the_button_whoever_reads_it(estate: Estate) -> None:
    steward = await followed(estate)
    for who, shown in ((UNCLE_ZHANG, True), (AUNT_LI, False), (steward, False)):
        await estate.presses_data(who, "c:story:1001")
        assert ("不再关注" in await estate.labels(who)) is shown
    await estate.presses(UNCLE_ZHANG, "不再关注")
    await estate.reads(UNCLE_ZHANG)
    await estate.presses_data(UNCLE_ZHANG, "c:story:1001")
    assert "路灯" not in await estate.reads(UNCLE_ZHANG)


async def test_no_number_of_a_neighbour_reaches_a_follower(estate: Estate) -> None:
    steward = await followed(estate)
    await estate.presses(steward, "接单")
    await hold(estate, steward, "等13800138000的住户开门")
    await estate.presses_data(steward, "c:done:1001")
    await estate.sends_photo(steward, "换好了，已告诉13800138000的住户")
    await estate.presses_data(UNCLE_ZHANG, "c:story:1001")
    told = await estate.reads(UNCLE_ZHANG)
    assert told.count("换好了") == 2  # when it was done, and in the story
    assert "13800138000" not in told
    assert "13800138000" in await estate.reads(AUNT_LI)


async def test_what_a_follower_sees_of_the_story(estate: Estate) -> None:
    steward = await followed(estate)
    await estate.presses_data(AUNT_LI, "c:add:1001")
    await estate.sends_photo(AUNT_LI, "我家门口的照片，请别外传")
    await estate.presses(steward, "接单")
    await estate.presses(steward, "问居民")
    await estate.says(steward, "您几点在家？")
    await estate.presses(AUNT_LI, "回答")
    await estate.says(AUNT_LI, "晚上八点以后")
    await estate.presses_data(steward, "c:story:1001")
    assert "晚上八点以后" in await estate.reads(steward)
    await estate.reads(UNCLE_ZHANG)
    await estate.presses_data(UNCLE_ZHANG, "c:story:1001")
    told = await estate.reads(UNCLE_ZHANG)
    for private in ("晚上八点", "几点在家", "外传", AUNT_LI, "13800138000"):
        assert private not in told
    assert "接单" in told
    assert "5栋楼下的路灯坏了" in told  # what he has said himself
    assert await estate.labels(UNCLE_ZHANG) == ["不再关注"]
    await estate.presses_data(UNCLE_ZHANG, "c:photos:1001")
    assert not any(row.get("photos") for row in await estate.told(UNCLE_ZHANG))
    await estate.presses_data(steward, "c:done:1001")
    await estate.sends_photo(steward, "换好了")
    await estate.presses_data(UNCLE_ZHANG, "c:story:1001")
    assert "换好了" in await estate.reads(UNCLE_ZHANG)
    await estate.presses(UNCLE_ZHANG, "看照片")
    assert len([row for row in await estate.told(UNCLE_ZHANG) if row.get("photos")][-1]["photos"]) == 1


async def test_the_reporter_reads_no_neighbours_name(estate: Estate) -> None:
    steward = await followed(estate)
    await estate.presses_data(AUNT_LI, "c:story:1001")
    told = await estate.reads(AUNT_LI)
    assert "5栋楼下的路灯坏了" in told
    assert UNCLE_ZHANG not in told
    await estate.presses_data(steward, "c:story:1001")
    assert UNCLE_ZHANG in await estate.reads(steward)


async def test_what_turns_out_to_be_private_is_told_to_no_follower(estate: Estate) -> None:
    steward = await followed(estate)
    await estate.presses_data(LIN, "c:kind:1001:dispute")
    assert "私下办理" in await estate.reads(UNCLE_ZHANG)
    await estate.presses_data(await estate.steward(), "c:accept:1001")
    await estate.presses_data(UNCLE_ZHANG, "c:photos:1001")
    assert "接单" not in await estate.reads(UNCLE_ZHANG)
    await estate.presses_data(UNCLE_ZHANG, "c:story:1001")
    assert "路灯" not in await estate.reads(UNCLE_ZHANG)
    await estate.says(UNCLE_ZHANG, "/mycases")
    assert (await estate.labels(UNCLE_ZHANG))[0] == "关注：#1001 · 处理中"
    await estate.presses_data(UNCLE_ZHANG, "c:unfollow:1001")
    assert "以后不再告诉您" in await estate.reads(UNCLE_ZHANG)
    assert steward != await estate.steward()


async def test_who_follows_no_more_is_not_asked_at_the_end(estate: Estate) -> None:
    steward = await followed(estate)
    for who in ("王奶奶", "陈伯"):
        await estate.says(who, "/start p_fengmei-5")
        await estate.presses_data(who, "c:follow:1001")
    await estate.presses_data("王奶奶", "c:unfollow:1001")
    await estate.presses(steward, "接单")
    await estate.presses(steward, "办结")
    await estate.sends_photo(steward, "换好了")
    await estate.presses(UNCLE_ZHANG, "解决了")
    await estate.presses(UNCLE_ZHANG, "5 非常满意")
    for who in (AUNT_LI, UNCLE_ZHANG, "王奶奶", "陈伯"):
        await estate.reads(who)
    await estate.lives_until("2026-10-01 12:00")
    for who, asked in ((AUNT_LI, True), ("陈伯", True), (UNCLE_ZHANG, False), ("王奶奶", False)):
        assert ("解决了吗？" in await estate.reads(who)) is asked, who
    await estate.presses("陈伯", "不再关注")  # also when it is done, in case it is opened again
    await estate.presses_data("陈伯", "c:solved:1001")
    assert {(rating.solved, rating.stars) for rating in await estate.ratings()} == {(None, None), (True, 5)}


async def test_urgent_stays_urgent_and_is_made_so_once(estate: Estate) -> None:
    await followed(estate)
    neighbours = [f"邻居{number}" for number in range(4)]
    for who in neighbours:
        await estate.says(who, "/start p_fengmei-5")
        await estate.presses_data(who, "c:follow:1001")
    assert (await estate.case()).urgent
    due = (await estate.case()).resolve_by
    for who in neighbours[:2]:
        await estate.presses_data(who, "c:unfollow:1001")
    assert (await estate.case()).urgent
    await estate.says("王奶奶", "5栋路灯坏了")
    assert "4人" in await estate.reads("王奶奶")  # two of four, Uncle Zhang and Aunt Li
    for who in neighbours[:2]:
        await estate.presses_data(who, "c:follow:1001")
    assert (await estate.history()).count("hasten") == 1
    assert (await estate.case()).resolve_by == due


async def test_who_comes_and_goes_does_not_make_it_urgent_alone(estate: Estate) -> None:
    await followed(estate)
    for _time in range(6):
        await estate.presses_data(UNCLE_ZHANG, "c:unfollow:1001")
        await estate.presses_data(UNCLE_ZHANG, "c:follow:1001")
    assert not (await estate.case()).urgent
    assert (await estate.history()).count("follow") == 7
