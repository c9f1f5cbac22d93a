"""The clock, told like a diary. The example's hours: 8:30–12:00 and 14:00–17:30, quiet from 22:00 to 7:00."""

from datetime import datetime, timedelta

from cases.states import State
from storage.models import Case
from tests.cast import ZONE, Estate

AUNT_LI = "李阿姨"
FENG, LIN, HUANG, ZHENG = "feng", "lin", "huang", "zheng"  # building 5, estate, community, street


async def file(estate: Estate, text: str) -> str:
    """File a case; return the chat of its steward."""
    await estate.says(AUNT_LI, text)
    await estate.presses_if_asked(AUNT_LI, "不是，继续上报")
    await estate.presses(AUNT_LI, "提交")
    return await estate.steward_now()


async def forget(estate: Estate, *people: str) -> None:
    """Read what was told so far."""
    for person in people:
        await estate.reads(person)


def local(moment: datetime | None) -> str:
    """Return a moment as the wall clock shows it."""
    assert moment is not None
    return f"{moment.astimezone(ZONE):%a %d %b %H:%M}"


async def test_national_day_with_its_make_up_workday(estate: Estate) -> None:
    """Bins (one working day) on Wednesday 30 September: Thursday to Wednesday are holidays, Saturday is made up."""
    await estate.lives_until("2026-09-30 17:20")
    steward = await file(estate, "5栋楼下垃圾桶满了")
    case = await estate.case()
    assert local(case.accept_by) == "Wed 30 Sep 19:20"
    assert local(case.resolve_by) == "Thu 08 Oct 17:30"
    await estate.presses(steward, "接单")
    await forget(estate, steward, FENG, LIN, HUANG, ZHENG)
    await estate.lives_until("2026-10-08 08:25")
    assert await estate.reads(steward) == ""  # a week of holidays without a word
    await estate.lives_until("2026-10-08 12:01")
    told = await estate.reads(steward)
    assert "早上好" in told
    assert "您手上1件，超时0件，今天到期1件" in told
    assert "应在今天17:30前办结" in told
    await estate.lives_until("2026-10-08 17:25")
    assert "应在今天17:30前办结" in await estate.reads(steward)  # 80 % of the time is used
    await estate.lives_until("2026-10-08 17:31")
    assert "已超时" in await estate.reads(steward)
    assert "已超时" in await estate.reads(FENG)
    assert await estate.reads(LIN) == ""
    await estate.lives_until("2026-10-09 14:29")
    assert "已超时！" not in await estate.reads(LIN)
    await estate.lives_until("2026-10-09 14:31")  # four working hours on
    assert "已超时！" in await estate.reads(LIN)
    await estate.lives_until("2026-10-10 09:29")  # three of the next four were on Friday
    assert "已超时！" not in await estate.reads(HUANG)
    await estate.lives_until("2026-10-10 09:31")  # Saturday, a make-up workday
    assert "已超时！" in await estate.reads(HUANG)
    await estate.lives_until("2026-10-10 15:31")
    assert "已超时！" in await estate.reads(ZHENG)
    await forget(estate, steward, FENG, LIN, HUANG, ZHENG)
    await estate.lives_until("2026-10-11 20:00")  # Sunday
    assert [await estate.reads(who) for who in (steward, FENG, LIN, HUANG, ZHENG)] == [""] * 5
    await estate.lives_until("2026-10-12 08:31")
    assert "已超时" in await estate.reads(ZHENG)  # daily, to the steward and the highest rung
    assert "已超时" in await estate.reads(steward)
    told = await estate.reads(AUNT_LI)
    assert told.count("比答应的时间晚了") == 1
    await estate.presses_data(ZHENG, "c:story:1001")
    story = await estate.reads(ZHENG)
    assert "10月8日17:30 红管家服务台 超时，已通知" in story
    assert "冯阿姨" in story
    assert "郑主任" in story


async def test_spring_festival_2026(estate: Estate) -> None:
    """Holidays 15–23 February, made up on Saturday 14 and Saturday 28 February."""
    await estate.lives_until("2026-10-01 09:00")
    rules = estate.rules.deadlines
    friday = datetime(2026, 2, 13, 16, 30, tzinfo=ZONE)
    bins, lights = (estate.rules.settings.category(key).resolve for key in ("rubbish", "lights"))
    assert local(rules.after(friday, bins)) == "Sat 14 Feb 17:30"
    assert local(rules.after(friday, lights)) == "Tue 24 Feb 17:30"


async def test_before_the_deadline_to_accept(estate: Estate) -> None:
    """Street lights: two hours to accept. Reminded after one, and after an hour and 36 minutes."""
    await estate.lives_until("2026-10-08 14:00")
    steward = await file(estate, "3栋路灯坏了")
    await forget(estate, steward)
    await estate.lives_until("2026-10-08 14:59")
    assert await estate.reads(steward) == ""
    await estate.lives_until("2026-10-08 15:01")
    assert "请在今天16:00前接单" in await estate.reads(steward)
    await estate.lives_until("2026-10-08 15:35")
    assert await estate.reads(steward) == ""
    await estate.lives_until("2026-10-08 15:37")
    assert "请在今天16:00前接单" in await estate.reads(steward)
    await estate.presses(steward, "接单")
    await forget(estate, steward, LIN)
    await estate.lives_until("2026-10-08 17:00")
    assert await estate.reads(LIN) == ""
    assert await estate.reads(steward) == ""


async def test_not_accepted_it_is_offered_twice_more_and_then_decided(estate: Estate) -> None:
    await estate.lives_until("2026-10-08 09:00")
    first = await file(estate, "3栋路灯坏了")
    await forget(estate, AUNT_LI, LIN)
    await estate.lives_until("2026-10-08 11:01")
    second = await estate.steward_now()
    assert second != first
    assert "没有按时接单，已改派" in await estate.reads(LIN)
    assert "您的红管家" in await estate.reads(AUNT_LI)
    await estate.lives_until("2026-10-08 13:01")
    third = await estate.steward_now()
    assert third not in (first, second)
    await estate.lives_until("2026-10-08 15:01")
    case = await estate.case()
    assert (case.state, case.steward_id, case.offers) == (State.NEW, None, 2)
    assert "由黄书记决定谁来办" in await estate.reads(AUNT_LI)
    assert "#1001" in await estate.reads(HUANG)
    await estate.lives_until("2026-10-08 17:01")
    assert "还没有人接" in await estate.reads(ZHENG)  # the admin has had the time to accept as well
    await estate.presses(HUANG, "派单")
    await estate.presses(HUANG, "周小燕 · 邻里互助 · 志愿者")
    assert (await estate.case()).state == State.ASSIGNED


async def test_an_old_card_of_a_steward_who_was_passed_over_tells_the_truth(estate: Estate) -> None:
    await estate.lives_until("2026-10-08 09:00")
    first = await file(estate, "3栋路灯坏了")
    await estate.lives_until("2026-10-08 11:01")
    await estate.presses_data(first, "c:accept:1001")
    assert (await estate.case()).state == State.ASSIGNED


async def test_an_emergency_climbs_at_night(estate: Estate) -> None:
    await estate.lives_until("2026-10-01 02:00")
    steward = await file(estate, "5栋电梯坏了，有人困在里面")
    await estate.presses(steward, "接单")
    await forget(estate, FENG, LIN, HUANG, ZHENG)
    await estate.lives_until("2026-10-01 06:01")  # four hours round the clock
    assert "已超时" in await estate.reads(FENG)
    await estate.lives_until("2026-10-01 06:31")
    assert "已超时" in await estate.reads(LIN)


async def test_another_kind_has_other_deadlines_and_goes_to_who_is_responsible(estate: Estate) -> None:
    steward = await file(estate, "3栋路灯坏了")
    await estate.presses(steward, "更多…")
    await estate.presses(steward, "改类别")
    await estate.presses(steward, "下一页 ›")
    await estate.presses(steward, "邻里纠纷")
    case = await estate.case()
    assert case.category == "dispute"
    assert await estate.steward_now() == "zhao"
    kind = estate.rules.settings.category("dispute")
    assert local(case.resolve_by) == local(estate.rules.deadlines.after(case.created_at, kind.resolve))
    assert "reclassify" in await estate.history()


async def test_an_urgent_case_has_half_the_time(estate: Estate) -> None:
    await estate.lives_until("2026-10-08 08:30")
    steward = await file(estate, "3栋路灯坏了")
    await estate.presses(steward, "接单")
    before = (await estate.case()).resolve_by
    await estate.presses_data(LIN, "c:more:1001")
    await estate.presses(LIN, "加急")
    case = await estate.case()
    assert case.urgent
    assert case.resolve_by < before
    assert local(case.resolve_by) == "Fri 09 Oct 11:59"  # half of the three days that were left, 10 October is worked
    assert "已加急" in await estate.reads(steward)


async def test_after_an_outage_each_reminder_goes_out_once(estate: Estate) -> None:
    """Nobody runs from Thursday to Monday: both reminders and two rungs were missed; one alert comes."""
    await estate.lives_until("2026-10-08 09:00")
    steward = await file(estate, "5栋楼下垃圾桶满了")
    await estate.presses(steward, "接单")
    await forget(estate, steward, FENG, LIN)
    await estate.waits(days=4, hours=6)
    assert (await estate.reads(steward)).count("已超时") == 1
    assert (await estate.reads(FENG)).count("已超时") == 1
    assert "已超时" not in await estate.reads(LIN)
    assert (await estate.history()).count("remind") == 0


async def test_many_late_cases_come_as_one_list(estate: Estate) -> None:
    await estate.lives_until("2026-10-08 09:00")
    for number in range(2, 14):
        steward = await file(estate, f"{number}栋楼下垃圾桶满了")
        await estate.presses(steward, "接单")
    await forget(estate, "wang", "chen", LIN)
    await estate.waits(days=4, hours=6)
    rows = [row for row in await estate.told("wang") if "件事等您处理" in row.get("title", "")]
    assert len(rows) == 1
    assert (await estate.reads("wang")).count("已超时") == 0


async def test_the_clock_set_back_tells_nothing_twice(estate: Estate) -> None:
    await estate.lives_until("2026-10-08 14:00")
    steward = await file(estate, "3栋路灯坏了")
    await estate.lives_until("2026-10-08 15:01")
    await forget(estate, steward)
    await estate.waits(hours=-1)
    await estate.lives_until("2026-10-08 15:20")
    assert await estate.reads(steward) == ""


async def resolved(estate: Estate) -> str:
    """File a case and resolve it on Thursday 8 October at three; return the steward's chat."""
    await estate.lives_until("2026-10-08 14:30")
    steward = await file(estate, "3栋路灯坏了")
    await estate.presses(steward, "接单")
    await estate.presses(steward, "办结")
    await estate.lives_until("2026-10-08 15:00")
    await estate.sends_photo(steward, "换了灯泡")
    return steward


async def test_every_open_case_has_a_next_moment(estate: Estate) -> None:
    """Through all that the clock does within a month."""
    for number in range(2, 8):
        await file(estate, f"{number}栋路灯坏了")
    for day in range(1, 31, 3):
        await estate.lives_until(f"2026-10-{day:02} 18:00")
        cases: list[Case] = await estate.cases()
        assert all(case.look_at is not None and case.answerable_id for case in cases if case.state != State.CLOSED)
        assert all(case.look_at > estate.clock.now() - timedelta(minutes=1) for case in cases if case.look_at)
