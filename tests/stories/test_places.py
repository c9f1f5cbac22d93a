"""地点: a building is finished, a map is wrong, a house is pulled down. An admin sees to it from the phone."""

import pytest
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from handlers.admin.places import EXAMPLES
from handlers.texts import translator
from storage.admin_models import AuditEntry
from storage.message_models import GroupChat
from storage.models import Person
from tests.cast import PLAIN, Estate
from tests.stories.leading import AUNT_LI, HUANG, LIN, WANG, ZHENG, audit, make_admin


async def says(estate: Estate, who: str, said: str) -> str:
    await estate.reads(who)
    await estate.says(who, said)
    return await hears(estate, who)


async def presses(estate: Estate, who: str, label: str) -> str:
    await estate.reads(who)
    await estate.presses(who, label)
    return await hears(estate, who)


async def hears(estate: Estate, who: str) -> str:
    """Return what somebody was told; the estate knows the places as they are now."""
    await estate.store.read(estate.rules_for)
    return await estate.reads(who)


def key(estate: Estate, number: str) -> int:
    node = estate.rules.tree.by_key(number)
    assert node is not None, number
    return node.id


async def test_a_new_building_takes_cases_from_the_next_message_on(estate: Estate) -> None:
    told = await says(estate, HUANG, "/places add 19号楼 in 丰美小区")
    assert "改好了" in told
    assert "丰美小区19号楼" in told
    assert "楼栋，19 号" in told
    await estate.says(AUNT_LI, "19栋漏水了")
    await estate.presses(AUNT_LI, "提交")
    case = await estate.case()
    assert estate.rules.tree.get(case.place_id).key == "fengmei-19"
    assert case.steward_id is not None
    assert await audit(estate) == ["place.add"]


async def test_down_and_up_the_tree_by_one_message(estate: Estate) -> None:
    await says(estate, HUANG, "地点")
    assert await estate.labels(HUANG) == ["丰美社区"]
    await presses(estate, HUANG, "丰美社区")
    told = await presses(estate, HUANG, "丰美小区")
    assert "有职务的人（含下级）：" in told
    assert "没办完的事项（含下级）：0" in told
    assert "上班时间（跟上级一样）：8:30–12:00 · 14:00–17:30" in told
    assert "12号楼" in await estate.labels(HUANG)
    assert "13号楼" not in await estate.labels(HUANG)
    await presses(estate, HUANG, "下一页 ›" if "下一页 ›" in await estate.labels(HUANG) else (await more(estate)))
    assert "13号楼" in await estate.labels(HUANG)
    await presses(estate, HUANG, "13号楼")
    await presses(estate, HUANG, "2单元")
    assert "丰美小区" in await presses(estate, HUANG, "↑ 13号楼")
    rows = await estate.told(HUANG)
    assert all(row.get("edit") for row in rows[1:] if "toast" not in row)


async def more(estate: Estate) -> str:
    return next(label for label in await estate.labels(HUANG) if label.endswith("›"))


async def test_a_guided_dialogue_asks_for_what_is_missing(estate: Estate) -> None:
    await says(estate, HUANG, "/places 丰美小区")
    assert "比如：19号楼" in await presses(estate, HUANG, "在这里加一个地点")
    told = await says(estate, HUANG, "3号楼")
    assert "已经有“3号楼”" in told  # the question stays open
    assert "丰美小区19号楼" in await says(estate, HUANG, "19号楼")
    assert "比如：1单元" in await presses(estate, HUANG, "在这里加一个地点")
    assert "取消" in await presses(estate, HUANG, "取消")
    assert await audit(estate) == ["place.add"]


async def test_an_emergency_in_the_middle_is_heard(estate: Estate) -> None:
    await says(estate, HUANG, "/places 丰美小区")
    await presses(estate, HUANG, "在这里加一个地点")
    assert "119" in await says(estate, HUANG, "3号楼着火了")


async def test_names_positions_and_hours(estate: Estate) -> None:
    assert "丰美小区三栋" in await says(estate, HUANG, "地点 改名 3号楼 为 三栋")
    assert "也叫：老三栋 · 红楼" in await says(estate, HUANG, "/places alias 三栋: 老三栋, 红楼")
    assert "地图位置：30.25, 120.16" in await says(estate, HUANG, "/places position 三栋: 30.25, 120.16")
    assert "上班时间（自己的）：9:00–18:00" in await says(estate, HUANG, "/places hours 三栋: 9-18 不午休")
    assert "上班时间（跟上级一样）" in await says(estate, HUANG, "/places hours 三栋: 同上")
    assert estate.rules.understander.read("红楼漏水").place_id == key(estate, "fengmei-3")
    assert await audit(estate) == ["place.rename", "place.aliases", "place.position", "place.hours", "place.hours"]


async def test_a_shared_location_is_the_position(estate: Estate) -> None:
    await says(estate, HUANG, "/places 3号楼")
    await presses(estate, HUANG, "修改")
    await presses(estate, HUANG, "地图位置")
    await estate.says(HUANG, location=(30.1, 120.2))
    assert "地图位置：30.1, 120.2" in await hears(estate, HUANG)
    near = estate.rules.tree.nearest(30.1, 120.2)
    assert near is not None
    assert near.key == "fengmei-3"


async def test_the_forms_that_are_shown_are_understood(estate: Estate) -> None:
    """As an admin reads them, in the order in which one builds on the other; what is asked is not done yet."""
    for verb in ("add", "name", "aka", "hours", "where", "move", "remove"):
        form = translator("zh")(EXAMPLES[verb]).replace(
            "3号楼", "三栋" if verb in ("aka", "hours", "where") else "3号楼"
        )
        told = await says(estate, HUANG, form)
        assert "改好了" in told or "要移除" in told, (form, told)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("/places add 19号楼", "请这样写：地点 添加 19号楼 在 丰美小区"),
        ("/places 丰美小区3号搂", "是不是下面的哪一个"),
        ("/places hours 3号楼: 25:00-26:00", "没看懂这个时间"),
        ("/places hours 3号楼: 8:30-17:30 6:00-7:00", "午休要在上班时间里面"),
        ("/places position 3号楼: 300, 120", "纬度在 -90 到 90"),
        ("/places move 3号楼 to 5号楼", "楼栋不能放在楼栋下面"),
        ("/places rename 3号楼 to 5号楼", "已经有“5号楼”"),
        ("/places move 丰美小区 to 丰美小区", "不能把地点放到它自己下面"),
        ("/places rename 3号楼 to !!!", "名字要有 1 到 80 个字"),
    ],
)
async def test_every_mistake_is_told_with_what_to_write(estate: Estate, said: str, told: str) -> None:
    assert told in await says(estate, HUANG, said)
    assert await audit(estate) == []


async def test_a_move_is_known_where_it_left_and_where_it_came(estate: Estate) -> None:
    await says(estate, HUANG, "/places add 东区 in 丰美社区")
    assert "东区3号楼" in await says(estate, HUANG, "/places move 3号楼 to 东区")
    moves = select(AuditEntry.place_id).where(AuditEntry.action == "place.move").order_by(AuditEntry.id)
    found = await estate.store.read(lambda session: session.scalars(moves).all())
    assert found == [key(estate, "fengmei-3"), key(estate, "fengmei")]


async def test_a_house_is_pulled_down(estate: Estate) -> None:
    await says(estate, HUANG, "/places add 19号楼 in 丰美小区")
    group = {"channel": PLAIN, "chat": "19号楼群", "kind": "building", "bound_at": estate.clock.now()}
    place = key(estate, "fengmei-19")

    def tie(session: Session) -> None:
        session.execute(insert(GroupChat).values(place_id=place, **group))

    await estate.store.write(tie)
    await make_admin(estate, WANG, "fengmei-19")
    await estate.says(AUNT_LI, "19栋漏水了")
    await estate.presses(AUNT_LI, "提交")
    told = await presses_remove(estate)
    assert "没办完的事项 1 件 · 职务 1 个 · 群 1 个" in told
    assert "/unbind" in told
    assert estate.rules.tree.by_key("fengmei-19") is not None


async def presses_remove(estate: Estate) -> str:
    await says(estate, HUANG, "/places 19号楼")
    await presses(estate, HUANG, "修改")
    return await presses(estate, HUANG, "移除")


async def test_what_nothing_hangs_on_goes_and_its_buttons_tell_the_truth(estate: Estate) -> None:
    await says(estate, HUANG, "/places add 19号楼 in 丰美小区")
    await presses_remove(estate)
    assert "丰美小区19号楼已移除" in await presses(estate, HUANG, "移除")
    assert estate.rules.tree.by_key("fengmei-19") is None
    gone = (await removed(estate)).data["removed"]
    await estate.presses_data(AUNT_LI, f"h:at:{gone}")  # an old button: nobody lives there any more
    home = select(Person.home_id).where(Person.name == AUNT_LI)
    assert await estate.store.read(lambda session: session.scalar(home)) != gone
    await estate.presses_data(HUANG, f"place:at:{gone}:0")
    assert "这个地点已经没有了" in await estate.reads(HUANG)
    assert "移除了地点" in await says(estate, HUANG, "/audit")


async def removed(estate: Estate) -> AuditEntry:
    newest = select(AuditEntry).where(AuditEntry.action == "place.remove")
    return await estate.store.read(lambda session: session.scalars(newest).one())


async def test_only_an_admin_and_only_where_they_lead(estate: Estate) -> None:
    assert "管理员" in await says(estate, LIN, "/places")
    await estate.presses_data(LIN, f"place:really:{key(estate, 'fengmei-18-1')}")
    await estate.presses_data(HUANG, f"place:name:{key(estate, 'fengmei-street')}")
    for who in (LIN, HUANG):
        assert "只有" in await estate.reads(who)
    assert "您管的范围里没有" in await says(estate, HUANG, "/places rename 丰美街道 to 别处")
    await says(estate, ZHENG, "/places")
    assert await estate.labels(ZHENG) == ["丰美街道"]
    await estate.presses_data(HUANG, "place:nonsense:1:2")
    await estate.presses_data(HUANG, "place:at:99999:0")
    assert await audit(estate) == []
