"""关联, by many at once: codes that cross, cases told meanwhile; nobody waits for ever, nothing is left behind."""

import asyncio

from sqlalchemy import select
from sqlalchemy.orm import aliased

from bot.clock import Clock
from storage.message_models import Dialogue
from storage.models import Case, Claim, Follower, Identity, Person, Rating, Role
from tests.cast import Estate
from tests.stories.linking import code, rows

ROUNDS = 8
LEFT = (Case.reporter_id, Case.steward_id, Claim.person_id, Follower.person_id, Rating.person_id, Role.person_id,
        Dialogue.person_id, Identity.person_id)  # fmt: skip


async def nothing_is_left(estate: Estate) -> None:
    """Check that nothing belongs to who is part of somebody else, and that nobody is part of who is so themselves."""
    for column in LEFT:
        theirs = select(column).join(Person, Person.id == column).where(Person.merged_into.is_not(None))
        assert await rows(estate, theirs) == [], column
    other = aliased(Person)
    chains = select(Person.id).join(other, other.id == Person.merged_into).where(other.merged_into.is_not(None))
    assert await rows(estate, chains) == []


async def test_two_who_join_each_other_at_once_become_one(estate: Estate) -> None:
    for number in range(ROUNDS):
        here, there = f"甲{number}", f"乙{number}@other"
        one, other = await code(estate, here), await code(estate, there)
        await estate.says(there, f"/link {one}")
        await estate.says(here, f"/link {other}")
        data = [(await estate.buttons(who))["是，都是我"] for who in (here, there)]
        presses = [estate.presses_data(who, press) for who, press in zip((here, there), data, strict=True)]
        await asyncio.gather(*presses, *(estate.presses_data(here, data[0]) for _ in range(2)))
        await estate.presses_data(here, data[0])  # had both to give way, it is pressed again
        await nothing_is_left(estate)
        people = select(Identity.person_id).where(Identity.chat.in_((here, there))).distinct()
        assert len(await rows(estate, people)) == 1


async def test_what_is_told_in_the_other_chat_meanwhile_is_theirs(estate: Estate) -> None:
    for number in range(ROUNDS):
        here, there = f"甲{number}", f"乙{number}@other"
        await estate.says(there, f"{number + 1}号楼电梯坏了")
        await estate.says(there, f"/link {await code(estate, here)}")
        yes = (await estate.buttons(there))["是，都是我"]
        await estate.says(here, f"{number + 1}号楼路灯不亮")
        submit = (await estate.buttons(here))["提交"]
        await asyncio.gather(
            estate.presses_data(there, yes), estate.presses_data(here, submit), estate.says(here, "/mycases"),
            estate.presses_data(there, yes), estate.says(there, "/mycases"),
        )  # fmt: skip
        await estate.presses_data(there, yes)
        people = await rows(estate, select(Identity.person_id).where(Identity.chat.in_((here, there))).distinct())
        assert len(people) == 1
        await nothing_is_left(estate)
    assert len(await estate.cases()) == ROUNDS


async def test_three_into_one_at_once_are_one_or_are_told_why_not(estate: Estate) -> None:
    for number in range(ROUNDS):
        chats = [f"甲{number}", f"乙{number}@other", f"丙{number}"]
        shown = await code(estate, chats[0])
        again = await code(estate, chats[1])
        await estate.says(chats[1], f"/link {shown}")
        await estate.says(chats[2], f"/link {again}")
        data = [(await estate.buttons(who))["是，都是我"] for who in chats[1:]]
        presses = [(who, press) for who, press in zip(chats[1:], data, strict=True)]
        await asyncio.gather(*(estate.presses_data(who, press) for who, press in presses for _ in range(2)))
        for who, press in presses:  # whoever had to give way presses again
            await estate.presses_data(who, press)
        people = await rows(estate, select(Identity.person_id).where(Identity.chat.in_(chats)).distinct())
        assert len(people) == 1
        await nothing_is_left(estate)
    assert isinstance(estate.clock, Clock)
