"""Sheets for admins: what stands in every cell, who gets which rows, and what nobody's words can do in them."""

import os
import tempfile
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, select, update

from bot import export
from cases import records
from storage.admin_models import AuditEntry
from storage.message_models import Commission
from storage.models import Follower, Person, Role
from tests.cast import ZONE, Estate
from tests.stories.listing import AUNT_LI, HUANG, LIN, UNCLE_ZHANG, change, file, many, person
from tests.stories.office import Office, rows_of
from tests.stories.test_clock import resolved


@pytest.fixture
def office(estate: Estate, tmp_path: Path) -> Office:
    """A workshop that makes sheets."""
    return Office(estate, tmp_path)


async def entries(estate: Estate) -> list[AuditEntry]:
    """Return the exports that were written down."""
    found = select(AuditEntry).where(AuditEntry.action.startswith("export")).order_by(AuditEntry.id)
    return list(await estate.store.read(lambda s: s.scalars(found).all()))


async def audited(estate: Estate) -> list[str]:
    """Return what /audit shows, without the times."""
    await estate.reads(HUANG)
    await estate.says(HUANG, "/audit")
    lines = (await estate.reads(HUANG)).splitlines()
    return [line.split(" ", 2)[2] for line in lines if line.startswith("·")]


async def has_phone(estate: Estate, who: str, phone: str) -> None:
    """Give somebody a telephone number."""
    await estate.store.write(lambda s: s.execute(update(Person).where(Person.name == who).values(phone=phone)))


def local(at: datetime | None) -> datetime | None:
    """Return a moment as a sheet shows it: local, to the minute."""
    return at.astimezone(ZONE).replace(second=0, microsecond=0, tzinfo=None) if at else None


async def test_every_cell_of_a_case_that_went_the_whole_way(estate: Estate, office: Office) -> None:
    steward = await resolved(estate)
    await estate.presses(AUNT_LI, "解决了")
    await estate.presses(AUNT_LI, "5 非常满意")
    await has_phone(estate, AUNT_LI, "13812345678")
    case = await estate.case()
    zhang = await person_of(estate, UNCLE_ZHANG)
    row = {"case_id": case.id, "person_id": zhang, "at": estate.clock.now()}
    await estate.store.write(lambda s: s.execute(insert(Follower).values(**row)))
    await change(estate, case.id, place_detail="501", returns=1)
    (made,) = await office.asks(HUANG, "/export")
    assert made.name == f"事项-丰美社区-{local(estate.clock.now()):%Y-%m-%d}.xlsx"
    book = office.book(made)
    (row_of_it,) = rows_of(book)
    closed = row_of_it.pop("结案时间")
    assert closed == local(estate.clock.now())
    assert row_of_it == {
        "编号": case.id, "上报或心愿": "上报", "类别": "路灯与楼道灯", "地点": "丰美小区3号楼", "门牌": "501",
        "办到哪一步": "已办结", "内容": case.words, "缓急": None, "上报时间": local(case.created_at),
        "接单时间": local(case.responded_at), "办结时间": local(case.resolved_at), "办结时限": local(case.resolve_by),
        "是否按时": "是", "红管家": {"wang": "王建国", "chen": "陈秀英"}[steward], "合伙人类型": "红色管家", "评分": 5,
        "居民说解决了": "是", "评价内容": None, "退回次数": 1, "重新打开次数": 0, "关注人数": 1, "上报人": "李**",
        "电话": "138****5678",
    }  # fmt: skip
    assert book.sheetnames == ["事项", "表格说明"]
    notes = {str(name): value for name, value in book["表格说明"].iter_rows(values_only=True)}
    assert (notes["行数"], notes["姓名和电话"], notes["地点"]) == ("1", "已遮挡", "丰美社区")
    said = await estate.reads(HUANG)
    assert "正在做表格：全部事项" in said
    assert "表格做好了：共1件" in said


async def person_of(estate: Estate, name: str) -> int:
    """Make somebody known and return their number."""
    await estate.says(name, "/id")
    return await person(estate, name)


async def test_a_csv_says_the_same(estate: Estate, office: Office) -> None:
    number = await file(estate, "3号楼2单元路灯坏了")
    sheet, lines = await office.asks(HUANG, "导出 3号楼 csv xlsx")
    assert (sheet.mime or "").endswith("sheet")
    assert lines.name == "事项-丰美小区3号楼-2026-09-30.csv"
    (row,) = rows_of(office.book(sheet))
    (line,) = office.lines(lines)
    assert list(row) == list(line)
    assert line["编号"] == str(number)
    written = {head: "" if value is None else str(value) for head, value in row.items()}
    written["上报时间"] = row["上报时间"].strftime("%Y-%m-%d %H:%M")
    written["办结时限"] = row["办结时限"].strftime("%Y-%m-%d %H:%M")
    assert line == written


async def test_numbers_are_whole_only_for_a_reason_that_is_kept(estate: Estate, office: Office) -> None:
    number = await file(estate, "3号楼路灯坏了，请打13987654321")
    await has_phone(estate, AUNT_LI, "13812345678")
    assert await office.asks(HUANG, "/export 今天 电话") == []
    assert "请写明原因" in await estate.reads(HUANG)
    assert await office.asks(HUANG, "/export 今天 电话 原因 。") == []
    (masked,) = await office.sheet(HUANG, "/export 今天")
    assert (masked["上报人"], masked["电话"]) == ("李**", "138****5678")
    assert "139****4321" in masked["内容"]
    (whole,) = await office.sheet(HUANG, "/export 今天 3号楼 电话 原因：上门回访独居老人")
    assert (whole["编号"], whole["上报人"], whole["电话"]) == (number, AUNT_LI, "13812345678")
    assert "13987654321" in whole["内容"]
    assert "用完就删掉" in await estate.reads(HUANG)
    assert await audited(estate) == [
        "黄书记 导出了带姓名和电话的事项表格 丰美小区3号楼 （1行）：“上门回访独居老人”",
        "黄书记 导出了事项表格 丰美社区 （1行）",
    ]
    first, second = await entries(estate)
    assert [entry.action for entry in (first, second)] == ["export", "export.phones"]
    assert (first.words, first.data["phones"], first.data["rows"]) == ("", False, 1)
    assert (second.words, second.data["phones"], second.data["forms"]) == ("上门回访独居老人", True, ["xlsx"])
    assert second.actor_id == await person(estate, HUANG)
    three = next(node.id for node in estate.rules.tree if node.key == "fengmei-3")
    assert second.place_id == three
    assert second.data["filter"] == {"place_id": three, "since": "2026-09-30", "until": "2026-09-30"}


async def test_only_admins_and_only_their_places(estate: Estate, office: Office) -> None:
    await file(estate, "3号楼路灯坏了")
    for who in (AUNT_LI, "wang", LIN):
        assert await office.asks(who, "/export") == []
        assert "是管理员用的" in await estate.reads(who)
        await estate.presses_data(who, "x:")
        assert await office.makes() == []
    five = next(node.id for node in estate.rules.tree if node.key == "fengmei-5")
    row = {"person_id": await person(estate, LIN), "place_id": five, "role": "admin"}
    await estate.store.write(lambda s: s.execute(insert(Role).values(**row)))
    assert await office.asks(LIN, "/export") == []
    assert "没有找到" in await estate.reads(LIN)
    assert await office.asks(LIN, "/export 3号楼") == []
    assert "3号楼不在您负责的范围内" in await estate.reads(LIN)
    number = await file(estate, "5号楼电梯坏了")
    (only,) = await office.sheet(LIN, "/export 丰美小区")
    assert only["编号"] == number
    assert [entry.place_id for entry in await entries(estate)] == [five]


async def test_who_is_no_admin_any_more_gets_no_sheet(estate: Estate, office: Office) -> None:
    await file(estate, "3号楼路灯坏了")
    await estate.says(HUANG, "/export")
    huang = await person(estate, HUANG)
    await estate.store.write(lambda s: s.execute(delete(Role).where(Role.person_id == huang)))
    assert await office.makes() == []
    assert "没有做表格" in await estate.reads(HUANG)
    assert await entries(estate) == []


async def test_whose_a_private_matter_of_the_own_building_is_stays_hidden(estate: Estate, office: Office) -> None:
    number = await file(estate, "5号楼501有人家暴打人")
    await has_phone(estate, AUNT_LI, "13812345678")
    five = next(node.id for node in estate.rules.tree if node.key == "fengmei-5")
    await change(estate, number, place_detail="501")
    await estate.store.write(lambda s: s.execute(update(Person).where(Person.key == HUANG).values(home_id=five)))
    (row,) = await office.sheet(HUANG, "/export 电话 原因 回访")
    assert {row[head] for head in ("门牌", "内容", "上报人", "电话")} == {"（内容保密）"}
    await estate.store.write(lambda s: s.execute(update(Person).where(Person.key == HUANG).values(home_id=None)))
    (row,) = await office.sheet(HUANG, "/export 电话 原因 回访")
    assert (row["门牌"], row["上报人"], row["电话"]) == ("501", AUNT_LI, "13812345678")
    await estate.store.write(lambda s: s.execute(update(Person).where(Person.key == HUANG).values(name="暴打人")))
    (row,) = await office.sheet(HUANG, "/export 电话 原因 回访")
    assert row["上报人"] == "（内容保密）"


async def test_the_button_below_a_list_makes_its_sheet(estate: Estate, office: Office) -> None:
    await file(estate, "3号楼路灯坏了")
    number = await file(estate, "5号楼电梯坏了")
    await estate.says(HUANG, "/cases 5号楼")
    await estate.presses(HUANG, "导出表格")
    (made,) = await office.makes()
    assert [row["编号"] for row in rows_of(office.book(made))] == [number]
    await estate.says(LIN, "/cases 5号楼")
    assert "导出表格" not in await estate.labels(LIN)


async def test_one_sheet_at_a_time(estate: Estate, office: Office) -> None:
    await file(estate, "3号楼路灯坏了")
    await estate.says(HUANG, "/export")
    await estate.says(HUANG, "/export")
    assert "上一份表格还在做" in await estate.reads(HUANG)
    assert len(await office.makes()) == 1
    waiting = select(Commission.state)
    assert await estate.store.read(lambda s: s.scalars(waiting).all()) == ["done"]


async def test_many_rows_come_page_by_page_in_several_files(
    estate: Estate, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "PAGE", 4)
    monkeypatch.setattr(export, "PROGRESS_ROWS", 8)
    monkeypatch.setattr(export, "ROWS_PER_FILE", 10)
    await file(estate, "3号楼路灯坏了")
    await many(estate, 22)
    parts = await office.asks(HUANG, "/export")
    assert [part.name for part in parts] == [f"事项-丰美社区-2026-09-30-{number}.xlsx" for number in (1, 2, 3)]
    rows = [[row["编号"] for row in rows_of(office.book(part))] for part in parts]
    assert [len(part) for part in rows] == [10, 10, 3]
    numbers = [number for part in rows for number in part]
    assert numbers == sorted((case.id for case in await estate.cases()), reverse=True)
    said = await estate.reads(HUANG)
    for progress in ("已写 8 / 23 行", "已写 16 / 23 行", "已写 23 行，正在做成文件"):
        assert progress in said
    assert "分成3个文件" in said


async def test_more_than_one_export_may_have_is_said(
    estate: Estate, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "MOST_ROWS", 5)
    await file(estate, "3号楼路灯坏了")
    await many(estate, 9)
    rows = await office.sheet(HUANG, "/export")
    assert [row["编号"] for row in rows] == sorted((case.id for case in await estate.cases()), reverse=True)[:5]
    assert "还有更早的" in await estate.reads(HUANG)


@pytest.mark.parametrize("text", ["/export 超是", "/export 1042", "/export 30号楼"])
async def test_what_is_not_understood_makes_nothing(estate: Estate, office: Office, text: str) -> None:
    assert await office.asks(HUANG, text) == []
    assert "例如：/export 超时" in await estate.reads(HUANG)
    assert await estate.store.read(lambda s: s.scalars(select(Commission.id)).all()) == []


async def test_what_a_dead_process_left_behind_goes(
    estate: Estate, office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    old, young, foreign = (tmp_path / name for name in (f"{export.PREFIX}old", f"{export.PREFIX}young", "other"))
    for folder in (old, young, foreign):
        folder.mkdir()
        (folder / "0.rows").write_text("[]\n")
    for folder in (old, foreign):
        os.utime(folder, (0, 0))
    await file(estate, "3号楼路灯坏了")
    assert len(await office.asks(HUANG, "/export")) == 1
    assert (old.exists(), young.exists(), foreign.exists()) == (False, True, True)
    assert [name for name in os.listdir(tmp_path) if name.startswith(export.PREFIX)] == [young.name]
