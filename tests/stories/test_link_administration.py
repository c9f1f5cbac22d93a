"""Two chats that are one person where administration meets them: invitations, places, imports, searches, leaving."""

from pathlib import Path

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.importing.people import PeopleImport
from bot.importing.table import Row
from bot.seed import sync
from cases import leaving, place_changes
from cases.context import Context
from storage.admin_models import Departure
from storage.models import Person, Role
from tests.cast import Estate
from tests.stories.leading import AUNT_LI, HUANG, LIN, ZHENG
from tests.stories.linking import AUNT, AUNT_THERE, join, person, reported, rows
from tests.stories.test_invite import Desk, roles_of

WORKER = "小周@other"


async def invited(estate: Estate, desk: Desk, who: str, said: str) -> None:
    """Have somebody take a role on that huang gives."""
    opens = await desk.invites(HUANG, said)
    await estate.says(who, opens)
    await estate.presses(who, "好，我来做")


async def test_an_invitation_holds_when_whoever_invited_joins_another_chat(estate: Estate, tmp_path: Path) -> None:
    desk = Desk(estate, tmp_path)
    await invited(estate, desk, "新主任@other", "/invite admin 丰美小区")
    opens = await desk.invites("新主任@other", "/invite steward 3号楼 邻里互助")
    await join(estate, "新主任@other", LIN)
    await estate.says(AUNT_LI, opens)
    assert "请您来做" in await estate.reads(AUNT_LI)
    await estate.presses(AUNT_LI, "好，我来做")
    assert await roles_of(estate, AUNT_LI) == [("steward", "neighbour")]


async def test_a_role_that_came_with_a_chat_is_not_taken_by_the_next_start(estate: Estate) -> None:
    table = {"name": "小周", "phone": "13700000001", "role": "红管家", "place": "3号楼", "partner": "邻里互助"}
    await estate.says(WORKER, "/phone 13700000001")
    await imported(estate, table)
    await join(estate, WORKER, "wang")
    before = await roles_of(estate, "王建国")
    assert ("steward", "neighbour") in before
    await estate.store.write(lambda s: sync(s, estate.rules.settings, estate.clock.now()))
    assert await roles_of(estate, "王建国") == before


async def imported(estate: Estate, *tables: dict[str, str]) -> dict[str, int]:
    """Import rows of people; return what was done."""

    def work(session: Session) -> dict[str, int]:
        found = [Row(number, dict(cells)) for number, cells in enumerate(tables, start=2)]
        context = Context(session, estate.clock.now(), estate.rules_for(session))
        counts = PeopleImport(context, found).carry_out()
        assert [problem for row in found for problem in row.problems] == []
        return counts

    return await estate.store.write(work)


async def test_a_number_of_the_chat_that_was_joined_is_known_to_an_import(estate: Estate) -> None:
    await estate.says(AUNT_THERE, "/phone 13700000001")
    await estate.says(AUNT, "/phone 13700000002")
    await join(estate, AUNT, AUNT_THERE)
    counts = await imported(
        estate, {"name": "李阿姨", "phone": "13700000001", "role": "负责人", "place": "3号楼"},
    )  # fmt: skip
    assert (counts["added"], counts["roles given"]) == (0, 1)
    theirs = select(Role.person_id).join(Person, Person.id == Role.person_id).where(Person.key.is_(None))
    held = await rows(estate, theirs)
    assert [row.person_id for row in held] == [await person(estate, AUNT)]


async def test_a_role_that_was_taken_in_chat_is_not_given_again_by_an_import(estate: Estate) -> None:
    table = {"name": "小周", "phone": "13700000001", "role": "红管家", "place": "3号楼", "partner": "邻里互助"}
    assert (await imported(estate, table))["roles given"] == 1
    await estate.says(HUANG, "/remove 小周")
    await estate.presses(HUANG, "是的，收回")
    assert await roles_of(estate, "小周") == []
    counts = await imported(estate, table)
    assert (counts["roles given"], counts["roles taken in chat before"]) == (0, 1)
    assert await roles_of(estate, "小周") == []


async def test_a_number_of_the_chat_that_was_joined_finds_the_cases(estate: Estate) -> None:
    await estate.says(AUNT_THERE, "/phone 13700000001")
    case = await reported(estate, AUNT_THERE, "3号楼2单元电梯坏了")
    await estate.says(AUNT, "/phone 13700000002")
    await join(estate, AUNT, AUNT_THERE)
    for number in ("0001", "0002"):
        await estate.says(ZHENG, f"/find {number}")
        assert f"#{case.id}" in str(await estate.told(ZHENG))
        await estate.reads(ZHENG)


async def test_a_home_of_before_the_joining_keeps_no_place(estate: Estate) -> None:
    await estate.says(AUNT, "/start p_fengmei-5")
    await estate.says(AUNT_THERE, "/start p_fengmei-4")
    await join(estate, AUNT, AUNT_THERE)
    node = estate.rules.tree.by_key("fengmei-4")
    assert node is not None

    def burden(session: Session) -> int:
        return place_changes.burden(Context(session, estate.clock.now(), estate.rules), node.id).people

    homes = await rows(estate, select(Person.merged_into).where(Person.home_id == node.id))
    assert [row.merged_into is not None for row in homes] == [True]
    assert await estate.store.read(burden) == 0


async def test_who_is_just_being_handed_on_is_so_after_the_joining(estate: Estate) -> None:
    await estate.says(WORKER, "你好")
    old = await person(estate, WORKER)
    await reported(estate, AUNT, "3号楼2单元电梯坏了")

    def leaves(session: Session) -> None:
        leaving.begin(session, old, None, estate.clock.now())
        session.execute(update(Departure).values(up_to=5000))

    await estate.store.write(leaves)
    await join(estate, WORKER, "wang")
    (row,) = await rows(estate, select(Departure.person_id, Departure.up_to))
    assert (row.person_id, row.up_to) == (await person(estate, "wang"), 0)
