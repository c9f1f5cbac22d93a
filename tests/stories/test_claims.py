"""认领 by several: what each brings, who leaves, who hears what, and the thanks that all of them get."""

from typing import Any

import pytest
from sqlalchemy import func, select

from cases.states import State
from storage.models import Claim, HistoryEntry, Person
from tests.cast import Estate
from tests.stories.test_groups import TASKS, bound, presses

AUNT_LI = "李阿姨"
LEAD, SECOND, THIRD, OTHER = "zhou", "wang", "chen", "wu"
WISH = "我家奶奶想要一辆轮椅出门晒太阳，能不能帮忙"


async def offered(estate: Estate, people: str = "3人", who: str = AUNT_LI, home: str = "fengmei-5") -> None:
    """Tell a wish for several and have it offered."""
    await estate.says(who, f"/start p_{home}")
    await estate.says(who, WISH)
    await estate.presses(who, "几个人")
    await estate.presses(who, people)
    await estate.presses(who, "提交")
    await estate.presses("feng" if home == "fengmei-5" else "gao", "通过")


async def joint(estate: Estate, *claimers: str) -> None:
    """Have a wish for three claimed by those, in their order."""
    await offered(estate)
    for who in claimers:
        await estate.presses(who, "认领")


async def offer_card(estate: Estate, chat: str) -> dict[str, Any]:
    """Return the offer as it stands in a chat now."""
    return [row for row in await estate.told(chat) if row.get("title", "").startswith("待认领")][-1]


async def task_card(estate: Estate, who: str) -> dict[str, Any]:
    """Return the task's card as it stands in somebody's chat now."""
    return [row for row in await estate.told(who) if "看进展" in row.get("buttons", {})][-1]


async def notes(estate: Estate) -> dict[str, str]:
    """Return what each claimer brings, by their key."""
    rows = select(func.coalesce(Person.key, ""), Claim.note).join(Claim, Claim.person_id == Person.id)
    found = await estate.store.read(lambda session: session.execute(rows).all())
    return {row[0]: row[1] for row in found}


async def leaves_note(estate: Estate, who: str, text: str) -> None:
    await estate.presses(who, "留句话")
    await estate.says(who, text)


async def test_three_from_telling_to_thanks_one_with_a_note_one_leaving(estate: Estate) -> None:
    await joint(estate, LEAD, SECOND, THIRD)
    await leaves_note(estate, SECOND, "我出轮椅")
    for who in (LEAD, THIRD, AUNT_LI):
        assert "王建国留了句话：我出轮椅" in await estate.reads(who)
    for who in (LEAD, OTHER):
        assert "王建国：“我出轮椅”" in (await offer_card(estate, who))["text"]
    await estate.presses(THIRD, "退还")
    for who in (LEAD, SECOND, AUNT_LI):
        assert "陈秀英不能继续办了" in await estate.reads(who)
    await estate.presses(LEAD, "办结")
    await estate.says(LEAD, "轮椅送到了，陪奶奶下楼走了一圈")
    for who in (LEAD, SECOND, THIRD):
        await estate.reads(who)
    await estate.presses(AUNT_LI, "解决了")
    await estate.presses(AUNT_LI, "5 非常满意")
    for who in (LEAD, SECOND):
        assert "李阿姨打了 5 分，谢谢您的服务" in await estate.reads(who)
    await estate.says(AUNT_LI, "奶奶笑了一下午")
    for who in (LEAD, SECOND):
        assert "奶奶笑了一下午" in await estate.reads(who)
    told = await estate.reads(THIRD)  # who left has nothing to do with it any more
    assert "打了 5 分" not in told
    assert "笑了一下午" not in told
    await estate.presses(AUNT_LI, "可以放上去")
    await estate.says("张叔", "心愿墙")
    await estate.presses("张叔", "心愿墙")
    assert "帮忙实现：周小燕、王建国" in await estate.reads("张叔")
    steps = ["claim", "claim", "claim", "bring", "leave", "resolve", "rate", "publish"]
    assert [step for step in await estate.history() if step in steps] == steps


async def test_a_note_is_changed_as_often_as_one_likes_and_every_wording_is_kept(estate: Estate) -> None:
    await joint(estate, LEAD)
    await leaves_note(estate, LEAD, "我出轮椅")
    await leaves_note(estate, LEAD, "轮椅借出去了，我出拐杖")
    assert await notes(estate) == {LEAD: "轮椅借出去了，我出拐杖"}
    card = (await offer_card(estate, OTHER))["text"]
    assert "我出拐杖" in card
    assert "我出轮椅" not in card
    said = select(HistoryEntry.words).where(HistoryEntry.action == "bring").order_by(HistoryEntry.id)
    kept = await estate.store.read(lambda session: session.scalars(said).all())
    assert list(kept) == ["我出轮椅", "轮椅借出去了，我出拐杖"]
    await estate.presses_data(AUNT_LI, "c:story:1001")
    assert "周小燕 留了句话：“我出轮椅”" in await estate.reads(AUNT_LI)


async def test_a_note_is_short_and_shows_nobodys_number(estate: Estate) -> None:
    await joint(estate, LEAD, SECOND)
    await leaves_note(estate, LEAD, "电话13800138000，身份证440106199001011234\n" + "好" * 300)
    assert "只留前 200 个字" in await estate.reads(LEAD)
    assert len((await notes(estate))[LEAD]) == 200
    await estate.presses_data(SECOND, "c:story:1001")
    for chat in (SECOND, OTHER, AUNT_LI):
        told = str(await estate.told(chat))
        assert "138****8000" in told
        assert "13800138000" not in told
        assert "440106199001011234" not in told


async def test_only_who_has_claimed_it_leaves_a_note_and_only_while_they_have(estate: Estate) -> None:
    await joint(estate, LEAD, SECOND)
    for who in (OTHER, AUNT_LI, "feng"):
        await estate.presses_data(who, "c:bring:1001")
        await estate.says(who, "我也出一份力")
    await estate.presses(SECOND, "留句话")
    await estate.presses(SECOND, "退还")
    await estate.says(SECOND, "我出轮椅")
    assert await notes(estate) == {LEAD: ""}
    await estate.presses_data(LEAD, "c:done:1001")
    await estate.says(LEAD, "送到了")
    await estate.reads(LEAD)
    await estate.presses_data(LEAD, "c:bring:1001")
    assert "已办结，请评价" in await estate.reads(LEAD)
    assert "bring" not in await estate.history()


async def test_who_joins_in_has_the_next_steps_on_their_card(estate: Estate) -> None:
    await joint(estate, LEAD, SECOND)
    buttons = (await task_card(estate, SECOND))["buttons"]
    assert set(buttons) == {"留句话", "加照片或补充", "居民电话", "退还", "看进展"}
    await estate.reads(SECOND)
    await estate.presses(SECOND, "居民电话")
    assert "没有" in await estate.reads(SECOND)  # she has not told a number; the look is written down all the same
    assert "contact" in await estate.history()
    assert {"留句话", "退还"} <= set((await task_card(estate, LEAD))["buttons"])
    card = (await task_card(estate, SECOND))["text"]
    assert "已认领：周小燕、王建国" in card
    await leaves_note(estate, LEAD, "我出轮椅")
    assert "已认领：周小燕：“我出轮椅”、王建国" in (await task_card(estate, SECOND))["text"]


async def test_a_lead_who_waits_gives_it_back_and_the_next_leads(estate: Estate) -> None:
    await joint(estate, LEAD, SECOND)
    await estate.presses_data(LEAD, "c:hold:1001")
    await estate.says(LEAD, "等辅具站开门")
    assert (await estate.case()).state == State.WAITING
    assert {"留句话", "退还"} <= set((await task_card(estate, LEAD))["buttons"])
    assert {"留句话", "退还"} <= set((await task_card(estate, SECOND))["buttons"])
    await estate.reads(SECOND)
    await estate.presses(LEAD, "退还")
    case = await estate.case()
    assert (case.state, await estate.steward()) == (State.WAITING, SECOND)
    assert "周小燕不能继续办了，现在由您牵头" in await estate.reads(SECOND)
    assert "继续办理" in (await task_card(estate, SECOND))["buttons"]
    await estate.presses(SECOND, "退还")
    case = await estate.case()
    assert (case.state, case.waiting_since, case.steward_id) == (State.POOL, None, None)


async def test_who_leads_the_building_may_join_in_and_leave(estate: Estate) -> None:
    await offered(estate, home="fengmei-1")
    await estate.presses(LEAD, "认领")
    await estate.presses("gao", "认领")
    buttons = (await task_card(estate, "gao"))["buttons"]
    assert {"转派", "留句话", "退还"} <= set(buttons)  # what a leader may, and what a claimer may
    await estate.presses("gao", "退还")
    assert set(await notes(estate)) == {LEAD}


async def test_given_back_it_is_offered_afresh(estate: Estate) -> None:
    await offered(estate, "1人")
    await estate.presses(LEAD, "认领")
    first = (await estate.case()).accept_by
    await estate.waits(days=1)
    for who in (LEAD, OTHER):
        await estate.reads(who)
        assert "认领" not in (await offer_card(estate, who))["buttons"]
    await estate.presses(LEAD, "退还")
    case = await estate.case()
    assert (case.state, case.look_kind) == (State.POOL, "pool")
    assert case.accept_by > first
    card = await offer_card(estate, OTHER)
    assert "edit" not in card  # a message of its own, which is noticed; the former one points to it
    assert "认领" in card["buttons"]
    assert "请看下面" in await estate.reads(OTHER)
    mine = await offer_card(estate, LEAD)
    assert mine["edit"]  # who has just given it back is not asked
    assert "认领" in mine["buttons"]
    await estate.presses(OTHER, "认领")
    assert await estate.steward() == OTHER
    assert "已认领：吴师傅" in (await offer_card(estate, LEAD))["text"]


async def test_given_back_it_stands_in_the_task_group_anew(estate: Estate) -> None:
    await bound(estate)
    await offered(estate, "1人")
    await presses(estate, LEAD, "认领", TASKS)
    assert "认领" not in (await offer_card(estate, TASKS))["buttons"]
    await estate.presses(LEAD, "退还")
    *_, former, anew = await estate.told(TASKS)
    assert (former["edit"], former["buttons"]) == (True, {})
    assert "edit" not in anew
    await presses(estate, OTHER, "认领", TASKS)
    assert await estate.steward() == OTHER
    assert "已认领：吴师傅" in (await offer_card(estate, TASKS))["text"]


async def test_given_back_and_wanted_by_nobody_the_time_to_claim_runs_anew(estate: Estate) -> None:
    await estate.lives_until("2026-10-08 09:00")
    await offered(estate, "1人")
    await estate.lives_until("2026-10-10 09:00")
    await estate.presses(LEAD, "认领")
    await estate.presses(LEAD, "退还")
    await estate.lives_until("2026-10-12 09:00")
    case = await estate.case()
    assert (case.state, case.widened) == (State.POOL, 0)  # three days from the vetting are over, not from now
    await estate.lives_until("2026-10-13 09:10")
    assert (await estate.case()).widened == 1


@pytest.mark.parametrize("leader", ["feng", "huang"])
async def test_given_to_somebody_else_those_who_had_claimed_it_hear(estate: Estate, leader: str) -> None:
    await joint(estate, LEAD, SECOND, THIRD)
    for who in (LEAD, SECOND, THIRD):
        await estate.reads(who)
    await estate.presses_data(leader, "c:transfer:1001")
    await estate.presses(leader, "吴师傅 · 商企发展 · 便民维修店")
    for who in (LEAD, SECOND, THIRD):
        told = await estate.reads(who)
        assert "已把这件事交给吴师傅" in told
        assert "您这边不用再做什么了" in told
        assert "这件事已经不用您办了" in told  # their card
    assert "交给吴师傅" not in await estate.reads(OTHER)
    assert await notes(estate) == {}
    relieved = select(HistoryEntry.data).where(HistoryEntry.action == "transfer")
    data = await estate.store.read(lambda session: session.scalar(relieved))
    assert data is not None
    assert len(data["relieved"]) == 3


async def test_given_to_one_of_them_only_the_others_hear(estate: Estate) -> None:
    await joint(estate, LEAD, SECOND)
    for who in (LEAD, SECOND):
        await estate.reads(who)
    await estate.presses_data("feng", "c:to:1001:" + str(await number_of(estate, SECOND)))
    assert "已把这件事交给王建国" in await estate.reads(LEAD)
    told = await estate.reads(SECOND)
    assert "已把这件事交给王建国" not in told
    assert "待红管家接单" in told


async def number_of(estate: Estate, who: str) -> int:
    """Return somebody's number in the database."""
    found = await estate.store.read(lambda session: session.scalar(select(Person.id).where(Person.key == who)))
    assert found is not None
    return found


async def test_all_who_claimed_it_hear_that_it_is_withdrawn_or_not_solved(estate: Estate) -> None:
    await joint(estate, LEAD, SECOND)
    await estate.presses_data(LEAD, "c:done:1001")
    await estate.says(LEAD, "送到了")
    await estate.presses(AUNT_LI, "没解决")
    for who in (LEAD, SECOND):
        assert "没有解决" in await estate.reads(who)
    await estate.presses_data(AUNT_LI, "c:really:1001")
    for who in (LEAD, SECOND):
        assert "居民已撤回" in await estate.reads(who)


async def test_a_low_mark_goes_to_the_leader_and_thanks_nobody(estate: Estate) -> None:
    await joint(estate, LEAD, SECOND)
    await estate.presses_data(LEAD, "c:done:1001")
    await estate.says(LEAD, "送到了")
    for who in (LEAD, SECOND):
        await estate.reads(who)
    await estate.presses(AUNT_LI, "解决了")
    await estate.presses(AUNT_LI, "2 不满意")
    assert "只打了 2 分" in await estate.reads("feng")
    for who in (LEAD, SECOND):
        assert "打了" not in await estate.reads(who)
