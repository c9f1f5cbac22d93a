"""`redsteward import`: tables as people really send them, from the wrong encoding to the mistyped building."""

import asyncio
import contextlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.cli import main
from bot.clock import Clock
from bot.importing import handover
from bot.importing.command import carry_out
from bot.importing.handover import Receiver, alone, hand_over
from bot.importing.work import read_job
from bot.rulebook import Rulebook
from bot.seed import sync
from cases.settings import Settings
from storage import hold
from storage.admin_models import AuditEntry
from storage.engine import Store
from storage.message_models import GroupChat
from storage.models import Identity, Person, Place, Role
from tests.cast import CONFIG, example

NOW = datetime(2026, 9, 30, 2, tzinfo=UTC)
PEOPLE = ("姓名", "telegram", "手机", "角色", "地点", "合伙人", "职务", "上限", "技能", "语言", "住址")
PLACES = ("代码", "名称", "类型", "上级", "编号", "别名", "纬度", "经度", "工作时间", "telegram群")
SUN: Sequence[Any] = (
    "孙师傅",
    5551234567,
    "138 0013-8000",
    "红管家",
    "3号楼",
    "红色管家",
    "水电工",
    5,
    "",
    "中文",
    "3号楼1单元",
)


EAST = ("east", "东区", "estate", "丰美社区", "", "老东区，东苑", 30.25, 120.16, "9:00-18:00 12:00-13:00")


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    told = example()
    database = told.database.model_copy(update={"url": database_url})
    return told.model_copy(update={"database": database, "data": str(tmp_path / "data")})


def xlsx(path: Path, *rows: Sequence[Any]) -> Path:
    book = Workbook()
    for row in rows:
        book.active.append(list(row))  # type: ignore[union-attr]
    book.save(path)
    return path


def csv(path: Path, *rows: Sequence[Any], encoding: str = "utf-8", delimiter: str = ",") -> Path:
    path.write_text("\r\n".join(delimiter.join(str(cell) for cell in row) for row in rows), encoding=encoding)
    return path


async def run(settings: Settings, kind: str, path: Path, *, apply: bool = True) -> int:
    return await asyncio.to_thread(carry_out, settings, kind, path, apply=apply)


async def counted(store: Store, *tables: type) -> list[int]:
    def look(session: Session) -> list[int]:
        return [session.scalar(select(func.count()).select_from(table)) or 0 for table in tables]

    return await store.read(look)


async def held(store: Store, name: str) -> list[tuple[str, str, str | None, int | None]]:
    statement = (
        select(Role.role, Place.key, Role.partner, Role.cap).join(Place, Place.id == Role.place_id)
        .join(Person, Person.id == Role.person_id).where(Person.name == name).order_by(Role.id)
    )  # fmt: skip
    return [tuple(row) for row in await store.read(lambda session: session.execute(statement).all())]  # type: ignore[misc]


async def test_a_dry_run_writes_nothing_and_apply_writes_once(
    settings: Settings, store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = xlsx(tmp_path / "people.xlsx", PEOPLE, SUN, ("孙师傅", "5551234567", "", "负责人", "5号楼"))
    assert await run(settings, "people", path, apply=False) == 0
    assert "2 rows are right: 1 added, 2 roles given. Nothing is written yet" in capsys.readouterr().out
    assert await counted(store, Person, Place, AuditEntry) == [0, 0, 0]
    assert await run(settings, "people", path) == 0
    assert await held(store, "孙师傅") == [
        ("steward", "fengmei-3", "red_steward", 5), ("coordinator", "fengmei-5", None, None),
    ]  # fmt: skip
    before = await counted(store, Person, Identity, Role)
    capsys.readouterr()
    assert await run(settings, "people", path) == 0
    assert "2 rows are right: 1 unchanged." in capsys.readouterr().out
    assert await counted(store, Person, Identity, Role) == before
    phone = await store.read(lambda s: s.scalar(select(Person.phone).where(Person.name == "孙师傅")))
    assert phone == "13800138000"


async def test_roles_of_a_table_are_in_the_audit_like_those_of_an_admin(
    settings: Settings, store: Store, tmp_path: Path
) -> None:  # fmt: skip
    assert await run(settings, "people", xlsx(tmp_path / "people.xlsx", PEOPLE, SUN)) == 0
    person = await store.read(lambda s: s.scalar(select(Person.id).where(Person.name == "孙师傅")))
    changed = ("孙师傅", *SUN[1:6], "首席管家", *SUN[7:])
    assert await run(settings, "people", xlsx(tmp_path / "again.xlsx", PEOPLE, changed)) == 0
    entries = select(AuditEntry.action, AuditEntry.person_id, AuditEntry.data).where(AuditEntry.action.like("role.%"))
    rows = await store.read(lambda session: session.execute(entries.order_by(AuditEntry.id)).all())
    assert [tuple(row) for row in rows] == [
        ("role.given", person, {"role": "steward", "partner": "red_steward"}),
        ("role.changed", person, {"role": "steward", "partner": "red_steward", "changed": ["title"]}),
    ]


async def test_the_next_start_leaves_them_alone(settings: Settings, store: Store, tmp_path: Path) -> None:
    assert await run(settings, "people", xlsx(tmp_path / "people.xlsx", PEOPLE, SUN)) == 0
    await store.write(lambda session: sync(session, settings, NOW))
    assert len(await held(store, "孙师傅")) == 1


async def test_every_bad_row_is_listed_and_nothing_of_the_file_is_written(
    settings: Settings, store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = csv(
        tmp_path / "people.csv",
        ("name", "telegram", "phone", "role", "place", "partner", "cap", "skills", "language", "home"),
        ("好人", "1001", "", "steward", "3号楼", "red_steward", "", "", "", ""),
        ("甲", "@jia", "", "", "", "", "", "", "", ""),
        ("乙", "1003", "", "steward", "丰美小区3号搂", "red_steward", "", "", "", ""),
        ("丙", "1004", "", "stewart", "3号楼", "red_steward", "", "", "", ""),
        ("丁", "1005", "", "steward", "3号楼", "", "", "", "", ""),
        ("戊", "1006", "", "steward", "3号楼", "red_steward", "many", "flying", "", ""),
        ("己", "", "", "", "", "", "", "", "", ""),
        ("庚", "1007", "", "admin", "1单元", "", "", "", "", ""),
        ("", "1008", "abc", "", "", "", "", "", "fr", "火星"),
        ("好人", "1001", "", "steward", "3号楼", "red_steward", "", "", "", ""),
        ("坏人", "1001", "", "", "", "", "", "", "", ""),
    )
    assert await run(settings, "people", path) == 1
    told = capsys.readouterr().out
    for expected in (
        'row 3, telegram: "@jia" is no Telegram number; write the digits',
        'row 4, place: there is no place "丰美小区3号搂"; did you mean 丰美小区3号楼',
        'row 5, role: "stewart" is not known here; did you mean "steward"?',
        "row 6, partner: it is missing",
        'row 7, cap: "many" is no number of cases',
        'row 7, skills: no kind of matter asks for "flying"',
        "row 8, telegram: nobody could be known by this row",
        'row 9, place: "1单元" may be several places; write one of fengmei-1-1',
        "row 10, name: the name is missing",
        "row 10, phone: this is no telephone number",
        'row 10, language: "fr" is not known here',
        'row 10, home: there is no place "火星"',
        "nothing was written",
    ):
        assert expected in told, told
    assert await counted(store, Person, Role) == [0, 0]


async def test_two_rows_for_one_person_must_agree(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [("name", "telegram", "role", "place"), ("甲", "1001", "admin", "3号楼"), ("甲", "1001", "admin", "3号楼")]
    assert await run(settings, "people", csv(tmp_path / "people.csv", *rows, ("乙", "1001", "", ""))) == 1
    told = capsys.readouterr().out
    assert "row 3, role: row 2 says the same; keep one of them" in told or "row 4, name: another row has this" in told
    assert "row 4, name: another row has this account or number for somebody else" in told


async def test_who_stands_in_the_file_is_changed_there(
    settings: Settings, store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    people = tuple(one.model_copy(update={"telegram": 777}) if one.key == "wang" else one for one in settings.people)
    told = settings.model_copy(update={"people": people})
    path = csv(tmp_path / "people.csv", ("name", "telegram", "role", "place"), ("老王", "777", "admin", "3号楼"))
    assert await run(told, "people", path) == 1
    assert 'stands in config.yaml as "wang"; change it there' in capsys.readouterr().out
    assert await counted(store, Person) == [0]


@pytest.mark.parametrize(("encoding", "delimiter"), [
    ("utf-8", ","), ("utf-8-sig", ";"), ("gb18030", ","), ("utf-16", "\t"),
])  # fmt: skip
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_csv_as_offices_write_it(
    settings: Settings, store: Store, tmp_path: Path, encoding: str, delimiter: str
) -> None:
    path = csv(tmp_path / "places.csv", PLACES, ("", "19号楼", "楼栋", "丰美小区"), ("", "1单元", "单元", "19号楼"),
               encoding=encoding, delimiter=delimiter)  # fmt: skip
    assert await run(settings, "places", path) == 0
    rules = await store.read(Rulebook(settings).at)
    node = rules.tree.by_key("fengmei-19-1")
    assert node is not None
    assert rules.tree.label(node.id) == "丰美小区19号楼1单元"


async def test_places_in_any_order_with_all_they_have(
    settings: Settings, store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = xlsx(
        tmp_path / "places.xlsx", PLACES,
        ("", "1单元", "单元", "东区-1"), EAST,
        ("", "东区-1", "building", "east", 1, "", "", "", "", -1001234567890),
        ("fengmei-3", "三栋", "building", "", 3, "老三栋"),
    )  # fmt: skip
    assert await run(settings, "places", path) == 0
    assert "4 rows are right: 3 added, 1 changed, 1 groups." in capsys.readouterr().out
    tree = (await store.read(Rulebook(settings).at)).tree
    east, one, three = (tree.by_key(key) for key in ("east", "east-1-1", "fengmei-3"))
    assert east is not None
    assert one is not None
    assert three is not None
    assert (east.aliases, east.latitude, tree.label(one.id)) == (("老东区", "东苑"), 30.25, "东区东区-11单元")
    assert (three.name, three.aliases) == ("三栋", ("老三栋",))
    assert await counted(store, GroupChat) == [1]
    places = await counted(store, Place)
    assert await run(settings, "places", path) == 0
    assert "4 rows are right: 4 unchanged." in capsys.readouterr().out
    assert await counted(store, Place) == places


async def test_bad_places_are_listed(
    settings: Settings, store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = csv(
        tmp_path / "places.csv",
        ("key", "name", "kind", "parent", "number", "aliases", "latitude", "longitude", "hours", "group"),
        ("", "19号楼", "house", "丰美小区", "", "", "", "", "", ""),
        ("", "20号楼", "building", "", "", "", "", "", "", ""),
        ("", "3号楼", "building", "3号楼", "", "", "", "", "", ""),
        ("", "大三栋", "building", "丰美小区", "3", "", "", "", "", ""),
        ("", "21号楼", "building", "丰美小区", "", "", "300", "1", "", ""),
        ("", "22号楼", "building", "丰美小区", "", "", "", "", "9-8", ""),
        ("", "23号楼", "building", "丰美小区", "", "", "", "", "", "群"),
        ("fengmei", "丰美小区", "grid", "", "", "", "", "", "", ""),
        ("Bad Key", "24号楼", "building", "丰美小区", "", "", "", "", "", ""),
        ("", "25号楼", "building", "丰美小曲", "x", "", "", "", "", ""),
    )  # fmt: skip
    assert await run(settings, "places", path) == 1
    told = capsys.readouterr().out
    for expected in (
        'row 2, kind: "house" is no kind of place',
        "row 3, parent: a building lies in something",
        "row 4, kind: a building cannot lie in a building",
        "row 5, number: number 3 is taken there by 3号楼",
        "row 6, latitude: this is no position",
        "row 7, hours: these are no working hours",
        'row 8, group: "群" is no Telegram group',
        "row 9, kind: it is a estate",
        'row 10, key: "Bad Key" is no key',
        'row 11, number: "x" is no number',
        'row 11, parent: there is no place "丰美小曲"; did you mean 丰美小区',
    ):
        assert expected in told, told
    assert await counted(store, Place) == [0]


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("people.csv", b"", "the file is empty"),
        ("people.csv", b"name,telegram\n", "there are no rows under the header"),
        ("people.csv", b"name,telegrm\nA,1\n", 'this column is not known; did you mean "telegram"?'),
        ("people.csv", b"name,name\nA,1\n", "this column stands twice"),
        ("people.csv", b"phone\n1\n", "there is no column name"),
        ("people.csv", b"name,phone\n\xff\xff\xff,1\n", "neither UTF-8 nor GB18030"),
        ("people.xlsx", b"PK no zip", "is no xlsx file"),
        ("people.xls", b"x", ".xls cannot be read; save it as .xlsx or .csv"),
    ],
)
def test_what_is_no_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, content: bytes, told: str
) -> None:
    (tmp_path / name).write_bytes(content)
    assert carry_out(example(), "people", tmp_path / name, apply=False) == 1
    assert told in capsys.readouterr().out


def test_the_command_line_knows_people_and_places_by_the_name_of_the_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--config", str(CONFIG), "import", str(tmp_path / "list.csv")]) == 1
    assert "write --kind people or --kind places" in capsys.readouterr().out
    assert main(["--config", str(CONFIG), "import", str(tmp_path / "places.csv")]) == 1
    assert "there is no file" in capsys.readouterr().out


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_beside_a_running_desk_its_one_writer_does_it(
    settings: Settings, store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await store.write(lambda session: sync(session, settings, NOW))
    book = Rulebook(settings)
    running = contextlib.ExitStack()
    running.enter_context(hold.held(settings.database.url))
    receiver = asyncio.create_task(Receiver(store, book.at, Clock(), settings.data).run())
    try:
        path = csv(tmp_path / "places.csv", PLACES, ("", "19号楼", "楼栋", "丰美小区"))
        assert await run(settings, "places", path, apply=False) == 0
        assert (await store.read(book.at)).tree.by_key("fengmei-19") is None
        assert await run(settings, "places", path) == 0
        assert (await store.read(book.at)).tree.by_key("fengmei-19") is not None
        bad = csv(tmp_path / "places.csv", PLACES, ("", "19号楼", "楼栋", "别的小区"))
        assert await run(settings, "places", bad) == 1
        assert 'there is no place "别的小区"' in capsys.readouterr().out
        assert list((Path(settings.data) / handover.FOLDER).iterdir()) == []
    finally:
        receiver.cancel()
        running.close()
    with alone(settings) as mine:
        assert mine


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_desk_that_does_not_answer_is_told_of(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handover, "PATIENCE", 0.1)
    job = read_job("places", csv(tmp_path / "places.csv", PLACES, ("", "19号楼", "楼栋", "丰美小区")), apply=True)
    with pytest.raises(TimeoutError, match="stop it and import again"):
        hand_over(settings, job)
    assert list((Path(settings.data) / handover.FOLDER).iterdir()) == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_job_that_cannot_be_read_harms_nobody(settings: Settings, store: Store) -> None:
    folder = Path(settings.data) / handover.FOLDER
    folder.mkdir(parents=True)
    (folder / "bad.job").write_text(json.dumps({"kind": "people", "rows": [], "apply": 1, "extra": 2})[:-9])
    await Receiver(store, Rulebook(settings).at, Clock(), settings.data).look()
    assert "could not do it" in (folder / "bad.report").read_text(encoding="utf-8")
