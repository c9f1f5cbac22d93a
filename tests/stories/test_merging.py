"""Two cases that are the same: joined by a leader, with nobody lost on the way."""

import asyncio
import threading
from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from cases.states import State
from storage.models import Case, Follower, HistoryEntry, Person
from tests.cast import Estate
from tests.stories.test_groups import GROUP, asks, bound, presses

AUNT_LI, UNCLE_ZHANG, GRANNY = "李阿姨", "张叔", "王奶奶"
LIN, HUANG = "lin", "huang"
VOLUNTEER = "zhou"
ROUNDS, PRESSES = 12, 3  # races; presses of each leader
PATIENCE = 30  # seconds until a test gives up
WAITING = text("SELECT count(*) FROM pg_locks WHERE NOT granted")


async def report(estate: Estate, who: str, text: str = "5栋路灯坏了") -> int:
    """Have somebody report, whatever is like it; return the number."""
    await estate.says(who, text)
    await estate.presses_if_asked(who, "不是，继续上报")
    await estate.presses(who, "提交")
    return (await estate.case()).id


async def follow(estate: Estate, who: str, number: int) -> None:
    """Have a neighbour of building 5 follow a case."""
    await estate.says(who, "/start p_fengmei-5")
    await estate.presses_data(who, f"c:follow:{number}")


async def followers(estate: Estate, number: int) -> set[str]:
    """Return who follows a case."""
    names = select(Person.name).join(Follower, Follower.person_id == Person.id).where(Follower.case_id == number)
    return set(await estate.store.read(lambda session: session.scalars(names).all()))


async def joined(estate: Estate) -> tuple[str, str]:
    """Have two cases, the second accepted with a co-handler, and join it to the first; return both stewards."""
    await report(estate, AUNT_LI)
    lead = await estate.steward_now()
    await report(estate, UNCLE_ZHANG, "5栋楼下路灯不亮，电话13800138000")
    second = await estate.steward_now()
    await estate.presses_data(second, "c:accept:1002")
    await estate.presses_data(second, "c:helpers:1002")
    await estate.presses(second, next(label for label in await estate.labels(second) if label.startswith("周小燕")))
    for who in (lead, second, VOLUNTEER, AUNT_LI, UNCLE_ZHANG):
        await estate.reads(who)
    await estate.presses_data(LIN, "c:mergeto:1002:1001")
    return lead, second


async def test_whoever_worked_on_it_hears_that_there_is_nothing_more_to_do(estate: Estate) -> None:
    lead, second = await joined(estate)
    for who in (second, VOLUNTEER):
        assert "#1002 已并入 #1001，这件不用再办了。" in await estate.reads(who)
        card = next(row for row in reversed(await estate.told(who)) if row.get("title", "").startswith("#1002"))
        assert card["edit"]
        assert list(card["buttons"]) == ["看进展"]
        await estate.presses_data(who, "c:done:1002")  # an old button
        assert "已合并" in await estate.reads(who)
    told = await estate.reads(lead)
    assert "不用再办" not in told
    assert "楼下路灯不亮" in told  # the words of the other report are not lost
    await estate.says(second, "/tasks")
    assert "#1002" not in str(await estate.labels(second))


async def test_who_has_claimed_it_hears_it_too_and_nobody_can_claim_it_any_more(estate: Estate) -> None:
    for who in (AUNT_LI, UNCLE_ZHANG):
        await estate.says(who, "/start p_fengmei-5")
        await estate.says(who, "我家奶奶想要一辆轮椅出门晒太阳，能不能帮忙")
        await estate.presses(who, "几个人")
        await estate.presses(who, "3人")
        await estate.presses(who, "提交")
        await estate.presses("feng", "通过")
    for who in ("zhou", "wang"):
        await estate.presses_data(who, "c:claim:1002")
        await estate.reads(who)
    await estate.presses_data(LIN, "c:mergeto:1002:1001")
    assert (await estate.case()).state == State.MERGED
    for who in ("zhou", "wang"):
        assert "#1002 已并入 #1001" in await estate.reads(who)
    for who in ("zhou", "wang", "chen"):
        offer = [row for row in await estate.told(who) if row.get("title", "").startswith("待认领：#1002")][-1]
        assert offer["buttons"] == {}
    await estate.presses_data("chen", "c:claim:1002")
    assert (await estate.case()).state == State.MERGED


async def test_both_stories_lead_to_what_goes_on(estate: Estate) -> None:
    await joined(estate)
    assert "这件和 #1001 是同一件事" in await estate.reads(UNCLE_ZHANG)
    await estate.presses(UNCLE_ZHANG, "看 #1001")
    told = await estate.reads(UNCLE_ZHANG)
    assert "把 #1002 并了进来" in told
    assert AUNT_LI not in told
    await estate.presses_data(UNCLE_ZHANG, "c:story:1002")
    assert "并入了 #1001" in await estate.reads(UNCLE_ZHANG)
    assert (await estate.buttons(UNCLE_ZHANG))["看 #1001"] == "c:story:1001"
    await estate.presses_data(AUNT_LI, "c:story:1001")
    told = await estate.reads(AUNT_LI)
    assert "把 #1002 并了进来" in told
    assert "不亮" not in told  # what the neighbour has said is between them and the steward
    assert "13800138000" not in told
    assert UNCLE_ZHANG not in told


async def test_in_a_group_nobody_follows_what_was_joined(estate: Estate) -> None:
    await bound(estate)
    await report(estate, AUNT_LI)
    await asks(estate, UNCLE_ZHANG, "路灯坏了")
    await presses_if_asked(estate, UNCLE_ZHANG)
    await presses(estate, UNCLE_ZHANG, "提交")
    me_too = (await estate.buttons(GROUP))["我也遇到"]
    await estate.presses_data(LIN, "c:mergeto:1002:1001")
    card = (await estate.told(GROUP))[-1]
    assert (card["edit"], card["labels"]) == (True, [])
    assert "已合并" in card["title"]
    await estate.presses_data(GRANNY, me_too, chat=GROUP, group=True)  # on an old picture of it
    assert "#1002 已并入 #1001" in await estate.reads(GROUP)
    assert await followers(estate, 1002) == set()


async def presses_if_asked(estate: Estate, who: str) -> None:
    """Say in the group that it is not the same trouble, where that is asked."""
    if "不是，继续上报" in await estate.labels(GROUP):
        await presses(estate, who, "不是，继续上报")


async def test_joined_on_and_on_everybody_follows_what_is_left(estate: Estate) -> None:
    people = [f"居民{number}" for number in range(4)]
    numbers = [await report(estate, who) for who in people]
    await follow(estate, GRANNY, numbers[3])
    for number in (3, 2, 1):
        await estate.presses_data(LIN, f"c:mergeto:{numbers[number]}:{numbers[number - 1]}")
    assert await followers(estate, numbers[0]) == {*people[1:], GRANNY}
    await estate.says(GRANNY, "/mycases")
    assert [data for data in (await estate.buttons(GRANNY)).values() if data.startswith("c:")] == ["c:story:1001"]
    await estate.presses_data(people[3], "c:story:1004")
    assert "看 #1001" in await estate.labels(people[3])
    await estate.presses_data(GRANNY, "c:unfollow:1004")  # under an old message about the first of them
    assert "#1004 已并入 #1001" in await estate.reads(GRANNY)
    await estate.presses(GRANNY, "不再关注")
    assert await followers(estate, numbers[0]) == set(people[1:])


async def test_whoever_told_or_followed_either_is_asked_at_the_end(estate: Estate) -> None:
    one, other = await report(estate, AUNT_LI), await report(estate, UNCLE_ZHANG)
    await follow(estate, GRANNY, other)
    await follow(estate, AUNT_LI, other)
    await estate.presses_data(LIN, f"c:mergeto:{other}:{one}")
    assert await followers(estate, one) == {UNCLE_ZHANG, GRANNY}  # whose case it is does not follow it
    steward = await estate.steward()
    await estate.presses_data(steward, f"c:accept:{one}")
    await estate.presses_data(steward, f"c:done:{one}")
    await estate.sends_photo(steward, "换好了")
    for who in (AUNT_LI, UNCLE_ZHANG, GRANNY):
        assert "换好了" in await estate.reads(who)
        await estate.presses_data(who, f"c:solved:{one}")
    assert {rating.solved for rating in await estate.ratings()} == {True}
    assert len(await estate.ratings()) == 3


async def test_enough_people_of_both_together_make_it_urgent(estate: Estate) -> None:
    one, other = await report(estate, AUNT_LI), await report(estate, UNCLE_ZHANG)
    for number, case in enumerate((one, one, other, other)):
        await follow(estate, f"邻居{number}", case)
    assert [case.urgent for case in await estate.cases()] == [False, False]
    await estate.presses_data(LIN, f"c:mergeto:{other}:{one}")
    assert [case.urgent for case in await estate.cases()] == [True, False]  # four, and who told the other
    await report(estate, GRANNY)
    assert "6 人" in (await estate.reads(GRANNY)).replace("6人", "6 人")


async def test_what_was_urgent_stays_urgent(estate: Estate) -> None:
    one, other = await report(estate, AUNT_LI), await report(estate, UNCLE_ZHANG)
    await estate.presses_data(LIN, f"c:hasten:{other}")
    await estate.presses_data(LIN, f"c:mergeto:{other}:{one}")
    assert [case.urgent for case in await estate.cases()] == [True, True]
    assert (await estate.history()).count("hasten") == 2


async def test_a_wish_for_the_coordinator_alone_is_joined_to_nothing(estate: Estate) -> None:
    for who in (AUNT_LI, UNCLE_ZHANG):
        await estate.says(who, "/start p_fengmei-5")
        await estate.says(who, "我家奶奶想要一辆轮椅出门晒太阳，能不能帮忙")
        await estate.presses_if_asked(who, "公开方式")
        await estate.presses(who, "只给负责人看")
        await estate.presses(who, "提交")
    await estate.presses_data(LIN, "c:mergeto:1002:1001")
    assert [case.state for case in await estate.cases()] == [State.REVIEW, State.REVIEW]


async def test_pressing_twice_says_what_was_done(estate: Estate) -> None:
    one, other = await report(estate, AUNT_LI), await report(estate, UNCLE_ZHANG)
    for _time in range(2):
        await estate.presses_data(LIN, f"c:mergeto:{other}:{one}")
        assert "已并入 #1001" in await estate.reads(LIN)
    assert (await estate.history()).count("merge") == 1


@pytest.mark.parametrize("over", ["c:really:1001", "c:mergeto:1001:1002"])
async def test_to_what_is_over_nothing_is_joined(estate: Estate, over: str) -> None:
    one, other = await report(estate, AUNT_LI), await report(estate, UNCLE_ZHANG)
    await estate.presses_data(AUNT_LI if "really" in over else HUANG, over)
    await estate.presses_data(LIN, f"c:mergeto:{other}:{one}")
    assert "这次没有合并" in await estate.reads(LIN)
    assert (await estate.case()).state == State.ASSIGNED


async def test_of_opposite_merges_at_once_one_wins_and_nobody_is_lost(estate: Estate) -> None:
    for number in range(ROUNDS):
        tellers = [f"{number}{who}" for who in (AUNT_LI, UNCLE_ZHANG)]
        one, other = [await report(estate, who, f"5栋路灯坏了，我是{who}") for who in tellers]
        neighbours = [f"{number}{who}" for who in "甲乙"]
        for who, case in zip(neighbours, (one, other), strict=True):
            await follow(estate, who, case)
        for who in (LIN, HUANG):
            await estate.reads(who)
        estate.clock.move(timedelta(minutes=2))  # nobody may press more than sixty times a minute
        presses = ((LIN, f"c:mergeto:{one}:{other}"), (HUANG, f"c:mergeto:{other}:{one}"))
        await asyncio.gather(*(estate.presses_data(who, data) for who, data in presses for _time in range(PRESSES)))
        await _one_has_won(estate, (one, other), {*tellers, *neighbours})
    assert (await estate.history()).count("merge") == (await estate.history()).count("merge_in") == ROUNDS


async def _one_has_won(estate: Estate, numbers: tuple[int, int], people: set[str]) -> None:
    """Check that one of two cases goes on with everybody, that the other leads to it, and that both leaders know."""
    pair = [case for case in await estate.cases() if case.id in numbers]
    (left,) = [case for case in pair if case.state != State.MERGED]
    (gone,) = [case for case in pair if case.state == State.MERGED]
    assert (left.merged_into, gone.merged_into) == (None, left.id)
    reporter = await estate.store.read(lambda s: s.scalar(select(Person.name).where(Person.id == left.reporter_id)))
    assert await followers(estate, left.id) == people - {reporter}
    winner, loser = (LIN, HUANG) if gone.id == numbers[0] else (HUANG, LIN)
    assert f"已并入 #{left.id}" in await estate.reads(winner)
    assert f"#{gone.id} 已合并，这次没有合并" in await estate.reads(loser)
    assert await _story(estate, left.id) == await _story(estate, gone.id) == {case.words for case in pair}


async def _story(estate: Estate, number: int) -> set[str]:
    """Return all the words in the story of a case."""
    told = select(HistoryEntry.words).where(HistoryEntry.case_id == number, HistoryEntry.words != "")
    return set(await estate.store.read(lambda session: session.scalars(told).all()))


async def test_a_handover_locks_the_lowest_number_first_like_a_merge(estate: Estate) -> None:
    """While somebody has #1001 it waits for that one, with #1002, which is due earlier, still free for them."""
    if estate.store.url.get_backend_name() == "sqlite":
        pytest.skip("one writer: nobody waits for anybody")
    for who in (AUNT_LI, UNCLE_ZHANG):
        await report(estate, who)
    await estate.store.write(_wangs_and_the_second_is_due_first)
    await estate.says("wang", "/away 3d 陈秀英")
    is_free, through = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def hold(session: Session) -> None:
        session.execute(select(Case.id).where(Case.id == 1001).with_for_update())
        loop.call_soon_threadsafe(is_free.set)
        through.wait(PATIENCE)

    holding = asyncio.create_task(estate.store.write(hold))
    await is_free.wait()
    handing = asyncio.create_task(estate.presses_data("wang", "a:hand"))
    try:
        async with asyncio.timeout(PATIENCE):
            while not await estate.store.read(lambda session: session.scalar(WAITING)):
                pass
        second = select(Case.id).where(Case.id == 1002).with_for_update(nowait=True)
        assert await estate.store.write(lambda session: session.scalar(second)) == 1002
    finally:
        through.set()
        await asyncio.gather(holding, handing)
    assert await estate.steward_now() == "chen"


def _wangs_and_the_second_is_due_first(session: Session) -> None:
    wang = session.scalars(select(Person.id).where(Person.key == "wang")).one()
    for case in session.scalars(select(Case)):
        case.steward_id = case.answerable_id = wang
        case.resolve_by -= timedelta(minutes=case.id)
