"""审计: an admin reads who acted by virtue of a role and who looked at telephone numbers, at their place and below."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from cases.audit import record
from cases.context import Actor, Context
from storage.models import Person
from tests.cast import Estate
from tests.stories.leading import AUNT_LI, FENG, HUANG, LIN, UNCLE_ZHANG, ZHENG, accepted, file, make_admin


async def reads(estate: Estate, who: str, said: str) -> str:
    await estate.reads(who)
    await estate.says(who, said)
    return await estate.reads(who)


async def looked_at(estate: Estate, steward: str) -> None:
    """Have the steward look at the resident's telephone number."""
    await estate.store.write(lambda session: session.execute(
        update(Person).where(Person.name == AUNT_LI).values(phone="13800138000")))  # fmt: skip
    await estate.presses_data(steward, "c:phone:1001")


async def noted(estate: Estate, action: str, place: str | None, person: str = ZHENG, words: str = "") -> None:
    """Write something beside the cases into the audit."""

    def write(session: Session) -> None:
        context = Context(session, estate.clock.now(), estate.rules)
        node = estate.rules.tree.by_key(place) if place else None
        actor = session.scalar(select(Person.id).where(Person.key == person))
        record(context, Actor(actor), action, place_id=node.id if node else None, person_id=actor, words=words)

    await estate.store.write(write)


async def test_who_stepped_in_and_who_looked_at_a_number(estate: Estate) -> None:
    steward = await accepted(estate)
    await looked_at(estate, steward)
    await estate.says(LIN, "加急 1001")
    await estate.says(LIN, "转派 1001 陈秀英")
    lines = (await reads(estate, HUANG, "审计")).splitlines()
    assert [line.split(" ", 1)[1] for line in lines if line.startswith("·")] == [
        "今天10:00 林楼长 转派 #1001 丰美小区5号楼",
        "今天10:00 林楼长 加急 #1001 丰美小区5号楼",
        "今天10:00 王建国 查看了电话号码 #1001 丰美小区5号楼",
    ]
    assert "查看了电话" in await reads(estate, HUANG, "/audit 王师傅")
    assert "转派" not in await reads(estate, HUANG, "/audit 王师傅")
    assert "转派" in await reads(estate, HUANG, "审计 lin")


async def test_it_is_for_admins(estate: Estate) -> None:
    await file(estate)
    await estate.says(LIN, "加急 1001")
    assert "管理员用的" in await reads(estate, LIN, "/audit")
    await estate.presses_data(LIN, "u:all:0:0")
    assert "加急" not in await estate.reads(LIN)
    await estate.says(AUNT_LI, "审计")
    assert "操作记录" not in await estate.reads(AUNT_LI)


async def test_of_one_case_and_only_of_ones_own_place(estate: Estate) -> None:
    await file(estate)
    await file(estate, "3栋路灯坏了", UNCLE_ZHANG)
    await estate.says(LIN, "加急 1001")
    await estate.says(LIN, "驳回 1002 请打 12345")
    await make_admin(estate, FENG, "fengmei-5")
    assert "加急 #1001" in await reads(estate, HUANG, "/audit #1001")
    assert "#1002" not in await reads(estate, HUANG, "/audit 1001")
    assert "加急 #1001" in await reads(estate, FENG, "/audit")
    assert "#1002" not in await reads(estate, FENG, "/audit")
    assert "#1002" not in await reads(estate, FENG, "/audit lin")
    elsewhere, unknown = await reads(estate, FENG, "/audit 1002"), await reads(estate, FENG, "/audit 9002")
    assert elsewhere == unknown.replace("9002", "1002")
    await estate.presses_data(FENG, "u:case:1002:0")
    assert "不受理" not in await estate.reads(FENG)


async def test_what_belongs_to_no_place_is_for_the_root(estate: Estate) -> None:
    await noted(estate, "export.cases", None, words="年度检查")
    await noted(estate, "role.give", "fengmei-street")
    assert "export.cases 郑主任：“年度检查”" in await reads(estate, ZHENG, "/audit")
    assert "这里没有记录" in await reads(estate, HUANG, "/audit")
    assert "年度检查" not in await reads(estate, HUANG, "/audit zheng")
    assert "role.give" in await reads(estate, ZHENG, "/audit 郑主任")


async def test_pages_turn_on_one_message(estate: Estate) -> None:
    for number in range(20):
        await noted(estate, "role.give", "fengmei", words=f"第{number}条")
    first = await reads(estate, HUANG, "/audit")
    assert "第19条" in first
    assert "第12条" in first
    assert "第11条" not in first
    await estate.presses(HUANG, "下一页 ›")
    assert "第11条" in await estate.reads(HUANG)
    assert (await estate.told(HUANG))[-2]["edit"]
    await estate.presses(HUANG, "下一页 ›")
    assert "第3条" in await estate.reads(HUANG)
    assert await estate.labels(HUANG) == ["‹ 上一页"]
    assert "第11条" in await reads(estate, HUANG, "/audit 2")
    assert "没有记录" in await reads(estate, HUANG, "/audit 999")
    await estate.presses_data(HUANG, "u:all:0:99999999999999999999")
    assert "第19条" in await estate.reads(HUANG)


async def test_a_name_that_several_have_or_nobody(estate: Estate) -> None:
    await noted(estate, "role.give", "fengmei", "huang")
    assert "哪一位" in await reads(estate, HUANG, "/audit 师")
    assert "这里没有叫黄书纪的人" in await reads(estate, HUANG, "/audit 黄书纪")
    await estate.presses(HUANG, "黄书记 · 社区书记")
    assert "role.give" in await estate.reads(HUANG)
