"""Who sees what is said in a group and who does not, and what is not lost there."""

import contextlib
from pathlib import Path

import pytest

from bot.channels.web.hub import NO_SESSION
from bot.clock import Clock
from handlers.inbound import Inbound
from handlers.message import Message
from storage.engine import Store
from tests.channels.web.client import AUNT, browsing, closed, opened
from tests.channels.web.desk import DRAFT, ParrotDesk, open_desk
from tests.channels.web.serve import serving
from tests.channels.web.yard import TASKS, YARD, as_, author, both, history
from tests.channels.web.yard import desk as desk


async def test_a_photo_is_seen_by_all_of_the_group_and_by_nobody_else(
    host: str, desk: ParrotDesk, photo: bytes
) -> None:
    here = f"as=aunt&in={YARD}"
    async with browsing(host, None) as client, both(host) as (aunt, _), browsing(host) as visitor:
        sent = {"file": ("灯.jpg", photo, "image/jpeg")}
        token = (await client.post(f"/chat/upload?{here}", files=sent)).json()["token"]
        await aunt.send(type="photo", id="f1", attachments=[token], text="@红管家 看")
        await aunt.until("accepted", id="f1")
        for query in (f"as=uncle&in={YARD}", here):
            assert (await client.get(f"/files/{token}?{query}")).status_code == 200
        for query in ("as=uncle", f"as=wang&in={TASKS}", f"as=wang&in={YARD}"):
            assert (await client.get(f"/files/{token}?{query}")).status_code == 404
        for query in ("", f"in={YARD}"):
            assert (await visitor.get(f"/files/{token}?{query}")).status_code == 404
        assert (await visitor.post(f"/chat/upload?in={YARD}", files=sent)).status_code == 401
    assert (desk.heard[0].mentioned, desk.heard[0].text, len(desk.heard[0].files)) == (True, "看", 1)
    assert (await history(host))[0]["body"]["files"][0]["token"] == token


@pytest.mark.parametrize(
    ("cookie", "query"),
    [
        (AUNT, f"?in={YARD}"),
        (AUNT, "?in="),
        (AUNT, f"?as=wang&in={YARD}"),
        (AUNT, "?as=aunt&in=group:cellar"),
        (AUNT, "?as=aunt&in=demo:uncle"),
        (AUNT, f"?as=aunt&in=held:{YARD}"),
        (None, f"?as=stranger&in={YARD}"),
        (None, f"?in={YARD}"),
    ],
)
async def test_who_is_not_in_a_group_neither_reads_nor_writes_it(
    host: str, desk: ParrotDesk, cookie: str | None, query: str
) -> None:
    await desk.say(YARD, Message("不给外人看"))
    async with opened(host, cookie, query=query) as page:
        assert (await page.next())["type"] == "error"
        with contextlib.suppress(Exception):
            await page.send(type="text", id="c1", text="我也在")
        assert await closed(page) == NO_SESSION
    assert desk.heard == []
    assert len(await history(host)) == 1


async def test_a_visitor_reaches_no_group_from_their_own_chat(host: str, desk: ParrotDesk) -> None:
    card = int(await desk.say(YARD, DRAFT) or 0)
    async with opened(host, AUNT) as page:
        assert (await page.next())["lines"] == []
        await page.send(type="press", id="p1", data="d:submit", line=card)
        await page.until("accepted", id="p1")
        await page.send(type="older", before=card + 1)
        assert (await page.until("history", before=card + 1))["lines"] == []
        await desk.finish()
    assert [(heard.chat, heard.group) for heard in desk.heard] == [(page.user, False)]
    assert (await history(host))[0]["body"]["title"] == DRAFT.title


async def test_a_desk_without_personas_has_no_groups(web_store: Store, tmp_path: Path) -> None:
    real = open_desk(web_store, tmp_path / "files", Clock())
    await real.channel.start(real.accept)
    async with serving(real.channel.routes()) as host:
        for query in (f"?in={YARD}", f"?as=aunt&in={YARD}"):
            async with opened(host, query=query) as page:
                assert (await page.next())["type"] == "error"
                assert await closed(page) == NO_SESSION
    await real.channel.stop()


async def test_what_the_inbox_did_not_take_nobody_sees_until_it_does(host: str, desk: ParrotDesk) -> None:
    async with both(host) as (aunt, _):
        desk.broken = True
        await aunt.send(type="text", id="c1", text="@红管家 灯不亮")
        assert (await aunt.until("error"))["retry"] == 5
        assert await history(host) == []
        desk.broken = False
        await aunt.say("@红管家 灯不亮", "c1")
        await aunt.reply()
    assert [author(line) for line in await history(host)] == ["张阿姨", None]


async def test_a_line_is_missing_after_a_crash_until_the_page_sends_again(
    host: str, desk: ParrotDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process dies between the inbox's commit and the moment the line is shown."""
    with monkeypatch.context() as patched:
        patched.setattr("bot.channels.web.group_lines.reveal", _die)
        async with as_(host, "aunt") as page:
            await page.send(type="text", id="c1", text="大家好")
            await closed(page)
    assert await history(host) == []
    async with as_(host, "aunt") as page:
        await page.say("大家好", "c1")
        await page.say("大家好", "c1")
    assert [line["client"] for line in await history(host)] == ["c1"]
    assert len(desk.heard) == 1


async def test_an_answer_quotes_a_line_that_is_not_shown_yet(host: str, desk: ParrotDesk) -> None:
    async def at_once(inbound: Inbound) -> None:
        await desk.say(inbound.chat, Message("收到", reply_to=inbound.message))

    await desk.channel.start(at_once)
    async with both(host) as (aunt, _):
        await aunt.say("@红管家 灯不亮")
    assert [author(line) for line in await history(host)] == ["张阿姨", None]
    assert (await history(host))[1]["body"]["quote"]["name"] == "张阿姨"


async def test_a_group_takes_more_pages_than_one_person_may_open(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    monkeypatch.setattr("bot.channels.web.hub.SOCKETS", 1)
    async with both(host) as (aunt, uncle), as_(host, "aunt") as again:
        assert (await again.next())["type"] == "error"
        await uncle.say("大家好")
        await aunt.until("line")


def _die(*_: object) -> None:
    raise SystemError("the process dies here")
