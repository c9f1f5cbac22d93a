"""Whoever leads urges, tells the next rung, makes urgent and ordinary."""

from tests.cast import Estate
from tests.stories.leading import AUNT_LI, FENG, HUANG, LIN, ZHENG, accepted, audit, file, story


async def test_urging_tells_the_steward_and_the_next_rung_and_says_who_did_it(estate: Estate) -> None:
    steward = await accepted(estate)
    await estate.says(LIN, "催办 1001 老人等了三天")
    for told in (steward, HUANG):
        read = await estate.reads(told)
        assert "林楼长请您过问：老人等了三天" in read
        assert "5栋漏水" in read
    assert "王建国、黄书记" in await estate.reads(LIN)
    assert await estate.reads(ZHENG) == ""
    assert "林楼长 催办，已告知王建国、黄书记：“老人等了三天”" in await story(estate, HUANG)
    seen = await story(estate, AUNT_LI)
    assert "林楼长 催办" in seen
    assert "等了三天" not in seen  # that is for staff to read
    assert await audit(estate) == ["case.escalate"]
    await estate.says(LIN, "升级 1001")
    assert "林楼长请您过问" in await estate.reads(ZHENG)
    await estate.says(LIN, "升级 1001")
    assert "刚催过" in await estate.reads(LIN)


async def test_who_leads_higher_up_tells_whoever_is_above_them(estate: Estate) -> None:
    await accepted(estate)
    await estate.says(HUANG, "/escalate 1001")
    assert "请您过问" in await estate.reads(ZHENG)


async def test_whoever_was_told_hears_first_when_the_deadline_is_missed(estate: Estate) -> None:
    await accepted(estate)
    await estate.says(LIN, "/escalate 1001")
    await estate.reads(HUANG)
    by = (await estate.case()).resolve_by
    await estate.waits(seconds=(by - estate.clock.now()).total_seconds() + 1)
    assert "超时" in await estate.reads(HUANG)
    assert "比答应的时间晚了" in await estate.reads(AUNT_LI)
    assert await estate.reads(ZHENG) == ""
    await estate.lives_until("2026-10-12 15:00")  # a Monday, four working hours later
    assert "超时" in await estate.reads(ZHENG)


async def test_a_late_case_that_is_told_upwards_is_not_told_there_again_by_the_clock(estate: Estate) -> None:
    await accepted(estate)
    by = (await estate.case()).resolve_by
    await estate.waits(seconds=(by - estate.clock.now()).total_seconds() + 1)
    assert "超时" in await estate.reads(FENG)
    await estate.says(FENG, "/escalate 1001")
    assert "请您过问" in await estate.reads(LIN)
    await estate.lives_until("2026-10-12 15:00")
    assert "已超时！" not in await estate.reads(LIN)
    assert "已超时！" in await estate.reads(HUANG)


async def test_urgent_and_back_again(estate: Estate) -> None:
    steward = await file(estate)
    before = await estate.case()
    await estate.waits(minutes=30)
    await estate.says(LIN, "加急 1001")
    urgent = await estate.case()
    assert (urgent.urgent, urgent.resolve_by < before.resolve_by, urgent.accept_by < before.accept_by) == (True,) * 3
    await estate.waits(minutes=10)
    await estate.reads(AUNT_LI)
    await estate.says(LIN, "普通 1001")
    after = await estate.case()
    assert (after.urgent, after.resolve_by, after.accept_by) == (False, before.resolve_by, before.accept_by)
    assert after.look_kind == before.look_kind == "accept_soon"
    assert after.look_at
    assert after.look_at > estate.clock.now()
    assert "已改回普通" in await estate.reads(LIN)
    assert "改回普通" in await estate.reads(steward)
    assert "改回按普通事项办理" in await estate.reads(AUNT_LI)
    assert await audit(estate) == ["case.hasten", "case.ease"]
    await estate.says(LIN, "普通 1001")
    assert "现在是普通" in await estate.reads(LIN)
    assert (await estate.history())[-2:] == ["hasten", "ease"]


async def test_the_whole_time_counts_from_when_the_steward_got_it(estate: Estate) -> None:
    await file(estate)
    await estate.says(LIN, "加急 1001")
    await estate.waits(minutes=20)
    await estate.says(LIN, "转派 1001 陈秀英")
    given = estate.clock.now()
    await estate.waits(minutes=10)
    await estate.says(LIN, "/priority 1001 normal")
    case = await estate.case()
    assert 7195 < (case.accept_by - given).total_seconds() < 7205  # 2 h; the clock of the story runs on


async def test_time_that_was_granted_is_not_taken_back(estate: Estate) -> None:
    steward = await accepted(estate)
    await estate.says(LIN, "加急 1001")
    await estate.presses(steward, "更多…")
    await estate.presses(steward, "申请延期")
    await estate.presses(steward, (await estate.labels(steward))[-2])
    await estate.presses(steward, "比预想的复杂")
    await estate.presses_data(LIN, "c:grant:1001")
    granted = (await estate.case()).resolve_by
    await estate.says(LIN, "普通 1001")
    assert (await estate.case()).resolve_by == granted


async def test_without_a_word_it_is_asked_how_urgent(estate: Estate) -> None:
    await file(estate)
    await estate.says(LIN, "/priority 1001")
    assert "没有加急" in await estate.reads(LIN)
    await estate.presses(LIN, "加急")
    assert (await estate.case()).urgent
    await estate.says(LIN, "/priority 1001 马上")
    assert "/priority 1001" in await estate.reads(LIN)
    await estate.presses(LIN, "改回普通")
    assert not (await estate.case()).urgent


async def test_what_a_leader_has_eased_followers_do_not_make_urgent_again(estate: Estate) -> None:
    await file(estate)
    await estate.says(LIN, "加急 1001")
    await estate.says(LIN, "普通 1001")
    for number in range(5):
        await estate.says(f"邻居{number}", "/start p_fengmei-5")
        await estate.presses_data(f"邻居{number}", "c:follow:1001")
    assert not (await estate.case()).urgent
