"""Building groups and the task group: one card a report, nobody mixed up, nothing private."""

from typing import Any

from sqlalchemy import select

from cases.states import State
from handlers.inbound import IncomingFile
from storage.message_models import GroupChat
from tests.cast import Estate

AUNT_LI, UNCLE_ZHANG, GRANNY = "李阿姨", "张叔", "王奶奶"
GROUP, TASKS = "5号楼群", "任务群"
LIN, HUANG = "lin", "huang"


async def says(estate: Estate, who: str, text: str, chat: str = GROUP, **more: Any) -> None:
    """Have somebody say something in a group."""
    await estate.says(who, text, chat=chat, group=True, message=f"m{estate.updates}", **more)


async def asks(estate: Estate, who: str, text: str) -> None:
    """Have somebody say something to the bot in the building group."""
    await says(estate, who, text, mentioned=True)


async def presses(estate: Estate, who: str, label: str, chat: str = GROUP) -> None:
    """Have somebody press the newest button of that label in a group."""
    for row in reversed(await estate.told(chat)):
        if label in row.get("buttons", {}):
            await estate.presses_data(who, row["buttons"][label], chat=chat, group=True)
            return
    raise AssertionError(f"no button {label} in {chat}: {await estate.told(chat)}")


async def bound(estate: Estate) -> None:
    """Tie both groups."""
    await says(estate, HUANG, "/bind 5号楼")
    await says(estate, HUANG, "/bind 丰美小区 任务群", TASKS)


async def test_only_an_admin_of_the_place_ties_a_group(estate: Estate) -> None:
    for who in (AUNT_LI, "feng", LIN):
        await says(estate, who, "/bind 5号楼")
    assert await groups(estate) == []
    assert "是管理员用的" in await estate.reads(GROUP)
    await bound(estate)
    assert await groups(estate) == [(TASKS, "task", False), (GROUP, "building", False)]
    await says(estate, AUNT_LI, "/unbind")
    await says(estate, HUANG, "/unbind")
    assert await groups(estate) == [(TASKS, "task", False)]


async def groups(estate: Estate) -> list[tuple[str, str, bool]]:
    """Return the groups: chat, kind, whether the bot was thrown out."""
    rows = select(GroupChat.chat, GroupChat.kind, GroupChat.lost_at.is_not(None)).order_by(GroupChat.kind.desc())
    found = await estate.store.read(lambda session: session.execute(rows).all())
    return [(row[0], row[1], bool(row[2])) for row in found]


async def test_the_bot_notices_that_it_was_thrown_out(estate: Estate) -> None:
    await bound(estate)
    await says(estate, AUNT_LI, "", reach="blocked")
    assert (GROUP, "building", True) in await groups(estate)
    await says(estate, AUNT_LI, "", reach="back")
    assert (GROUP, "building", False) in await groups(estate)
    await says(estate, AUNT_LI, "", moved_to="5号楼大群")
    assert ("5号楼大群", "building", False) in await groups(estate)


async def test_what_is_not_said_to_the_bot_is_not_heard(estate: Estate) -> None:
    await bound(estate)
    await estate.reads(GROUP)
    await says(estate, AUNT_LI, "5栋路灯坏了")
    assert await estate.reads(GROUP) == ""
    assert await estate.cases() == []


async def test_three_neighbours_at_once_do_not_mix(estate: Estate) -> None:
    await bound(estate)
    await asks(estate, AUNT_LI, "路灯坏了")
    await asks(estate, UNCLE_ZHANG, "楼下垃圾桶满了")
    await asks(estate, GRANNY, "下水道堵了")
    cards = [row for row in await estate.told(GROUP) if "提交" in row.get("buttons", {})]
    assert [card["reply_to"] for card in cards] != [None, None, None]
    first = cards[0]["buttons"]["提交"]
    await estate.presses_data(UNCLE_ZHANG, first, chat=GROUP, group=True)
    assert await estate.cases() == []
    assert "这张卡片不是您的" in await estate.reads(GROUP)
    await estate.presses_data(AUNT_LI, first, chat=GROUP, group=True)
    case = await estate.case()
    assert (case.category, case.group_chat) == ("lights", GROUP)
    assert estate.rules.tree.get(case.place_id).key == "fengmei-5"  # the group's own place
    await presses(estate, GRANNY, "提交")
    assert [case.category for case in await estate.cases()] == ["lights", "drains"]


async def test_one_card_in_the_group_changes_as_the_case_moves(estate: Estate) -> None:
    await bound(estate)
    await asks(estate, AUNT_LI, "路灯坏了，电话13800138000")
    await presses(estate, AUNT_LI, "提交")
    steward = await estate.steward()
    await estate.presses(steward, "接单")
    rows = [row for row in await estate.told(GROUP) if row.get("title", "").startswith("#1001")]
    assert all(row.get("edit") for row in rows)
    assert "处理中" in rows[-1]["title"]
    told = str(await estate.told(GROUP))
    assert "13800138000" not in told
    assert AUNT_LI not in told
    assert "接单" in await estate.reads(AUNT_LI)  # details in private


async def test_me_too_in_the_group(estate: Estate) -> None:
    await bound(estate)
    await asks(estate, AUNT_LI, "路灯坏了")
    await presses(estate, AUNT_LI, "提交")
    await presses(estate, UNCLE_ZHANG, "我也遇到")
    await presses(estate, GRANNY, "我也遇到")
    await presses(estate, GRANNY, "我也遇到")
    assert "另有2人也遇到了" in await estate.reads(GROUP)
    await estate.presses(await estate.steward(), "接单")
    assert "接单" in await estate.reads(UNCLE_ZHANG)


async def test_the_same_trouble_is_offered_before_filing(estate: Estate) -> None:
    await estate.says(AUNT_LI, "5栋路灯坏了")
    await estate.presses(AUNT_LI, "提交")
    await estate.says(UNCLE_ZHANG, "5栋楼下的路灯坏了")
    assert "是不是一样的问题" in await estate.reads(UNCLE_ZHANG)
    await estate.presses(UNCLE_ZHANG, "是，关注 #1001")
    assert len(await estate.cases()) == 1
    assert "楼下的路灯" in await estate.reads(await estate.steward())  # nobody's words are lost
    await estate.says(GRANNY, "5栋的路灯坏了")
    await estate.presses(GRANNY, "不是，继续上报")
    await estate.presses(GRANNY, "提交")
    assert len(await estate.cases()) == 2
    await estate.says(AUNT_LI, "5栋路灯坏了，还是不亮")
    await estate.presses(AUNT_LI, "是，补充到我的 #1001")
    assert len(await estate.cases()) == 2


async def test_report_step_by_step_in_a_group(estate: Estate) -> None:
    await bound(estate)
    await says(estate, AUNT_LI, "/report")
    assert (await estate.told(GROUP))[-1]["force_reply"]
    await asks(estate, AUNT_LI, "路灯坏了")  # an answer to the bot
    await presses(estate, AUNT_LI, "提交")
    assert len(await estate.cases()) == 1


async def test_a_quarrel_leaves_no_trace_in_any_group(estate: Estate) -> None:
    await bound(estate)
    await asks(estate, AUNT_LI, "隔壁和我吵架，邻里纠纷请调解")
    assert "私下说更好" in await estate.reads(GROUP)
    assert await estate.cases() == []
    await estate.says(AUNT_LI, "/start p_fengmei-5")
    await estate.says(AUNT_LI, "隔壁502和我吵架，邻里纠纷请调解")
    await estate.presses(AUNT_LI, "提交")
    assert await estate.steward() == "zhao"  # the mediator
    await estate.presses("zhao", "接单")
    for group in (GROUP, TASKS):
        assert "纠纷" not in await estate.reads(group)
    await estate.presses_data("feng", "c:card:1001")  # leads building 5 and lives in it
    told = await estate.reads("feng")
    assert AUNT_LI not in told
    assert "一位居民" in told


async def test_wishes_are_offered_in_the_task_group(estate: Estate) -> None:
    await bound(estate)
    await estate.says(AUNT_LI, "/start p_fengmei-5")
    await estate.says(AUNT_LI, "我的心愿是有人陪我下棋")
    await estate.presses(AUNT_LI, "提交")
    await estate.presses("feng", "通过")
    assert "待认领" in await estate.reads(TASKS)
    await presses(estate, "zhou", "认领", TASKS)
    assert "已认领：周小燕" in await estate.reads(TASKS)
    assert (await estate.case()).state == State.WORKING


async def test_a_grid_sentinel_sends_a_photo_and_a_place(estate: Estate) -> None:
    photo = IncomingFile("photo", remote="f", size=1000)
    await estate.says("gao", files=(photo,), location=(23.1352, 113.2708))
    case = await estate.case()
    assert estate.rules.tree.get(case.place_id).key == "fengmei"
    assert "网格哨兵高大姐" in case.words
    await estate.says("gao", "/mycases")
    assert "#1001" in str(await estate.labels("gao"))


async def test_what_turns_private_leaves_the_group(estate: Estate) -> None:
    await bound(estate)
    await asks(estate, AUNT_LI, "楼上太吵")
    card = [row for row in await estate.told(GROUP) if "提交" in row.get("buttons", {})][-1]
    draft = card["buttons"]["提交"].split(":")[1]
    await estate.presses_data(AUNT_LI, f"r:{draft}:cat:dispute", chat=GROUP, group=True)
    await estate.presses_data(AUNT_LI, f"r:{draft}:submit", chat=GROUP, group=True)
    assert await estate.cases() == []
    await asks(estate, UNCLE_ZHANG, "隔壁太吵")
    await presses(estate, UNCLE_ZHANG, "提交")
    await estate.presses_data(LIN, "c:kind:1001:dispute")
    assert (await estate.told(GROUP))[-1]["text"] == "这件事在私下办理。"


async def test_a_leaders_press_in_a_group_shows_nothing_private(estate: Estate) -> None:
    await bound(estate)
    await asks(estate, AUNT_LI, "路灯坏了，电话13800138000")
    await presses(estate, AUNT_LI, "提交")
    for data in ("c:claim:1001", "c:card:1001", "c:story:1001", "c:phone:1001"):
        await estate.presses_data(LIN, data, chat=GROUP, group=True)
    told = str(await estate.told(GROUP))
    assert "13800138000" not in told
    assert "上报人" not in told
