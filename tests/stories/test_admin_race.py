"""Administration by two at once: neither takes the last admin, and an invitation is one person's; on both databases."""

import asyncio
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cases import posts
from cases.context import Context, actor_of
from cases.posts import Post
from storage.admin_models import Invitation
from storage.models import Person, Place, Role
from tests.cast import Estate
from tests.stories.leading import HUANG, ZHENG
from tests.stories.linking import rows
from tests.stories.test_invite import Desk

ROUNDS = 6


async def admins(estate: Estate) -> dict[str, int]:
    """Return the numbers of the roles of the street's admins, by who holds them."""
    held = (
        select(Person.key, Role.id).join(Role, Role.person_id == Person.id).join(Place, Place.id == Role.place_id)
        .where(Role.role == "admin", Place.kind == "street")
    )  # fmt: skip
    return {row.key: row.id for row in await rows(estate, held)}


async def is_made_admin(estate: Estate, giver: str, who: str) -> None:
    """Have somebody made admin of the street."""
    street = next(node.id for node in estate.rules.tree if node.kind == "street")

    def give(session: Session) -> None:
        one, other = (session.scalars(select(Person.id).where(Person.key == key)).one() for key in (giver, who))
        context = Context(session, estate.clock.now(), estate.rules)
        posts.give(context, actor_of(context, one), other, Post("admin", street))

    await estate.store.write(give)


async def test_two_admins_who_remove_each_other_leave_one(estate: Estate) -> None:
    first, second = ZHENG, HUANG
    for _round in range(ROUNDS):
        await is_made_admin(estate, first, second)
        both = await admins(estate)
        assert set(both) == {first, second}
        await asyncio.gather(
            estate.presses_data(first, f"s:gone:{both[second]}"), estate.presses_data(second, f"s:gone:{both[first]}"),
            estate.presses_data(first, f"s:gone:{both[second]}"), estate.presses_data(second, f"s:gone:{both[first]}"),
        )  # fmt: skip
        left = await admins(estate)
        assert len(left) == 1
        (first,) = left
        second = HUANG if first == ZHENG else ZHENG


async def test_an_invitation_is_taken_by_one_of_two(estate: Estate, tmp_path: Path) -> None:
    desk = Desk(estate, tmp_path)
    for number in range(ROUNDS):
        opens = await desk.invites(HUANG, "/invite steward 3号楼 邻里互助")
        people = [f"甲{number}", f"乙{number}"]
        for who in people:
            await estate.says(who, opens)
        presses = [(who, (await estate.buttons(who))["好，我来做"]) for who in people]
        await asyncio.gather(*(estate.presses_data(who, data) for who, data in presses for _ in range(2)))
        held = select(Person.name).join(Role, Role.person_id == Person.id).where(Person.name.in_(people))
        assert len(await rows(estate, held)) == 1
        told = [await estate.reads(who) for who in people]
        assert sum("谢谢您！您现在是" in each for each in told) == 1
        assert sum("已经有人用过了" in each for each in told) >= 1
    used = select(func.count()).select_from(Invitation).where(Invitation.used_by.is_not(None))
    assert (await rows(estate, used))[0][0] == ROUNDS
