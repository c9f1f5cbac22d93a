"""Photos and other files on their way out: by the id that Telegram knows, or as bytes."""

from pathlib import Path

import pytest
import structlog

from bot.channels.base import Delivered, Refused, StoredFile
from bot.channels.telegram import media
from bot.channels.telegram.deliver import Sender
from handlers.inbound import FileKind
from handlers.message import Call, Choice, Message
from tests.channels.telegram.server import Server, good, refused
from tests.channels.telegram.test_deliver import CHEN, planner, row


def stored(
    path: Path, number: int = 5, *, kind: FileKind = "photo", mime: str = "image/jpeg", remote: str | None = None
) -> StoredFile:
    """Return a file with bytes on disk; with `remote`, somebody sent it through Telegram."""
    place = path / f"{number}.bin"
    place.write_bytes(b"pixels%d" % number)
    return StoredFile(number, kind, place, mime, f"t{number}", "telegram" if remote else "web", remote)


def photos(count: int, **fields: object) -> Call:
    return planner.send(CHEN, Message("修好了", photos=tuple(range(count)), choices=((Choice("详情", "a"),),)))[0]


async def test_a_photo_from_telegram_goes_by_its_id(server: Server, sender: Sender, tmp_path: Path) -> None:
    file = stored(tmp_path, remote="AgAC-1")
    assert await sender.deliver(row(photos(1), files=(file,))) == Delivered("500")
    (asked,) = server.calls("sendPhoto")
    assert asked.params["photo"] == "AgAC-1"
    assert asked.params["caption"] == "修好了"
    assert asked.json("reply_markup")["inline_keyboard"]


async def test_a_photo_from_elsewhere_is_uploaded_once(server: Server, sender: Sender, tmp_path: Path) -> None:
    file = stored(tmp_path)
    sizes = [{"file_id": "small"}, {"file_id": "large"}]
    server.say("sendPhoto", good({"message_id": 501, "photo": sizes}))
    assert await sender.deliver(row(photos(1), files=(file,))) == Delivered("501")
    await sender.deliver(row(photos(1), files=(file,)))
    first, second = server.calls("sendPhoto")
    assert first.files == {"photo": ("photo-5.jpg", b"pixels5")}
    assert (second.files, second.params["photo"]) == ({}, "large")


@pytest.mark.parametrize(
    "reason", ["wrong file identifier/HTTP URL specified", "can't use file of type Document as Photo"]
)
async def test_an_id_telegram_refuses_is_replaced_by_the_bytes(
    server: Server, sender: Sender, tmp_path: Path, reason: str
) -> None:
    server.say("sendPhoto", refused(400, f"Bad Request: {reason}"))
    file = stored(tmp_path, remote="AgAC-1")
    assert await sender.deliver(row(photos(1), files=(file,))) == Delivered("500")
    assert [bool(asked.files) for asked in server.calls("sendPhoto")] == [False, True]


async def test_a_picture_telegram_cannot_show_goes_as_a_document(
    server: Server, sender: Sender, tmp_path: Path
) -> None:
    server.say("sendPhoto", refused(400, "Bad Request: PHOTO_INVALID_DIMENSIONS"))
    assert await sender.deliver(row(photos(1), files=(stored(tmp_path),))) == Delivered("500")
    (asked,) = server.calls("sendDocument")
    assert (asked.params["caption"], list(asked.files)) == ("修好了", ["document"])


async def test_refused_to_the_end(server: Server, sender: Sender, tmp_path: Path) -> None:
    server.say("sendPhoto", refused(400, "Bad Request: IMAGE_PROCESS_FAILED"))
    server.say("sendDocument", refused(400, "Bad Request: wrong file identifier"))
    assert await sender.deliver(row(photos(1), files=(stored(tmp_path),))) == Refused("wrong file identifier")


async def test_an_album_mixes_ids_and_bytes(server: Server, sender: Sender, tmp_path: Path) -> None:
    files = (
        stored(tmp_path, 0, remote="AgAC-0"),
        stored(tmp_path, 1),
        stored(tmp_path, 2, kind="video", mime="video/mp4"),
    )
    results = [{"message_id": 1, "photo": [{"file_id": "a"}]}, {"message_id": 2, "photo": [{"file_id": "b"}]}]
    server.say("sendMediaGroup", good(results))
    assert await sender.deliver(row(photos(3), files=files)) == Delivered(None)
    (asked,) = server.calls("sendMediaGroup")
    assert asked.json("media") == [
        {"type": "photo", "media": "AgAC-0"},
        {"type": "photo", "media": "attach://file1"},
        {"type": "video", "media": "attach://file2"},
    ]
    assert asked.files == {"file1": ("photo-1.jpg", b"pixels1"), "file2": ("video-2.mp4", b"pixels2")}


async def test_what_no_album_takes_makes_it_documents(server: Server, sender: Sender, tmp_path: Path) -> None:
    files = (stored(tmp_path, 0), stored(tmp_path, 1, kind="voice", mime="audio/ogg"))
    await sender.deliver(row(photos(2), files=files))
    (asked,) = server.calls("sendMediaGroup")
    assert [each["type"] for each in asked.json("media")] == ["document", "document"]


@pytest.mark.parametrize(
    ("kind", "mime", "method"),
    [
        ("voice", "audio/ogg", "sendVoice"),
        ("voice", "audio/wav", "sendDocument"),
        ("video", "video/mp4", "sendVideo"),
        ("video", "video/webm", "sendDocument"),
        ("file", "application/pdf", "sendDocument"),
        ("photo", "image/webp", "sendPhoto"),
        ("photo", "image/tiff", "sendDocument"),
    ],
)
async def test_each_kind_has_its_method(
    server: Server, sender: Sender, tmp_path: Path, kind: FileKind, mime: str, method: str
) -> None:
    (call,) = planner.send(CHEN, Message("", files=(5,)))
    await sender.deliver(row(call, files=(stored(tmp_path, kind=kind, mime=mime),)))
    assert [asked.method for asked in server.asked] == [method]


async def test_a_lost_file_does_not_cost_the_words(server: Server, sender: Sender, tmp_path: Path) -> None:
    gone = stored(tmp_path)
    gone.path.unlink()
    with structlog.testing.capture_logs() as logs:
        assert await sender.deliver(row(photos(1), files=(gone,))) == Delivered("500")
    assert server.calls("sendMessage")[0].params["text"] == "修好了"
    assert logs[0]["event"] == "attachment_unreadable"


async def test_an_album_goes_without_the_lost_one(server: Server, sender: Sender, tmp_path: Path) -> None:
    gone, there = stored(tmp_path, 0), stored(tmp_path, 1)
    gone.path.unlink()
    with structlog.testing.capture_logs():
        await sender.deliver(row(photos(2), files=(gone, there)))
    assert [asked.method for asked in server.asked] == ["sendPhoto"]


async def test_nothing_left_to_send(sender: Sender, tmp_path: Path) -> None:
    (call,) = planner.send(CHEN, Message("", files=(5,)))
    assert await sender.deliver(row(call)) == Refused("the file is not there any more")


async def test_large_files(server: Server, sender: Sender, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media, "PHOTO_UPLOAD_BYTES", 3)
    await sender.deliver(row(photos(1), files=(stored(tmp_path),)))
    assert [asked.method for asked in server.asked] == ["sendDocument"]
    monkeypatch.setattr(media, "UPLOAD_BYTES", 3)
    outcome = await sender.deliver(row(photos(1), files=(stored(tmp_path),)))
    assert outcome == Refused("a file is larger than Telegram takes")


def test_known_ids_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media, "REMEMBERED", 2)
    known, files = media.Known(), [stored(tmp_path, number) for number in range(3)]
    for file in files:
        known.learn([media.Part(file, "photo", b"x")], {"photo": [{"file_id": f"id{file.id}"}]})
    assert [known.find(file) for file in files] == [None, "id1", "id2"]
