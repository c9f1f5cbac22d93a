"""More time on request, and waiting for somebody else: what stops the clock, and what starts it again."""

from cases.states import State
from tests.cast import Estate
from tests.stories.test_clock import AUNT_LI, LIN, file


async def a_date(estate: Estate, steward: str, number: int = 0) -> str:
    """Return the label of one of the later dates that are offered, the soonest first."""
    return sorted(label for label in await estate.labels(steward) if "月" in label)[number]


async def test_more_time_is_asked_for_and_given(estate: Estate) -> None:
    steward = await file(estate, "3栋路灯坏了")
    await estate.presses(steward, "接单")
    before = (await estate.case()).resolve_by
    await estate.presses(steward, "更多…")
    await estate.presses(steward, "申请延期")
    await estate.presses(steward, await a_date(estate, steward, 1))
    await estate.presses(steward, "缺配件")
    await estate.reads(AUNT_LI)
    assert "缺配件" in await estate.reads(LIN)
    assert (await estate.case()).resolve_by == before
    await estate.presses(LIN, "同意延期")
    after = (await estate.case()).resolve_by
    assert after > before
    assert "要延到" in await estate.reads(AUNT_LI)
    assert "同意延期" in await estate.reads(steward)


async def test_more_time_is_not_given_and_not_asked_for_too_late(estate: Estate) -> None:
    steward = await file(estate, "3栋路灯坏了")
    await estate.presses(steward, "接单")
    before = (await estate.case()).resolve_by
    await estate.presses(steward, "更多…")
    await estate.presses(steward, "申请延期")
    await estate.presses(steward, await a_date(estate, steward, 0))
    await estate.says(steward, "要等灯泡")
    await estate.presses(LIN, "不同意")
    assert (await estate.case()).resolve_by == before
    assert "不同意延期" in await estate.reads(steward)
    await estate.lives_until("2026-10-20 09:00")
    await estate.presses_data(steward, "c:later:1001")
    assert "已经超时了" in await estate.reads(steward)


async def test_nobody_grants_their_own_wish(estate: Estate) -> None:
    """高大姐 is steward everywhere and coordinator of building 1."""
    await file(estate, "1栋路灯坏了")
    await estate.presses_data(LIN, "c:transfer:1001")
    gao = next(label for label in await estate.labels(LIN) if label.startswith("高大姐"))
    await estate.presses(LIN, gao)
    await estate.presses("gao", "接单")
    await estate.presses("gao", "更多…")
    await estate.presses("gao", "申请延期")
    await estate.presses("gao", await a_date(estate, "gao"))
    await estate.presses("gao", "天气不好")
    before = (await estate.case()).resolve_by
    await estate.presses_data("gao", "c:grant:1001")
    assert (await estate.case()).resolve_by == before
    assert "天气不好" in await estate.reads(LIN)


async def test_waiting_for_a_third_party_runs_out_after_a_fortnight(estate: Estate) -> None:
    steward = await file(estate, "3栋路灯坏了")
    await estate.presses(steward, "接单")
    await estate.presses(steward, "更多…")
    await estate.presses(steward, "等第三方")
    await estate.presses(steward, "等配件")
    assert "需要第三方配合：等配件" in await estate.reads(AUNT_LI)
    await estate.reads(steward)
    left = (await estate.case()).resolve_by
    await estate.says(AUNT_LI, "12号楼的路灯也坏了")  # not taken for an answer
    assert (await estate.cases())[0].state == State.WAITING
    await estate.lives_until("2026-10-14 10:05")
    case = (await estate.cases())[0]
    assert case.state == State.WORKING
    assert case.resolve_by > left
    assert "等待时间已到" in await estate.reads(steward)


async def test_a_steward_goes_on_before_the_wait_is_over(estate: Estate) -> None:
    steward = await file(estate, "3栋路灯坏了")
    await estate.presses(steward, "接单")
    await estate.presses(steward, "更多…")
    await estate.presses(steward, "等第三方")
    await estate.says(steward, "等电力公司")
    await estate.presses(steward, "继续办理")
    case = await estate.case()
    assert (case.state, case.waiting_for, case.waiting_since) == (State.WORKING, None, None)
