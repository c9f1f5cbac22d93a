"""Conversations that cross: a cry for help in the middle of something else, a draft that waits, two questions."""

import pytest

from handlers.inbound import IncomingFile
from tests.cast import Estate

AUNT_LI = "李阿姨"


async def file(estate: Estate, text: str) -> str:
    await estate.says(AUNT_LI, text)
    await estate.presses_if_asked(AUNT_LI, "不是，继续上报")
    await estate.presses(AUNT_LI, "提交")
    await estate.reads(AUNT_LI)
    return await estate.steward_now()


async def resolved(estate: Estate, text: str = "楼上3栋太吵了") -> str:
    steward = await file(estate, text)
    await estate.presses(steward, "接单")
    await estate.presses(steward, "办结")
    await estate.presses(steward, "已处理")
    await estate.reads(AUNT_LI)
    return steward


async def test_whom_to_phone_comes_first_even_before_the_place_is_known(estate: Estate) -> None:
    await estate.says(AUNT_LI, "着火了！快来人")
    answer = await estate.reads(AUNT_LI)
    assert answer.index("119") < answer.index("在哪里")


async def test_what_is_added_may_make_it_an_emergency(estate: Estate) -> None:
    await estate.says(AUNT_LI, "3号楼电梯坏了")
    await estate.says(AUNT_LI, "里面有人出不来")
    assert "96333" in await estate.reads(AUNT_LI)
    await estate.presses(AUNT_LI, "提交")
    (case,) = await estate.cases()
    assert case.emergency


async def test_another_trouble_that_is_an_emergency_shows_its_numbers_with_the_question(estate: Estate) -> None:
    await estate.says(AUNT_LI, "3栋路灯坏了")
    await estate.reads(AUNT_LI)
    await estate.says(AUNT_LI, "3栋现在起火了")
    assert "119" in await estate.reads(AUNT_LI)


async def test_a_cry_for_help_after_a_rating_is_a_report(estate: Estate) -> None:
    await resolved(estate)
    await estate.presses(AUNT_LI, "解决了")
    await estate.presses(AUNT_LI, "5 非常满意")
    await estate.reads(AUNT_LI)
    await estate.says(AUNT_LI, "5号楼电梯坏了，有人困在里面")
    assert "96333" in await estate.reads(AUNT_LI)
    await estate.presses(AUNT_LI, "提交")
    assert len(await estate.cases()) == 2


async def test_a_cry_for_help_while_a_steward_waits_for_an_answer(estate: Estate) -> None:
    steward = await file(estate, "3栋漏水")
    await estate.presses(steward, "接单")
    await estate.presses(steward, "问居民")
    await estate.says(steward, "哪一间？")
    await estate.reads(AUNT_LI)
    await estate.says(AUNT_LI, "3号楼着火了")
    assert "119" in await estate.reads(AUNT_LI)
    await estate.presses(AUNT_LI, "提交")
    assert [case.category for case in await estate.cases()] == ["leaks", "fire"]


async def test_the_day_after_a_rating_words_are_a_report_again(estate: Estate) -> None:
    await resolved(estate)
    await estate.presses(AUNT_LI, "解决了")
    await estate.presses(AUNT_LI, "5 非常满意")
    await estate.waits(hours=20)
    await estate.says(AUNT_LI, "5栋垃圾没人收")
    await estate.presses(AUNT_LI, "提交")
    assert len(await estate.cases()) == 2


async def test_asked_for_the_place_another_trouble_is_not_swallowed(estate: Estate) -> None:
    await estate.says(AUNT_LI, "路灯都不亮")
    assert "在哪里" in await estate.reads(AUNT_LI)
    await estate.says(AUNT_LI, "5栋下水道堵了")
    await estate.presses(AUNT_LI, "是另外一件事")
    await estate.presses(AUNT_LI, "提交")
    assert [case.category for case in await estate.cases()] == ["drains"]


async def test_asked_for_the_place_one_may_say_it_all_again(estate: Estate) -> None:
    await estate.says(AUNT_LI, "路灯都不亮")
    await estate.says(AUNT_LI, "3栋2单元的路灯")
    await estate.presses(AUNT_LI, "提交")
    assert [case.category for case in await estate.cases()] == ["lights"]


async def test_a_draft_waits_while_a_question_is_answered(estate: Estate) -> None:
    steward = await file(estate, "3栋漏水")
    await estate.presses(steward, "接单")
    await estate.says(AUNT_LI, "5栋路灯坏了")
    await estate.presses(steward, "问居民")
    await estate.says(steward, "哪一间？")
    await estate.presses(AUNT_LI, "回答")
    await estate.says(AUNT_LI, "厨房")
    await estate.presses(AUNT_LI, "提交")
    assert [case.category for case in await estate.cases()] == ["leaks", "lights"]


async def test_a_report_goes_on_after_the_home_was_asked(estate: Estate) -> None:
    await estate.says(AUNT_LI, "电梯坏了")
    await estate.says(AUNT_LI, "你好")
    await estate.says(AUNT_LI, "3-2-501")
    assert "电梯坏了" in await estate.reads(AUNT_LI)
    await estate.presses(AUNT_LI, "提交")
    assert len(await estate.cases()) == 1


async def test_words_instead_of_a_tap_are_not_lost(estate: Estate) -> None:
    await estate.says(AUNT_LI, "3栋路灯坏了")
    await estate.says(AUNT_LI, "还有5栋有狗乱叫")
    await estate.says(AUNT_LI, "是只大黄狗")
    await estate.presses(AUNT_LI, "是另外一件事")
    await estate.presses(AUNT_LI, "提交")
    first, second = await estate.cases()
    assert first.words == "3栋路灯坏了"
    assert second.words == "还有5栋有狗乱叫\n是只大黄狗"


async def test_an_old_answer_to_which_is_harmless(estate: Estate) -> None:
    await estate.says(AUNT_LI, "3栋路灯坏了")
    await estate.says(AUNT_LI, "还有5栋有狗乱叫")
    buttons = (await estate.told(AUNT_LI))[-1]["buttons"]
    await estate.presses_data(AUNT_LI, buttons["同一件事"])
    await estate.presses_data(AUNT_LI, buttons["是另外一件事"])
    assert await estate.cases() == []
    await estate.presses(AUNT_LI, "提交")
    (case,) = await estate.cases()
    assert case.words == "3栋路灯坏了\n还有5栋有狗乱叫"


async def test_with_two_open_questions_it_is_asked_which(estate: Estate) -> None:
    stewards = [await file(estate, text) for text in ("3栋漏水", "5栋路灯坏了")]
    for number, steward in enumerate(stewards, 1001):
        await estate.presses_data(steward, f"c:accept:{number}")
        await estate.presses_data(steward, f"c:ask:{number}")
        await estate.says(steward, "什么时候方便？")
    await estate.says(AUNT_LI, "下午三点以后在家")
    await estate.presses(AUNT_LI, "是回答 #1001")
    assert [case.state for case in await estate.cases()] == ["working", "waiting"]


async def test_assigning_twice_does_not_take_the_case_away_again(estate: Estate) -> None:
    steward = await file(estate, "3栋漏水")
    await estate.presses_data("lin", "c:give:1001")
    other = "zhou"
    person = next(holder for label, holder in (await estate.buttons("lin")).items() if "周小燕" in label)
    await estate.presses_data("lin", person)
    await estate.presses(other, "接单")
    await estate.presses_data("lin", person)
    (case,) = await estate.cases()
    assert case.state == "working"
    assert steward != other


@pytest.mark.parametrize("data", ["c:finish:1001:comment", "c:finish:1001:x", "r:" + "a" * 50 + ":x",
                                  "r:aaaaaaaaaaaa:reply:99999999999999999999", "h:at:99999999999999999999",
                                  "l:mine:99999999999", "c:to:1001:99999999999999999999"])  # fmt: skip
async def test_odd_buttons_are_answered(estate: Estate, data: str) -> None:
    await file(estate, "3栋漏水")
    await estate.presses_data(AUNT_LI, data)
    assert await estate.reads(AUNT_LI)


async def test_a_list_of_many_buildings_is_no_trouble(estate: Estate) -> None:
    await estate.says(AUNT_LI, "、".join(f"{number}号楼" for number in range(1, 19)) + "都停水了")
    await estate.presses(AUNT_LI, "提交")
    assert len(await estate.cases()) == 1


async def test_a_steward_whom_no_platform_reaches_is_passed_over(estate: Estate) -> None:
    for gone in ("wang", "chen", "wu", "gao"):
        await estate.says(gone, reach="blocked")
    await estate.says(AUNT_LI, "3栋漏水")
    await estate.presses(AUNT_LI, "提交")
    (case,) = await estate.cases()
    assert case.state == "new"
    assert "#1001" in await estate.reads("lin")


async def test_a_voice_reaches_the_steward(estate: Estate) -> None:
    await estate.says(AUNT_LI, "3栋漏水", files=(IncomingFile("voice", remote="v1"),))
    await estate.presses(AUNT_LI, "提交")
    steward = await estate.steward()
    assert any(row.get("files") for row in await estate.told(steward))


async def test_a_voice_is_no_photo_of_the_result(estate: Estate) -> None:
    steward = await file(estate, "3栋路灯坏了")
    await estate.presses(steward, "接单")
    await estate.presses(steward, "办结")
    await estate.says(steward, "修好了", files=(IncomingFile("voice", remote="v1"),))
    assert "请发一张" in await estate.reads(steward)
    (case,) = await estate.cases()
    assert case.state == "working"


async def test_what_was_added_is_on_the_next_stewards_card(estate: Estate) -> None:
    steward = await file(estate, "3栋漏水")
    await estate.presses(AUNT_LI, "加照片或补充")
    await estate.says(AUNT_LI, "越来越大了")
    await estate.presses(steward, "退回")
    await estate.says(steward, "我今天请假")
    other = await estate.steward_now()
    assert other != steward
    card = await estate.reads(other)
    assert "越来越大了" in card
    assert "我今天请假" in card


async def test_a_leader_takes_an_overdue_case_in_hand(estate: Estate) -> None:
    steward = await file(estate, "3栋路灯坏了")
    await estate.presses(steward, "接单")
    await estate.lives_until("2026-10-09 18:00")
    await estate.presses("lin", "转派")
    await estate.presses("lin", "周小燕 · 邻里互助 · 志愿者")
    assert "#1001" in await estate.reads("zhou")
    assert steward != "zhou"


async def test_a_task_tapped_in_the_list_is_shown_below(estate: Estate) -> None:
    steward = await file(estate, "3栋路灯坏了")
    await estate.says(steward, "我的任务")
    await estate.presses(steward, (await estate.labels(steward))[0])
    newest = [row for row in await estate.told(steward) if "buttons" in row][-1]
    assert "接单" in newest["buttons"]
    assert not newest.get("edit")


async def test_the_story_tells_a_stranger_nothing(estate: Estate) -> None:
    await file(estate, "3栋路灯坏了")
    await estate.presses_data("张叔", "c:story:1001")
    assert "路灯" not in await estate.reads("张叔")


async def test_after_a_place_was_asked_a_whole_sentence_changes_it(estate: Estate) -> None:
    await estate.says(AUNT_LI, "3号楼电梯坏了")
    await estate.presses(AUNT_LI, "改地点")
    await estate.says(AUNT_LI, "是5号楼的电梯")
    assert "地点：丰美小区5号楼" in await estate.reads(AUNT_LI)
