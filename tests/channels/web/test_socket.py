"""The conversation over a real WebSocket."""

import asyncio
import json

import pytest
from websockets.exceptions import InvalidStatus

from bot.channels.web import limits, lines
from bot.channels.web.hub import GOING_AWAY, NO_SESSION, TOO_MANY_TABS, TRY_LATER
from handlers.inbound import Inbound
from handlers.message import Message
from tests.channels.web.client import AUNT, NEIGHBOUR, closed, opened
from tests.channels.web.desk import DRAFT, FILED, ParrotDesk
from tests.channels.web.serve import serving


async def test_a_page_is_greeted_with_its_history(host: str) -> None:
    async with opened(host) as page:
        first = await page.next()
    assert first["type"] == "history"
    assert (first["lines"], first["more"], first["zone"]) == ([], False, "Asia/Shanghai")


async def test_what_is_said_is_accepted_answered_and_still_there_after_a_reload(host: str, desk: ParrotDesk) -> None:
    async with opened(host) as page:
        await page.say("灯不亮", "c1")
        assert (await page.reply())["body"]["text"] == "灯不亮"
    (heard,) = desk.heard
    assert (heard.channel, heard.key, heard.user) == ("web", f"{page.user}:c1", page.user)
    assert heard.chat == heard.user
    async with opened(host) as page:
        mine, theirs = (await page.next())["lines"]
    assert (mine["mine"], mine["body"]["text"], mine["client"]) == (True, "灯不亮", "c1")
    assert theirs["mine"] is False


async def test_own_words_come_back_to_every_tab_before_they_are_called_accepted(host: str) -> None:
    async with opened(host) as page, opened(host) as other:
        await page.say("灯不亮", "c1")
        kinds = [frame["type"] for frame in page.seen if frame.get("client") == "c1" or frame["type"] == "accepted"]
        assert kinds == ["line", "accepted"]
        assert (await other.until("line", mine=True))["client"] == "c1"


async def test_the_same_message_again_is_accepted_and_does_nothing(host: str, desk: ParrotDesk) -> None:
    async with opened(host) as page:
        await page.say("灯不亮")
        await page.reply()
    async with opened(host) as page:
        await page.say("灯不亮")
    async with opened(host) as page:
        assert len((await page.next())["lines"]) == 2
    assert len(desk.heard) == 1


async def test_two_people_may_use_the_same_id(host: str, desk: ParrotDesk) -> None:
    async with opened(host) as aunt, opened(host, NEIGHBOUR) as uncle:
        await aunt.say("灯不亮")
        await uncle.say("漏水")
        assert (await uncle.reply())["body"]["text"] == "漏水"
    assert [heard.text for heard in desk.heard] == ["灯不亮", "漏水"]


async def test_a_press_is_marked_answered_and_changes_its_card(host: str, desk: ParrotDesk) -> None:
    async with opened(host) as page:
        await page.say("card")
        card = await page.reply()
        await page.send(type="press", id="p1", data="d:submit", line=card["id"])
        accepted = await page.until("accepted", id="p1")
        assert (accepted["line"], accepted["data"]) == (card["id"], "d:submit")
        assert (await page.until("toast"))["text"] == "已提交"
        changed = await page.until("edit")
    assert (changed["id"], changed["body"]["title"], changed["body"]["choices"]) == (card["id"], FILED.title, [])
    assert desk.heard[-1].press is not None
    assert desk.heard[-1].press.message == str(card["id"])


async def test_a_press_leaves_no_line_but_a_mark_on_the_button(host: str) -> None:
    async with opened(host) as page:
        await page.say("card")
        card = await page.reply()
        await page.send(type="press", id="p1", data="d:places", line=card["id"])
        await page.until("accepted", id="p1")
    async with opened(host) as page:
        shown = (await page.next())["lines"]
    assert len(shown) == 2
    assert shown[1]["body"]["chosen"] == "d:places"


async def test_a_place_is_taken_in(host: str, desk: ParrotDesk) -> None:
    async with opened(host) as page:
        await page.send(type="location", id="l1", lat=23.13, lon=113.27)
        await page.until("accepted", id="l1")
    assert desk.heard[0].location == (23.13, 113.27)


@pytest.mark.parametrize(
    ("raw", "client", "text"),
    [
        ("not json", None, "这条消息没有传完整，请再发一次。"),
        (json.dumps({"type": "dance", "id": "c1"}), "c1", "页面版本太旧，请刷新页面再试。"),
        (json.dumps({"type": "text", "id": "c1", "text": "x" * 20_001}), "c1", "太长了，请分成几段发。"),
        (json.dumps({"id": "c1", "type": "text", "text": "x" * 70_000}), "c1", "太长了，请分成几段发。"),
        (b"\x00\x01", None, "这条消息没有传完整，请再发一次。"),
    ],
)
async def test_what_cannot_be_taken_in_is_said_in_words(
    host: str, desk: ParrotDesk, raw: str | bytes, client: str | None, text: str
) -> None:
    async with opened(host) as page:
        await page.socket.send(raw)
        refused = await page.until("error")
        assert (refused["id"], refused["text"]) == (client, text)
        await page.say("灯不亮", "c2")  # the conversation goes on
    assert len(desk.heard) == 1


async def test_a_refusal_is_in_the_language_of_the_page(host: str) -> None:
    async with opened(host, query="?lang=en") as page:
        await page.socket.send("?")
        assert (await page.until("error"))["text"] == "This message arrived incomplete. Please send it again."


async def test_who_sends_too_much_is_asked_to_wait_and_loses_nothing(host: str, desk: ParrotDesk) -> None:
    async with opened(host) as page:
        for number in range(3 * limits.BURST):
            await page.send(type="text", id=f"c{number}", text="灯不亮")
        refused = await page.until("error")
        while len(answers := [each for each in page.seen if each["type"] in ("accepted", "error")]) < 3 * limits.BURST:
            await page.next()
    assert refused["retry"] > 0
    assert int(refused["id"].removeprefix("c")) >= limits.BURST
    assert limits.BURST <= len(desk.heard) == sum(each["type"] == "accepted" for each in answers) < 3 * limits.BURST


async def test_what_the_inbox_did_not_commit_is_not_called_accepted(host: str, desk: ParrotDesk) -> None:
    async with opened(host) as page:
        desk.broken = True
        await page.send(type="text", id="c1", text="灯不亮")
        refused = await page.until("error")
        assert (refused["id"], refused["retry"]) == ("c1", 5)
        desk.broken = False
        await page.say("灯不亮", "c1")
        assert all(frame["type"] != "line" or frame["mine"] or frame["body"]["text"] == "灯不亮" for frame in page.seen)
    assert len(desk.heard) == 1


async def test_a_line_is_missing_after_a_crash_until_the_page_sends_again(host: str, desk: ParrotDesk) -> None:
    """The process dies between the inbox's commit and the line's: the page was not told, so it repeats."""
    async with opened(host) as page:
        await page.next()
    await desk.accept(Inbound("web", f"{page.user}:c1", page.user, page.user, "居民", desk.clock.now(), "灯不亮"))
    async with opened(host) as page:
        await page.say("灯不亮", "c1")
        assert (await page.until("line", mine=True))["client"] == "c1"
    assert len(desk.heard) == 1


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1"])
async def test_another_sites_page_is_refused(host: str, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with opened(host, origin=origin):
            pass
    assert refused.value.response.status_code == 403


@pytest.mark.parametrize("query", ["", "?as=wang"])
async def test_without_a_session_the_page_is_told_to_reload(host: str, query: str) -> None:
    async with opened(host, AUNT if query else None, query=query) as page:
        assert (await page.next())["text"] == "页面放得太久了，请刷新一下。"
        assert await closed(page) == NO_SESSION


async def test_earlier_lines_are_asked_for(host: str, desk: ParrotDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "PAGE", 5)
    async with opened(host) as page:
        await page.next()
        for number in range(8):
            await desk.say(page.user, Message(str(number)))
    async with opened(host) as page:
        newest = await page.next()
        assert newest["more"]
        await page.send(type="older", before=newest["lines"][0]["id"])
        older = await page.next()
    assert (older["before"], older["more"]) == (newest["lines"][0]["id"], False)
    assert [line["body"]["text"] for line in older["lines"]] == ["0", "1", "2"]


async def test_what_is_delivered_to_nobody_is_there_later(host: str, desk: ParrotDesk) -> None:
    async with opened(host) as page:
        await page.next()
    await desk.say(page.user, DRAFT)
    await desk.toast(page.user, "好了")
    async with opened(host) as page:
        (line,) = (await page.next())["lines"]
    assert line["body"]["title"] == DRAFT.title


async def test_one_person_may_not_open_pages_without_end(host: str) -> None:
    async with asyncio.TaskGroup() as group:
        stay = asyncio.Event()
        pages = [group.create_task(_hold(host, stay)) for _ in range(limits.SOCKETS)]
        await asyncio.sleep(0.3)
        async with opened(host) as page:
            assert (await page.next())["type"] == "error"
            assert await closed(page) == TOO_MANY_TABS
        stay.set()
    assert all(task.done() for task in pages)


async def test_a_stop_finishes_what_is_being_taken_in(host: str, desk: ParrotDesk) -> None:
    taken, go_on = asyncio.Event(), asyncio.Event()

    async def slowly(inbound: Inbound) -> None:
        taken.set()
        await go_on.wait()
        await desk.accept(inbound)

    await desk.channel.start(slowly)
    async with opened(host) as page:
        await page.send(type="text", id="c1", text="灯不亮")
        await taken.wait()
        stopping = asyncio.create_task(desk.channel.stop())
        await asyncio.sleep(0.05)
        assert not stopping.done()
        go_on.set()
        await stopping
        assert await closed(page) == GOING_AWAY
    assert [heard.text for heard in desk.heard] == ["灯不亮"]


async def test_before_the_start_and_after_the_stop_nothing_is_taken_in(host: str, desk: ParrotDesk) -> None:
    await desk.channel.stop()
    async with opened(host) as page:
        assert await closed(page) == TRY_LATER


async def test_a_page_that_does_not_read_is_let_go_and_holds_nobody_up(host: str, desk: ParrotDesk) -> None:
    async with opened(host, NEIGHBOUR) as deaf, opened(host) as page:
        await deaf.next()
        await page.next()
        for number in range(limits.MAILBOX * 2):
            desk.channel.hub.push(deaf.user, {"type": "toast", "text": "x" * 10_000, "n": number})
        await desk.say(page.user, Message("您好"))
        assert (await page.reply())["body"]["text"] == "您好"
        assert await closed(deaf) == TRY_LATER


async def test_a_session_outlives_the_program(desk: ParrotDesk) -> None:
    async with serving(desk.channel.routes()) as host, opened(host) as page:
        await page.say("灯不亮")
        await page.reply()
    async with serving(desk.channel.routes()) as host, opened(host) as page:
        assert len((await page.next())["lines"]) == 2


async def _hold(host: str, stay: asyncio.Event) -> None:
    async with opened(host) as page:
        await page.next()
        await stay.wait()
