"""Two chats of one person, for the stories of joining and parting."""

import re
from typing import Any

from sqlalchemy import select

from storage.models import Case, Identity, Person
from tests.cast import Estate

AUNT, AUNT_THERE = "李阿姨", "李阿姨@other"
UNCLE, UNCLE_THERE = "张叔", "张叔@other"


async def code(estate: Estate, who: str) -> str:
    """Have somebody ask for a code, and read it."""
    await estate.reads(who)
    await estate.says(who, "/link")
    found = re.search("[0-9]{6}", await estate.reads(who))
    assert found is not None
    return found.group()


async def join(estate: Estate, shown: str, typed: str) -> str:
    """Join two chats; return what the one says in which the code was typed."""
    await estate.says(typed, f"/link {await code(estate, shown)}")
    await estate.presses(typed, "是，都是我")
    return await estate.reads(typed)


async def person(estate: Estate, who: str) -> int:
    """Return the number of the person behind a chat."""
    found = select(Identity.person_id).where(Identity.chat == who)
    return await estate.store.read(lambda session: session.scalars(found).one())


async def people(estate: Estate) -> dict[str, int]:
    """Return who is not part of somebody else, by name."""
    rows = select(Person.name, Person.id).where(Person.merged_into.is_(None), Person.key.is_(None))
    return {row.name: row.id for row in await estate.store.read(lambda session: session.execute(rows).all())}


async def reported(estate: Estate, who: str, text: str) -> Case:
    """Have somebody file a report."""
    await estate.says(who, text)
    await estate.presses(who, "提交")
    return await estate.case()


async def rows(estate: Estate, statement: Any) -> list[Any]:
    """Return the rows of a query."""
    return list(await estate.store.read(lambda session: session.execute(statement).all()))
