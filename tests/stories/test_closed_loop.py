"""群众上报 → 组织派单 → 红管家服务 → 群众评价, as people live it."""

from tests.cast import Estate

AUNT_LI = "李阿姨"


async def file(estate: Estate, text: str) -> str:
    """File a case; return the chat of its steward."""
    await estate.says(AUNT_LI, text)
    await estate.presses_if_asked(AUNT_LI, "不是，继续上报")
    await estate.presses(AUNT_LI, "提交")
    await estate.reads(AUNT_LI)
    return await estate.steward()


async def test_the_whole_loop(estate: Estate) -> None:
    steward = await file(estate, "3号楼2单元楼道灯坏了")
    await estate.presses(steward, "接单")
    assert "已接单" in await estate.reads(AUNT_LI)

    await estate.presses(steward, "办结")
    await estate.says(steward, "换了新灯泡")
    assert "请发一张" in await estate.reads(steward)
    await estate.sends_photo(steward)
    assert "换了新灯泡" in await estate.reads(AUNT_LI)

    await estate.presses(AUNT_LI, "解决了")
    await estate.presses(AUNT_LI, "5 非常满意")
    await estate.presses(AUNT_LI, "来得快")
    await estate.says(AUNT_LI, "小王真好")
    assert "5 分" in await estate.reads(steward)
    (case,) = await estate.cases()
    assert case.state == "closed"
    (rating,) = await estate.ratings()
    assert (rating.solved, rating.stars, rating.tags, rating.words) == (True, 5, ["fast"], "小王真好")
    assert await estate.history() == ["file", "assign", "accept", "resolve", "confirm", "rate"]


async def test_one_tap_finishes_what_needs_no_photo(estate: Estate) -> None:
    steward = await file(estate, "楼上3栋太吵了")
    await estate.presses(steward, "接单")
    await estate.presses(steward, "办结")
    await estate.presses(steward, "已向居民说明")
    assert "已向居民说明" in await estate.reads(AUNT_LI)


async def test_a_steward_asks_and_the_answer_comes_back_on_the_case(estate: Estate) -> None:
    steward = await file(estate, "3栋漏水")
    await estate.presses(steward, "接单")
    await estate.presses(steward, "问居民")
    await estate.says(steward, "是厨房还是厕所？")
    assert "是厨房还是厕所？" in await estate.reads(AUNT_LI)
    await estate.reads(steward)
    await estate.says(AUNT_LI, "在厨房那边")
    assert "在厨房那边" in await estate.reads(steward)
    (case,) = await estate.cases()
    assert case.state == "working"


async def test_while_a_question_is_open_a_new_trouble_is_told_apart(estate: Estate) -> None:
    steward = await file(estate, "3栋漏水")
    await estate.presses(steward, "接单")
    await estate.presses(steward, "问居民")
    await estate.says(steward, "哪一间？")
    await estate.says(AUNT_LI, "3栋有人遛狗不牵绳")
    await estate.presses(AUNT_LI, "是另外一件事")
    await estate.presses(AUNT_LI, "提交")
    assert [case.category for case in await estate.cases()] == ["leaks", "pets"]


async def test_not_solved_reopens_and_the_coordinator_hears(estate: Estate) -> None:
    steward = await file(estate, "楼上3栋太吵了")
    await estate.presses(steward, "接单")
    await estate.presses(steward, "办结")
    await estate.presses(steward, "已处理")
    await estate.reads(steward)
    await estate.presses(AUNT_LI, "没解决")
    assert "没有解决" in await estate.reads("lin")
    assert "没有解决" in await estate.reads(steward)
    await estate.says(AUNT_LI, "昨晚又吵到两点")
    assert "昨晚又吵到两点" in await estate.reads(steward)
    (case,) = await estate.cases()
    assert (case.state, case.reopened) == ("working", 1)


async def test_a_steward_hands_on(estate: Estate) -> None:
    steward = await file(estate, "3栋漏水")
    await estate.presses(steward, "转派")
    await estate.presses(steward, "周小燕 · 邻里互助 · 志愿者")
    assert "#1001" in await estate.reads("zhou")
    assert "周小燕" in await estate.reads(AUNT_LI)
    await estate.presses_data(steward, "c:accept:1001")
    assert "不归您办" in (await estate.reads(steward)).splitlines()[-1]


async def test_a_returned_case_goes_to_the_next_and_at_last_to_the_coordinator(estate: Estate) -> None:
    await file(estate, "小区里狗太多了，在3栋")
    for _ in range(2):
        steward = await estate.steward_now()
        await estate.presses(steward, "退回")
        await estate.presses(steward, "不归我这行")
    (case,) = await estate.cases()
    assert (case.state, case.returns) == ("new", 2)
    await estate.presses("lin", "派单")
    await estate.presses("lin", "王建国 · 红色管家 · 物业维修")
    (case,) = await estate.cases()
    assert case.state == "assigned"
    assert "#1001" in await estate.reads("wang")


async def test_adding_urging_and_withdrawing(estate: Estate) -> None:
    steward = await file(estate, "3栋漏水")
    await estate.reads(steward)
    await estate.presses(AUNT_LI, "加照片或补充")
    await estate.says(AUNT_LI, "越来越大了")
    assert "越来越大了" in await estate.reads(steward)
    await estate.presses(AUNT_LI, "催办")
    assert "催您快一点" in await estate.reads(steward)
    await estate.reads(AUNT_LI)
    await estate.presses(AUNT_LI, "催办")
    assert "一小时可以催一次" in await estate.reads(AUNT_LI)
    await estate.presses(AUNT_LI, "撤回")
    await estate.presses(AUNT_LI, "是，撤回")
    assert "居民已撤回" in await estate.reads(steward)
    (case,) = await estate.cases()
    assert case.state == "withdrawn"


async def test_my_cases_page_and_tell_their_story(estate: Estate) -> None:
    for number in range(8):
        await file(estate, f"3栋路灯坏了 第{number}盏")
    await estate.says(AUNT_LI, "我的事项")
    assert "#1008 路灯与楼道灯 · 待红管家接单" in await estate.labels(AUNT_LI)
    await estate.presses(AUNT_LI, "下一页 ›")
    assert "#1001 路灯与楼道灯 · 待红管家接单" in await estate.labels(AUNT_LI)
    await estate.says(AUNT_LI, "/case 1001")
    story = await estate.reads(AUNT_LI)
    assert "上报" in story
    assert "派单" in story


async def test_somebody_elses_case_is_not_shown(estate: Estate) -> None:
    await file(estate, "3栋路灯坏了")
    await estate.says("张叔", "/case 1001")
    assert "没有这件事" in await estate.reads("张叔")


async def test_tasks_nearest_deadline_first(estate: Estate) -> None:
    await file(estate, "3栋路灯坏了")
    await file(estate, "3栋电梯坏了")
    await file(estate, "4栋路灯坏了")
    steward = await estate.steward_now()
    await estate.says("wang", "/tasks")
    labels = await estate.labels("wang")
    assert [label.split()[0] for label in labels] == ["#1001", "#1003"] if steward == "wang" else True


async def test_the_rating_is_asked_then_asked_again_then_the_case_closes(estate: Estate) -> None:
    steward = await file(estate, "楼上3栋太吵了")
    await estate.presses(steward, "接单")
    await estate.presses(steward, "办结")
    await estate.presses(steward, "已处理")
    await estate.reads(AUNT_LI)
    await estate.waits(hours=2, minutes=1)
    assert "解决了吗" in await estate.reads(AUNT_LI)
    await estate.waits(days=1)
    assert "解决了吗" in await estate.reads(AUNT_LI)
    await estate.waits(days=3, minutes=1)
    assert "已办结" in await estate.reads(AUNT_LI)
    (case,) = await estate.cases()
    assert case.state == "closed"
    (rating,) = await estate.ratings()
    assert (rating.asked_times, rating.answered_at) == (2, None)


async def test_no_answer_gives_the_case_back_to_the_steward(estate: Estate) -> None:
    steward = await file(estate, "3栋漏水")
    await estate.presses(steward, "接单")
    await estate.presses(steward, "问居民")
    await estate.says(steward, "哪一间？")
    await estate.reads(steward)
    await estate.waits(days=5, minutes=1)
    assert "没有回答" in await estate.reads(steward)


async def test_a_poster_sets_the_home_and_nothing_is_asked_again(estate: Estate) -> None:
    await estate.says(AUNT_LI, "/start p_fengmei-7")
    await estate.says(AUNT_LI, "路灯坏了")
    assert "丰美小区7号楼" in await estate.reads(AUNT_LI)


async def test_the_home_is_asked_once_at_the_start(estate: Estate) -> None:
    await estate.says(AUNT_LI, "/start")
    assert "您住哪栋楼" in await estate.reads(AUNT_LI)
    await estate.says(AUNT_LI, "5栋2单元301")
    assert "记住了" in await estate.reads(AUNT_LI)
    await estate.says(AUNT_LI, "/start")
    assert "您住哪栋楼" not in await estate.reads(AUNT_LI)


async def test_english_on_request(estate: Estate) -> None:
    await estate.says(AUNT_LI, "/language")
    await estate.presses(AUNT_LI, "English")
    await estate.reads(AUNT_LI)
    await estate.says(AUNT_LI, "the lift in building 3 unit 2 is out of order")
    assert "Please check, then press Submit" in await estate.reads(AUNT_LI)
    await estate.presses(AUNT_LI, "Submit")
    assert "Your steward" in await estate.reads(AUNT_LI)


async def test_a_mistyped_command_gets_the_nearest(estate: Estate) -> None:
    await estate.says(AUNT_LI, "/mycase")
    assert "/mycases" in await estate.reads(AUNT_LI)


async def test_an_album_as_a_result_is_finished_by_one_press(estate: Estate) -> None:
    steward = await file(estate, "3栋路灯坏了")
    await estate.presses(steward, "接单")
    await estate.presses(steward, "办结")
    await estate.sends_photo(steward, "修好了", album="x")
    await estate.sends_photo(steward, album="x")
    await estate.presses(steward, "发完了")
    (case,) = await estate.cases()
    assert case.state == "resolved"
    assert "修好了" in await estate.reads(AUNT_LI)


async def test_nothing_but_an_emergency_rings_in_the_night(estate: Estate) -> None:
    await estate.waits(hours=11)  # nine in the evening
    await file(estate, "3栋路灯坏了")
    await file(estate, "3栋电梯坏了，有人困在里面")
    await estate.reads("lin")
    await estate.waits(hours=2, minutes=5)
    told = await estate.reads("lin")
    assert "#1002" in told
    assert "#1001" not in told
    await estate.lives_until("2026-10-01 08:55")
    assert "#1001" not in await estate.reads("lin")
    await estate.lives_until("2026-10-01 09:05")  # two hours to accept, counted from the end of the night
    assert "#1001" in await estate.reads("lin")
