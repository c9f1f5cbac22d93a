"""Who leads finds cases by words, by the name or number of who reported them; such a look is written down."""

import pytest
from sqlalchemy import select, update

from storage.admin_models import AuditEntry, KeptSearch
from storage.models import Person
from tests.cast import Estate
from tests.stories.listing import FENG, GAO, LIN, UNCLE_ZHANG, file, listed, newest, report_three, shown


@pytest.fixture
async def three(estate: Estate) -> tuple[int, int, int]:
    """Three cases: a lamp at 3, a lift at 5, rubbish at 5."""
    return await report_three(estate)


async def looks(estate: Estate) -> list[AuditEntry]:
    """Return the looks that were written down."""
    found = select(AuditEntry).where(AuditEntry.action == "find").order_by(AuditEntry.id)
    return list(await estate.store.read(lambda s: s.scalars(found).all()))


async def test_find_by_words_is_no_look_at_anybody(estate: Estate, three: tuple[int, int, int]) -> None:
    assert await listed(estate, LIN, "/find 没人清") == [three[2]]
    assert await listed(estate, LIN, "查找 坏了") == [three[1], three[0]]
    assert await listed(estate, LIN, "/find 100%") == []
    assert await looks(estate) == []


async def test_find_by_name_is_written_down_without_the_name(estate: Estate, three: tuple[int, int, int]) -> None:
    lamp, lift, rubbish = three
    assert await listed(estate, LIN, "/find 李阿") == [rubbish, lamp]
    assert (await newest(estate, LIN))["title"] == "上报人“李阿”"
    assert await listed(estate, FENG, "查找 姓名 张叔") == [lift]
    assert await listed(estate, GAO, "查找 姓名 张叔") == []
    entries = await looks(estate)
    assert [(entry.words, entry.data) for entry in entries] == [
        ("", {"by": "name", "found": 2}), ("", {"by": "name", "found": 1}), ("", {"by": "name", "found": 0}),
    ]  # fmt: skip
    assert [entry.place_id for entry in entries] == [
        node.id for key in ("fengmei", "fengmei-5", "fengmei-1") for node in estate.rules.tree if node.key == key
    ]
    await estate.presses(LIN, "按内容找")
    assert await shown(estate, LIN) == []
    await estate.presses(LIN, "按姓名找")
    assert await shown(estate, LIN) == [rubbish, lamp]
    assert len(await looks(estate)) == 4


async def test_find_by_the_end_of_a_number(estate: Estate, three: tuple[int, int, int]) -> None:
    await estate.store.write(
        lambda s: s.execute(update(Person).where(Person.name == UNCLE_ZHANG).values(phone="138 1234-5678"))
    )
    assert await listed(estate, LIN, "/find 5678") == [three[1]]
    assert (await newest(estate, LIN))["title"] == "电话尾号5678"
    assert await listed(estate, LIN, "/find 电话 13812345678") == [three[1]]
    assert await listed(estate, GAO, "/find 5678") == []
    assert await listed(estate, LIN, "/find 345") == []
    assert "后四位" in await estate.reads(LIN)
    assert [entry.data["by"] for entry in await looks(estate)] == ["phone", "phone", "phone"]
    kept = await estate.store.read(lambda s: s.scalars(select(KeptSearch.data)).all())
    assert all(set(data) == {"phone"} for data in kept)


async def test_whose_a_private_matter_of_the_own_building_is_cannot_be_found_out(estate: Estate) -> None:
    """冯阿姨 leads and lives in building 5."""
    private = await file(estate, "5号楼有人家暴打人，请保密")
    assert estate.rules.category(await estate.case()).private
    assert await listed(estate, FENG, "/cases") == [private]
    for who, shown_to_them in ((FENG, []), (LIN, [private])):
        for text in ("/find 姓名 李阿姨", "/find 暴打", "/cases 关键字 暴打"):
            assert await listed(estate, who, text) == shown_to_them, text
    await estate.store.write(lambda s: s.execute(update(Person).where(Person.key == LIN).values(name="暴打人")))
    assert await listed(estate, LIN, "/find 姓名 李阿姨") == []  # the words name him


async def test_find_without_words_says_how(estate: Estate) -> None:
    await estate.reads(LIN)
    for text in ("/find", "查找", "/find 。。"):
        await estate.says(LIN, text)
        assert "/find 漏水" in await estate.reads(LIN)
