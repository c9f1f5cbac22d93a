"""What an admin mistypes is answered with the nearest right form, or understood; a right is never given by a guess."""

import pytest
from sqlalchemy import select

from storage.models import Person, Role
from tests.cast import Estate
from tests.stories.leading import HUANG, ZHENG, accepted


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("/assign 王师傅 1001", "编号写在前面：/assign 1001 王师傅"),
        ("/transfer 陈秀英 ＃１００１", "编号写在前面：/transfer 1001 陈秀英"),
        ("/priority 加急 1001", "编号写在前面：/priority 1001 加急"),
        ("/note 钥匙在门卫 1001", "编号写在前面：/note 1001 钥匙在门卫"),
        ("/note 钥匙在 3号楼", "请带上编号"),
        ("／派单 1001 王师傅", "王建国正在处理"),
        ("/派单 1001 王师傅", "王建国正在处理"),
        ("/ＣＡＳＥＳ", "#1001"),
        ("/report weeek", "您是不是要找“本周”"),
        ("/report 月 99号楼", "这里没有“99号楼”"),
        ("/role 上限 10 王师傅", "姓名写在前面：/role 王师傅"),
        ("/role 王师傅 上限 很多", "请这样写：/role 王师傅 上限 10"),
        ("/role 王师傅 给 楼长", "请这样写：/role 王师傅 给 楼长 3号楼"),
        ("/role 王师傅 给 楼长 99号楼", "这里没有99号楼"),
        ("/remove 张三丰", "有哪些人，发 /stewards 看"),
        ("/stewards 王师傅", "红色管家 · 物业维修"),
        ("/stewards 3号搂", "请这样写：/stewards 3号楼"),
        ("任命 王师傅 楼长 3号楼", "已任命：协调员 丰美小区3号楼"),
        ("/away 王师傅 两天", "请假到10月2日"),
        ("/away 3天 王师傅", "请假到10月3日"),
        ("/away 王师傅 10月8日到10月10日", "从10月8日00:00请假到10月11日00:00"),
    ],
)
async def test_the_nearest_right_form(estate: Estate, said: str, told: str) -> None:
    await accepted(estate)
    await estate.reads(HUANG)
    await estate.says(HUANG, said)
    shown = await estate.told(HUANG)
    assert told in str(shown), shown


@pytest.mark.parametrize("said", ["１０", "十", "10件"])
async def test_a_number_however_it_is_written(estate: Estate, said: str) -> None:
    await estate.says(HUANG, f"/role 王师傅 上限 {said}")
    cap = select(Role.cap).join(Person, Person.id == Role.person_id).where(Person.key == "wang")
    assert await estate.store.read(lambda session: session.scalars(cap).all()) == [10]


async def test_who_leads_is_not_away_themselves_by_a_wrong_order(estate: Estate) -> None:
    await estate.says(ZHENG, "/away 3天 王师傅")
    away = select(Person.key).where(Person.away_until.is_not(None))
    assert await estate.store.read(lambda session: session.scalars(away).all()) == ["wang"]


async def test_no_right_is_given_without_a_place(estate: Estate) -> None:
    await estate.says(ZHENG, "/role 王师傅 给 楼长")
    held = select(Role.role).join(Person, Person.id == Role.person_id).where(Person.key == "wang")
    assert await estate.store.read(lambda session: session.scalars(held).all()) == ["steward"]


async def test_the_nearest_places_are_offered(estate: Estate) -> None:
    await estate.says(HUANG, "/stewards 3号搂")
    assert "丰美小区3号楼" in await estate.labels(HUANG)
