"""Helpers of the stories in which whoever leads acts on cases: a case in this or that state, who reads what."""

from sqlalchemy import insert, or_, select
from sqlalchemy.orm import Session

from storage.admin_models import AuditEntry
from storage.models import Person, Role
from tests.cast import Estate

AUNT_LI, UNCLE_ZHANG, GRANNY_WANG = "李阿姨", "张叔", "王奶奶"
LIN, FENG, HUANG, ZHENG = "lin", "feng", "huang", "zheng"  # estate, building 5, community, street
WANG, CHEN = "wang", "chen"  # stewards of the estate


async def file(estate: Estate, text: str = "5栋漏水", who: str = AUNT_LI) -> str:
    """Have a resident file a case; return the chat of the steward who got it."""
    await estate.says(who, text)
    await estate.presses_if_asked(who, "不是，继续上报")
    await estate.presses(who, "提交")
    steward = await estate.steward_now()
    for each in (who, steward, LIN, FENG, HUANG, ZHENG, CHEN):
        await estate.reads(each)
    return steward


async def accepted(estate: Estate, text: str = "5栋漏水") -> str:
    """Have a case in hand."""
    steward = await file(estate, text)
    await estate.presses(steward, "接单")
    await estate.reads(AUNT_LI)
    await estate.reads(steward)
    return steward


async def closed(estate: Estate) -> str:
    """Have a case that is done and rated."""
    steward = await accepted(estate, "楼上5栋太吵了")
    await estate.presses(steward, "办结")
    await estate.presses(steward, "已处理")
    await estate.presses(AUNT_LI, "解决了")
    await estate.presses(AUNT_LI, "5 非常满意")
    await estate.waits(hours=2)  # what is written now is no word on the rating
    await estate.reads(AUNT_LI)
    await estate.reads(steward)
    return steward


async def story(estate: Estate, who: str, number: int = 1001) -> str:
    """Return the story of a case as somebody reads it."""
    await estate.reads(who)
    await estate.says(who, f"/case {number}")
    return await estate.reads(who)


async def audit(estate: Estate) -> list[str]:
    """Return the actions in the audit, in their order."""
    newest = select(AuditEntry.action).order_by(AuditEntry.id)
    return list(await estate.store.read(lambda session: session.scalars(newest).all()))


async def make_admin(estate: Estate, who: str, place: str) -> None:
    """Give somebody the role of an admin at a place."""
    node = estate.rules.tree.by_key(place)
    assert node

    def give(session: Session) -> None:
        person = session.scalar(select(Person.id).where(or_(Person.key == who, Person.name == who)))
        session.execute(insert(Role).values(person_id=person, place_id=node.id, role="admin", title="管理员"))

    await estate.store.write(give)
