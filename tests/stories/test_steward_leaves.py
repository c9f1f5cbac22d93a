"""A steward leaves: fourteen open tasks in every state, and nobody's matter falls through."""

from typing import Any

from sqlalchemy import select

from cases import hands
from cases.states import HELD, OPEN, State
from storage.models import Case, CoHandler, Person, Rating, Role
from tests.cast import Estate
from tests.stories.leading import AUNT_LI, CHEN, HUANG, LIN, WANG, ZHENG, audit, make_admin
from tests.stories.test_wishes import WISH

NAMES = {
    "wang": "王建国", "chen": "陈秀英", "liu": "刘志强", "zhou": "周小燕", "zhao": "赵敏", "sun": "孙立民",
    "gao": "高大姐", "wu": "吴师傅", "he": "何伯", "xu": "徐律师",
}  # fmt: skip
OTHERS = ("chen", "liu", "wu", "zhou", "he", "gao", "zhao", "sun", "xu")


async def all_to_wang(estate: Estate) -> None:
    """Let Wang be the only steward who gets new cases."""
    for who in OTHERS:
        await estate.says(who, "/away 3d")


async def all_back(estate: Estate) -> None:
    for who in OTHERS:
        await estate.says(who, "/back")


async def report(estate: Estate, who: str, text: str) -> Case:
    await estate.says(who, text)
    await estate.presses_if_asked(who, "不是，继续上报")
    await estate.presses(who, "提交")
    return await estate.case()


async def number_of(estate: Estate, key: str) -> int:
    mine = select(Person.id).where(Person.key == key)
    return await estate.store.read(lambda s: s.scalars(mine).one())


async def fourteen(estate: Estate) -> list[int]:
    """Give Wang fourteen tasks: to accept, in hand, waiting for the resident and for a part, done and not rated."""
    await all_to_wang(estate)
    numbers = []
    for count in range(14):
        case = await report(estate, f"居民{count}", f"{count + 1}号楼1单元楼道灯坏了")
        assert await estate.steward_now() == WANG
        numbers.append(case.id)
    for number in numbers[4:]:
        await estate.presses_data(WANG, f"c:accept:{number}")
    for number in numbers[8:10]:
        await estate.presses_data(WANG, f"c:ask:{number}")
        await estate.says(WANG, "哪一层？")
    for number in numbers[10:12]:
        await estate.presses_data(WANG, f"c:hold:{number}")
        await estate.says(WANG, "等灯管")
    for number in numbers[12:]:
        await estate.presses_data(WANG, f"c:done:{number}")
        await estate.sends_photo(WANG, "换好了")
        await estate.presses_if_asked(WANG, "完成")
    await all_back(estate)
    return numbers


async def takes(estate: Estate, who: str = HUANG, whom: str = "王建国") -> str:
    await estate.reads(who)
    await estate.says(who, f"/remove {whom}")
    await estate.presses(who, "是的，收回")
    return await estate.reads(who)


async def rows(estate: Estate, statement: Any) -> list[Any]:
    return list(await estate.store.read(lambda s: s.execute(statement).all()))


async def test_fourteen_tasks_of_all_states_find_other_hands(estate: Estate) -> None:
    numbers = await fourteen(estate)
    states = [State(case.state) for case in await estate.cases()]
    assert {State.ASSIGNED, State.WORKING, State.WAITING, State.RESOLVED} == set(states)
    wang = await number_of(estate, WANG)
    for who in (WANG, *(f"居民{count}" for count in range(14))):
        await estate.reads(who)
    told = await takes(estate)
    assert "已收回，并告诉了王建国" in told
    assert "已转交14件事项" in told
    for case in await estate.cases():
        assert case.answerable_id != wang
        assert case.look_at is not None
        assert case.state == State.RESOLVED or case.steward_id not in (wang, None)
    said = await estate.reads(WANG)
    assert said.count("黄书记已请您卸任") == 1
    assert "谢谢您一直以来的辛苦" in said
    for count in range(12):
        heard = await estate.reads(f"居民{count}")
        assert heard.count("红管家") >= 1
        assert len([row for row in (await estate.told(f"居民{count}")) if "王建国" not in row.get("text", "")]) >= 1
        assert "正在另找" not in heard, "who gets a new steward at once hears that alone"
    assert await estate.reads("居民13") == "", "what is done is done; only the rating is still to come"
    assert len(numbers) == 14
    assert (await audit(estate))[-1] == "role.taken"


async def test_old_buttons_do_nothing_any_more(estate: Estate) -> None:
    case = await report(estate, AUNT_LI, "5栋楼道灯坏了")
    steward = await estate.steward_now()
    await estate.presses_data(steward, f"c:accept:{case.id}")
    await takes(estate, whom=NAMES[steward])
    before = await estate.history()
    for verb in ("done", "ask", "return", "transfer", "phone", "story", "card"):
        await estate.reads(steward)
        await estate.presses_data(steward, f"c:{verb}:{case.id}")
        said = await estate.reads(steward)
        assert said.strip() == "这件事不归您办。", verb
    await estate.says(steward, "/tasks")
    assert await estate.history() == before


async def test_a_done_case_that_is_not_solved_goes_to_somebody_who_is_there(estate: Estate) -> None:
    case = await report(estate, AUNT_LI, "5栋太吵了")
    steward = await estate.steward_now()
    await estate.presses(steward, "接单")
    await estate.presses(steward, "办结")
    await estate.presses(steward, "已处理")
    name = {"wang": "王建国", "chen": "陈秀英", "liu": "刘志强", "zhou": "周小燕", "zhao": "赵敏", "sun": "孙立民"}[
        steward
    ]
    await takes(estate, whom=name)
    await estate.reads(AUNT_LI)
    await estate.presses_data(AUNT_LI, f"c:unsolved:{case.id}")
    now = await estate.case()
    assert now.state in (State.ASSIGNED, State.NEW)
    assert now.steward_id != await number_of(estate, steward)
    assert now.answerable_id != await number_of(estate, steward)


async def test_what_nobody_else_can_take_goes_to_whoever_leads(estate: Estate) -> None:
    await report(estate, AUNT_LI, "5栋楼道灯坏了")
    first = await estate.steward_now()
    await takes(estate, whom=NAMES[first])
    for _ in range(len(NAMES)):
        case = await estate.case()
        if case.steward_id is None:
            break
        await takes(estate, whom=NAMES[await estate.steward_now()])
    case = await estate.case()
    assert case.state == State.NEW
    assert case.answerable_id == await number_of(estate, "feng")  # the head of building 5
    assert case.look_at is not None
    assert "派单" in await estate.labels("feng")


async def test_claims_and_help_end_too(estate: Estate) -> None:
    await estate.says(AUNT_LI, "/start p_fengmei-5")
    await estate.says(AUNT_LI, WISH)
    await estate.presses(AUNT_LI, "提交")
    await estate.presses("feng", "通过")
    case = await estate.case()
    await estate.presses_data(WANG, f"c:claim:{case.id}")
    assert (await estate.case()).steward_id == await number_of(estate, WANG)
    other = await report(estate, "张叔", "3号楼垃圾没人收")
    lead = await estate.steward_now()
    if lead != WANG:
        await estate.presses_data(lead, f"c:helper:{other.id}:{await number_of(estate, WANG)}")
    await takes(estate)
    wang = await number_of(estate, WANG)
    held = await estate.store.read(lambda s: s.scalars(hands.in_hand(wang)).all())
    assert held == []
    assert await rows(estate, select(CoHandler).where(CoHandler.person_id == wang)) == []
    wish = next(each for each in await estate.cases() if each.id == case.id)
    assert wish.state == State.POOL


async def test_whoever_led_leaves_their_open_decisions_to_the_next(estate: Estate) -> None:
    """A coordinator goes: what they answered for, and the call they were to make."""
    for who in ("wang", *OTHERS):
        await estate.says(who, "/away 3d")
    case = await report(estate, AUNT_LI, "5栋楼道灯坏了")
    feng = await number_of(estate, "feng")
    assert (case.state, case.answerable_id) == (State.NEW, feng)
    await takes(estate, whom="冯阿姨")
    now = await estate.case()
    assert now.answerable_id == await number_of(estate, LIN)
    assert "派单" in await estate.labels(LIN)


async def test_the_call_after_a_low_mark_is_made_by_another(estate: Estate) -> None:
    await report(estate, AUNT_LI, "楼上5栋太吵了")
    steward = await estate.steward_now()
    await estate.presses(steward, "接单")
    await estate.presses(steward, "办结")
    await estate.presses(steward, "已处理")
    await estate.presses(AUNT_LI, "解决了")
    await estate.presses(AUNT_LI, "1 很不满意")
    await estate.says(AUNT_LI, "来得太慢了")
    feng = await number_of(estate, "feng")
    assert [rating.caller_id for rating in await estate.ratings()] == [feng]
    await takes(estate, whom="冯阿姨")
    assert [rating.caller_id for rating in await estate.ratings()] == [await number_of(estate, LIN)]
    assert "写回访结果" in await estate.labels(LIN)


async def test_a_hundred_and_twenty_tasks_in_batches(estate: Estate) -> None:
    """The press hands on fifty; the clock goes on, and whoever took the role hears when all is done."""
    await all_to_wang(estate)
    for count in range(120):
        await report(estate, f"居民{count}", f"{count % 18 + 1}号楼楼道灯坏了，第{count}盏")
    await all_back(estate)
    wang = await number_of(estate, WANG)
    told = await takes(estate)
    assert "已转交50件事项" in told
    assert "其余的马上接着转" in told
    mine = select(Case.id).where(Case.steward_id == wang, Case.state.in_(HELD))
    left = [row.id for row in await rows(estate, mine)]
    assert len(left) == 70
    before = await estate.history()
    await estate.presses_data(WANG, f"c:accept:{left[-1]}")
    assert await estate.history() == before, "what still waits for its turn is out of their hands already"
    await estate.waits(seconds=30)
    assert await rows(estate, mine) == []
    assert "王建国手上的120件事项都已有人接手" in await estate.reads(HUANG)
    await estate.waits(minutes=3)
    orphans = select(Case.id).where(Case.state.in_(sorted(OPEN)), Case.answerable_id == wang)
    assert await rows(estate, orphans) == []


async def test_the_last_admin_stays_and_oneself_is_asked_twice(estate: Estate) -> None:
    await estate.says(ZHENG, "/remove 郑主任")
    assert "没有管理员了" in await estate.reads(ZHENG)
    await make_admin(estate, HUANG, "fengmei-street")
    await estate.says(ZHENG, "/remove 郑主任")
    await estate.presses(ZHENG, "是的，收回")
    assert "这是您自己" in await estate.reads(ZHENG)
    await estate.presses(ZHENG, "是的，收回")
    await estate.reads(ZHENG)
    await estate.says(ZHENG, "/role 王建国")
    assert "管理员" in await estate.reads(ZHENG)
    held = select(Role.id).join(Person).where(Person.key == ZHENG)
    assert (
        await rows(estate, select(Role.id).join(Person, Person.id == Role.person_id).where(Person.key == ZHENG)) == []
    )
    assert held is not None


async def test_who_stood_in_for_somebody_stands_in_no_more(estate: Estate) -> None:
    await estate.says(CHEN, "/away 3d 王建国")
    chen = select(Person.cover_id).where(Person.key == CHEN)
    assert (await rows(estate, chen))[0][0] == await number_of(estate, WANG)
    await takes(estate)
    assert (await rows(estate, chen))[0][0] is None


async def test_one_of_two_roles_taken_leaves_what_belongs_to_the_other(estate: Estate) -> None:
    await estate.says(HUANG, "/role 王建国 给 红管家 邻里互助 3号楼")
    assert "已任命：红管家 · 邻里互助 丰美小区3号楼" in await estate.reads(HUANG)
    await all_to_wang(estate)
    at_three = await report(estate, AUNT_LI, "3号楼楼道灯坏了")
    at_five = await report(estate, "张叔", "5号楼楼道灯坏了")
    await all_back(estate)
    await estate.says(HUANG, "/remove 王建国 丰美小区")
    await estate.presses(HUANG, "是的，收回")
    cases = {case.id: case for case in await estate.cases()}
    wang = await number_of(estate, WANG)
    assert cases[at_three.id].steward_id == wang
    assert cases[at_five.id].steward_id != wang
    assert await rows(estate, select(Rating)) == []
