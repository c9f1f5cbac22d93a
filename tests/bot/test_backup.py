"""A backup is taken while the desk works, and put back elsewhere: counted, compared, all or nothing."""

import asyncio
import hashlib
import io
import itertools
import json
import shutil
import stat
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.archive import COMPLETE, MANIFEST, examine
from bot.backup import backup, restore
from storage.engine import Store, open_store
from storage.hold import InUse, held
from storage.models import FIRST_CASE_NUMBER
from storage.portable import CannotMove
from tests.bot.saved import counts, everything, files_are_there, fresh, furnished, has_triggers, states_agree
from tests.cast import Estate, open_estate

KINDS = ["sqlite", "postgresql"]
EVIL = ["../../etc/cron.d/evil", "/etc/passwd", "attachments/../../evil", "attachments/ab/../../../evil",
        "tables/../evil.jsonl", "tables/case_.jsonl/..", "attachments/ab/cdefghij\n", "C:\\evil",
        "manifest.json/"]  # fmt: skip


@pytest.fixture
async def estate(store: Store, tmp_path: Path) -> Estate:
    return await furnished(store, tmp_path)


@pytest.fixture
async def saved(estate: Estate, database_url: str, tmp_path: Path) -> Path:
    """A backup of a desk, as a file."""
    target = tmp_path / "desk.tar"
    await asyncio.to_thread(backup, database_url, tmp_path / "attachments", target)
    return target


@pytest.mark.parametrize(("kind", "name"), [("sqlite", "desk.tar"), ("postgresql", "desk.tar.gz")])
async def test_a_backup_taken_under_load_is_one_moment(
    estate: Estate, database_url: str, tmp_path: Path, request: pytest.FixtureRequest, kind: str, name: str
) -> None:
    """Residents report all the while: what was there before is in it, and whatever is in it is whole."""
    before = len(await estate.cases())
    end, number = asyncio.Event(), itertools.count(1)

    async def report(who: str) -> None:
        who = f"{who}-{next(number)}"
        await estate.says(who, f"{next(number) % 18 + 1}号楼的门坏了")
        await estate.presses_if_asked(who, "不是，继续上报")
        await estate.presses(who, "提交")

    async def keep_reporting(who: str) -> None:
        while not end.is_set():
            await report(who)

    for _ in range(3):
        await report("before")
    people = [asyncio.create_task(keep_reporting(who)) for who in ("a", "b", "c")]
    done = await asyncio.to_thread(backup, database_url, tmp_path / "attachments", tmp_path / name)
    end.set()
    await asyncio.gather(*people)
    after = len(await estate.cases())

    place = fresh(request, kind, tmp_path / "new")
    restored = await asyncio.to_thread(restore, place, tmp_path / "new" / "attachments", tmp_path / name)
    assert (restored.rows, restored.files, restored.missing) == (done.rows, 2, ())
    assert sum(counts(place).values()) == done.rows
    assert before + 3 <= await states_agree(place) <= after
    assert await files_are_there(place, tmp_path / "new") == 2


@pytest.mark.parametrize("kind", KINDS)
async def test_what_comes_back_is_what_was_there(
    saved: Path, database_url: str, tmp_path: Path, request: pytest.FixtureRequest, kind: str
) -> None:
    place = fresh(request, kind, tmp_path / "new")
    restore(place, tmp_path / "new" / "attachments", saved)
    assert await everything(place) == await everything(database_url)
    assert has_triggers(place)


@pytest.mark.parametrize("kind", KINDS)
async def test_numbers_go_on_where_they_were(
    saved: Path, estate: Estate, tmp_path: Path, request: pytest.FixtureRequest, kind: str
) -> None:
    last = (await estate.case()).id
    place = fresh(request, kind, tmp_path / "new")
    restore(place, tmp_path / "new" / "attachments", saved)
    opened = open_store(place)
    try:
        again = replace(estate, store=opened, updates=10_000)
        again.inbox = type(estate.inbox)(opened, again.rules_for, estate.inbox._planners, estate.clock)
        await again.says("somebody", "7号楼的窗户坏了")
        await again.presses("somebody", "提交")
        assert (await again.case()).id == last + 1
    finally:
        opened.close()


async def test_the_first_number_of_an_empty_desk_stays(
    database_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    backup(database_url, tmp_path / "attachments", tmp_path / "empty.tar")
    place = fresh(request, "postgresql", tmp_path)
    restore(place, tmp_path / "new", tmp_path / "empty.tar")
    opened = open_store(place)
    try:
        estate = await open_estate(opened)
        await estate.says("somebody", "7号楼的窗户坏了")
        await estate.presses("somebody", "提交")
        assert (await estate.case()).id == FIRST_CASE_NUMBER
    finally:
        opened.close()


def test_only_its_owner_reads_it_and_nothing_is_overwritten(saved: Path, database_url: str, tmp_path: Path) -> None:
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600
    with pytest.raises(FileExistsError, match="name a file that does not"):
        backup(database_url, tmp_path / "attachments", saved)
    assert sorted(path.name for path in tmp_path.glob("*.part")) == []


def test_a_file_that_is_gone_is_told(estate: Estate, database_url: str, tmp_path: Path) -> None:
    lost = next(path for path in (tmp_path / "attachments").glob("*/*"))
    lost.unlink()
    done = backup(database_url, tmp_path / "attachments", tmp_path / "desk.tar")
    assert done.missing == (f"{lost.parent.name}/{lost.name}",)
    assert done.files == 1


def test_a_desk_with_data_is_not_restored_onto(saved: Path, database_url: str, tmp_path: Path, store: Store) -> None:
    store.close()
    before = counts(database_url)
    with pytest.raises(CannotMove, match="data in the target already"):
        restore(database_url, tmp_path / "elsewhere", saved)
    assert counts(database_url) == before
    with pytest.raises(CannotMove, match="restore into an empty place"):
        restore(f"sqlite:///{tmp_path}/other.db", tmp_path / "attachments", saved)
    assert not (tmp_path / "other.db").exists()
    assert not (tmp_path / "elsewhere").exists()


def test_a_desk_in_use_is_not_restored_onto(saved: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/other.db"
    with held(url), pytest.raises(InUse, match="stop that one first"):
        restore(url, tmp_path / "elsewhere", saved)


async def test_a_postgres_in_use_is_not_restored_onto(
    saved: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    place = fresh(request, "postgresql", tmp_path)
    somebody = open_store(place)
    try:
        await somebody.read(lambda session: session.execute(text("SELECT 1")))
        with pytest.raises(CannotMove, match="1 other programs are connected"):
            restore(place, tmp_path / "elsewhere", saved)
    finally:
        somebody.close()
    restore(place, tmp_path / "elsewhere", saved)


def rewritten(source: Path, target: Path, change: dict[str, bytes | None], extra: list[tarfile.TarInfo]) -> Path:
    """Copy an archive with members changed, left out (None) or added."""
    with tarfile.open(source) as old, tarfile.open(target, "w") as new:
        for member in old:
            content = old.extractfile(member)
            assert content is not None
            data = change.get(member.name, content.read())
            if member.name == COMPLETE:
                for each in extra:
                    new.addfile(each, io.BytesIO(b"x" * each.size))
            if data is not None:
                member.size = len(data)
                new.addfile(member, io.BytesIO(data))
    return target


@pytest.mark.parametrize("name", EVIL)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_member_leaves_its_place(saved: Path, tmp_path: Path, name: str) -> None:
    member = tarfile.TarInfo(name)
    member.size = 1
    evil = rewritten(saved, tmp_path / "evil.tar", {}, [member])
    refused(evil, tmp_path, "has no place in a backup")


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_link_and_no_device_is_restored(saved: Path, tmp_path: Path, kind: bytes) -> None:
    member = tarfile.TarInfo("attachments/ab/cdefghijkl")
    member.type, member.linkname = kind, "/etc/passwd"
    refused(rewritten(saved, tmp_path / "evil.tar", {}, [member]), tmp_path, "has no place in a backup")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_row_names_a_file_elsewhere(saved: Path, store: Store, database_url: str, tmp_path: Path) -> None:
    """The desk would hand out what the row names: a path that leads out is refused with the whole backup."""
    evil = tmp_path / "evil.tar"
    with tarfile.open(saved) as old:
        member = old.extractfile("tables/attachment.jsonl")
        note, manifest = old.extractfile(COMPLETE), old.extractfile(MANIFEST)
        assert member is not None
        assert note is not None
        assert manifest is not None
        columns = next(t["columns"] for t in json.load(manifest)["tables"] if t["name"] == "attachment")
        rows = [json.loads(line) for line in member]
        complete = json.load(note)
    for row in rows:
        row[list(columns).index("path")] = "../../../etc/passwd"
    changed = "".join(json.dumps(row) + "\n" for row in rows).encode()
    complete["members"]["tables/attachment.jsonl"] = hashlib.sha256(changed).hexdigest()
    rewritten(saved, evil, {"tables/attachment.jsonl": changed, COMPLETE: json.dumps(complete).encode()}, [])
    refused(evil, tmp_path, "no place of ours")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"tables/history.jsonl": b"[]\n"}, "damaged"),
        ({"tables/history.jsonl": None}, "damaged"),
        ({COMPLETE: None}, "cut off"),
        ({COMPLETE: b"no json"}, "cannot be read"),
        ({MANIFEST: None}, "has no place"),
    ],
)
def test_a_changed_archive_is_refused(saved: Path, tmp_path: Path, change: dict[str, bytes | None], why: str) -> None:
    refused(rewritten(saved, tmp_path / "evil.tar", change, []), tmp_path, why)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_archive_that_was_cut_off_is_refused(saved: Path, tmp_path: Path) -> None:
    whole = saved.read_bytes()
    for part in (0, 300, 600, len(whole) // 2, len(whole) - 12_000):
        cut = tmp_path / "cut.tar"
        cut.write_bytes(whole[:part])
        with pytest.raises(CannotMove):
            examine(cut)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_fails_half_way_leaves_nothing(
    saved: Path, estate: Estate, database_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """A row that the sums of the archive do not tell: noticed after loading, and taken back."""
    with tarfile.open(saved) as old:
        note = old.extractfile(COMPLETE)
        assert note is not None
        complete = json.load(note)
    complete["tables"]["history"]["rows"] += 1
    evil = rewritten(saved, tmp_path / "evil.tar", {COMPLETE: json.dumps(complete).encode()}, [])
    for kind in KINDS:
        place = fresh(request, kind, tmp_path / "new")
        with pytest.raises(CannotMove, match="did not arrive as it was saved"):
            restore(place, tmp_path / "new" / "attachments", evil)
        assert set(counts(place).values()) == {0}
        assert [path.name for path in (tmp_path / "new").iterdir() if path.is_dir()] == []
        assert restore(place, tmp_path / "new" / "attachments", saved).files == 2
        shutil.rmtree(tmp_path / "new" / "attachments")


def refused(evil: Path, folder: Path, why: str) -> None:
    """Hold that an archive is refused and nothing of it is anywhere."""
    url = f"sqlite:///{folder}/victim/desk.db"
    with pytest.raises(CannotMove, match=why):
        restore(url, folder / "victim" / "attachments", evil)
    assert not (folder / "victim" / "attachments").exists()
    if (folder / "victim" / "desk.db").exists():
        assert set(counts(url).values()) == {0}
    assert not list(folder.rglob("evil"))
