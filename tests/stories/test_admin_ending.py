"""Whoever leads joins, declines and opens again."""

import pytest
from sqlalchemy import update

from cases.states import State
from storage.models import Case
from tests.cast import Estate
from tests.stories.leading import (
    AUNT_LI,
    FENG,
    GRANNY_WANG,
    HUANG,
    LIN,
    UNCLE_ZHANG,
    WANG,
    accepted,
    audit,
    closed,
    file,
    make_admin,
    story,
)


@pytest.mark.parametrize("said", ["/merge 1002 1001", "合并1002和1001", "合并 ＃1002→#1001", "合并 1002，1001"])
async def test_two_that_are_the_same_are_joined(estate: Estate, said: str) -> None:
    await file(estate)
    await file(estate, "5栋楼下漏水了", UNCLE_ZHANG)
    await estate.says(LIN, said)
    merged = await estate.case()
    assert (merged.state, merged.merged_into) == (State.MERGED, 1001)
    assert "已并入 #1001" in await estate.reads(LIN)
    assert "已合并" in await estate.reads(UNCLE_ZHANG)
    assert await audit(estate) == ["case.merge", "case.merge_in"]


async def test_what_cannot_be_joined_is_said_clearly(estate: Estate) -> None:
    await file(estate)
    await file(estate, "5栋路灯坏了", UNCLE_ZHANG)
    await file(estate, "5栋楼上漏水不管，邻里纠纷", GRANNY_WANG)
    await estate.says(LIN, "合并 1002 1001")
    assert "类别不一样" in await estate.reads(LIN)
    await estate.says(LIN, "合并 1003 1001")
    assert "不能合并" in await estate.reads(LIN)
    await estate.presses_data(UNCLE_ZHANG, "c:really:1002")
    await estate.reads(LIN)
    await estate.says(LIN, "合并 1001 1002")
    assert "#1002 路灯与楼道灯：已撤回" in await estate.reads(LIN)
    assert "merge" not in await estate.history()


async def test_a_joined_report_shows_no_number_of_the_other_resident(estate: Estate) -> None:
    await file(estate, "5栋漏水，电话13800138000")
    await file(estate, "5栋楼下漏水了", UNCLE_ZHANG)
    await estate.says(LIN, "合并 1002 1001")
    assert "13800138000" not in await story(estate, UNCLE_ZHANG, 1002)


async def test_declining_tells_the_steward_at_work_and_the_resident_where_to_turn(estate: Estate) -> None:
    steward = await accepted(estate)
    await estate.says(LIN, "驳回 1001 这是自家水管，不归小区修")
    assert (await estate.case()).state == State.REJECTED
    assert "林楼长决定不受理：这是自家水管" in await estate.reads(steward)
    read = await estate.reads(AUNT_LI)
    assert "这是自家水管，不归小区修" in read
    assert "12345" in read
    assert "已答复不受理" in await estate.reads(LIN)
    assert await audit(estate) == ["case.decline"]


async def test_a_reason_that_names_a_number_is_left_as_it_is(estate: Estate) -> None:
    await file(estate)
    await estate.says(LIN, "/reject 1001 请打供水热线 96968")
    assert "12345" not in await estate.reads(AUNT_LI)


async def test_without_a_reason_it_is_asked_for(estate: Estate) -> None:
    await file(estate)
    await estate.says(LIN, "/reject 1001")
    assert "为什么" in await estate.reads(LIN)
    assert (await estate.case()).state == State.ASSIGNED
    await estate.presses(LIN, "这不属于我们的范围，可拨打12345热线")
    assert (await estate.case()).state == State.REJECTED


async def test_what_was_declined_an_admin_opens_again(estate: Estate) -> None:
    steward = await accepted(estate)
    await estate.says(LIN, "驳回 1001 办不了")
    await estate.waits(days=3)
    await estate.reads(AUNT_LI)
    await estate.says(LIN, "重开 1001")
    assert (await estate.case()).state == State.REJECTED  # said by a coordinator that is a report like any other
    await estate.says(LIN, "/reopen 1001")
    assert "管理员用的" in await estate.reads(LIN)
    await estate.says(HUANG, "重开 1001 再去看一次")
    case = await estate.case()
    assert (case.state, case.due_from) == (State.ASSIGNED, case.changed_at)
    assert case.accept_by > estate.clock.now()
    assert (await estate.history())[-2:] == ["revive", "assign"]
    read = await estate.reads(AUNT_LI)
    assert "黄书记重新打开了这件事。\n再去看一次" in read
    assert "您的红管家" in read
    card = await estate.reads(await estate.steward())
    assert "再去看一次" in card
    assert "接单" in await estate.labels(await estate.steward())
    assert "已重新打开" in await estate.reads(HUANG)
    assert steward == WANG
    assert (await audit(estate))[-1] == "case.revive"


async def test_a_closed_case_goes_on_with_its_steward(estate: Estate) -> None:
    steward = await closed(estate)
    await estate.waits(days=60)  # the resident could not any more
    await estate.reads(AUNT_LI)
    await estate.says(HUANG, "/reopen 1001 又漏了")
    assert ((await estate.case()).state, await estate.steward()) == (State.WORKING, steward)
    assert "黄书记重新打开了这件事：又漏了" in await estate.reads(steward)
    assert "又漏了" in await estate.reads(AUNT_LI)


async def test_a_withdrawn_wish_is_vetted_anew_and_a_joined_report_stands_for_itself(estate: Estate) -> None:
    await file(estate)
    await file(estate, "5栋楼下漏水了", UNCLE_ZHANG)
    await estate.says(LIN, "合并 1002 1001")
    await estate.says(HUANG, "/reopen 1002")
    case = await estate.case()
    assert (case.state, case.merged_into) == (State.ASSIGNED, None)
    await estate.presses_data(LIN, "c:towish:1002")
    await estate.presses_data(UNCLE_ZHANG, "c:really:1002")
    await estate.reads(LIN)
    await estate.says(HUANG, "/reopen 1002")
    assert (await estate.case()).state == State.REVIEW
    assert "#1002" in await estate.reads(FENG)  # the nearest to vet it
    assert "重新打开" in await estate.reads(UNCLE_ZHANG)


async def test_what_is_not_over_cannot_be_opened_again(estate: Estate) -> None:
    await accepted(estate)
    await estate.says(HUANG, "/reopen 1001")
    assert "#1001 漏水与房屋：处理中（王建国）" in await estate.reads(HUANG)
    assert (await estate.history())[-1] == "accept"


async def test_being_an_admin_elsewhere_gives_no_more_time_to_open_ones_own_case_again(estate: Estate) -> None:
    await closed(estate)
    await estate.waits(days=60)
    await make_admin(estate, AUNT_LI, "fengmei-3")
    await estate.presses_data(AUNT_LI, "c:reopen:1001")
    assert "太久" in await estate.reads(AUNT_LI)
    assert (await estate.case()).state == State.CLOSED


async def test_what_leads_to_nobody_any_more_is_not_opened_again(estate: Estate) -> None:
    await file(estate)
    await estate.says(LIN, "驳回 1001 请打 12345")
    await estate.store.write(lambda session: session.execute(update(Case).values(anonymised_at=estate.clock.now())))
    await estate.says(HUANG, "/reopen 1001")
    assert "太久" in await estate.reads(HUANG)
    assert (await estate.case()).state == State.REJECTED


async def test_after_three_returns_the_admin_who_opens_it_again_decides(estate: Estate) -> None:
    await file(estate)
    for _ in range(3):
        steward = await estate.steward_now()
        await estate.presses(steward, "退回")
        await estate.presses(steward, "不归我这行")
    await estate.says(HUANG, "/reject 1001 请打 12345")
    await estate.reads(HUANG)
    await estate.says(HUANG, "/reopen 1001 还是我们来")
    case = await estate.case()
    assert (case.state, case.steward_id) == (State.NEW, None)
    assert "派单" in await estate.labels(HUANG)
