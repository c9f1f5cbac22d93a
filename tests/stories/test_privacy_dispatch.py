"""Private matters: who handles them, and who never does because it is their own."""

import pytest

from cases import absence
from cases.states import State
from handlers import hand_on
from tests.cast import Estate
from tests.stories.quarrel import (
    AUNT_LI,
    ELDER,
    FENG,
    HUANG,
    LIN,
    MEDIATOR,
    PHONE,
    SECRETS,
    ZHENG,
    betrayed,
    live,
    looks,
    person_id,
    quarrel,
    set_person,
)


async def test_a_mediator_of_the_same_building_is_passed_over_while_there_is_another(estate: Estate) -> None:
    await live(estate, 5, MEDIATOR)
    await quarrel(estate)
    assert await estate.steward() == ELDER
    await estate.presses(ELDER, "退回")
    await estate.presses(ELDER, "不归我这行")
    assert await estate.steward() == MEDIATOR  # nobody else is left
    assert betrayed(str(await estate.told(MEDIATOR))) == []
    assert betrayed(str(await estate.told(ELDER))) == list(SECRETS)


async def test_who_lives_next_to_the_reporter_is_a_neighbour_wherever_it_happens(estate: Estate) -> None:
    await live(estate, 5, MEDIATOR)
    await quarrel(estate, "和3栋的人吵架，邻里纠纷请调解")
    case = await estate.case()
    assert estate.rules.tree.get(case.place_id).key == "fengmei-3"
    assert await estate.steward() == ELDER


async def test_not_accepted_in_time_it_goes_past_the_neighbours(estate: Estate) -> None:
    await live(estate, 5, ELDER, HUANG)
    await quarrel(estate)
    assert await estate.steward() == MEDIATOR
    await estate.lives_until("2026-10-08 09:00")
    assert await estate.steward() == ELDER  # nobody else is left to offer it to
    assert betrayed(str(await estate.told(ELDER))) == []
    assert "没有按时接单" in await estate.reads(LIN)
    assert await estate.reads(FENG) == ""
    await estate.lives_until("2026-10-08 18:00")
    case = await estate.case()
    assert case.state == State.NEW
    assert case.answerable_id == await person_id(estate, ZHENG)  # the nearest admin lives next door
    assert betrayed(str(await estate.told(HUANG))) == []


async def test_a_late_case_is_told_past_the_neighbours(estate: Estate) -> None:
    await live(estate, 5, LIN)
    await quarrel(estate)
    await estate.presses(MEDIATOR, "接单")
    await estate.lives_until("2026-10-20 18:00")
    assert "已超时！" in await estate.reads(MEDIATOR)
    assert "已超时！" in await estate.reads(HUANG)
    assert "已超时！" in await estate.reads(ZHENG)
    for neighbour in (FENG, LIN):
        told = await estate.reads(neighbour)
        assert "已超时！" not in told
        assert betrayed(told) == []


async def test_a_leader_who_lives_elsewhere_calls_back(estate: Estate) -> None:
    await live(estate, 5, LIN)
    await quarrel(estate)
    await estate.presses(MEDIATOR, "接单")
    await estate.presses(MEDIATOR, "办结")
    await estate.says(MEDIATOR, "谈好了")
    await estate.presses(AUNT_LI, "解决了")
    await estate.presses(AUNT_LI, "1 很不满意")
    await estate.says(AUNT_LI, "没有道歉")
    await estate.presses(HUANG, "居民电话")
    assert PHONE in await estate.reads(HUANG)
    for neighbour in (FENG, LIN):
        await estate.presses_data(neighbour, "c:call:1001")
        await estate.presses_data(neighbour, "c:phone:1001")
        assert betrayed(await estate.reads(neighbour)) == []
    assert await looks(estate) == 1


async def test_a_cover_who_is_a_neighbour_does_not_stand_in_for_a_private_matter(estate: Estate) -> None:
    await live(estate, 5, ELDER)
    await quarrel(estate)
    await estate.says(MEDIATOR, "/away 9d")
    await set_person(estate, MEDIATOR, cover_id=await person_id(estate, ELDER))
    await estate.presses_data(ELDER, "c:accept:1001")
    assert (await estate.case()).state == State.ASSIGNED
    await estate.lives_until("2026-09-30 15:50")  # reminded before the time to accept is over at four
    assert await estate.reads(ELDER) == "\n这件事不归您办。"
    await estate.presses_data(MEDIATOR, "a:hand")
    assert "有1件留在您手上：这几件何伯不能接" in await estate.reads(MEDIATOR)
    assert await estate.steward() == MEDIATOR
    await set_person(estate, ELDER, home_id=None)
    await estate.presses_data(ELDER, "c:accept:1001")
    assert await estate.steward() == ELDER


async def test_a_cover_who_is_a_neighbour_does_not_get_the_turn(estate: Estate) -> None:
    await live(estate, 5, "xu")
    await estate.says(MEDIATOR, "/away 9d")
    await set_person(estate, MEDIATOR, cover_id=await person_id(estate, "xu"))
    await quarrel(estate)
    assert await estate.steward() == ELDER
    assert await estate.reads("xu") == ""


async def test_the_list_of_who_could_take_it_has_no_neighbours(estate: Estate) -> None:
    await live(estate, 5, ELDER)
    await quarrel(estate)
    await estate.presses_data(LIN, "c:transfer:1001")
    people = await estate.labels(LIN)
    assert "陈秀英 · 红色管家 · 楼栋党员" in people
    assert not any("何伯" in label or "赵敏" in label for label in people)
    await estate.presses_data(LIN, f"c:to:1001:{await person_id(estate, ELDER)}")
    assert "这位不能接这件事" in await estate.reads(LIN)
    assert await estate.steward() == MEDIATOR


async def test_in_the_list_of_who_could_take_it_who_is_away_comes_last(
    estate: Estate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hand_on, "PER_PAGE", 1)
    await estate.says("wang", "/away 3d")
    await quarrel(estate)
    await estate.presses_data(LIN, "c:transfer:1001")
    assert "陈秀英 · 红色管家 · 楼栋党员" in await estate.labels(LIN)
    await estate.presses_data(LIN, "c:transfer:1001:99")  # the last page
    assert "王建国 · 红色管家 · 物业维修（请假到10月3日10:00）" in await estate.labels(LIN)


async def test_a_neighbour_is_not_asked_to_help(estate: Estate) -> None:
    await live(estate, 5, ELDER)
    await quarrel(estate)
    await estate.presses(MEDIATOR, "接单")
    await estate.presses(MEDIATOR, "更多…")
    await estate.presses(MEDIATOR, "请人协办")
    assert not any("何伯" in label for label in await estate.labels(MEDIATOR))
    await estate.presses_data(MEDIATOR, f"c:helper:1001:{await person_id(estate, ELDER)}")
    assert "add_helper" not in await estate.history()
    assert await estate.reads(ELDER) == ""


@pytest.mark.parametrize("text", ["和邻居吵架，邻里纠纷请调解", "5栋路灯坏了"])
async def test_nobody_is_given_what_they_reported_themselves(estate: Estate, text: str) -> None:
    await estate.says(ELDER, "5栋" + text.removeprefix("5栋"))
    await estate.presses(ELDER, "提交")
    assert await estate.steward() != ELDER
    await estate.presses_data(LIN, "c:transfer:1001")
    assert not any("何伯" in label for label in await estate.labels(LIN))
    await estate.presses_data(LIN, f"c:to:1001:{await person_id(estate, ELDER)}")
    await estate.says(await estate.steward(), "/away 3d")
    await set_person(estate, await estate.steward(), cover_id=await person_id(estate, ELDER))
    await estate.presses_data(ELDER, "c:accept:1001")
    case = await estate.case()
    assert (case.state, case.steward_id == case.reporter_id) == (State.ASSIGNED, False)


async def test_who_is_named_in_a_quarrel_neither_gets_it_nor_sees_it(estate: Estate) -> None:
    await quarrel(estate, "我和调解员赵敏吵架，邻里纠纷请调解")
    assert await estate.steward() == ELDER
    for verb in ("accept", "card", "story", "phone"):
        await estate.presses_data(MEDIATOR, f"c:{verb}:1001")
    await estate.presses_data(LIN, f"c:to:1001:{await person_id(estate, MEDIATOR)}")
    assert await estate.steward() == ELDER
    assert betrayed(str(await estate.told(MEDIATOR))) == []
    assert "吵架" not in str(await estate.told(MEDIATOR))


async def test_a_leader_who_is_named_does_not_decide(estate: Estate) -> None:
    await quarrel(estate, "林楼长和我吵架，邻里纠纷请调解")
    await estate.presses(MEDIATOR, "接单")
    await estate.lives_until("2026-10-20 18:00")
    for verb in ("card", "story", "phone", "transfer", "more", "grant"):
        await estate.presses_data(LIN, f"c:{verb}:1001")
    await estate.says(LIN, "/tasks")
    await estate.presses_data(LIN, "l:late:0")
    told = str(await estate.told(LIN))
    assert "1001" not in told
    assert betrayed(told) == []
    assert "已超时！" in await estate.reads(HUANG)


async def test_nobody_vets_their_own_wish(estate: Estate) -> None:
    await estate.says(LIN, "/start p_fengmei-7")
    await estate.says(LIN, "我的心愿是有人陪我下棋")
    await estate.presses(LIN, "提交")
    assert (await estate.case()).answerable_id == await person_id(estate, HUANG)
    await estate.presses_data(LIN, "c:vet:1001")
    assert "这是您自己的事项" in await estate.reads(LIN)
    assert (await estate.case()).state == State.REVIEW
    await estate.presses(HUANG, "通过")
    assert (await estate.case()).state == State.POOL


async def test_a_steward_for_whom_a_wish_is_does_not_claim_it(estate: Estate) -> None:
    await estate.says(AUNT_LI, "/start p_fengmei-5")
    await estate.says(AUNT_LI, "我的心愿是有人陪何伯下棋")
    await estate.presses(AUNT_LI, "给谁")
    await estate.presses(AUNT_LI, "替邻居说")
    await estate.says(AUNT_LI, "何伯")
    await estate.presses(AUNT_LI, "本人同意")
    await estate.presses(AUNT_LI, "提交")
    await estate.presses(FENG, "通过")
    assert "待认领" not in await estate.reads(ELDER)
    await estate.presses_data(ELDER, "c:claim:1001")
    assert (await estate.case()).state == State.POOL
    await estate.presses("zhou", "认领")
    assert (await estate.case()).state == State.WORKING


async def test_all_tasks_are_handed_over_press_by_press(estate: Estate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(absence, "MOST_HANDED", 2)
    await live(estate, 5, ELDER)
    await quarrel(estate)
    await estate.says(ELDER, "/away 1d")
    for number in range(6, 10):
        await estate.says(f"居民{number}", f"和{number}栋的人吵架，邻里纠纷请调解")
        await estate.presses(f"居民{number}", "提交")
    await estate.says(ELDER, "/back")
    held = [case.id for case in await estate.cases() if case.steward_id == await person_id(estate, MEDIATOR)]
    assert 1001 in held
    assert len(held) > 3
    await estate.says(MEDIATOR, "/away 3d")
    await set_person(estate, MEDIATOR, cover_id=await person_id(estate, ELDER))
    await estate.presses_data(MEDIATOR, "a:show")
    await estate.presses(MEDIATOR, f"把我的{len(held)}件任务转给何伯")
    assert f"还有{len(held) - 2}件没有转" in await estate.reads(MEDIATOR)
    while "接着转" in await estate.labels(MEDIATOR):
        await estate.presses(MEDIATOR, "接着转")
    told = await estate.reads(MEDIATOR)
    left = [case.id for case in await estate.cases() if case.steward_id == await person_id(estate, MEDIATOR)]
    assert left == [1001]
    assert "有1件留在您手上：这几件何伯不能接" in told


async def test_a_name_within_another_word_names_nobody(estate: Estate) -> None:
    await set_person(estate, MEDIATOR, name="An")
    await quarrel(estate, "a dispute with my neighbour Anna about the wall in building 5")
    assert await estate.steward() == MEDIATOR
