"""Groups: chats that several personas of the demo share."""

from handlers.message import Message
from tests.channels.web.client import opened
from tests.channels.web.desk import DRAFT, ParrotDesk
from tests.channels.web.yard import TASKS, YARD, as_, author, both, history
from tests.channels.web.yard import desk as desk


async def test_the_inbox_hears_who_said_what_in_which_group(host: str, desk: ParrotDesk) -> None:
    async with both(host) as (aunt, _):
        await aunt.say("大家好", "c1")
        await aunt.say("@红管家 灯不亮", "c2")
    (chatter, said), shown = desk.heard, await history(host)
    assert (said.channel, said.chat, said.user, said.name) == ("web", YARD, "demo:aunt", "张阿姨")
    assert (said.key, said.group, said.text, said.mentioned) == ("demo:aunt:c2", True, "灯不亮", True)
    assert (chatter.text, chatter.mentioned, chatter.group, chatter.reply_to) == ("大家好", False, True, None)
    assert [line["id"] for line in shown[:2]] == [int(chatter.message or 0), int(said.message or 0)]


async def test_everybody_sees_every_line_and_whose_it_is(host: str) -> None:
    async with both(host) as (aunt, uncle):
        await aunt.say("@红管家 灯不亮", "c1")
        for page in (aunt, uncle):
            line = await page.until("line", mine=True)
            assert (author(line), line["body"]["text"], line["client"]) == ("张阿姨", "@红管家 灯不亮", "c1")
            assert (await page.reply())["body"]["text"] == "灯不亮"
        await uncle.say("我家也是", "c2")
        line = await aunt.until("line", client="c2")
        assert (author(line), line["body"]["author"]["user"]) == ("李叔", "demo:uncle")
    shown = await history(host)
    assert [author(line) for line in shown] == ["张阿姨", None, "李叔"]
    assert [line["client"] for line in (shown[0], shown[2])] == ["c1", "c2"]


async def test_who_opens_a_group_is_told_who_they_are_there(host: str) -> None:
    async with as_(host, "aunt") as page:
        assert (await page.next())["me"] == {"user": "demo:aunt", "name": "张阿姨"}
    async with opened(host, None, query="?as=aunt") as page:
        assert "me" not in await page.next()


async def test_a_group_and_ones_own_chat_are_two_chats(host: str, desk: ParrotDesk) -> None:
    async with as_(host, "aunt") as group, opened(host, None, query="?as=aunt") as own:
        await own.say("悄悄话", "c1")
        await own.reply()
        await group.say("大家好", "c2")
    assert [line["body"]["text"] for line in await history(host)] == ["大家好"]
    assert [(heard.chat, heard.group) for heard in desk.heard] == [("demo:aunt", False), (YARD, True)]


async def test_two_people_may_use_the_same_id(host: str, desk: ParrotDesk) -> None:
    async with both(host) as (aunt, uncle):
        await aunt.say("大家好")
        await uncle.say("你好")
    assert [heard.text for heard in desk.heard] == ["大家好", "你好"]


async def test_an_answer_quotes_what_it_answers(host: str, desk: ParrotDesk) -> None:
    async with both(host) as (aunt, uncle):
        await aunt.say("@红管家 灯不亮")
        answer = await uncle.reply()
        quote = answer["body"]["quote"]
        assert (quote["line"], quote["user"], quote["name"]) == (answer["id"] - 1, "demo:aunt", "张阿姨")
        assert (quote["text"], quote["files"]) == ("@红管家 灯不亮", False)
        assert (await history(host))[1]["body"]["quote"] == quote


async def test_who_answers_the_desk_is_heard_without_its_name(host: str, desk: ParrotDesk) -> None:
    async with both(host) as (aunt, uncle):
        await aunt.say("@红管家 ask")
        asked = await uncle.reply()
        assert asked["body"]["force"] is True
        await uncle.send(type="text", id="c1", text="3号楼", reply=asked["id"])
        line = await aunt.until("line", client="c1")
        quote = line["body"]["quote"]
        assert (quote["line"], quote["user"], quote["name"], quote["text"]) == (asked["id"], None, None, "ask")
        await uncle.until("accepted", id="c1")
    heard = desk.heard[-1]
    assert (heard.text, heard.mentioned, heard.reply_to) == ("3号楼", True, str(asked["id"]))


async def test_who_answers_a_neighbour_is_not_heard_by_the_desk(host: str, desk: ParrotDesk) -> None:
    async with both(host) as (aunt, uncle):
        await aunt.say("灯不亮")
        line = await uncle.until("line")
        await uncle.send(type="text", id="c1", text="我家也是", reply=line["id"])
        await uncle.until("accepted", id="c1")
    assert (desk.heard[-1].mentioned, desk.heard[-1].reply_to) == (False, str(line["id"]))


async def test_a_line_of_another_chat_cannot_be_answered(host: str, desk: ParrotDesk) -> None:
    elsewhere = await desk.say(TASKS, Message("新任务"))
    async with both(host) as (aunt, _):
        for client, line in (("c1", int(elsewhere or 0)), ("c2", 999)):
            await aunt.send(type="text", id=client, text="好", reply=line)
            await aunt.until("accepted", id=client)
    assert [(heard.mentioned, heard.reply_to) for heard in desk.heard] == [(False, None)] * 2
    assert all("quote" not in line["body"] for line in await history(host))


async def test_in_ones_own_chat_nothing_is_an_answer(host: str, desk: ParrotDesk) -> None:
    async with opened(host) as page:
        await page.say("灯不亮", "c1")
        line = await page.reply()
        await page.send(type="text", id="c2", text="好", reply=line["id"])
        await page.until("accepted", id="c2")
    assert (desk.heard[-1].reply_to, desk.heard[-1].group, desk.heard[-1].message) == (None, False, None)


async def test_a_card_keeps_its_quote_when_it_changes(host: str) -> None:
    async with both(host) as (aunt, uncle):
        await aunt.say("@红管家 card")
        card = await uncle.reply()
        await uncle.send(type="press", id="p1", data="d:kinds", line=card["id"])
        changed = await aunt.until("edit")
    assert changed["body"]["quote"] == card["body"]["quote"]
    assert "card" in changed["body"]["quote"]["text"]


async def test_a_press_says_who_pressed_and_only_they_get_the_short_answer(host: str, desk: ParrotDesk) -> None:
    async with both(host) as (aunt, uncle):
        await aunt.say("@红管家 card")
        card = await uncle.reply()
        await uncle.send(type="press", id="p1", data="d:submit", line=card["id"])
        assert (await uncle.until("toast"))["text"] == "已提交"
        await aunt.until("edit")
        await uncle.until("edit")
        assert [frame["type"] for frame in aunt.seen].count("toast") == 0
    press = desk.heard[-1]
    assert (press.user, press.chat, press.group, press.mentioned) == ("demo:uncle", YARD, True, False)
    assert press.press is not None
    assert (press.press.query, press.press.message) == ("demo:uncle", str(card["id"]))


async def test_a_button_is_marked_for_each_who_pressed_it(host: str, desk: ParrotDesk) -> None:
    async with both(host) as (aunt, uncle):
        card = int(await desk.say(YARD, DRAFT) or 0)
        for client, page, data in (("1", aunt, "d:places"), ("2", uncle, "d:elsewhere"), ("3", uncle, "d:places")):
            await page.send(type="press", id=client, data=data, line=card)
            await page.until("accepted", id=client)
    (line,) = await history(host)
    assert line["body"]["pressed"] == {"demo:aunt": "d:places", "demo:uncle": "d:places"}
    assert "chosen" not in line["body"]


async def test_what_the_desk_posts_is_there_for_all(host: str, desk: ParrotDesk) -> None:
    async with as_(host, "wang", TASKS) as page:
        await page.next()
        await desk.say(TASKS, Message("新任务"))
        line = await page.reply()
    assert (line["body"]["text"], author(line)) == ("新任务", None)
    assert len(await history(host, "wang", TASKS)) == 1
