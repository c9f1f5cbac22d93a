"""A resident reports; a steward gets the task and accepts."""

import asyncio

import pytest
from sqlalchemy import select

from handlers.inbound import IncomingFile
from storage.message_models import Dialogue
from tests.cast import Estate

AUNT_LI = "李阿姨"
NEIGHBOUR = "张叔"


async def test_two_actions_from_thought_to_case(estate: Estate) -> None:
    await estate.says(AUNT_LI, "3号楼2单元楼道灯坏了")
    card = await estate.reads(AUNT_LI)
    assert "丰美小区3号楼2单元" in card
    assert "路灯与楼道灯" in card
    await estate.presses(AUNT_LI, "提交")
    answer = await estate.reads(AUNT_LI)
    assert "#1001" in answer
    assert "您的红管家" in answer
    assert "今天12:00" in answer  # two hours round the clock from 10:00
    (case,) = await estate.cases()
    assert (case.state, case.category, case.words) == ("assigned", "lights", "3号楼2单元楼道灯坏了")
    assert await estate.history() == ["file", "assign"]


async def test_an_emergency_shows_whom_to_phone_first_and_goes_to_steward_and_coordinator(estate: Estate) -> None:
    await estate.says(AUNT_LI, "3号楼2单元电梯坏了，有人困在里面")
    card = await estate.reads(AUNT_LI)
    assert card.index("96333") < card.index("电梯坏了")
    await estate.presses(AUNT_LI, "提交")
    (case,) = await estate.cases()
    assert case.emergency
    steward = await steward_of(estate)
    assert "【紧急】" in await estate.reads(steward)
    assert "【紧急】" in await estate.reads("lin")


async def test_the_steward_accepts_and_the_resident_hears(estate: Estate) -> None:
    await file(estate, "3号楼2单元电梯坏了")
    steward = await steward_of(estate)
    await estate.reads(AUNT_LI)
    await estate.presses(steward, "接单")
    assert "已接单" in await estate.reads(AUNT_LI)
    (case,) = await estate.cases()
    assert case.state == "working"


async def test_a_button_pressed_twice_has_one_effect_and_tells_what_is_true(estate: Estate) -> None:
    await file(estate, "3号楼2单元电梯坏了")
    steward = await steward_of(estate)
    await estate.presses_data(steward, "c:accept:1001")
    await estate.reads(steward)
    await estate.presses_data(steward, "c:accept:1001")
    assert "处理中" in await estate.reads(steward)
    assert (await estate.history()).count("accept") == 1


async def test_submit_pressed_twice_files_once(estate: Estate) -> None:
    await estate.says(AUNT_LI, "5栋垃圾没人收")
    submit = (await estate.told(AUNT_LI))[-1]["buttons"]["提交"]
    await asyncio.gather(estate.presses_data(AUNT_LI, submit), estate.presses_data(AUNT_LI, submit))
    assert len(await estate.cases()) == 1
    assert "#1001" in await estate.reads(AUNT_LI)


async def test_somebody_elses_button_does_nothing(estate: Estate) -> None:
    await file(estate, "3号楼2单元电梯坏了")
    await estate.presses_data(NEIGHBOUR, "c:accept:1001")
    assert "不归您办" in await estate.reads(NEIGHBOUR)
    assert await estate.history() == ["file", "assign"]


async def test_the_same_update_twice_is_dealt_with_once(estate: Estate) -> None:
    inbound = await estate.says(AUNT_LI, "5栋垃圾没人收")
    before = await estate.told(AUNT_LI)
    await estate.inbox.accept(inbound)
    assert await estate.told(AUNT_LI) == before


async def test_only_the_place_is_asked_when_only_the_place_is_missing(estate: Estate) -> None:
    await estate.says(AUNT_LI, "路灯不亮")
    assert "在哪里" in await estate.reads(AUNT_LI)
    await estate.says(AUNT_LI, "三栋")
    assert "丰美小区3号楼" in await estate.reads(AUNT_LI)
    await estate.presses(AUNT_LI, "提交")
    (case,) = await estate.cases()
    assert case.words == "路灯不亮"


async def test_a_building_that_is_not_here_is_asked_again(estate: Estate) -> None:
    await estate.says(AUNT_LI, "99号楼路灯不亮")
    assert "没有99号楼" in await estate.reads(AUNT_LI)


async def test_an_album_of_ten_photos_is_one_report(estate: Estate) -> None:
    await estate.sends_photo(AUNT_LI, "3栋垃圾成堆", album="a")
    for _ in range(9):
        await estate.sends_photo(AUNT_LI, album="a")
    assert "10 个" in (await estate.told(AUNT_LI))[-1]["text"]
    await estate.presses(AUNT_LI, "提交")
    assert len(await estate.cases()) == 1


async def test_a_file_of_sixty_megabytes_is_declined_and_the_words_are_kept(estate: Estate) -> None:
    await estate.sends_photo(AUNT_LI, "3栋垃圾成堆", size=60 * 1024 * 1024)
    answer = await estate.reads(AUNT_LI)
    assert "文件太大（60 MB" in answer
    assert "3栋垃圾成堆" in answer


async def test_a_second_matter_in_the_middle_is_not_swallowed(estate: Estate) -> None:
    await estate.says(AUNT_LI, "3号楼2单元路灯不亮")
    await estate.says(AUNT_LI, "还有5栋有狗乱叫咬人")
    await estate.presses(AUNT_LI, "是另外一件事")
    await estate.presses(AUNT_LI, "提交")
    assert [case.category for case in await estate.cases()] == ["lights", "pets"]


@pytest.mark.parametrize("said", ["", "   ", "😀😀", "\u200b", "/nonsense", "<b>&</b>", "*" * 10_000, "a" * 10_000])
async def test_whatever_is_said_gets_an_answer(estate: Estate, said: str) -> None:
    await estate.says(AUNT_LI, said)
    assert await estate.reads(AUNT_LI)


@pytest.mark.parametrize("data", ["x", "c:accept:99", "c:accept:x", "r:nope:submit", "c:", "r:a:b:c:d"])
async def test_invented_buttons_get_an_answer(estate: Estate, data: str) -> None:
    await estate.presses_data(AUNT_LI, data)
    assert await estate.reads(AUNT_LI)


async def test_a_steward_takes_turns_with_the_next(estate: Estate) -> None:
    for text in ("3栋路灯不亮", "4栋路灯不亮"):
        await file(estate, text)
    first, second = await estate.cases()
    assert first.steward_id != second.steward_id


async def file(estate: Estate, text: str) -> None:
    await estate.says(AUNT_LI, text)
    await estate.presses(AUNT_LI, "提交")


async def steward_of(estate: Estate) -> str:
    """Return the chat of whoever got the first task."""
    for who in ("wang", "chen"):
        if await estate.told(who):
            return who
    raise AssertionError("nobody got a task")


async def test_two_hundred_messages_a_minute_are_slowed_and_told_once(estate: Estate) -> None:
    for number in range(200):
        await estate.says(AUNT_LI, f"3栋路灯坏了 {number}")
    told = [row for row in await estate.told(AUNT_LI) if "太快" in row.get("text", "")]
    assert len(told) == 1
    kept = await estate.store.read(lambda session: session.scalar(select(Dialogue.data)))
    assert kept is not None
    assert kept["words"].splitlines() == [f"3栋路灯坏了 {number}" for number in range(60)]


async def test_while_one_floods_another_is_heard(estate: Estate) -> None:
    for number in range(70):
        await estate.says(AUNT_LI, f"3栋路灯坏了 {number}")
    await estate.says(NEIGHBOUR, "5栋停水了")
    assert "供水" in await estate.reads(NEIGHBOUR)


async def test_a_voice_is_kept_and_a_few_words_are_asked(estate: Estate) -> None:
    await estate.says(AUNT_LI, files=(IncomingFile("voice", remote="v1"),))
    assert "请再写几个字" in await estate.reads(AUNT_LI)
    await estate.says(AUNT_LI, "3栋路灯坏了")
    assert "1 个" in await estate.reads(AUNT_LI)


async def test_a_location_is_the_place(estate: Estate) -> None:
    await estate.says(AUNT_LI, location=(23.13, 113.27))
    await estate.says(AUNT_LI, "路灯坏了")
    assert "地点：丰美小区" in await estate.reads(AUNT_LI)


async def test_a_changed_message_is_answered(estate: Estate) -> None:
    await estate.says(AUNT_LI, "3栋路灯坏了", edited=True)
    assert "另发一条" in await estate.reads(AUNT_LI)


async def test_kind_and_place_are_changed_by_button(estate: Estate) -> None:
    await estate.says(AUNT_LI, "3栋路灯坏了")
    await estate.presses(AUNT_LI, "改类别")
    await estate.presses(AUNT_LI, "用电")
    await estate.presses(AUNT_LI, "改地点")
    await estate.presses(AUNT_LI, "12号楼")
    await estate.presses(AUNT_LI, "提交")
    (case,) = await estate.cases()
    assert case.category == "power"
    assert estate.rules.tree.label(case.place_id) == "丰美小区12号楼"


async def test_more_is_added_before_submitting(estate: Estate) -> None:
    await estate.says(AUNT_LI, "3栋路灯坏了")
    await estate.presses(AUNT_LI, "加照片或补充")
    await estate.sends_photo(AUNT_LI, "从昨天开始")
    await estate.presses(AUNT_LI, "提交")
    (case,) = await estate.cases()
    assert case.words == "3栋路灯坏了\n从昨天开始"


async def test_cancelled_is_gone_and_its_button_says_so(estate: Estate) -> None:
    await estate.says(AUNT_LI, "3栋路灯坏了")
    submit = (await estate.told(AUNT_LI))[-1]["buttons"]["提交"]
    await estate.presses(AUNT_LI, "取消")
    await estate.reads(AUNT_LI)
    await estate.presses_data(AUNT_LI, submit)
    assert "重新写一遍" in await estate.reads(AUNT_LI)
    assert await estate.cases() == []


async def test_an_old_draft_is_dropped_but_its_words_are_kept(estate: Estate) -> None:
    await estate.says(AUNT_LI, "路灯坏了")
    await estate.waits(days=3)
    await estate.says(AUNT_LI, "3栋")
    assert "路灯坏了" in await estate.reads(AUNT_LI)


async def test_a_sticker_gets_a_clear_answer(estate: Estate) -> None:
    await estate.says(AUNT_LI, unknown="sticker")
    assert "看得懂文字" in await estate.reads(AUNT_LI)


async def test_forwarded_words_are_a_report_too(estate: Estate) -> None:
    await estate.says(AUNT_LI, "3栋水管爆了", forwarded=True)
    assert "提交" in await estate.labels(AUNT_LI)


async def test_invisible_and_reordering_characters_are_taken_out(estate: Estate) -> None:
    await estate.says(AUNT_LI, "3栋\u200b路灯\u202e坏了\u2066")
    await estate.presses(AUNT_LI, "提交")
    (case,) = await estate.cases()
    assert case.words == "3栋路灯坏了"


async def test_ten_thousand_characters_are_cut_with_notice(estate: Estate) -> None:
    await estate.says(AUNT_LI, "3栋路灯坏了。" + "很黑" * 5000)
    assert "只留前" in await estate.reads(AUNT_LI)
    await estate.presses(AUNT_LI, "提交")
    (case,) = await estate.cases()
    assert 5000 < len(case.words) <= 6000


async def test_a_week_old_button_tells_what_is_true_now(estate: Estate) -> None:
    await file(estate, "3号楼2单元电梯坏了")
    steward = await steward_of(estate)
    await estate.presses(steward, "接单")
    await estate.presses_data(steward, "c:quick:1001:0")
    await estate.waits(days=7)
    await estate.reads(steward)
    await estate.presses_data(steward, "c:accept:1001")
    assert "处理中" in await estate.reads(steward)


async def test_two_same_troubles_at_two_places_are_two_matters(estate: Estate) -> None:
    await estate.says(AUNT_LI, "3栋路灯坏了")
    await estate.says(AUNT_LI, "5栋路灯坏了")
    assert "是另外一件事" in await estate.labels(AUNT_LI)


async def test_the_rest_of_a_long_text_belongs_to_it(estate: Estate) -> None:
    await estate.says(AUNT_LI, "3栋路灯坏了。" + "很黑" * 2040)
    await estate.says(AUNT_LI, "另外狗也乱叫")
    assert "是另外一件事" not in await estate.labels(AUNT_LI)
