"""未送达: what a resident has to know did not arrive; who handles the case hears so once a day, on both databases."""

from sqlalchemy import update

from storage.models import Identity
from tests.cast import Estate
from tests.stories.linking import AUNT, reported

LIFT = "3号楼2单元电梯坏了"
MISSED = "我们的消息没能送到居民那里"


async def shut(estate: Estate, who: str) -> None:
    lost = update(Identity).where(Identity.chat == who).values(unreachable="blocked")
    await estate.store.write(lambda session: session.execute(lost))


async def in_work(estate: Estate) -> str:
    """Have a steward at work for somebody whom no channel reaches any more."""
    await reported(estate, AUNT, LIFT)
    steward = await estate.steward()
    await estate.presses(steward, "接单")
    await shut(estate, AUNT)
    return steward


async def asks(estate: Estate, steward: str, text: str) -> None:
    await estate.presses(steward, "问居民")
    await estate.says(steward, text)


async def test_a_question_that_does_not_arrive_is_told_to_who_asked(estate: Estate) -> None:
    await estate.says(AUNT, "/phone 13800138000")
    steward = await in_work(estate)
    await estate.reads(steward)
    await asks(estate, steward, "几层停了？")
    await estate.waits(minutes=1)
    told = await estate.reads(steward)
    assert MISSED in told
    assert "138" not in told.split(MISSED)[1]
    await estate.presses(steward, "居民电话")
    assert "13800138000" in await estate.reads(steward)
    assert "contact" in await estate.history()


async def test_without_a_number_there_is_no_button(estate: Estate) -> None:
    steward = await in_work(estate)
    await asks(estate, steward, "几层停了？")
    await estate.waits(minutes=1)
    assert "请上门问一声" in await estate.reads(steward)
    shown = [row["labels"] for row in await estate.told(steward) if MISSED in row.get("text", "")]
    assert shown == [["看进展"]]


async def test_it_is_told_once_a_day_and_case(estate: Estate) -> None:
    steward = await in_work(estate)
    await asks(estate, steward, "几层停了？")
    await estate.waits(minutes=1)
    await estate.presses_data(steward, "c:resume:1001")
    await asks(estate, steward, "什么时候停的？")
    await estate.waits(minutes=1)
    assert (await estate.reads(steward)).count(MISSED) == 1
    await estate.waits(hours=20)
    await estate.reads(steward)
    await estate.presses_data(steward, "c:resume:1001")
    await asks(estate, steward, "还停着吗？")
    await estate.waits(minutes=1)
    assert (await estate.reads(steward)).count(MISSED) == 1


async def test_what_need_not_be_known_is_not_told(estate: Estate) -> None:
    await reported(estate, AUNT, LIFT)
    steward = await estate.steward()
    await shut(estate, AUNT)
    await estate.presses(steward, "接单")
    await estate.waits(minutes=1)
    assert MISSED not in await estate.reads(steward)


async def test_that_it_is_done_matters_the_rating_question_does_not(estate: Estate) -> None:
    steward = await in_work(estate)
    await estate.presses(steward, "办结")
    await estate.sends_photo(steward, "修好了")
    await estate.presses_if_asked(steward, "办好了")
    await estate.waits(minutes=1)
    assert (await estate.case()).state == "resolved"
    assert (await estate.reads(steward)).count(MISSED) == 1
    await estate.lives_until("2026-10-09 12:00")
    assert MISSED not in await estate.reads(steward)
