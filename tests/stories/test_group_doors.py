"""A group's door: the bot is thrown out and let in again; a group gets a new id and everything goes along."""

from typing import Any

from sqlalchemy import select

from storage.message_models import Dialogue, Outgoing
from tests.cast import Estate
from tests.stories.test_groups import AUNT_LI, GROUP, HUANG, TASKS, UNCLE_ZHANG, asks, bound, presses, says

BIG = "5号楼大群"


async def test_the_admins_are_told_once_that_the_bot_was_thrown_out(estate: Estate) -> None:
    await bound(estate)
    await estate.reads(HUANG)
    for _ in range(2):
        await says(estate, AUNT_LI, "", reach="blocked")
    told = await estate.reads(HUANG)
    assert told.count("我被移出了丰美小区5号楼的居民群") == 1
    assert "重新拉进群" in told
    for other in ("zheng", "lin", "feng", AUNT_LI, GROUP):
        assert "移出" not in await estate.reads(other)
    await says(estate, AUNT_LI, "", TASKS, reach="blocked")
    assert "丰美小区的任务群" in await estate.reads(HUANG)


async def test_let_in_again_the_binding_lives_on(estate: Estate) -> None:
    await bound(estate)
    await asks(estate, AUNT_LI, "路灯坏了")
    await presses(estate, AUNT_LI, "提交")
    await says(estate, UNCLE_ZHANG, "", reach="blocked")
    await estate.reads(GROUP)
    steward = await estate.steward()
    await estate.presses(steward, "接单")
    assert await estate.reads(GROUP) == ""
    await says(estate, UNCLE_ZHANG, "", reach="back")
    await estate.presses(steward, "办结")
    await estate.says(steward, "修好了")
    await estate.sends_photo(steward)
    assert "已办结，请评价" in await estate.reads(GROUP)
    await asks(estate, UNCLE_ZHANG, "下水道堵了")
    await presses(estate, UNCLE_ZHANG, "提交")
    assert estate.rules.tree.get((await estate.case()).place_id).key == "fengmei-5"
    await estate.reads(HUANG)
    await says(estate, UNCLE_ZHANG, "", reach="blocked")  # thrown out anew is told anew
    assert "我被移出了" in await estate.reads(HUANG)


async def test_a_group_that_is_tied_to_nothing_is_nobodys_loss(estate: Estate) -> None:
    await says(estate, AUNT_LI, "", reach="blocked")
    assert await estate.store.read(lambda session: session.scalars(select(Outgoing.id)).all()) == []


async def test_the_card_of_a_case_follows_the_group(estate: Estate) -> None:
    await bound(estate)
    await asks(estate, AUNT_LI, "路灯坏了")
    await presses(estate, AUNT_LI, "提交")
    await says(estate, AUNT_LI, "", moved_to=BIG)
    await estate.presses(await estate.steward(), "接单")
    (card,) = [row for row in await estate.told(BIG) if "处理中" in row.get("title", "")]
    assert card["edit"]
    assert (await estate.case()).group_chat == BIG
    await presses(estate, UNCLE_ZHANG, "我也遇到", BIG)
    assert "另有1人也遇到了" in await estate.reads(BIG)


async def test_a_report_that_was_begun_before_is_filed_after(estate: Estate) -> None:
    await bound(estate)
    await asks(estate, AUNT_LI, "路灯坏了")
    (draft,) = [row for row in await estate.told(GROUP) if "提交" in row.get("buttons", {})]
    await asks(estate, UNCLE_ZHANG, "下水道堵了")
    await says(estate, UNCLE_ZHANG, "5栋垃圾桶满了", BIG, mentioned=True)  # heard before the news of the move
    await says(estate, AUNT_LI, "", moved_to=BIG)
    await says(estate, AUNT_LI, "", moved_to=BIG)  # told from both sides
    await estate.presses_data(AUNT_LI, draft["buttons"]["加照片或补充"], chat=BIG, group=True)
    question = [row for row in await estate.told(BIG) if row.get("force_reply")][-1]
    assert question["reply_to"] is None  # messages are numbered anew there
    await says(estate, AUNT_LI, "门口那盏", BIG, mentioned=True)
    for who in (AUNT_LI, UNCLE_ZHANG):
        await estate.presses_data(who, await submit_of(estate, who), chat=BIG, group=True)
    assert [(case.words, case.group_chat) for case in await estate.cases()] == [
        ("路灯坏了\n门口那盏", BIG), ("5栋垃圾桶满了", BIG),
    ]  # fmt: skip


async def submit_of(estate: Estate, who: str) -> str:
    """Return the button by which somebody files what they began in the group."""
    rows: list[dict[str, Any]] = list(
        await estate.store.read(
            lambda session: session.scalars(select(Dialogue.data).order_by(Dialogue.person_id)).all()
        )
    )
    words = "路灯" if who == AUNT_LI else "垃圾桶"
    (mine,) = [data for data in rows if words in data["words"]]
    return f"r:{mine['id']}:submit"


async def test_an_offer_follows_the_task_group(estate: Estate) -> None:
    await bound(estate)
    await estate.says(AUNT_LI, "/start p_fengmei-5")
    await estate.says(AUNT_LI, "我的心愿是有人陪我下棋")
    await estate.presses(AUNT_LI, "提交")
    await estate.presses("feng", "通过")
    await says(estate, "zhou", "", TASKS, moved_to="大任务群")
    await estate.reads(TASKS)
    await presses(estate, "zhou", "认领", "大任务群")
    assert "已认领：周小燕" in await estate.reads("大任务群")
    assert await estate.reads(TASKS) == ""
