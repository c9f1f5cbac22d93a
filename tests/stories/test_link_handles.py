"""关联: who turns out to handle their own case does so no more; what two did twice was done once; on both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from bot.outbox import Outbox
from cases import joined_rows
from cases.broadcast_figures import figures
from cases.context import Context
from handlers import veil
from handlers.desk import Desk
from storage.admin_models import AuditEntry, Broadcast
from storage.base import Base
from storage.link_models import Joining
from storage.message_models import Outgoing
from storage.models import Case, CoHandler, HistoryEntry, Identity, Person, Role
from storage.people import reach
from tests.bot.test_outbox import Post
from tests.cast import OTHER, PLAIN, PLANNERS, Estate
from tests.stories.linking import AUNT, AUNT_THERE, UNCLE, code, join, person, reported, rows
from tests.stories.warned import HUANG, Sending, settle

LIFT = "3号楼2单元电梯坏了"
WORKER = "王师傅@other"


def test_of_every_reference_to_a_person_is_decided_what_becomes_of_it() -> None:
    found = {
        f"{table.name}.{key.parent.name}"
        for table in Base.metadata.tables.values()
        for key in table.foreign_keys
        if key.column.table.name == "person"
    }
    assert found == set(joined_rows.DECIDED)


async def test_where_rights_are_at_stake_it_says_so(estate: Estate) -> None:
    await estate.says(WORKER, "你好")
    await estate.says("wang", f"/link {await code(estate, WORKER)}")
    assert "千万别替别人点" in await estate.reads("wang")
    await estate.says(AUNT_THERE, f"/link {await code(estate, AUNT)}")
    assert "千万别替别人点" not in await estate.reads(AUNT_THERE)


async def told_by_their_steward(estate: Estate) -> tuple[int, str]:
    """Have a steward's other chat report what the steward is given; return the case and the steward."""
    case = await reported(estate, WORKER, LIFT)
    return case.id, await estate.steward()


async def test_a_case_that_is_the_stewards_own_passes_on(estate: Estate) -> None:
    number, steward = await told_by_their_steward(estate)
    await estate.presses(steward, "接单")
    await join(estate, WORKER, steward)
    case = await estate.case()
    assert case.reporter_id == await person(estate, steward)
    assert case.steward_id not in (None, case.reporter_id)
    assert (case.id, case.state) == (number, "assigned")
    assert "发现是本人自己的事项" in str(await rows(estate, select(HistoryEntry.words)))
    assert (await estate.history())[-1] == "transfer"


async def test_without_another_steward_it_goes_to_who_leads(estate: Estate) -> None:
    _number, steward = await told_by_their_steward(estate)
    await estate.presses(steward, "接单")
    me = await person(estate, steward)
    gone = update(Role).where(Role.role == "steward", Role.person_id != me).values(role="retired")
    await estate.store.write(lambda session: session.execute(gone))
    await join(estate, WORKER, steward)
    case = await estate.case()
    assert (case.state, case.steward_id) == ("new", None)
    assert case.answerable_id != case.reporter_id


async def test_what_is_done_is_closed_without_a_mark(estate: Estate) -> None:
    number, steward = await told_by_their_steward(estate)
    await estate.presses(steward, "接单")
    await estate.presses(steward, "办结")
    await estate.sends_photo(steward, "修好了")
    await estate.presses_if_asked(steward, "办好了")
    await join(estate, WORKER, steward)
    assert (await estate.case()).state == "closed"
    await estate.presses_data(WORKER, f"c:star:{number}:5")
    assert [rating.stars for rating in await estate.ratings()] in ([], [None])


@pytest.mark.parametrize("by", ["reporter", "admin"])
async def test_what_they_did_for_themselves_before_goes_to_another_when_it_opens_again(estate: Estate, by: str) -> None:
    number, steward = await told_by_their_steward(estate)
    await estate.presses(steward, "接单")
    await estate.presses(steward, "办结")
    await estate.sends_photo(steward, "修好了")
    await estate.presses_if_asked(steward, "办好了")
    await estate.presses_data(WORKER, f"c:star:{number}:5")
    await join(estate, WORKER, steward)
    if by == "admin":
        await estate.says(HUANG, f"/reopen {number} 又坏了")
    else:
        await estate.presses_data(WORKER, f"c:reopen:{number}")
    case = await estate.case()
    assert case.state == "assigned"
    assert case.steward_id not in (None, case.reporter_id)


async def test_who_leads_does_not_answer_for_their_own(estate: Estate) -> None:
    retired = update(Role).where(Role.role == "steward").values(role="retired")
    await estate.store.write(lambda session: session.execute(retired))
    case = await reported(estate, "林主任@other", LIFT)
    answers = await rows(estate, select(Person.key).where(Person.id == case.answerable_id))
    await join(estate, "林主任@other", answers[0].key)
    case = await estate.case()
    assert case.answerable_id != case.reporter_id


async def test_who_helped_with_what_they_told_helps_no_more_until_they_part(estate: Estate) -> None:
    case = await reported(estate, WORKER, LIFT)
    helper = "chen" if await estate.steward() == "wang" else "wang"
    row = {"case_id": case.id, "person_id": await person(estate, helper), "added_by": case.steward_id,
           "at": estate.clock.now()}  # fmt: skip
    await estate.store.write(lambda session: session.execute(insert(CoHandler).values(row)))
    await join(estate, WORKER, helper)
    assert await rows(estate, select(CoHandler.person_id)) == []
    await estate.says(helper, "/unlink")
    await estate.presses(helper, "分开other（王师傅）")
    assert [each.person_id for each in await rows(estate, select(CoHandler.person_id))] == [row["person_id"]]


async def test_the_same_role_twice_is_one_and_two_again(estate: Estate) -> None:
    await estate.says(WORKER, "你好")
    held = (await rows(estate, select(Role.place_id, Role.role).where(Role.person_id == await person(estate, "wang"))))[
        0
    ]
    twice = {"person_id": await person(estate, WORKER), "place_id": held.place_id, "role": held.role, "title": "帮手"}
    await estate.store.write(lambda session: session.execute(insert(Role).values(twice)))
    before = await rows(estate, select(func.count()).select_from(Role))
    await join(estate, WORKER, "wang")
    assert (await rows(estate, select(func.count()).select_from(Role)))[0][0] == before[0][0] - 1
    await estate.says(WORKER, "/unlink")
    await estate.presses(WORKER, "分开other（王师傅）")
    mine = await rows(estate, select(Role.title).where(Role.person_id == await person(estate, WORKER)))
    assert [row.title for row in mine] == ["帮手"]


async def test_a_joined_person_gets_a_warning_once_and_counts_once(estate: Estate) -> None:
    await settle(estate, "fengmei-5", [AUNT, UNCLE, AUNT_THERE])
    moved = update(Identity).where(Identity.chat == AUNT_THERE).values(channel=OTHER)
    await estate.store.write(lambda session: session.execute(moved))
    await estate.says(AUNT_THERE, f"/link {await code(estate, AUNT)}")
    sending = Sending(estate)
    sending.outbox = Outbox(estate.store, {name: Post(name) for name in (PLAIN, OTHER)}, estate.clock)
    await sending.is_made()
    before = await estate.store.read(lambda session: session.scalar(select(Broadcast.total)))
    await estate.presses(AUNT_THERE, "是，都是我")  # its copies are not written yet
    await sending.ends()
    copies = await rows(estate, select(Outgoing.person_id, Outgoing.chat).where(Outgoing.broadcast_id.is_not(None)))
    theirs = await person(estate, AUNT)
    assert [row.person_id for row in copies].count(theirs) == 1
    found = await estate.store.read(lambda session: figures(session, 1))
    assert before == found.planned + 1
    assert "台风今晚到" in await estate.reads(HUANG)


async def test_who_joins_while_it_is_sent_gets_no_second_copy(estate: Estate) -> None:
    await settle(estate, "fengmei-5", [AUNT, UNCLE, AUNT_THERE])
    moved = update(Identity).where(Identity.chat == AUNT_THERE).values(channel=OTHER)
    await estate.store.write(lambda session: session.execute(moved))
    await estate.says(AUNT_THERE, f"/link {await code(estate, AUNT)}")
    sending = Sending(estate)
    sending.outbox = Outbox(estate.store, {name: Post(name) for name in (PLAIN, OTHER)}, estate.clock)
    await sending.is_made()
    await sending.broadcaster.go_round()
    written = select(func.count()).select_from(Outgoing).where(Outgoing.broadcast_id.is_not(None))
    before = await estate.store.read(lambda session: session.scalar(written))
    await estate.presses(AUNT_THERE, "是，都是我")
    again = update(Broadcast).values(up_to=0)  # as if it were still before them
    await estate.store.write(lambda session: session.execute(again))
    await sending.ends()
    counted = await estate.store.read(lambda session: figures(session, 1))
    joined = await person(estate, AUNT)
    people = await rows(estate, select(Outgoing.person_id).where(Outgoing.broadcast_id.is_not(None)).distinct())
    assert len(people) == counted.planned
    assert joined in {row.person_id for row in people}
    mine = await rows(
        estate, select(Outgoing.id).where(Outgoing.broadcast_id.is_not(None), Outgoing.person_id == joined)
    )
    assert len(mine) == 2  # one to each chat before they were one, and none since
    assert before is not None


async def test_history_keeps_its_numbers_and_is_read_as_theirs(estate: Estate) -> None:
    case = await reported(estate, AUNT_THERE, LIFT)
    old = case.reporter_id
    await estate.says(AUNT, "你好")
    await reported(estate, AUNT, "7号楼下水道堵了")
    await join(estate, AUNT_THERE, AUNT)
    entry = (await rows(estate, select(HistoryEntry.actor_id).where(HistoryEntry.case_id == case.id)))[0]
    assert entry.actor_id == old
    await estate.says(AUNT, f"/case {case.id}")
    assert "李阿姨" in await estate.reads(AUNT)


async def test_what_one_is_called_in_either_chat_is_hidden_in_a_wish(estate: Estate) -> None:
    await estate.says("赵小红@other", "/wish 5号楼的赵小红想要一本旧字典")
    await estate.presses("赵小红@other", "提交")
    await join(estate, "赵小红@other", "wang")  # whose name is another one
    case = await estate.case()
    assert case.kind == "wish"

    def shown(session: Session) -> str:
        case = session.scalars(select(Case)).one()
        case.visibility = "anonymous"
        return veil.public_words(Desk(Context(session, estate.clock.now(), estate.rules), PLANNERS), case)

    words = await estate.store.read(shown)
    assert "旧字典" in words
    assert "赵小红" not in words


async def test_the_audit_of_a_person_shows_what_each_chat_did(estate: Estate) -> None:
    await estate.says(WORKER, "你好")
    old = await person(estate, WORKER)
    row = {"at": estate.clock.now(), "actor_id": old, "action": "find", "words": "", "data": {}}
    await estate.store.write(lambda session: session.execute(insert(AuditEntry).values(row)))
    await join(estate, WORKER, "wang")
    await estate.says("zheng", "/audit 王建国")
    assert "按姓名或电话查找了人" in await estate.reads("zheng")


async def test_who_is_away_in_one_chat_is_away(estate: Estate) -> None:
    await estate.says(WORKER, "你好")
    until = estate.clock.now() + timedelta(days=3)
    theirs = update(Person).where(Person.id == await person(estate, WORKER)).values(away_until=until)
    await estate.store.write(lambda session: session.execute(theirs))
    await join(estate, WORKER, "wang")
    wang = await person(estate, "wang")
    found = await estate.store.read(lambda session: reach(session, [wang])[wang].away_until)
    assert found == until


async def test_a_case_that_was_given_to_who_they_were_is_put_right_by_the_clock(estate: Estate) -> None:
    await estate.says(WORKER, "你好")
    old = await person(estate, WORKER)
    await join(estate, WORKER, "wang")
    await reported(estate, AUNT, LIFT)
    await estate.store.write(lambda session: session.execute(update(Case).values(steward_id=old)))
    await estate.waits(minutes=25)
    assert (await estate.case()).steward_id != old


@pytest.mark.parametrize("first", [AUNT, AUNT_THERE])
async def test_what_moved_is_noted_by_number(estate: Estate, first: str) -> None:
    case = await reported(estate, AUNT_THERE, LIFT)
    await estate.says(first, "你好")
    await join(estate, AUNT, AUNT_THERE)
    (row,) = await rows(estate, select(Joining.moved, Joining.joined_id))
    went = row.joined_id != (await estate.case()).reporter_id
    assert went
    assert row.moved["case_.reporter_id"] in ([case.id], [])
