"""Photos on their way in and out."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from bot.channels.base import FetchError
from bot.channels.web import limits
from handlers.message import Message
from storage.message_models import Attachment
from tests.channels.web.client import AUNT, NEIGHBOUR, browsing, opened
from tests.channels.web.desk import ParrotDesk

FIELD = b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\nwords\r\n--x--\r\n'


async def upload(client: httpx.AsyncClient, data: bytes, name: str = "灯.jpg", **more: Any) -> httpx.Response:
    return await client.post("/chat/upload", files={"file": (name, data, "image/jpeg")}, **more)


async def test_a_photo_is_kept_sent_and_shown_to_its_sender(host: str, desk: ParrotDesk, photo: bytes) -> None:
    async with browsing(host) as client, opened(host) as page:
        token = (await upload(client, photo)).json()["token"]
        await page.send(type="photo", id="f1", attachments=[token], text="楼道灯")
        await page.until("accepted", id="f1")
        mine, theirs = await page.until("line", mine=True), await page.reply()
        assert mine["body"]["files"] == theirs["body"]["files"] == [
            {"token": token, "kind": "photo", "mime": "image/jpeg"}
        ]  # fmt: skip
        shown = await client.get(f"/files/{token}")
    (file,) = desk.heard[0].files
    assert (file.kind, desk.heard[0].text) == ("photo", "楼道灯")
    assert shown.status_code == 200
    assert shown.content.startswith(b"\xff\xd8")
    headers = {name: shown.headers[name] for name in ("x-content-type-options", "cache-control", "content-type")}
    assert headers == {
        "x-content-type-options": "nosniff", "cache-control": "private, max-age=3600", "content-type": "image/jpeg",
    }  # fmt: skip
    assert shown.headers["content-disposition"].startswith("inline")
    assert shown.headers["content-security-policy"] == "default-src 'none'; sandbox"


async def test_only_those_whose_chat_shows_a_photo_see_it(host: str, desk: ParrotDesk, photo: bytes) -> None:
    async with browsing(host) as aunt, browsing(host, NEIGHBOUR) as uncle, browsing(host, None) as stranger:
        async with opened(host) as page:
            token = (await upload(aunt, photo)).json()["token"]
            await page.send(type="photo", id="f1", attachments=[token])
            await page.reply()
        assert [(await one.get(f"/files/{token}")).status_code for one in (aunt, uncle, stranger)] == [200, 404, 404]
        async with opened(host, NEIGHBOUR) as page:
            await page.say(f"给我看 {token}")
            assert (await uncle.get(f"/files/{token}")).status_code == 404
            (file,) = desk.heard[0].files
            await desk.say(page.user, Message("居民发来的照片", photos=(file.attachment or 0,)))
        assert (await uncle.get(f"/files/{token}")).status_code == 200


@pytest.mark.parametrize("token", ["x" * 43, "..%2F..%2Fetc%2Fpasswd", "a", "%00"])
async def test_what_is_not_there_is_not_found(host: str, token: str) -> None:
    async with browsing(host) as client:
        assert (await client.get(f"/files/{token}")).status_code == 404


async def test_another_persons_upload_cannot_be_sent(host: str, desk: ParrotDesk, photo: bytes) -> None:
    async with browsing(host) as aunt, opened(host) as hers, opened(host, NEIGHBOUR) as his:
        await hers.say("灯不亮")
        token = (await upload(aunt, photo)).json()["token"]
        await his.send(type="photo", id="f1", attachments=[token])
        assert (await his.until("error"))["text"] == "照片没有找到，请重新选一次。"
    assert len(desk.heard) == 1


async def test_what_is_no_picture_is_for_saving_only(host: str, desk: ParrotDesk, photo: bytes) -> None:
    async with browsing(host) as client, opened(host) as page:
        token = (await upload(client, photo)).json()["token"]
        await page.send(type="photo", id="f1", attachments=[token])
        await page.reply()
        await desk.store.write(lambda s: s.execute(update(Attachment).values(mime="text/html", kind="file")))
        shown = await client.get(f"/files/{token}")
    assert shown.headers["content-disposition"].startswith("attachment")


async def test_a_file_that_is_gone_from_the_disk_is_not_found(host: str, desk: ParrotDesk, photo: bytes) -> None:
    async with browsing(host) as client, opened(host) as page:
        token = (await upload(client, photo)).json()["token"]
        await page.send(type="photo", id="f1", attachments=[token])
        await page.reply()
        await asyncio.to_thread(shutil.rmtree, desk.files.root)
        assert (await client.get(f"/files/{token}")).status_code == 404


async def test_uploads_come_from_our_page_and_somebody_we_know(host: str, photo: bytes) -> None:
    async with browsing(host, origin="http://evil.example") as evil, browsing(host, None) as nobody:
        assert (await upload(evil, photo)).status_code == 403
        assert (await upload(nobody, photo)).status_code == 401


async def test_what_is_no_photo_is_declined_in_words(host: str) -> None:
    async with browsing(host) as client:
        refused = await upload(client, b"MZ\x90 no picture", params={"lang": "en"})
        assert refused.status_code == 415
        assert refused.json() == {"error": "We cannot take this kind of file. Please send a photo."}
        assert (await upload(client, b"")).json() == {"error": "这个文件是空的，请换一张。"}


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"{}", "application/json"),
        (b"--x\r\n", "multipart/form-data"),
        (b"garbage", "multipart/form-data; boundary=x"),
        (FIELD, "multipart/form-data; boundary=x"),
    ],
)
async def test_a_form_without_a_file_is_declined(host: str, content: bytes, kind: str) -> None:
    async with browsing(host) as client:
        refused = await client.post("/chat/upload", content=content, headers={"Content-Type": kind})
    assert refused.status_code == 400


async def test_a_file_over_the_limit_is_declined_by_its_length(host: str) -> None:
    async with browsing(host) as client:
        refused = await upload(client, b"x" * (limits.UPLOAD_BYTES + limits.FORM_BYTES))
    assert refused.status_code == 413
    assert refused.json() == {"error": "照片太大了，请选小一点的。"}


async def test_a_body_that_hides_its_length_is_cut_off(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "UPLOAD_BYTES", 100_000)

    async def endless() -> AsyncIterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
        for _ in range(40):
            yield b"x" * 10_000

    async with browsing(host) as client:
        kind = {"Content-Type": "multipart/form-data; boundary=x"}
        refused = await client.post("/chat/upload", content=endless(), headers=kind)
    assert refused.status_code == 413


async def test_uploads_count_as_messages(host: str, photo: bytes) -> None:
    async with browsing(host) as client:
        answers = [(await upload(client, photo)).status_code for _ in range(3 * limits.BURST)]  # slower than it refills
    assert set(answers[: limits.BURST]) == {200}
    assert 429 in answers


async def test_the_channel_has_no_files_elsewhere(desk: ParrotDesk) -> None:
    with pytest.raises(FetchError) as refused:
        await desk.channel.fetch("x", 1)
    assert refused.value.final
    assert not desk.channel.is_group(AUNT)
