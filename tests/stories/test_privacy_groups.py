"""Private matters leave no trace in a group."""

from typing import Any

from bot.inbox import Inbox
from cases.context import Rules
from tests.cast import PLANNERS, Estate
from tests.stories.quarrel import AUNT_LI, ELDER, HUANG, LIN, MEDIATOR, QUARREL, SECRETS, UNCLE_ZHANG, quarrel


def with_kind(estate: Estate, key: str, **changes: Any) -> None:
    """Have a kind of matters be another than the example has it."""
    settings = estate.rules.settings
    kinds = tuple(kind.model_copy(update=changes) if kind.key == key else kind for kind in settings.categories)
    rules = Rules(
        settings.model_copy(update={"categories": kinds}), estate.rules.tree, estate.rules.deadlines,
        estate.rules.understander, estate.rules.wishes,
    )  # fmt: skip
    estate.rules, estate.inbox = rules, Inbox(estate.store, lambda _session: rules, PLANNERS, estate.clock)


GROUPS = ("5号楼群", "任务群")


async def bound(estate: Estate) -> None:
    """Tie the group of building 5 and the stewards' task group, and read what they say."""
    for group, what in zip(GROUPS, ("5号楼", "丰美小区 任务群"), strict=True):
        await estate.says(HUANG, f"/bind {what}", chat=group, group=True, message="m")
        await estate.reads(group)


async def read_by_all(estate: Estate) -> str:
    """Return what both groups were told since they were tied or last read."""
    return "\n".join([await estate.reads(group) for group in GROUPS])


async def test_a_pooled_matter_that_turns_private_is_wiped_out_where_it_was_offered(estate: Estate) -> None:
    with_kind(estate, "noise", pool=True)
    await bound(estate)
    await quarrel(estate, "5栋502半夜吵闹")
    assert "吵闹" in await read_by_all(estate)
    await estate.reads("wang")
    await estate.presses_data(LIN, "c:kind:1001:dispute")
    assert (await estate.told(GROUPS[1]))[-1]["text"] == "这件事在私下办理。"
    assert (await estate.told("wang"))[-1]["text"] == "这件事在私下办理。"
    assert (await estate.told("wang"))[-1]["edit"]
    assert await estate.steward() == MEDIATOR


async def test_a_quarrel_from_report_to_rating_leaves_no_trace_in_any_group(estate: Estate) -> None:
    """Led to private, dispatched, handed on, nearly joined with another, late, resolved, rated, called back."""
    await bound(estate)
    group = {"chat": GROUPS[0], "group": True, "mentioned": True, "message": "m1"}
    await estate.says(AUNT_LI, QUARREL, **group)
    assert "私下说更好" in await estate.reads(GROUPS[0])
    await quarrel(estate)
    await quarrel(estate, "楼上邻居又骂人，邻里纠纷请调解", UNCLE_ZHANG)
    await estate.presses_data(MEDIATOR, "c:accept:1001")
    await estate.presses_data(MEDIATOR, "c:transfer:1001")
    await estate.presses(MEDIATOR, "何伯 · 银发先锋")
    await estate.presses_data(ELDER, "c:accept:1001")
    await estate.presses_data(LIN, "c:merge:1002")
    await estate.presses_data(LIN, "c:mergeto:1002:1001")
    await estate.lives_until("2026-10-20 18:00")
    for who in (AUNT_LI, LIN, ELDER, UNCLE_ZHANG):
        for verb in ("card", "story", "claim", "follow", "phone", "done"):
            await estate.presses_data(who, f"c:{verb}:1001", chat=GROUPS[0], group=True)
    await estate.says(LIN, "/case 1001", chat=GROUPS[0], group=True, mentioned=True, message="m2")
    await estate.presses_data(ELDER, "c:done:1001")
    await estate.says(ELDER, "谈好了")
    await estate.presses_data(AUNT_LI, "c:solved:1001")
    await estate.presses(AUNT_LI, "1 很不满意")
    await estate.says(AUNT_LI, "没有道歉")
    await estate.lives_until("2026-10-30 18:00")
    history = await estate.history()
    assert {"transfer", "late", "resolve", "rate", "call_back"} <= set(history)
    assert "merge" not in history
    rows = [str(row) for name in GROUPS for row in await estate.told(name) if "toast" not in row]
    traces = ("1001", "1002", "纠纷", "吵架", "骂人", "何伯", "赵敏", "道歉", *SECRETS)
    assert [trace for trace in traces if any(trace in row for row in rows)] == []


async def test_a_report_that_is_made_a_quarrel_in_the_group_is_wiped_out_there(estate: Estate) -> None:
    await bound(estate)
    group = {"chat": GROUPS[0], "group": True}
    await estate.says(AUNT_LI, "502太吵", mentioned=True, message="m1", **group)
    card = (await estate.told(GROUPS[0]))[-1]
    draft = card["buttons"]["提交"].split(":")[1]
    await estate.reads(GROUPS[0])
    await estate.presses_data(AUNT_LI, f"r:{draft}:cat:dispute", **group)
    told = await estate.reads(GROUPS[0])
    assert "私下说更好" in told
    assert "纠纷" not in told
    assert (await estate.told(GROUPS[0]))[-2]["edit"]
    await estate.presses_data(AUNT_LI, card["buttons"]["提交"], **group)
    assert await estate.cases() == []
