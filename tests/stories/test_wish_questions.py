"""A coordinator asks about a wish that is being checked: plain words are the answer, and the clock waits for it."""

import pytest

from cases.looks import Look
from cases.states import State
from tests.cast import Estate
from tests.stories.test_wishes import AUNT_LI, LIN, WISH, wish

FENG = "feng"  # leads building 5 and vets what is wished there
QUESTION = "奶奶自己能坐起来吗？"


async def asked(estate: Estate, number: int = 1001, who: str = FENG, question: str = QUESTION) -> None:
    """Have a coordinator ask the wisher."""
    await estate.presses_data(who, f"c:question:{number}")
    await estate.says(who, question)
    await estate.reads(AUNT_LI)
    await estate.reads(who)


async def test_plain_words_are_the_answer(estate: Estate) -> None:
    await wish(estate)
    await asked(estate)
    await estate.says(AUNT_LI, "可以的，就是走不远")
    assert "已转给负责人" in await estate.reads(AUNT_LI)
    told = await estate.reads(FENG)
    assert "李阿姨回答：可以的，就是走不远" in told
    assert "审核中" in told
    assert "通过" in await estate.labels(FENG)  # the card to vet it comes again
    assert len(await estate.cases()) == 1
    assert (await estate.history())[-2:] == ["question", "explain"]
    await estate.presses(FENG, "通过")
    assert (await estate.case()).state == State.POOL
    await estate.presses_data(AUNT_LI, "c:story:1001")
    assert "回答：“可以的，就是走不远”" in await estate.reads(AUNT_LI)


async def test_who_asked_hears_beside_who_answers_for_it(estate: Estate) -> None:
    await wish(estate)
    await asked(estate, who=LIN)
    await estate.reads(FENG)
    await estate.says(AUNT_LI, "可以的")
    for who in (LIN, FENG):
        told = await estate.reads(who)
        assert told.count("李阿姨回答：可以的") == 2  # the news, and on the card
        assert "通过" in await estate.labels(who)


@pytest.mark.parametrize("verb", ["explain", "add"])
async def test_the_buttons_take_the_answer_too(estate: Estate, verb: str) -> None:
    await wish(estate)
    await asked(estate)
    await estate.presses_data(AUNT_LI, f"c:{verb}:1001")
    await estate.sends_photo(AUNT_LI, "轮椅进得了门")
    assert "轮椅进得了门" in await estate.reads(FENG)
    assert any(row.get("photos") for row in await estate.told(FENG))
    assert (await estate.case()).look_kind == Look.RULING


async def test_a_late_answer_is_kept(estate: Estate) -> None:
    await wish(estate)
    await asked(estate)
    await estate.presses_data(FENG, "c:vet:1001")
    assert (await estate.case()).waiting_since is None
    await estate.presses(AUNT_LI, "回答")
    await estate.says(AUNT_LI, "可以的")
    assert (await estate.history())[-1] == "supplement"
    await estate.says(AUNT_LI, "5栋路灯坏了")  # nobody waits any more
    await estate.presses(AUNT_LI, "提交")
    assert len(await estate.cases()) == 2


async def test_what_others_add_is_no_answer(estate: Estate) -> None:
    await wish(estate)
    await asked(estate)
    await estate.says("张叔", "可以的")
    for data in ("c:explain:1001", "c:answer:1001"):
        await estate.presses_data("张叔", data)
    assert (await estate.history())[-1] == "question"
    assert (await estate.case()).waiting_since is not None


async def test_an_emergency_is_a_report_of_its_own(estate: Estate) -> None:
    await wish(estate)
    await asked(estate)
    await estate.says(AUNT_LI, "5栋着火了！快来人")
    assert "119" in await estate.reads(AUNT_LI)
    await estate.presses(AUNT_LI, "提交")
    assert [case.category for case in await estate.cases()] == ["wish_things", "fire"]
    await estate.says(AUNT_LI, "可以的")
    assert (await estate.history())[-1] == "explain"


@pytest.mark.parametrize("words", ["5栋路灯坏了", "我的心愿是有人陪我下棋"])
async def test_another_trouble_and_another_wish_are_asked_about(estate: Estate, words: str) -> None:
    await wish(estate)
    for number, label in ((1002, "是另外一件事"), (None, "是回答 #1001")):
        await asked(estate)
        await estate.says(AUNT_LI, words)
        assert "这是在回答刚才问您的话" in await estate.reads(AUNT_LI)
        await estate.presses(AUNT_LI, label)
        if number is not None:
            await estate.presses(AUNT_LI, "提交")
            assert (await estate.case()).id == number
    assert words in await estate.reads(FENG)
    assert (await estate.history())[-1] == "explain"
    assert len(await estate.cases()) == 2


async def test_with_two_questions_it_is_asked_which(estate: Estate) -> None:
    await wish(estate)
    await wish(estate)
    await estate.says(AUNT_LI, "5栋漏水")
    await estate.presses(AUNT_LI, "提交")
    steward = await estate.steward_now()
    await estate.presses(steward, "接单")
    await estate.presses(steward, "问居民")
    await estate.says(steward, "哪一间？")
    await asked(estate, 1001)
    await asked(estate, 1002)
    await estate.says(AUNT_LI, "可以的")
    await estate.presses(AUNT_LI, "是回答 #1002")
    assert "已转给负责人" in await estate.reads(AUNT_LI)
    waiting = [case.id for case in await estate.cases() if case.waiting_since is not None]
    assert waiting == [1001, 1003]
    await estate.says(AUNT_LI, "厨房那间")
    await estate.presses(AUNT_LI, "是回答 #1003")
    assert "已转告红管家" in await estate.reads(AUNT_LI)
    assert "厨房那间" in await estate.reads(steward)
    await estate.says(AUNT_LI, "也可以")
    assert (await estate.history())[-1] == "explain"


async def test_the_time_to_vet_stands_still_until_the_answer(estate: Estate) -> None:
    await estate.lives_until("2026-10-08 09:00")
    await wish(estate)
    before = (await estate.case()).accept_by
    await asked(estate)
    case = await estate.case()
    assert (case.look_kind, case.state) == (Look.ANSWER, State.REVIEW)
    await estate.lives_until("2026-10-12 18:00")
    assert "超时" not in await estate.reads(LIN) + await estate.reads(FENG)
    await estate.says(AUNT_LI, "可以的")
    case = await estate.case()
    assert case.look_kind == Look.RULING
    assert case.accept_by > before
    await estate.lives_until("2026-10-14 16:50")
    assert "late" not in await estate.history()
    await estate.lives_until("2026-10-14 17:05")
    assert (await estate.history())[-1] == "late"


async def test_without_an_answer_it_goes_on_after_the_time_to_wait(estate: Estate) -> None:
    await estate.lives_until("2026-10-08 09:00")
    await wish(estate)
    await asked(estate)
    await estate.lives_until("2026-10-10 09:00")
    await asked(estate, question="那门口有台阶吗？")  # once more: the wait began with the first question
    await estate.lives_until("2026-10-13 08:55")
    assert (await estate.history())[-1] == "question"
    await estate.reads(FENG)
    await estate.lives_until("2026-10-13 09:05")
    told = await estate.reads(FENG)
    assert "居民没有回答" in told
    assert "通过" in await estate.labels(FENG)
    assert ((await estate.case()).look_kind, (await estate.case()).waiting_since) == (Look.RULING, None)
    await estate.lives_until("2026-10-15 09:00")
    assert (await estate.history())[-1] == "late"
    await estate.says(AUNT_LI, WISH)  # nobody waits any more
    assert "请看一下" in await estate.reads(AUNT_LI)


async def test_whatever_becomes_of_it_nobody_waits_any_more(estate: Estate) -> None:
    for number, verb in enumerate(("toissue", "vet", "really"), start=1001):
        await wish(estate, text="我的心愿是楼道灯能亮起来")
        await asked(estate, number)
        await estate.presses_data(AUNT_LI if verb == "really" else FENG, f"c:{verb}:{number}")
        case = await estate.case()
        assert (case.state == State.REVIEW, case.waiting_since, case.waiting_for) == (False, None, None)
