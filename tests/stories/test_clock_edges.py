"""The clock where things cross: late and waiting, handed to and fro, away, called back, the night, an outage."""

from cases.states import State
from tests.cast import Estate
from tests.stories.test_clock import AUNT_LI, FENG, HUANG, LIN, ZHENG, file, forget, local, resolved
from tests.stories.test_clock_waiting import a_date


async def want_time(estate: Estate, steward: str, number: int) -> None:
    """Ask for one of the later dates because a part is missing."""
    await estate.presses_data(steward, "c:more:1001")
    await estate.presses(steward, "申请延期")
    await estate.presses(steward, await a_date(estate, steward, number))
    await estate.presses(steward, "缺配件")


async def test_a_date_that_is_over_or_earlier_is_not_granted(estate: Estate) -> None:
    await estate.lives_until("2026-10-08 09:00")
    steward = await file(estate, "3栋路灯坏了")
    await estate.presses(steward, "接单")
    await want_time(estate, steward, 0)
    await estate.lives_until("2026-10-20 09:00")
    before = (await estate.case()).resolve_by
    await estate.presses_data(LIN, "c:grant:1001")
    assert (await estate.case()).resolve_by == before


async def test_waiting_that_gives_more_time_than_asked_for_settles_the_wish(estate: Estate) -> None:
    await estate.lives_until("2026-10-08 09:00")
    steward = await file(estate, "3栋路灯坏了")
    await estate.presses(steward, "接单")
    await want_time(estate, steward, 0)
    await estate.presses_data(steward, "c:hold:1001")
    await estate.presses(steward, "等配件")
    await estate.lives_until("2026-10-16 09:00")
    await estate.presses_data(steward, "c:resume:1001")
    assert (await estate.case()).wanted_by is None


async def test_handing_on_does_not_stop_the_clock(estate: Estate) -> None:
    """Bins at building 5, due on Friday 9 October at 17:30, change hands ten minutes before."""
    await estate.lives_until("2026-10-08 09:00")
    steward = await file(estate, "5栋楼下垃圾桶满了")
    await estate.presses(steward, "接单")
    await estate.lives_until("2026-10-09 17:20")
    await estate.presses_data(steward, "c:transfer:1001")
    await estate.presses(steward, "周小燕 · 邻里互助 · 志愿者")
    await forget(estate, FENG, LIN)
    await estate.lives_until("2026-10-09 17:31")
    assert "已超时" in await estate.reads(FENG)
    await estate.presses("zhou", "转派")
    await estate.presses("zhou", next(label for label in await estate.labels("zhou") if label.startswith("陈秀英")))
    await estate.presses("chen", "接单")
    await estate.lives_until("2026-10-10 14:31")
    assert "已超时" in await estate.reads(LIN)


async def test_a_steward_moves_no_deadline_by_changing_the_kind(estate: Estate) -> None:
    await estate.lives_until("2026-10-08 09:00")
    steward = await file(estate, "3栋楼下垃圾桶满了")
    await estate.presses(steward, "接单")
    before = (await estate.case()).resolve_by
    await forget(estate, LIN)
    await estate.presses_data(steward, "c:kind:1001:leaks")
    case = await estate.case()
    assert (case.category, case.resolve_by) == ("leaks", before)
    assert case.wanted_by is not None
    assert "类别改了" in await estate.reads(LIN)
    await estate.presses(LIN, "同意延期")
    assert (await estate.case()).resolve_by == case.wanted_by


async def test_words_for_a_case_are_no_command(estate: Estate) -> None:
    steward = await file(estate, "3栋漏水")
    await estate.presses(steward, "接单")
    await estate.presses(steward, "问居民")
    await estate.says(steward, "您什么时候在家？")
    await estate.presses(AUNT_LI, "回答")
    await estate.says(AUNT_LI, "我回来了")
    assert "我回来了" in await estate.reads(steward)
    await estate.presses_data(steward, "c:hold:1001")
    await estate.says(steward, "外出 3天 买配件")
    assert (await estate.case()).state == State.WAITING


async def test_who_answers_for_a_case_that_nobody_has_hears_that_it_is_late(estate: Estate) -> None:
    await estate.lives_until("2026-10-08 09:00")
    await file(estate, "3栋路灯坏了")
    await estate.lives_until("2026-10-08 15:01")
    await forget(estate, HUANG)
    await estate.lives_until("2026-10-08 17:01")
    assert "还没有人接" in await estate.reads(HUANG)
    await estate.says(HUANG, "我的任务")
    assert any("#1001" in label for label in await estate.labels(HUANG))


async def test_who_stands_in_may_act(estate: Estate) -> None:
    steward = await file(estate, "3栋路灯坏了")
    await estate.presses(steward, "接单")
    cover = "chen" if steward == "wang" else "wang"
    await estate.says(steward, f"/away 5d {'陈秀英' if cover == 'chen' else '王建国'}")
    await forget(estate, cover)
    await estate.lives_until("2026-10-01 09:00")
    await estate.presses_data(cover, "c:done:1001")
    await estate.sends_photo(cover, "换好了")
    assert (await estate.case()).state == State.RESOLVED


async def test_a_call_is_not_forgotten_when_the_case_opens_again(estate: Estate) -> None:
    steward = await resolved(estate)
    await estate.presses(AUNT_LI, "解决了")
    await estate.presses(AUNT_LI, "1 很不满意")
    await estate.says(AUNT_LI, "态度差")
    await estate.presses_data(AUNT_LI, "c:reopen:1001")
    await estate.says(AUNT_LI, "又不亮了")
    assert "又不亮了" in await estate.reads(steward)
    await estate.presses_data(steward, "c:done:1001")
    await estate.sends_photo(steward, "又换了")
    await estate.presses(AUNT_LI, "解决了")
    await estate.presses(AUNT_LI, "5 非常满意")
    assert (await estate.case()).look_kind == "call"


async def test_nobody_calls_about_themselves_and_not_reached_is_tried_again(estate: Estate) -> None:
    steward = await resolved(estate)
    await estate.presses(AUNT_LI, "解决了")
    await estate.presses(AUNT_LI, "2 不满意")
    await estate.says(AUNT_LI, "太慢")
    for who, data in ((steward, "c:called:1001:0"), (steward, "c:phone:1001"), (LIN, "c:called:1001:7")):
        await estate.presses_data(who, data)
        assert (await estate.ratings())[0].called_at is None
    assert "contact" not in await estate.history()
    await estate.presses_data(LIN, "c:called:1001:1")
    assert (await estate.ratings())[0].called_at is None
    assert (await estate.case()).look_kind == "call"


async def test_a_photo_of_a_complaint_reaches_who_calls(estate: Estate) -> None:
    await resolved(estate)
    await estate.presses(AUNT_LI, "解决了")
    await estate.presses(AUNT_LI, "1 很不满意")
    await estate.sends_photo(AUNT_LI, "您看")
    assert [row["photos"] for row in await estate.told(LIN) if "您看" in row.get("text", "")] != [[]]


async def test_what_waits_is_not_late(estate: Estate) -> None:
    await estate.lives_until("2026-10-08 09:00")
    steward = await file(estate, "3栋路灯坏了")
    await estate.presses(steward, "接单")
    await estate.presses_data(steward, "c:hold:1001")
    await estate.presses(steward, "等配件")
    await forget(estate, steward)
    await estate.lives_until("2026-10-15 08:31")
    assert "您手上1件，超时0件" in await estate.reads(steward)
    await estate.says(steward, "我的任务")
    assert "待第三方" in (await estate.labels(steward))[0]
    await estate.presses_data(AUNT_LI, "c:really:1001")
    assert (await estate.case()).waiting_for is None


async def test_urgent_gives_nobody_more_time(estate: Estate) -> None:
    await estate.lives_until("2026-10-08 09:00")
    await file(estate, "3栋路灯坏了")
    before = await estate.case()
    await estate.lives_until("2026-10-08 10:50")
    await estate.presses_data(LIN, "c:hasten:1001")
    case = await estate.case()
    assert case.accept_by < before.accept_by
    assert estate.clock.now() < case.resolve_by < before.resolve_by


async def test_after_an_outage_nobody_is_asked_at_night_nor_asked_and_closed_at_once(estate: Estate) -> None:
    await resolved(estate)
    await forget(estate, AUNT_LI)
    await estate.waits(hours=7)  # ten in the evening
    assert await estate.reads(AUNT_LI) == ""
    await estate.lives_until("2026-10-09 09:01")
    assert "解决了吗" in await estate.reads(AUNT_LI)
    await estate.waits(days=5, hours=3)
    told = await estate.reads(AUNT_LI)
    assert "解决了吗" not in told
    assert (await estate.case()).state == State.CLOSED


async def test_re_offers_after_an_outage_are_shared_out(estate: Estate) -> None:
    await estate.lives_until("2026-10-08 09:00")
    for number in range(2, 18):
        await file(estate, f"{number}栋路灯坏了")
    await estate.waits(hours=3)
    stewards = [case.steward_id for case in await estate.cases()]
    assert max(stewards.count(steward) for steward in stewards) <= len(stewards) // 2 + 1


async def test_leaders_who_are_away_decide_nothing(estate: Estate) -> None:
    steward = await file(estate, "3栋路灯坏了")
    await estate.presses(steward, "接单")
    await estate.says(LIN, "/away 30d")
    assert "林楼长请假" in await estate.reads(HUANG)
    await want_time(estate, steward, 0)
    assert "缺配件" in await estate.reads(HUANG)


async def test_a_leader_finds_all_that_is_late(estate: Estate) -> None:
    await estate.lives_until("2026-10-08 09:00")
    for number in range(2, 14):
        await estate.presses(await file(estate, f"{number}栋楼下垃圾桶满了"), "接单")
    await estate.waits(days=4, hours=6)
    await estate.presses(LIN, "全部列出")
    await estate.presses(LIN, "下一页 ›")
    assert sum("#10" in label for label in await estate.labels(LIN)) == 4


async def test_what_is_no_longer_true_is_not_sent(estate: Estate) -> None:
    """The platform is down from the reminder until the day after."""
    await estate.lives_until("2026-10-08 14:00")
    await file(estate, "3栋路灯坏了")
    await estate.lives_until("2026-10-08 15:01")
    expire = [moment for moment in await estate.expiries() if moment is not None]
    assert [local(moment)[:-1] for moment in expire] == ["Thu 08 Oct 15:3"]  # when the next reminder comes, 36 past


async def test_the_story_says_what_changed(estate: Estate) -> None:
    await estate.lives_until("2026-10-08 09:00")
    steward = await file(estate, "3栋路灯坏了")
    await estate.presses(steward, "接单")
    await estate.presses_data(LIN, "c:hasten:1001")
    await estate.presses_data(LIN, "c:story:1001")
    assert "加急（时限" in await estate.reads(LIN)
    assert local((await estate.case()).resolve_by)[:3] == "Fri"
    assert ZHENG not in await estate.history()
