"""Whoever leads hands cases out by command, in Chinese words, however it is typed; what is mistyped is answered."""

import pytest

from cases.states import State
from tests.cast import Estate
from tests.stories.leading import AUNT_LI, CHEN, FENG, HUANG, LIN, UNCLE_ZHANG, WANG, accepted, audit, file


@pytest.mark.parametrize("said", [
    "/assign 1001 陈秀英", "/ASSIGN #1001 chen", "/assign　＃１００１　陈秀英", "派单 1001 陈老师", "派单1001 陈",
    "派单＃１００１，陈大姐", "转派 1001号 秀英", "/transfer 1001 楼栋党员", "转派 1001 陳秀英",
])  # fmt: skip
async def test_a_case_is_handed_out_by_name_however_it_is_typed(estate: Estate, said: str) -> None:
    assert await file(estate) == WANG
    await estate.says(LIN, said)
    assert await estate.steward() == CHEN
    assert "已交给陈秀英" in await estate.reads(LIN)
    assert "5栋漏水" in await estate.reads(CHEN)
    assert "陈秀英" in await estate.reads(AUNT_LI)
    assert "已经不用您办了" in await estate.reads(WANG)
    assert (await estate.history())[-1] == "transfer"
    assert await audit(estate) == ["case.transfer"]


async def test_where_several_fit_one_is_chosen_by_button(estate: Estate) -> None:
    await file(estate)
    await estate.says(LIN, "派单 1001 师")
    assert "哪一位" in await estate.reads(LIN)
    assert set(await estate.labels(LIN)) == {"吴师傅 · 商企发展 · 便民维修店", "徐律师 · 社区律师", "算了"}
    assert await estate.steward() == WANG
    await estate.presses(LIN, "徐律师 · 社区律师")
    assert await estate.steward() == "xu"


async def test_a_name_that_is_not_there_is_answered_with_the_nearest(estate: Estate) -> None:
    await file(estate)
    await estate.says(LIN, "/assign 1001 陈秀莹")
    assert "这里没有叫陈秀莹的红管家" in await estate.reads(LIN)
    await estate.presses(LIN, "陈秀英 · 红色管家 · 楼栋党员")
    assert await estate.steward() == CHEN
    await estate.says(LIN, "/assign 1001 某某某")
    answer = await estate.reads(LIN)
    assert "这里没有叫某某某的红管家" in answer
    assert "派给谁" in answer


async def test_without_a_name_the_stewards_are_shown(estate: Estate) -> None:
    await file(estate)
    await estate.says(LIN, "派单 1001")
    await estate.presses(LIN, "陈秀英 · 红色管家 · 楼栋党员")
    assert await estate.steward() == CHEN


async def test_who_has_it_already_is_said(estate: Estate) -> None:
    await file(estate)
    await estate.says(LIN, "派单 1001 王师傅")
    assert "本来就在王建国手上" in await estate.reads(LIN)
    assert (await estate.history())[-1] == "assign"


async def test_who_is_at_work_is_not_put_aside_by_mistake(estate: Estate) -> None:
    await accepted(estate)
    await estate.says(LIN, "派单 1001 陈秀英")
    assert "/transfer 1001" in await estate.reads(LIN)
    assert await estate.steward() == WANG
    await estate.says(LIN, "转派 1001 陈秀英")
    assert await estate.steward() == CHEN


async def test_that_the_new_steward_is_away_is_said(estate: Estate) -> None:
    await file(estate)
    await estate.says(CHEN, "/away 3d")
    await estate.reads(LIN)
    await estate.says(LIN, "派单 1001 陈秀英")
    assert "但陈秀英请假到" in await estate.reads(LIN)


@pytest.mark.parametrize("said", [
    "/assign", "/assign 王师傅", "派单", "派单 王师傅", "/escalate", "催办", "/priority 加急", "/merge 1001",
    "合并 1001 1001", "/reject 不归我们", "/reopen", "/note 记一下", "备注",
])  # fmt: skip
async def test_what_is_mistyped_is_answered_with_how_to_write_it(estate: Estate, said: str) -> None:
    await file(estate)
    await estate.says(HUANG, said)
    answer = await estate.reads(HUANG)
    assert "请带上编号" in answer
    assert "1042" in answer
    assert await estate.history() == ["file", "assign"]


@pytest.mark.parametrize("said", [
    "/assign {} 陈秀英", "/transfer {}", "催办 {}", "加急 {}", "/priority {} 普通", "/merge {} 1002", "/merge 1002 {}",
    "驳回 {} 办不了", "/note {} 记一下", "/case {}",
])  # fmt: skip
async def test_a_number_elsewhere_is_answered_like_one_that_there_is_not(estate: Estate, said: str) -> None:
    await file(estate, "3栋漏水")
    await file(estate, "5栋漏水", UNCLE_ZHANG)  # 1002: where 冯阿姨 leads
    await estate.says(FENG, said.format(1001))
    outside = await estate.reads(FENG)
    await estate.says(FENG, said.format(9001))
    assert (await estate.reads(FENG)).replace("9001", "1001") == outside
    assert "没有" in outside
    assert await estate.history() == ["file", "assign", "file", "assign"]


async def test_for_whom_it_is_not_it_says_so(estate: Estate) -> None:
    steward = await file(estate)
    await estate.says(AUNT_LI, "/reject 1001 不要了")
    assert "负责人、管理员用的" in await estate.reads(AUNT_LI)
    await estate.says(steward, "/assign 1001 陈秀英")
    assert "负责人、管理员用的" in await estate.reads(steward)
    assert await estate.history() == ["file", "assign"]


async def test_a_trouble_that_begins_with_such_a_word_is_a_report(estate: Estate) -> None:
    await estate.says(LIN, "加急 3号楼漏水，快来人")
    await estate.presses(LIN, "提交")
    await estate.says(LIN, "升级 3栋电梯有人被困")
    assert "96333" in await estate.reads(LIN)
    assert [case.category for case in await estate.cases()] == ["leaks"]


async def test_words_for_a_case_may_begin_with_a_command_but_a_number_makes_it_one(estate: Estate) -> None:
    await accepted(estate)
    await file(estate, "5栋路灯坏了", UNCLE_ZHANG)
    await estate.says(LIN, "/reject 1002")
    await estate.says(LIN, "备注 1001 钥匙在门卫")
    assert "note" in await estate.history()
    await estate.says(LIN, "合并 就不必了，请打 12345")
    assert (await estate.case()).state == State.REJECTED
