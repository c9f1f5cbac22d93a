"""Who leads in the stories of administration, and how they file, copy and read lists of cases."""

from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select, update

from storage.models import Case, Person
from tests.cast import Estate

AUNT_LI, UNCLE_ZHANG = "李阿姨", "张叔"
FENG, GAO, LIN, HUANG, ZHENG = "feng", "gao", "lin", "huang", "zheng"  # buildings 5 and 1, estate, community, street


async def file(estate: Estate, said: str, who: str = AUNT_LI) -> int:
    """Report something and return its number."""
    await estate.says(who, said)
    for label in ("不是，继续上报", "提交"):
        await estate.presses_if_asked(who, label)
    return (await estate.case()).id


async def change(estate: Estate, number: int, **values: Any) -> None:
    """Set what a long story would have led to."""
    await estate.store.write(lambda s: s.execute(update(Case).where(Case.id == number).values(**values)))


async def many(estate: Estate, count: int, **values: Any) -> None:
    """Copy the newest case so many times, a second apart."""
    case = await estate.case()
    copied = {column.name: getattr(case, column.name) for column in Case.__table__.columns if column.name != "id"}
    at = case.created_at
    rows = [
        {**copied, "created_at": at + timedelta(seconds=number + 1), **values, "draft": f"copy{number}"}
        for number in range(count)
    ]
    await estate.store.write(lambda s: s.execute(insert(Case), rows))


async def listed(estate: Estate, who: str, text: str) -> list[int]:
    """Return the numbers that the list shows for what was written."""
    await estate.says(who, text)
    return await shown(estate, who)


async def shown(estate: Estate, who: str) -> list[int]:
    """Return the numbers of the newest list, the largest first: PostgreSQL does not keep the order of buttons."""
    buttons = (await estate.buttons(who)).values()
    return sorted((int(data.split(":")[2]) for data in buttons if data.startswith("c:card:")), reverse=True)


async def newest(estate: Estate, who: str) -> dict[str, Any]:
    """Return the newest message with buttons."""
    return [row for row in await estate.told(who) if "buttons" in row][-1]


async def person(estate: Estate, who: str) -> int:
    """Return the number of somebody of `config.yaml` or of a resident."""
    wanted = select(Person.id).where((Person.key == who) | (Person.name == who))
    found = await estate.store.read(lambda s: s.scalar(wanted))
    assert found is not None
    return found


async def report_three(estate: Estate) -> tuple[int, int, int]:
    """Report a lamp at 3, a lift at 5, rubbish at 5; return their numbers."""
    return (
        await file(estate, "3号楼2单元路灯坏了"),
        await file(estate, "5号楼电梯坏了", UNCLE_ZHANG),
        await file(estate, "5号楼垃圾没人清"),
    )
