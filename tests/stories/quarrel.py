"""A quarrel between neighbours of building 5, and who has to do with it: for the stories of what is private."""

from typing import Any

from sqlalchemy import select, update

from storage.models import Person, Place
from tests.cast import Estate

AUNT_LI, UNCLE_ZHANG = "李阿姨", "张叔"
FENG, LIN, HUANG, ZHENG = "feng", "lin", "huang", "zheng"  # building 5 (and lives there), estate, community, street
MEDIATOR, ELDER = "zhao", "he"  # who may settle a dispute, the first first
STAFF = ("wang", "chen", "liu", "zhao", "sun", "zhou", "wu", "he", "xu", "gao", FENG, LIN, HUANG, ZHENG)
PHONE = "13800138000"
QUARREL = "隔壁502和我吵架，邻里纠纷请调解，我住501，电话13800138000"
SECRETS = (AUNT_LI, "501", "502", PHONE)
REFUSED = "这是别人的私事"


async def set_person(estate: Estate, who: str, **values: Any) -> None:
    """Change what is kept about somebody: one of `config.yaml` by key, a resident by name."""
    which = Person.key == who if who in STAFF else Person.name == who
    await estate.store.write(lambda session: session.execute(update(Person).where(which).values(**values)))


async def live(estate: Estate, building: int, *people: str) -> None:
    """Have people live in a building."""
    key = select(Place.id).where(Place.key == f"fengmei-{building}").scalar_subquery()
    for who in people:
        await set_person(estate, who, home_id=key)


async def quarrel(estate: Estate, text: str = QUARREL, who: str = AUNT_LI) -> None:
    """Report a dispute in building 5, of somebody who lives there and whose number is known."""
    await estate.says(who, "/start p_fengmei-5")
    await set_person(estate, who, phone=PHONE, home_detail="501")
    await estate.says(who, text)
    await estate.presses_if_asked(who, "不是，继续上报")
    await estate.presses(who, "提交")


def betrayed(told: str) -> list[str]:
    """Return what of the secrets stands in what somebody was told."""
    return [secret for secret in SECRETS if secret in told]


async def person_id(estate: Estate, key: str) -> int:
    found = await estate.store.read(lambda session: session.scalar(select(Person.id).where(Person.key == key)))
    assert found is not None
    return found


async def looks(estate: Estate) -> int:
    """Return how many looks at a telephone number were written down."""
    return (await estate.history()).count("contact")
