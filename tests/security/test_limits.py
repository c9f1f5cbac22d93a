"""Floods by one and by many, bombs, files that are not what they say, addresses that lead elsewhere."""

import io
import struct
import sys
import zlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import func, select

from bot import flood
from bot.attachments import Files, Unacceptable
from bot.channels.base import FetchError
from bot.channels.telegram.api import Api
from bot.channels.telegram.fetch import fetch
from bot.channels.telegram.limits import DOWNLOAD_BYTES
from bot.channels.web import limits
from bot.channels.web.rate import Rate
from bot.clock import Clock
from bot.images import MAX_PIXELS
from storage.engine import Store
from storage.message_models import InboxEntry, Outgoing
from tests.cast import Estate
from tests.channels.telegram.server import TOKEN, Answer, Server, good, serving

NOW = datetime(2026, 9, 30, 2, tzinfo=UTC)


async def test_one_person_who_floods_is_heard_sixty_times_a_minute(estate: Estate) -> None:
    """And told so once; the rest costs a key and no answer, and others are answered meanwhile."""
    for number in range(150):
        await estate.says("flooder", f"{number}号楼的灯坏了")
    count = select(func.count()).select_from(Outgoing).where(Outgoing.chat == "flooder")
    answers = await estate.store.read(lambda session: session.scalar(count)) or 0
    assert answers <= 2 * flood.PER_MINUTE
    assert (await estate.reads("flooder")).count("发得太快") == 1
    await estate.says("aunt", "3号楼的电梯坏了")
    assert "提交" in await estate.labels("aunt")
    keys = await estate.store.read(lambda session: session.scalar(select(func.count()).select_from(InboxEntry)))
    assert keys == 151


def test_many_people_who_flood_take_bounded_memory() -> None:
    counts, rate, now = flood.Flood(), Rate(lambda: 0.0), NOW
    for number in range(3 * flood.KEPT):
        counts.judge(f"web:{number}", now)
        rate.allows(str(number))
    assert len(counts._counts) == flood.KEPT
    assert sys.getsizeof(counts._counts) < 4_000_000
    assert len(rate._buckets) == 10_000


@pytest.mark.parametrize("ahead", [timedelta(days=-3650), timedelta(days=3650), timedelta(0)])
def test_no_clock_of_theirs_lets_a_flooder_through(ahead: timedelta) -> None:
    """Whatever moment a platform says it was sent at: the same one, again and again, is counted."""
    counts = flood.Flood()
    verdicts = [counts.judge("a", NOW + ahead) for _ in range(200)]
    assert verdicts.count("take") == flood.PER_MINUTE
    assert verdicts.count("tell") == 1


def png_of(width: int, height: int) -> bytes:
    """Return a small PNG that says it is large: its pixels are zeros, packed."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    packed = zlib.compress(b"\x00" * min(width * height * 3, 30_000_000), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def gif_frames() -> bytes:
    file = io.BytesIO()
    frames = [Image.new("P", (2000, 2000), n) for n in range(3)]
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:])
    return file.getvalue()


BOMBS = {
    "pixels": png_of(60_000, 60_000), "one line": png_of(2**31 - 1, 1),
    "just above": png_of(MAX_PIXELS // 1000 + 1, 1000),
    "nothing wide": png_of(0, 100), "half": png_of(100, 100)[:60], "text chunk": png_of(9000, 9000),
}  # fmt: skip
DISGUISED = {
    "html": b"<html><script>alert(1)</script>", "svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "html after gif": b"GIF89a/*<script>*/=1;", "zip": b"PK\x03\x04" + b"\0" * 60, "elf": b"\x7fELF" + b"\0" * 60,
    "exe": b"MZ" + b"\0" * 60, "postscript": b"%!PS-Adobe-3.0 EPSF-3.0", "tiff": b"II*\x00" + b"\0" * 60, "empty": b"",
    "script": b"#!/bin/sh\nrm -rf /\n", "docx macro": b"PK\x03\x04[Content_Types].xml",
    "xml": b"<?xml version='1.0'?><!DOCTYPE a>",
    "jpeg without end": b"\xff\xd8\xff\xe0" + b"\0" * 40, "webp liar": b"RIFF\xff\xff\xff\xffWEBPVP8 ",
    "psd": b"8BPS\0\x01" + b"\0" * 40,
}  # fmt: skip


@pytest.fixture
def files(lone_store: Store, tmp_path: Path) -> Files:
    return Files(tmp_path / "attachments", lone_store, Clock())


@pytest.mark.parametrize("bomb", BOMBS)
async def test_a_picture_that_swells_is_refused(files: Files, bomb: str) -> None:
    with pytest.raises(Unacceptable) as refused:
        await files.put("t" * 43, BOMBS[bomb])
    assert refused.value.code in ("too_many_pixels", "broken", "unknown_type")
    assert not any(path.is_file() for path in files.root.rglob("*"))


@pytest.mark.parametrize("kind", DISGUISED)
async def test_what_is_no_picture_voice_or_paper_is_refused(files: Files, kind: str) -> None:
    with pytest.raises(Unacceptable):
        await files.put("t" * 43, DISGUISED[kind])
    assert not any(path.is_file() for path in files.root.rglob("*"))


async def test_of_an_animation_one_frame_is_decoded(files: Files) -> None:
    stored = await files.put("t" * 43, gif_frames())
    assert stored.mime == "image/jpeg"
    assert stored.size < limits.UPLOAD_BYTES


@pytest.mark.parametrize(
    "name", ["../../evil", "..\\evil", "/etc/cron.d/x", "a\x00b.jpg", "x" * 5000, "evil.jpg\n.php", "con", ".htaccess"]
)
async def test_no_name_of_theirs_becomes_a_path(files: Files, name: str) -> None:
    kept = await files.keep(channel="web", user="u", data=gif_frames(), name=name)
    (found,) = [path for path in files.root.rglob("*") if path.is_file()]
    assert found.relative_to(files.root).as_posix() == f"{kept.token[:2]}/{kept.token[2:]}"


ELSEWHERE = (
    "http://169.254.169.254/latest/meta-data", "//169.254.169.254/x", "@evil.example/x", "\\\\evil.example\\x", "file:///etc/passwd",
    "../../../../etc/passwd", "x?y=http://evil.example", "x#@evil.example", "x\r\nHost: evil.example", "gopher://127.0.0.1:6379/_x",
    "http:/evil.example", " http://evil.example", "%2e%2e/%2e%2e/x", "x\x00y",
)  # fmt: skip


@pytest.mark.parametrize("path", ELSEWHERE)
async def test_no_path_of_a_file_leads_to_another_server(path: str) -> None:
    """Where a file lies is told by the platform's answer: whatever it says, only the platform's address is asked."""
    async with serving() as server, serving() as inner:
        api = Api(TOKEN, server.base_url, server.base_file_url)
        server.say("getFile", good({"file_id": "A", "file_unique_id": "u", "file_path": path, "file_size": 5}))
        with pytest.raises(FetchError) as refused:
            await fetch(api, "A", DOWNLOAD_BYTES)
        await api.close()
        assert inner.asked == []
        assert TOKEN not in str(refused.value) + refused.value.reason
        assert "SECRET" not in refused.value.reason


async def test_no_redirect_is_followed() -> None:
    async with serving() as server:
        api = Api(TOKEN, server.base_url, server.base_file_url)
        server.say("getFile", Answer(302, b""))
        with pytest.raises(FetchError):
            await fetch(api, "A", DOWNLOAD_BYTES)
        await api.close()
        assert [asked.method for asked in server.asked] == ["getFile"]


async def test_a_file_that_does_not_end_is_cut_off(server_with_film: Server) -> None:
    api = Api(TOKEN, server_with_film.base_url, server_with_film.base_file_url)
    server_with_film.say("getFile", good({"file_id": "A", "file_unique_id": "u", "file_path": "film", "file_size": 5}))
    with pytest.raises(FetchError, match="too large"):
        await fetch(api, "A", 1000)
    await api.close()


@pytest.fixture
async def server_with_film() -> AsyncIterator[Server]:
    async with serving() as server:
        server.files["film"] = b"x" * 5_000_000
        yield server
