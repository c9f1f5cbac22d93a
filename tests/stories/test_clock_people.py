"""The clock and people: who is away, the rating and the call after it, the morning's and the week's digest."""

import pytest

from cases.states import State
from tests.cast import Estate
from tests.stories.test_clock import AUNT_LI, HUANG, LIN, file, forget, resolved


async def test_a_steward_who_is_away_is_passed_over(estate: Estate) -> None:
    await estate.says("wang", "/away 3d 陈秀英")
    assert "由您代班" in await estate.reads("chen")
    assert "王建国请假到" in await estate.reads(LIN)
    for number in (3, 4, 6):
        assert await file(estate, f"{number}栋路灯坏了") == "chen"
        await estate.presses("chen", "接单")
    await estate.waits(days=3, minutes=1)
    await estate.says("wang", "/id")
    assert await file(estate, "7栋路灯坏了") == "wang"


async def test_tasks_in_hand_go_to_the_cover(estate: Estate) -> None:
    steward = await file(estate, "3栋路灯坏了")
    await estate.presses(steward, "接单")
    await estate.says(steward, "请假 3天")
    other = "陈秀英" if steward == "wang" else "王建国"
    label = next(label for label in await estate.labels(steward) if label.startswith(other))
    await estate.presses(steward, label)
    await estate.presses(steward, f"把我的1件任务转给{other}")
    assert (await estate.case()).state == State.ASSIGNED
    assert await estate.steward_now() != steward
    await estate.says(steward, "/back")
    assert "欢迎回来" in await estate.reads(steward)


@pytest.mark.parametrize("wrong", ["/away soon", "/away -3d", "/away 900d", "/away 0d"])
async def test_a_wrong_time_away_is_told(estate: Estate, wrong: str) -> None:
    await estate.says("wang", wrong)
    told = await estate.reads("wang")
    assert "请假" in told or "太久" in told
    assert await file(estate, "3栋路灯坏了") == "wang"


async def test_a_resident_cannot_go_away(estate: Estate) -> None:
    await estate.says(AUNT_LI, "/away 3d")
    assert "是红管家和管理人员用的" in await estate.reads(AUNT_LI)


async def test_low_mark_with_words_is_called_back_and_answered(estate: Estate) -> None:
    steward = await resolved(estate)
    await estate.presses(AUNT_LI, "解决了")
    await estate.presses(AUNT_LI, "1 很不满意")
    await forget(estate, steward, LIN, AUNT_LI)
    await estate.says(AUNT_LI, "来得太慢，态度也差")
    assert "负责人会回访您" in await estate.reads(AUNT_LI)
    assert "太慢" in await estate.reads(LIN)
    assert "太慢" in await estate.reads(steward)
    await estate.presses(steward, "回复居民")
    await estate.says(steward, "对不起，昨天人手不够")
    assert "回复您的评价：对不起" in await estate.reads(AUNT_LI)
    await estate.presses_data(steward, "c:reply:1001")
    await estate.says(steward, "/tasks")
    await forget(estate, LIN, HUANG)
    await estate.lives_until("2026-10-12 18:00")
    assert "还没有回访" in await estate.reads(LIN)
    assert "还没有回访" in await estate.reads(HUANG)  # the next rung
    await estate.says(LIN, "我的任务")
    await estate.presses(LIN, "请回访：#1001 路灯与楼道灯")
    await estate.presses(LIN, "已与居民沟通，没问题了")
    await forget(estate, LIN)
    await estate.lives_until("2026-10-20 18:00")
    assert "还没有回访" not in await estate.reads(LIN)
    assert (await estate.case()).look_at is None


async def test_the_rating_is_asked_at_a_decent_hour_once_more_and_then_closed(estate: Estate) -> None:
    await resolved(estate)
    await forget(estate, AUNT_LI)
    await estate.lives_until("2026-10-08 16:59")
    assert await estate.reads(AUNT_LI) == ""
    await estate.lives_until("2026-10-08 17:01")
    assert "解决了吗？" in await estate.reads(AUNT_LI)
    await estate.lives_until("2026-10-09 16:59")
    assert await estate.reads(AUNT_LI) == ""
    await estate.lives_until("2026-10-09 17:01")
    assert "解决了吗？" in await estate.reads(AUNT_LI)
    await estate.lives_until("2026-10-11 16:59")
    assert (await estate.case()).state == State.RESOLVED
    await estate.lives_until("2026-10-11 17:01")
    assert (await estate.case()).state == State.CLOSED
    rating = (await estate.ratings())[0]
    assert (rating.asked_times, rating.stars, rating.answered_at) == (2, None, None)


async def test_a_reopened_case_is_asked_about_once_more_only(estate: Estate) -> None:
    steward = await resolved(estate)
    await estate.presses(AUNT_LI, "没解决")
    await estate.presses(steward, "办结")
    await estate.sends_photo(steward, "又换了一个")
    await forget(estate, AUNT_LI)
    await estate.lives_until("2026-10-20 18:00")
    assert (await estate.reads(AUNT_LI)).count("解决了吗？") == 1
    assert (await estate.case()).state == State.CLOSED


async def test_the_morning_brings_a_digest_on_working_days_once(estate: Estate) -> None:
    steward = await file(estate, "3栋路灯坏了")
    await estate.presses(steward, "接单")
    await forget(estate, steward, LIN)
    await estate.lives_until("2026-10-07 20:00")
    assert "早上好" not in await estate.reads(steward)
    await estate.lives_until("2026-10-08 08:31")
    assert "您手上1件，超时0件" in await estate.reads(steward)
    await estate.waits(minutes=5)
    assert await estate.reads(steward) == ""
    await estate.lives_until("2026-10-12 08:29")
    await forget(estate, steward, LIN)
    await estate.lives_until("2026-10-12 08:31")
    assert "您手上1件，超时1件" in await estate.reads(steward)
    assert "您负责的范围内超时1件（社区1）" in await estate.reads(LIN)


async def test_a_digest_that_was_missed_comes_the_same_day_or_not_at_all(estate: Estate) -> None:
    steward = await file(estate, "3栋路灯坏了")
    await estate.presses(steward, "接单")
    await estate.waits(days=7, hours=22, minutes=20)  # Thursday 8:20, before work
    await forget(estate, steward)
    await estate.waits(hours=3)
    assert (await estate.reads(steward)).count("早上好") == 1
    await estate.waits(hours=21, minutes=30)  # Friday morning is over ten minutes later
    await estate.waits(hours=9)
    assert (await estate.reads(steward)).count("早上好") == 1


async def test_the_week_is_told_to_residents_whose_cases_moved(estate: Estate) -> None:
    steward = await file(estate, "3栋路灯坏了")
    await estate.presses(steward, "接单")
    await estate.says("张叔", "5栋楼下垃圾桶满了")
    await estate.presses("张叔", "提交")
    await forget(estate, AUNT_LI, "张叔")
    await estate.lives_until("2026-10-08 10:01")  # the first working day of that week
    assert "本周进展" not in await estate.reads(AUNT_LI)  # nothing has happened for more than a week
    await estate.lives_until("2026-10-09 09:00")
    await estate.presses_data("lin", "c:transfer:1001")
    await estate.presses("lin", "周小燕 · 邻里互助 · 志愿者")
    await estate.lives_until("2026-10-12 10:01")
    assert (await estate.reads(AUNT_LI)).count("本周进展") == 1
    assert "本周进展" not in await estate.reads("张叔")  # only the clock has done something there
    await estate.lives_until("2026-10-16 18:00")
    assert "本周进展" not in await estate.reads(AUNT_LI)
