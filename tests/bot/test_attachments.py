"""Uploads: on the disk for good, under a name nobody chose, with a row that is ready."""

import asyncio
import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from bot.attachments import LEFTOVER_SECONDS, Files, Unacceptable, state_of
from bot.channels.base import StoredFile
from bot.clock import Clock
from storage.engine import Store
from storage.message_models import Attachment
from storage.people import create
from tests.bot import samples
from tests.bot.samples import full_disk

NOW = datetime(2026, 9, 30, 4, tzinfo=UTC)


@pytest.fixture
def files(tmp_path: Path, store: Store) -> Files:
    return Files(tmp_path / "data" / "attachments", store, Clock())


async def row(store: Store, attachment_id: int) -> Attachment:
    found = await store.read(lambda session: session.get(Attachment, attachment_id))
    assert found is not None
    return found


def on_disk(files: Files) -> list[str]:
    return sorted(str(path.relative_to(files.root)) for path in files.root.rglob("*") if path.is_file())


async def test_a_resident_uploads_a_photo(store: Store, files: Files) -> None:
    resident = await store.write(lambda session: create(session, "web", "li", "li", "李阿姨", NOW).person_id)
    kept = await files.keep(channel="web", user="li", data=samples.phone_photo(), name="IMG_0001.JPG")
    kept_row = await row(store, kept.id)
    assert (kept_row.state, kept_row.kind, kept_row.mime) == ("ready", "photo", "image/jpeg")
    assert (kept_row.person_id, kept_row.channel, kept_row.token) == (resident, "web", kept.token)
    assert kept_row.case_id is None
    assert kept_row.path is not None
    data = (files.root / kept_row.path).read_bytes()
    assert len(data) == kept_row.size
    assert data.startswith(b"\xff\xd8\xff")
    assert b"flat 501" not in data


async def test_a_visitor_nobody_knows_yet_may_upload(store: Store, files: Files) -> None:
    kept = await files.keep(channel="web", user="stranger", data=samples.PDF)
    assert (await row(store, kept.id)).person_id is None


async def test_who_is_known_already_is_taken_as_told(store: Store, files: Files) -> None:
    person = await store.write(lambda session: create(session, "telegram", "7", "7", "王建国", NOW).person_id)
    kept = await files.keep(channel="web", user="7", data=samples.PDF, person_id=person)
    assert (await row(store, kept.id)).person_id == person


async def test_the_same_user_name_on_another_channel_is_somebody_else(store: Store, files: Files) -> None:
    await store.write(lambda session: create(session, "telegram", "7", "7", "王建国", NOW))
    kept = await files.keep(channel="web", user="7", data=samples.PDF)
    assert (await row(store, kept.id)).person_id is None


async def test_a_voice_is_kept_as_it_is(store: Store, files: Files) -> None:
    kept = await files.keep(channel="web", user="li", data=samples.OPUS, kind="voice")
    loaded = await store.read(lambda session: files.load_files(session, [kept.id]))
    assert loaded[kept.id].path.read_bytes() == samples.OPUS


async def test_a_name_never_becomes_a_path(files: Files) -> None:
    names = ["../../etc/cron.d/x", "/etc/passwd", "a\0b", "..", "好.pdf", "x" * 5000, ""]
    kept = [await files.keep(channel="web", user="li", data=samples.PDF, name=name) for name in names]
    assert on_disk(files) == sorted(f"{each.token[:2]}/{each.token[2:]}" for each in kept)
    assert {len(each.token) for each in kept} == {43}
    assert list(files.root.parent.iterdir()) == [files.root]


async def test_only_the_service_can_read_what_people_send(files: Files) -> None:
    await files.keep(channel="web", user="li", data=samples.PDF)
    for path in (files.root, *files.root.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0


async def test_every_upload_has_a_name_of_its_own(store: Store, files: Files) -> None:
    uploads = [files.keep(channel="web", user="li", data=samples.picture(8, 8)) for _ in range(20)]
    kept = await asyncio.gather(*uploads)
    assert len({each.token for each in kept}) == len({each.id for each in kept}) == len(on_disk(files)) == 20


async def test_what_is_refused_leaves_nothing_behind(store: Store, files: Files) -> None:
    for data, code in (
        (b"", "empty"),
        (b"#!/bin/sh\n", "unknown_type"),
        (samples.bomb(), "too_many_pixels"),
        (samples.picture()[:200], "broken"),
        (samples.PDF.ljust(10 * 1024 * 1024 + 1), "too_large"),
    ):
        with pytest.raises(Unacceptable) as refusal:
            await files.keep(channel="web", user="li", data=data)
        assert refusal.value.code == code
    assert on_disk(files) == []
    assert await store.read(lambda session: session.scalars(select(Attachment.id)).all()) == []


async def test_a_full_disk_is_told_and_leaves_nothing_behind(store: Store, files: Files) -> None:
    video = samples.mp4().ljust(15_000_000, b"\0")
    with full_disk(10_000_000), pytest.raises(Unacceptable, match="disk_full"):
        await files.keep(channel="web", user="li", data=video)
    assert on_disk(files) == []
    assert await store.read(lambda session: session.scalars(select(Attachment.id)).all()) == []


async def test_another_trouble_of_the_disk_is_not_called_full(files: Files) -> None:
    files.root.rmdir()
    files.root.write_text("in the way")
    with pytest.raises(NotADirectoryError):
        await files.keep(channel="web", user="li", data=samples.PDF)


async def test_bytes_stored_again_replace_the_first(files: Files) -> None:
    token = "A" * 43
    first = await files.put(token, samples.PDF)
    second = await files.put(token, samples.PDF + b"\n%more")
    assert first.path == second.path
    assert (files.root / first.path).read_bytes() == samples.PDF + b"\n%more"


async def test_only_what_is_ready_is_loaded(store: Store, files: Files) -> None:
    kept = await files.keep(channel="web", user="li", data=samples.PDF)

    def waiting(session: Session) -> int:
        values = {"token": "w" * 43, "kind": "photo", "state": "waiting", "channel": "telegram", "attempts": 0,
                  "remote": "AgAD", "retry_at": NOW, "created_at": NOW}  # fmt: skip
        return session.execute(insert(Attachment).values(**values).returning(Attachment.id)).scalar_one()

    other = await store.write(waiting)
    ids = [kept.id, other, 999]
    loaded = await store.read(lambda session: files.load_files(session, ids))
    path = files.root / kept.token[:2] / kept.token[2:]
    assert loaded == {kept.id: StoredFile(kept.id, "file", path, "application/pdf", kept.token, "web", None)}
    assert path.is_absolute()
    assert await store.read(lambda session: state_of(session, ids)) == {kept.id: "ready", other: "waiting"}
    assert await store.read(lambda session: state_of(session, [])) == {}


async def test_what_a_dead_process_left_half_written_is_swept(files: Files) -> None:
    kept = await files.put("B" * 43, samples.PDF)
    shard = files.root / "BB"
    (shard / "old.1234.part").write_bytes(b"half")
    (shard / "new.1234.part").write_bytes(b"half")
    long_ago = datetime.now(UTC) - timedelta(seconds=LEFTOVER_SECONDS + 60)
    os.utime(shard / "old.1234.part", (long_ago.timestamp(), long_ago.timestamp()))
    assert files.sweep() == 1
    assert on_disk(files) == sorted([kept.path, "BB/new.1234.part"])
