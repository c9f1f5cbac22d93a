"""What the desk says is seen in Telegram, and breaks none of its rules."""

import asyncio
from pathlib import Path

import pytest

from bot.channels.base import Delivered, Delivery, FetchError
from bot.channels.telegram import TelegramChannel
from handlers.message import Choice, Message
from tests.channels.telegram.inbox import Inbox
from tests.channels.telegram.story import STEWARD, card, edit, picture, say, stored
from tests.simulators.telegram import TelegramServer

pytestmark = pytest.mark.usefixtures("quick")


async def test_a_card_is_pressed_and_changes_in_place(
    telegram: TelegramServer, channel: TelegramChannel, inbox: Inbox
) -> None:
    li = telegram.user("李阿姨")
    await li.starts()
    (sent,) = await say(channel, li.id, card())
    assert isinstance(sent, Delivered)
    shown = await li.reads("待派单")
    assert shown.text == "#1042 漏水\n待派单"
    assert shown.body["entities"][0] | {"type": "bold", "offset": 0, "length": 8} == shown.body["entities"][0]
    await li.presses("接单")
    await telegram.idle()
    press = inbox.all[-1].press
    assert press is not None
    assert (press.data, press.message) == ("case:accept:1042", sent.message)
    (toast,) = channel.planner.toast(press.query, "已接单")
    assert await channel.deliver(Delivery(2, str(li.id), toast.payload)) == Delivered()
    assert (await li.sees_toast()).text == "已接单"
    for _ in range(2):  # the second time nothing changes, which is no error
        assert await edit(channel, li.id, Message("处理中", card="case:1042"), sent.message) == Delivered(sent.message)
    assert [(each.text, each.labels) for each in await li.screen() if each.by_bot] == [("处理中", [])]


async def test_a_card_that_is_gone_is_sent_anew(telegram: TelegramServer, channel: TelegramChannel) -> None:
    li = telegram.user("李阿姨")
    await li.starts()
    outcome = await edit(channel, li.id, card("处理中"), "999999")
    assert isinstance(outcome, Delivered)
    assert outcome.message not in (None, "999999")
    assert (await li.reads()).text == "#1042 漏水\n处理中"


async def test_long_words_arrive_whole(telegram: TelegramServer, channel: TelegramChannel) -> None:
    li = telegram.user("李阿姨")
    await li.starts()
    words = "\n".join(f"{number} <b>漏水</b> & 🚰👨‍👩‍👧 停电" for number in range(400))
    outcomes = await say(channel, li.id, Message(words, title="通知", choices=((Choice("知道了", "ok"),),)))
    assert len(outcomes) > 1
    seen = [shown for shown in await li.screen() if shown.by_bot]
    assert "".join("".join(shown.text.split()) for shown in seen) == "通知" + "".join(words.split())
    assert [shown.labels for shown in seen][-1] == ["知道了"]


async def test_photos_in_every_number(telegram: TelegramServer, channel: TelegramChannel, tmp_path: Path) -> None:
    li = telegram.user("李阿姨")
    await li.starts()
    files = tuple(stored(tmp_path, number, picture(number)) for number in range(12))
    ids = tuple(file.id for file in files)
    for count in (1, 2, 10, 11, 12):
        li.skips()
        await say(channel, li.id, Message("修好了", photos=ids[:count], choices=((Choice("详情", "a"),),)), files=files)
        seen = [await li.reads() for _ in range(count + (count > 1))]
        assert sum(shown.kind == "photo" for shown in seen) == count
        assert (seen[-1].text, seen[-1].labels) == ("修好了", ["详情"])


async def test_a_photo_goes_on_by_its_id(
    telegram: TelegramServer, channel: TelegramChannel, inbox: Inbox, tmp_path: Path
) -> None:
    li, wang = telegram.user("李阿姨"), telegram.user("王大爷")
    await wang.starts()
    await li.sends_photo(picture(7), "漏水")
    await telegram.idle()
    remote = inbox.all[-1].files[0].remote
    assert remote is not None
    assert await channel.fetch(remote, 10_000) == picture(7)
    with pytest.raises(FetchError):
        await channel.fetch(remote, 10)
    known = stored(tmp_path, 1, picture(7), remote=remote)
    await say(channel, wang.id, Message("新任务", photos=(1,)), files=(known,))
    assert telegram.calls_of("sendPhoto")[-1].params["photo"] == remote
    unknown = stored(tmp_path, 1, picture(7), remote="AgACwrong")
    (outcome,) = await say(channel, wang.id, Message("新任务", photos=(1,)), files=(unknown,))
    assert isinstance(outcome, Delivered)
    telegram.violations.clear()  # the id that somebody's other bot knows is what this test is about


async def test_a_voice_and_a_document_go_along(
    telegram: TelegramServer, channel: TelegramChannel, tmp_path: Path
) -> None:
    li = telegram.user("李阿姨")
    await li.starts()
    voice = stored(tmp_path, 1, b"OggS", "voice", "audio/ogg")
    paper = stored(tmp_path, 2, b"%PDF", "file", "application/pdf")
    await say(channel, li.id, Message("录音和回执", files=(1, 2)), files=(voice, paper))
    assert [(await li.reads()).kind for _ in range(3)] == ["voice", "document", "text"]


async def test_asking_for_a_place_and_a_number(telegram: TelegramServer, channel: TelegramChannel) -> None:
    li = telegram.user("李阿姨")
    await li.starts()
    await say(channel, li.id, Message("在哪里?", ask="location", ask_label="发送位置"))
    assert li.keyboard() == ["发送位置"]
    await say(channel, li.id, Message("电话?", ask="phone", ask_label="发送电话", card="draft", choices=card().choices))
    assert li.keyboard() == ["发送电话"]
    await say(channel, li.id, Message("谢谢"))
    assert li.keyboard() == []


async def test_menus(telegram: TelegramServer, channel: TelegramChannel) -> None:
    steward = telegram.user("小陈", id=STEWARD)
    li, ann = telegram.user("李阿姨"), telegram.user("Ann", language_code="en")
    group = telegram.group("3号楼", [li, steward])
    for person in (steward, li, ann):
        await person.starts()
    await every_menu_set(telegram)
    assert [person.menu()[0]["description"] for person in (li, ann, steward)] == ["上报", "Report", "任务"]
    assert li.menu(in_=group)[0]["description"] == "在群里上报"
    await channel.set_menu(str(ann.id), "steward", "zh")
    await channel.set_menu(str(STEWARD), "resident")
    assert [person.menu()[0]["description"] for person in (ann, steward)] == ["任务", "上报"]


async def every_menu_set(telegram: TelegramServer) -> None:
    async with asyncio.timeout(5):
        while len(telegram.calls_of("setMyCommands")) < 7:  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.01)
