"""A chat without buttons: what can be tapped elsewhere is answered with a number, as people write numbers."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from handlers.numbers import assign
from handlers.numbers_heard import number_in
from storage.engine import Store
from storage.models import HistoryEntry
from tests.cast import PLAIN, Estate, PlainPlanner, open_estate

AUNT_LI = "李阿姨"


@pytest.fixture
async def estate(store: Store) -> Estate:
    return await open_estate(store, {PLAIN: PlainPlanner(numbered=True)})


async def number_of(estate: Estate, who: str, label: str) -> str:
    """Return the number that stands before a label in the newest message that has it."""
    for row in reversed(await estate.told(who)):
        for line in str(row.get("text", "")).splitlines():
            number, _, words = line.partition(" ")
            if number.isdecimal() and label in (words, line):
                return number
    raise AssertionError(f"{who} reads no choice {label!r}: {await estate.told(who)}")


async def test_the_whole_loop_by_numbers(estate: Estate) -> None:
    await estate.says(AUNT_LI, "3号楼2单元楼道灯坏了")
    assert "1 提交" in (card := await estate.reads(AUNT_LI))
    assert "回复数字就行：1、2、3" in card
    await estate.says(AUNT_LI, "１")
    assert "已收到" in await estate.reads(AUNT_LI)
    steward = await estate.steward()
    await estate.says(steward, await number_of(estate, steward, "接单"))
    await estate.says(steward, await number_of(estate, steward, "办结"))
    await estate.says(steward, "换了新灯泡")
    await estate.sends_photo(steward)
    assert "解决了" in await estate.reads(AUNT_LI)
    await estate.says(AUNT_LI, "选" + await number_of(estate, AUNT_LI, "解决了"))
    assert "5 非常满意" in await estate.reads(AUNT_LI)
    await estate.says(AUNT_LI, "5分")
    (rating,) = await estate.ratings()
    assert (rating.solved, rating.stars) == (True, 5)
    assert len(await estate.cases()) == 1


async def test_the_words_of_a_choice_are_the_choice(estate: Estate) -> None:
    await estate.says(AUNT_LI, "3号楼2单元楼道灯坏了")
    await estate.says(AUNT_LI, "提交。")
    assert (await estate.case()).words == "3号楼2单元楼道灯坏了"


async def test_a_house_has_its_own_number(estate: Estate) -> None:
    await estate.says(AUNT_LI, "楼道灯坏了")
    assert "\n13号楼" in await estate.reads(AUNT_LI)
    await estate.says(AUNT_LI, "13")
    await estate.says(AUNT_LI, "1")
    assert (await estate.case()).place_id == estate.rules.tree.by_key("fengmei-13").id  # type: ignore[union-attr]


async def test_a_number_that_was_not_offered_is_asked_for_again(estate: Estate) -> None:
    await estate.says(AUNT_LI, "3号楼2单元楼道灯坏了")
    await estate.reads(AUNT_LI)
    await estate.says(AUNT_LI, "77")
    assert "没有这个数字" in (said := await estate.reads(AUNT_LI))
    assert "1 提交" in said
    await estate.says(AUNT_LI, "第一个吧")
    assert len(await estate.cases()) == 1


async def test_a_notice_in_between_does_not_take_the_number_away(estate: Estate) -> None:
    await estate.says(AUNT_LI, "3号楼2单元楼道灯坏了")
    await estate.says(AUNT_LI, "1")
    steward = await estate.steward()
    await estate.says(steward, "接单")
    await estate.says(AUNT_LI, "3号楼有人遛狗不牵绳")
    await estate.reads(AUNT_LI)
    await estate.says(steward, "办结")
    await estate.says(steward, "换了新灯泡")
    await estate.sends_photo(steward)
    assert "1 解决了" not in await estate.reads(AUNT_LI)
    await estate.says(AUNT_LI, "1")
    assert [case.category for case in await estate.cases()] == ["lights", "pets"]
    assert await estate.ratings() == []


async def test_words_that_are_asked_for_are_words(estate: Estate) -> None:
    await estate.says(AUNT_LI, "3号楼2单元楼道灯坏了")
    await estate.says(AUNT_LI, "加照片或补充")
    await estate.says(AUNT_LI, "2")
    await estate.says(AUNT_LI, "1")
    assert "2" in (await estate.case()).words.split("\n")


@pytest.mark.parametrize("said", ["1", "2", "十二"])
async def test_a_number_is_an_answer_where_words_for_a_case_are_asked_for(estate: Estate, said: str) -> None:
    await estate.says(AUNT_LI, "3号楼2单元楼道灯坏了")
    await estate.says(AUNT_LI, "1")
    await estate.says(AUNT_LI, await number_of(estate, AUNT_LI, "加照片或补充"))
    assert (asked := (await estate.reads(AUNT_LI)).rstrip()).endswith("0 算了")
    assert "回复数字" not in asked.rpartition("#")[2]
    await estate.says(AUNT_LI, said)
    newest = select(HistoryEntry.words).order_by(HistoryEntry.id.desc()).limit(1)
    assert await estate.store.read(lambda session: session.scalar(newest)) == said


async def test_a_notice_takes_no_number_that_may_be_the_words_asked_for(estate: Estate) -> None:
    await estate.says(AUNT_LI, "3号楼2单元楼道灯坏了")
    await estate.says(AUNT_LI, "1")
    steward = await estate.steward()
    await estate.presses(steward, "接单")
    await estate.says(AUNT_LI, "加照片或补充")
    await estate.presses(steward, "办结")
    await estate.says(steward, "换了新灯泡")
    await estate.sends_photo(steward)
    assert "91 解决了" in await estate.reads(AUNT_LI)


async def test_naught_leaves_a_question_for_words(estate: Estate) -> None:
    await estate.says(AUNT_LI, "3号楼2单元楼道灯坏了")
    await estate.says(AUNT_LI, "1")
    await estate.says(AUNT_LI, "加照片或补充")
    await estate.reads(AUNT_LI)
    await estate.says(AUNT_LI, "０")
    assert "没有改动" in await estate.reads(AUNT_LI)


@pytest.mark.parametrize("said", ["好的", "对", "没错！", "OK", "是的。"])
async def test_whoever_says_yes_to_the_report_they_are_shown_files_it(estate: Estate, said: str) -> None:
    await estate.says(AUNT_LI, "3号楼2单元楼道灯坏了")
    await estate.says(AUNT_LI, said)
    assert (await estate.case()).words == "3号楼2单元楼道灯坏了"


async def test_yes_to_a_notice_presses_nothing(estate: Estate) -> None:
    await estate.says(AUNT_LI, "3号楼2单元楼道灯坏了")
    await estate.says(AUNT_LI, "1")
    steward = await estate.steward()
    await estate.presses(steward, "接单")
    await estate.presses(steward, "办结")
    await estate.says(steward, "换了新灯泡")
    await estate.sends_photo(steward)
    await estate.says(AUNT_LI, "好的")
    assert await estate.ratings() == []


async def test_a_mark_is_taken_days_later(estate: Estate) -> None:
    await estate.says(AUNT_LI, "3号楼2单元楼道灯坏了")
    await estate.says(AUNT_LI, "1")
    steward = await estate.steward()
    await estate.presses(steward, "接单")
    await estate.presses(steward, "办结")
    await estate.says(steward, "换了新灯泡")
    await estate.sends_photo(steward)
    solved = await number_of(estate, AUNT_LI, "解决了")
    estate.clock.move(timedelta(days=2, hours=12))
    await estate.says(AUNT_LI, solved)
    assert "5 非常满意" in await estate.reads(AUNT_LI)
    assert len(await estate.cases()) == 1


async def test_where_there_is_no_button_none_is_spoken_of(estate: Estate) -> None:
    await estate.says(AUNT_LI, "/phone")
    assert "按钮" not in (asked := await estate.reads(AUNT_LI))
    assert "把号码写在这里就行" in asked
    await estate.says(AUNT_LI, "13800138000")
    assert "13800138000" in await estate.reads(AUNT_LI)


async def test_a_case_in_a_list_is_meant_by_its_own_number(estate: Estate) -> None:
    for words in ("3号楼2单元楼道灯坏了", "3号楼有人遛狗不牵绳"):
        await estate.says(AUNT_LI, words)
        await estate.says(AUNT_LI, "1")
    await estate.says(AUNT_LI, "我的事项")
    await estate.reads(AUNT_LI)
    await estate.says(AUNT_LI, "1002")
    assert "#1002" in (shown := await estate.reads(AUNT_LI))
    assert "#1001" not in shown
    await estate.says(AUNT_LI, "#1001")
    assert len(await estate.cases()) == 2


async def test_what_begins_with_a_number_is_no_number(estate: Estate) -> None:
    await estate.says(AUNT_LI, "3号楼2单元楼道灯坏了")
    await estate.says(AUNT_LI, "3号楼电梯坏了")
    assert "这是同一件事，还是另外一件？" in await estate.reads(AUNT_LI)


async def test_an_old_number_is_answered_with_what_is_true_now(estate: Estate) -> None:
    await estate.says(AUNT_LI, "3号楼2单元楼道灯坏了")
    cancel = await number_of(estate, AUNT_LI, "取消")
    await estate.says(AUNT_LI, cancel)
    assert "已取消" in await estate.reads(AUNT_LI)
    await estate.says(AUNT_LI, "1")
    assert "这份上报已经不在了" in await estate.reads(AUNT_LI)
    assert await estate.cases() == []


async def test_nothing_is_said_twice_for_one_choice(estate: Estate) -> None:
    await estate.says(AUNT_LI, "/home")
    await estate.reads(AUNT_LI)
    await estate.says(AUNT_LI, "3")
    assert (await estate.reads(AUNT_LI)).count("记住了") == 1


@pytest.mark.parametrize(
    ("said", "number"),
    [("1", 1), ("一", 1), ("选1", 1), ("选 二", 2), ("1.", 1), ("(1)", 1), ("第三个", 3), ("回复3", 3), ("我选2吧", 2),
     ("5分", 5), ("五星", 5), ("两", 2), ("十二", 12), ("3号", 3), ("1个", 1), ("2！".replace("！", "!"), 2),
     ("“1”", 1), ("《1》", 1), ("1；", 1), ("1？", 1), ("那就1吧", 1), ("请选1", 1), ("我想选第一个", 1), ("1。", 1),
     ("0", 0), ("1谢谢", 1), ("1+1", None), ("3号楼", None), ("3号楼电梯坏了", None), ("1、2", None),
     ("110", None), ("3-2", None), ("灯", None), ("一个灯坏了", None), ("13800138000", None), ("一点", None)],
)  # fmt: skip
def test_what_counts_as_a_number(said: str, number: int | None) -> None:
    assert number_in(said) == number


def test_a_choice_that_says_a_number_has_it() -> None:
    assert assign(["5 非常满意", "4 满意", "1 很差"], set()) == [5, 4, 1]
    assert assign(["一个", "两个", "三个", "五个", "谁都行"], set()) == [1, 2, 3, 5, 4]
    assert assign([f"{n}号楼" for n in range(1, 19)] + ["更多"], set())[-1] == 91
    assert assign(["提交", "取消"], {1, 2, 5}) == [6, 7]
    assert assign(["一周内", "一个月内", "不着急"], set()) == [2, 1, 3]
