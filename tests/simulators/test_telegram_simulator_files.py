"""Photos, voices, files: what people send can be fetched, what the bot sends is checked."""

import io
from typing import Any

import aiohttp
import pytest
from PIL import Image

from tests.simulators.conftest import BareBot
from tests.simulators.telegram import Limits, Resident, TelegramServer


def picture(width: int = 40, height: int = 30) -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (width, height), "red").save(data, "JPEG")
    return data.getvalue()


@pytest.fixture
async def li(telegram: TelegramServer, bot: BareBot) -> Resident:
    """Li has pressed Start, and the bot knows."""
    person = telegram.user("李阿姨")
    await person.starts()
    await bot.takes()
    return person


async def download(bot: BareBot, file_id: str) -> bytes:
    file = await bot.call("getFile", file_id=file_id)
    url = f"{bot.telegram.base_file_url}{bot.telegram.token}/{file['file_path']}"
    async with bot.session.get(url) as response:
        assert response.status == 200
        return await response.read()


def form(**parts: Any) -> aiohttp.FormData:
    found = aiohttp.FormData()
    for name, value in parts.items():
        if isinstance(value, bytes):
            found.add_field(name, value, filename=f"{name}.jpg", content_type="image/jpeg")
        else:
            found.add_field(name, str(value))
    return found


async def test_what_people_send_can_be_fetched(bot: BareBot, li: Resident) -> None:
    await li.sends_photo(picture(), caption="水漫金山 @red_steward_bot")
    await li.sends_voice(b"OggS")
    await li.sends_document(b"%PDF", "合同.pdf")
    await li.sends_video(b"mp4")
    photo, voice, document, video = (update["message"] for update in await bot.takes())
    assert photo["caption"] == "水漫金山 @red_steward_bot"
    assert photo["caption_entities"][0]["type"] == "mention"
    assert [size["width"] for size in photo["photo"]] == [90, 40]
    assert await download(bot, photo["photo"][-1]["file_id"]) == picture()
    assert await download(bot, photo["photo"][0]["file_id"]) != picture()
    assert await download(bot, voice["voice"]["file_id"]) == b"OggS"
    assert (document["document"]["file_name"], document["document"]["mime_type"]) == ("合同.pdf", "application/pdf")
    assert await download(bot, document["document"]["file_id"]) == b"%PDF"
    assert await download(bot, video["video"]["file_id"]) == b"mp4"


async def test_an_album_comes_as_messages_that_belong_together(bot: BareBot, li: Resident) -> None:
    await li.sends_album([picture(), picture(), picture()], caption="三张")
    messages = [update["message"] for update in await bot.takes()]
    assert len({message["media_group_id"] for message in messages}) == 1
    assert [message.get("caption") for message in messages] == ["三张", None, None]


async def test_a_file_that_is_too_big_or_unknown(bot: BareBot, li: Resident) -> None:
    await li.sends_document(b"x", size=20 * 1024 * 1024 + 1)
    ((update),) = await bot.takes()
    document = update["message"]["document"]
    assert document["file_size"] == 20 * 1024 * 1024 + 1
    assert await bot.refused("getFile", file_id=document["file_id"]) == "400 Bad Request: file is too big"
    told = await bot.refused("getFile", file_id="AgAC")
    assert told == "400 Bad Request: wrong file_id or the file is temporarily unavailable"
    async with bot.session.get(f"{bot.telegram.base_file_url}{bot.telegram.token}/photos/x.jpg") as response:
        assert response.status == 404


async def test_a_download_can_fail(telegram: TelegramServer, bot: BareBot, li: Resident) -> None:
    shown = await li.sends_photo(picture())
    telegram.fail_next("download", 502)
    file = await bot.call("getFile", file_id=shown.body["photo"][-1]["file_id"])
    url = f"{telegram.base_file_url}{telegram.token}/{file['file_path']}"
    async with bot.session.get(url) as response:
        assert response.status == 502


async def test_the_bot_uploads_a_photo_and_sends_it_again_by_its_id(
    telegram: TelegramServer, bot: BareBot, li: Resident
) -> None:
    status, body = await bot.post("sendPhoto", data=form(chat_id=li.id, caption="修好了", photo=picture()))
    assert status == 200, body
    largest = body["result"]["photo"][-1]
    assert (largest["width"], largest["height"], largest["file_size"]) == (40, 30, len(picture()))
    shown = await li.reads("修好了")
    assert shown.kind == "photo"
    again = await bot.call("sendPhoto", chat_id=li.id, photo=largest["file_id"])
    assert again["photo"] == body["result"]["photo"]
    assert await download(bot, largest["file_id"]) == picture()
    assert telegram.calls_of("sendPhoto")[0].params["photo"] == f"<{len(picture())} bytes>"
    assert telegram.violations == []


async def test_the_bot_uploads_an_album(telegram: TelegramServer, bot: BareBot, li: Resident) -> None:
    media = '[{"type":"photo","media":"attach://a","caption":"前"},{"type":"photo","media":"attach://b"}]'
    status, body = await bot.post("sendMediaGroup", data=form(chat_id=li.id, media=media, a=picture(), b=picture()))
    assert status == 200, body
    assert len({message["media_group_id"] for message in body["result"]}) == 1
    first, second = await li.reads(), await li.reads()
    assert (first.text, second.text) == ("前", "")
    assert first.album == second.album is not None


async def test_every_kind_of_file_can_be_sent_and_edited(telegram: TelegramServer, bot: BareBot, li: Resident) -> None:
    for method, name in (("sendVoice", "voice"), ("sendDocument", "document"), ("sendVideo", "video")):
        status, body = await bot.post(method, data=form(chat_id=li.id, caption="x", **{name: b"data"}))
        assert (status, name in body["result"]) == (200, True), body
    number = body["result"]["message_id"]
    media = '{"type":"photo","media":"attach://neu","caption":"y"}'
    status, body = await bot.post(
        "editMessageMedia", data=form(chat_id=li.id, message_id=number, media=media, neu=picture())
    )
    assert status == 200, body
    assert ("photo" in body["result"], "video" in body["result"]) == (True, False)
    await bot.call("editMessageCaption", chat_id=li.id, message_id=number, caption="<i>z</i>", parse_mode="HTML")
    shown = (await li.screen())[-1]
    assert (shown.kind, shown.text) == ("photo", "z")
    assert telegram.violations == []


@pytest.mark.parametrize(
    ("photo", "words"),
    [
        (b"", "file must be non-empty"),
        (b"no picture", "IMAGE_PROCESS_FAILED"),
        (picture(210, 10), "PHOTO_INVALID_DIMENSIONS"),
        (picture() + bytes(2000), "file of size 2"),
    ],
)
async def test_photos_are_checked(
    telegram: TelegramServer, bot: BareBot, li: Resident, photo: bytes, words: str
) -> None:
    telegram.limit(Limits.off().but(photo_bytes=2000))
    status, body = await bot.post("sendPhoto", data=form(chat_id=li.id, photo=photo))
    assert status == 400
    assert body["description"].startswith(f"Bad Request: {words}")
    assert len(telegram.violations) == 1


async def test_a_wrong_file_id_or_kind(telegram: TelegramServer, bot: BareBot, li: Resident) -> None:
    shown = await li.sends_document(b"x")
    for file_id in ("AgAC", shown.body["document"]["file_id"]):
        told = await bot.refused("sendPhoto", chat_id=li.id, photo=file_id)
        assert told == "400 Bad Request: wrong file identifier/HTTP URL specified"
    told = await bot.refused("sendPhoto", chat_id=li.id, photo="attach://nowhere")
    assert told == "400 Bad Request: wrong file identifier/HTTP URL specified"
    assert len(telegram.violations) == 1


async def test_an_upload_that_is_too_large(telegram: TelegramServer, bot: BareBot, li: Resident) -> None:
    telegram.limit(Limits.off().but(upload_bytes=1000))
    status, body = await bot.post("sendDocument", data=form(chat_id=li.id, document=bytes(1001)))
    assert (status, body["description"]) == (413, "Request Entity Too Large")
    status, _ = await bot.post("sendMessage", data=io.BytesIO(bytes(1_100_000)))
    assert status == 413
