"""What people answer to a warning; a call for help is an emergency at once. And the evening of a typhoon."""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from cases.states import OPEN, State
from storage.admin_models import BroadcastAnswer
from storage.models import Identity, Person
from tests.cast import Estate
from tests.stories.warned import HUANG, Sending, goes_away, settle, shuts_the_door

AUNT_LI, UNCLE_ZHANG, GRANNY = "李阿姨", "张叔", "王奶奶"
FENG, LIN, GAO = "feng", "lin", "gao"
PEOPLE, CALLS = 300, 40


@pytest.fixture
async def sending(estate: Estate) -> Sending:
    """Three neighbours of building 5 who have just been warned."""
    await settle(estate, "fengmei-5", [AUNT_LI, UNCLE_ZHANG])
    await settle(estate, "fengmei-5-2", [GRANNY])
    sending = Sending(estate)
    await sending.is_made()
    await sending.ends()
    return sending


async def answers(estate: Estate) -> Counter[str]:
    """Return what was answered."""
    return Counter(await estate.store.read(lambda s: s.scalars(select(BroadcastAnswer.answer)).all()))


async def test_whoever_is_safe_says_so_once(sending: Sending) -> None:
    estate = sending.estate
    for _ in range(2):
        await estate.presses(AUNT_LI, "我已转移")
        assert "记下了：您已转移" in await estate.reads(AUNT_LI)
    assert await answers(estate) == {"safe": 1}
    assert await estate.cases() == []


async def test_a_call_for_help_is_an_emergency_at_once(sending: Sending) -> None:
    estate = sending.estate
    await estate.presses(GRANNY, "需要帮助")
    case = await estate.case()
    assert (case.category, case.emergency, case.state) == ("rescue", True, State.ASSIGNED)
    assert estate.rules.tree.get(case.place_id).key == "fengmei-5-2"
    told = await estate.reads(GRANNY)
    assert told.index("☎ 119") < told.index("您在什么位置、几个人、需要什么")
    assert f"您的求助已收到：#{case.id}" in told
    steward = await estate.steward()
    for who in (steward, FENG):  # the steward, and the coordinator beside
        assert f"【紧急】#{case.id} 应急求助" in await estate.reads(who)
    await estate.says(GRANNY, "501，两个人，老伴晕倒了，水淹到门口")  # sounds like another emergency, and is not
    assert await answers(estate) == {"help": 1}
    assert len(await estate.cases()) == 1
    assert "老伴晕倒了" in await estate.reads(steward)


async def test_a_second_press_files_nothing_and_what_was_decided_otherwise_reaches_the_steward(
    sending: Sending,
) -> None:
    estate = sending.estate
    await estate.presses(AUNT_LI, "我已转移")
    await asyncio.gather(*(estate.presses_data(AUNT_LI, "b:help:1") for _ in range(3)))
    number, steward = (await estate.case()).id, await estate.steward()
    await estate.reads(steward)
    assert len(await estate.cases()) == 1
    assert f"您的求助 #{number} 正在处理" in await estate.reads(AUNT_LI)
    await estate.presses(AUNT_LI, "我已转移")
    assert "现在回复：我已转移" in await estate.reads(steward)
    await estate.presses(AUNT_LI, "需要帮助")
    assert "再次求助" in await estate.reads(steward)
    assert await answers(estate) == {"help": 1}
    assert len(await estate.cases()) == 1


async def test_after_it_was_dealt_with_the_button_says_so(sending: Sending) -> None:
    estate = sending.estate
    await estate.presses(AUNT_LI, "需要帮助")
    steward = await estate.steward()
    await estate.presses(steward, "接单")
    await estate.presses(steward, "办结")
    await estate.says(steward, "已送到社区礼堂")
    await estate.reads(AUNT_LI)
    await estate.presses_data(AUNT_LI, "b:help:1")
    assert "#1001 已经办结。如果现在需要帮助" in await estate.reads(AUNT_LI)
    await estate.presses_data(AUNT_LI, "b:safe:1")
    assert await answers(estate) == {"safe": 1}
    assert len(await estate.cases()) == 1


async def test_whose_home_is_not_known_is_asked_and_helped_all_the_same(sending: Sending) -> None:
    estate = sending.estate
    await sending.is_made("丰美社区")  # 何伯 has a role there, and no home that we know
    await sending.ends()
    await estate.presses("he", "需要帮助")
    case = await estate.case()
    assert estate.rules.tree.get(case.place_id).key == "fengmei-community"
    assert case.emergency
    assert "请马上写：几栋几单元几号" in await estate.reads("he")
    await estate.says("he", "7栋1单元302，就我一个")
    assert "7栋1单元302" in await estate.reads(await key_of(estate, case.steward_id or case.answerable_id))


async def key_of(estate: Estate, person_id: int) -> str:
    """Return the chat of somebody with a role."""
    return str(await estate.store.read(lambda s: s.scalar(select(Person.key).where(Person.id == person_id))))


async def test_only_whom_it_was_for_can_answer(sending: Sending) -> None:
    estate = sending.estate
    for data in ("b:safe:1", "b:help:1", "b:help:7"):
        await estate.presses_data("过路人", data)
        assert "没有这条通知" in await estate.reads("过路人")
    assert await answers(estate) == {}
    assert await estate.cases() == []


async def test_the_evening_of_a_typhoon(estate: Estate) -> None:
    """A warning to 300 homes, 300 answers, 40 calls for help; of the stewards one is away, two cannot be reached."""
    people = {f"fengmei-{n}": [f"{n}栋住户{door}" for door in range(PEOPLE // 15)] for n in range(2, 17)}
    for place, names in people.items():
        await settle(estate, place, names)
    names = [name for there in people.values() for name in there]
    await goes_away(estate, "wang", estate.clock.now() + timedelta(days=3))
    await shuts_the_door(estate, "chen")
    gone = select(Person.id).where(Person.key == GAO)
    await estate.store.write(lambda s: s.execute(delete(Identity).where(Identity.person_id.in_(gone))))
    sending = Sending(estate)
    await sending.is_made("丰美社区", "台风今晚登陆，低层住户请马上转移。")
    while await sending.state() == "sending":
        await sending.goes_round()
        await sending.drains()
    calling = names[:: PEOPLE // CALLS][:CALLS]
    for batch in (names[start : start + 10] for start in range(0, len(names), 10)):
        await asyncio.gather(*(estate.presses(n, "需要帮助" if n in calling else "我已转移") for n in batch))
    cases = await estate.cases()
    assert len(cases) == CALLS
    assert await answers(estate) == {"safe": PEOPLE - CALLS, "help": CALLS}
    lost = {"wang", "chen", GAO}
    for case in cases:
        assert case.state in OPEN
        assert case.look_at is not None
        assert await key_of(estate, case.steward_id or case.answerable_id) not in lost
        assert f"#{case.id} " in "\n".join(await all_told(estate, await key_of(estate, case.steward_id or 0)))
    reached = [each.chat for each in sending.post.sent if "低层住户" in each.payload.get("text", "")]
    assert set(names) < set(reached)
    assert Counter(reached).most_common(2)[1][1] == 1  # its maker alone saw it before
    await estate.presses(HUANG, "刷新数字")
    assert f"已转移{PEOPLE - CALLS}人 · 需要帮助{CALLS}人" in await estate.reads(HUANG)


async def all_told(estate: Estate, who: str) -> list[str]:
    """Return every title and text somebody was told."""
    return [f"{row.get('title')}{row.get('text')}" for row in await estate.told(who)]
