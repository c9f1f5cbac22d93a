"""取消关联: what was joined parts again; who goes with what is said and done, also in chains; on both databases."""

from sqlalchemy import select

from storage.models import Follower, Identity, Person, Role
from tests.cast import Estate
from tests.stories.linking import AUNT, AUNT_THERE, UNCLE, join, person, reported, rows

LIFT, LAMP, PIPE, DRAIN = "3号楼2单元电梯坏了", "5号楼路灯不亮", "4号楼1单元水管漏水", "7号楼下水道堵了"
AUNT_THIRD = "阿李@other"


async def part(estate: Estate, who: str, label: str) -> str:
    await estate.says(who, "/unlink")
    await estate.presses(who, label)
    return await estate.reads(who)


async def test_cases_go_back_to_the_chat_that_told_them_later_ones_too(estate: Estate) -> None:
    here, there = await reported(estate, AUNT, LIFT), await reported(estate, AUNT_THERE, LAMP)
    await join(estate, AUNT, AUNT_THERE)
    later_there, later_here = await reported(estate, AUNT_THERE, PIPE), await reported(estate, AUNT, DRAIN)
    told = await part(estate, AUNT, "分开other（李阿姨）")
    assert "它带来的都跟着回去" in told
    assert "分开了，other（李阿姨）又单独算一个人" in told
    assert "这边已经和plain（李阿姨）分开" in await estate.reads(AUNT_THERE)
    whose = {case.id: case.reporter_id for case in await estate.cases()}
    mine, theirs = await person(estate, AUNT), await person(estate, AUNT_THERE)
    assert mine != theirs
    assert (whose[here.id], whose[later_here.id]) == (mine, mine)
    assert (whose[there.id], whose[later_there.id]) == (theirs, theirs)


async def test_it_can_be_done_in_the_chat_that_leaves(estate: Estate) -> None:
    await reported(estate, AUNT, LIFT)
    case = await reported(estate, AUNT_THERE, LAMP)
    await join(estate, AUNT, AUNT_THERE)
    await part(estate, AUNT_THERE, "分开other（李阿姨）")
    await estate.says(AUNT_THERE, "/mycases")
    assert next(iter(await estate.buttons(AUNT_THERE))).startswith(f"#{case.id}")
    await estate.says(AUNT_THERE, "/unlink")
    assert "这边没有关联别的聊天" in await estate.reads(AUNT_THERE)


async def test_who_is_not_joined_has_nothing_to_part_and_parts_nobody_else(estate: Estate) -> None:
    await join(estate, AUNT, AUNT_THERE)
    await estate.says(UNCLE, "/unlink")
    assert "这边没有关联别的聊天" in await estate.reads(UNCLE)
    joined = (await rows(estate, select(Person.id).where(Person.merged_into.is_not(None))))[0].id
    await estate.presses_data(UNCLE, f"j:part:{joined}")
    assert "这个已经过时了" in await estate.reads(UNCLE)
    assert await person(estate, AUNT) == await person(estate, AUNT_THERE)


async def test_roles_and_tasks_stay_with_who_had_them(estate: Estate) -> None:
    await estate.says("王师傅@other", "你好")
    await join(estate, "王师傅@other", "wang")
    wang = await person(estate, "wang")
    await reported(estate, AUNT, LIFT)
    steward = await estate.steward()
    assert steward
    before = await rows(estate, select(Role.id).where(Role.person_id == wang))
    await part(estate, "wang", "分开other（王师傅）")
    assert await rows(estate, select(Role.id).where(Role.person_id == wang)) == before
    assert await person(estate, "wang") == wang
    assert (await estate.case()).steward_id is not None


async def test_a_chain_parts_in_the_middle_and_leaves_the_rest_joined(estate: Estate) -> None:
    first = await reported(estate, AUNT, LIFT)
    second = await reported(estate, AUNT_THERE, LAMP)
    third = await reported(estate, AUNT_THIRD, PIPE)
    numbers = [await person(estate, who) for who in (AUNT, AUNT_THERE, AUNT_THIRD)]
    await join(estate, AUNT_THIRD, AUNT_THERE)  # the third becomes part of the second
    await join(estate, AUNT_THERE, AUNT)  # and both of the first
    assert {await person(estate, who) for who in (AUNT, AUNT_THERE, AUNT_THIRD)} == {numbers[0]}
    merged = await rows(estate, select(Person.merged_into).where(Person.id.in_(numbers[1:])))
    assert [row.merged_into for row in merged] == [numbers[0]] * 2
    await part(estate, AUNT, "分开other（李阿姨）")
    assert [await person(estate, who) for who in (AUNT, AUNT_THERE, AUNT_THIRD)] == [numbers[0], numbers[1], numbers[0]]
    whose = {case.id: case.reporter_id for case in await estate.cases()}
    assert whose == {first.id: numbers[0], second.id: numbers[1], third.id: numbers[0]}
    await part(estate, AUNT_THIRD, "分开other（阿李）")
    assert [await person(estate, who) for who in (AUNT, AUNT_THERE, AUNT_THIRD)] == numbers
    assert {case.id: case.reporter_id for case in await estate.cases()}[third.id] == numbers[2]
    left = await rows(estate, select(Person.id).where(Person.linked))
    assert left == []


async def test_what_one_followed_of_the_other_is_followed_again(estate: Estate) -> None:
    case = await reported(estate, AUNT, LIFT)
    await estate.says(AUNT_THERE, "/home")
    await estate.says(AUNT_THERE, "3号楼2单元")
    await estate.presses_data(AUNT_THERE, f"c:follow:{case.id}")
    assert len(await rows(estate, select(Follower.person_id))) == 1
    await join(estate, AUNT, AUNT_THERE)
    assert await rows(estate, select(Follower.person_id)) == []
    await part(estate, AUNT, "分开other（李阿姨）")
    (row,) = await rows(estate, select(Follower.person_id))
    assert row.person_id == await person(estate, AUNT_THERE)


async def test_what_was_taken_over_is_given_back_unless_it_was_changed(estate: Estate) -> None:
    await estate.says(AUNT, "你好")
    await estate.says(AUNT_THERE, "/phone 13800138000")
    await join(estate, AUNT, AUNT_THERE)
    await part(estate, AUNT, "分开other（李阿姨）")
    phones = select(Identity.chat, Person.phone).join(Person, Person.id == Identity.person_id)
    found = {row.chat: row.phone for row in await rows(estate, phones)}
    assert (found[AUNT], found[AUNT_THERE]) == (None, "13800138000")


async def test_joined_again_after_parting_it_is_as_it_was(estate: Estate) -> None:
    await reported(estate, AUNT, LIFT)
    await reported(estate, AUNT_THERE, LAMP)
    for _ in range(2):
        await join(estate, AUNT, AUNT_THERE)
        assert len({case.reporter_id for case in await estate.cases()}) == 1
        await part(estate, AUNT, "分开other（李阿姨）")
        assert len({case.reporter_id for case in await estate.cases()}) == 2
