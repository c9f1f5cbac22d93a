"""The cast: what residents do reaches the bot as Telegram would say it, and what the bot does reaches them."""

import asyncio
from typing import Any

import pytest

from tests.simulators.conftest import BareBot
from tests.simulators.telegram import Resident, TelegramServer

CARD = {"inline_keyboard": [[{"text": "✅ 提交", "callback_data": "submit"}, {"text": "取消", "callback_data": "no"}]]}


@pytest.fixture
async def li(telegram: TelegramServer, bot: BareBot) -> Resident:
    """Li has pressed Start, and the bot knows."""
    person = telegram.user("李阿姨", username="liayi")
    await person.starts("p_fengmei-3")
    (update,) = await bot.takes()
    assert update["message"]["text"] == "/start p_fengmei-3"
    assert update["message"]["entities"] == [{"type": "bot_command", "offset": 0, "length": 6}]
    return person


async def test_what_people_send(telegram: TelegramServer, bot: BareBot, li: Resident) -> None:
    said = await li.sends("3号楼电梯坏了 #急 https://a.cn/1")
    await li.replies(said, "快点")
    await li.forwards("听说的")
    await li.edits(said, "4号楼电梯坏了")
    await li.sends_location(30.5, 114.3)
    await li.sends_sticker()
    await li.sends_contact("13800000000")
    await li.sends_contact("13900000000", own=False)
    updates = await bot.takes()
    plain, reply, forward, edit, place, sticker, own, other = (next(iter(u.values())) for u in map(_body, updates))
    assert plain["from"]["language_code"] == "zh-hans"
    assert plain["from"]["username"] == "liayi"
    assert [(each["type"], each["offset"]) for each in plain["entities"]] == [("hashtag", 8), ("url", 11)]
    assert reply["reply_to_message"]["message_id"] == said.message_id
    assert forward["forward_origin"]["type"] == "hidden_user"
    assert (edit["message_id"], edit["text"]) == (said.message_id, "4号楼电梯坏了")
    assert list(_body(updates[3])) == ["edited_message"]
    assert place["location"] == {"latitude": 30.5, "longitude": 114.3}
    assert sticker["sticker"]["emoji"] == "👍"
    assert (own["contact"]["user_id"], own["contact"]["phone_number"]) == (li.id, "13800000000")
    assert "user_id" not in other["contact"]


def _body(update: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in update.items() if name != "update_id"}


async def test_nobody_sends_a_novel(li: Resident) -> None:
    with pytest.raises(ValueError, match="4096"):
        await li.sends("水" * 4097)


async def test_a_press_tells_the_bot_all_it_needs(telegram: TelegramServer, bot: BareBot, li: Resident) -> None:
    card = await bot.call("sendMessage", chat_id=li.id, text="请核对", reply_markup=CARD)
    query = await li.presses("提交")
    ((_, press),) = _body((await bot.takes())[0]).items()
    assert press["id"] == query
    assert press["data"] == "submit"
    assert press["from"]["id"] == li.id
    assert press["message"] == card


async def test_the_newest_button_is_pressed(telegram: TelegramServer, bot: BareBot, li: Resident) -> None:
    for text in ("旧", "新"):
        await bot.call("sendMessage", chat_id=li.id, text=text, reply_markup=CARD)
    await li.presses("取消")
    (update,) = await bot.takes()
    assert update["callback_query"]["message"]["text"] == "新"


async def test_who_finds_no_button_is_told_which_there_are(bot: BareBot, li: Resident) -> None:
    await bot.call("sendMessage", chat_id=li.id, text="请核对", reply_markup=CARD)
    with pytest.raises(AssertionError, match="✅ 提交', '取消"):
        await li.presses("评价")


async def test_old_and_invented_buttons(telegram: TelegramServer, bot: BareBot, li: Resident) -> None:
    number = (await bot.call("sendMessage", chat_id=li.id, text="请核对", reply_markup=CARD))["message_id"]
    old = await li.reads()
    await bot.call("editMessageText", chat_id=li.id, message_id=number, text="已提交")
    await li.presses_old(old, "提交")
    await li.presses_data(old, "case:close:1")
    await bot.call("deleteMessage", chat_id=li.id, message_id=number)
    await li.presses_old(old, "取消")
    edited, invented, gone = (update["callback_query"] for update in await bot.takes())
    assert (edited["data"], edited["message"]["text"]) == ("submit", "已提交")
    assert invented["data"] == "case:close:1"
    assert (gone["data"], gone["message"]["date"]) == ("no", 0)
    with pytest.raises(AssertionError, match="no button"):
        await li.presses_old(old, "评价")


async def test_a_link_is_no_press(bot: BareBot, li: Resident) -> None:
    markup = {"inline_keyboard": [[{"text": "查看", "url": "https://a.cn"}]]}
    await bot.call("sendMessage", chat_id=li.id, text="x", reply_markup=markup)
    with pytest.raises(AssertionError, match=r"opens https://a\.cn"):
        await li.presses("查看")


async def test_the_keyboard_under_the_input_field(bot: BareBot, li: Resident) -> None:
    rows = [[{"text": "我的事项"}], [{"text": "📍 位置", "request_location": True}]]
    await bot.call("sendMessage", chat_id=li.id, text="在哪里?", reply_markup={"keyboard": rows})
    assert li.keyboard() == ["我的事项", "📍 位置"]
    await li.presses("我的事项")
    with pytest.raises(AssertionError, match="sends_location"):
        await li.presses("位置")
    await bot.call("sendMessage", chat_id=li.id, text="好", reply_markup={"remove_keyboard": True})
    assert li.keyboard() == []
    (update,) = await bot.takes()
    assert update["message"]["text"] == "我的事项"


async def test_reading_goes_on_where_it_stopped(bot: BareBot, li: Resident) -> None:
    first = await bot.call("sendMessage", chat_id=li.id, text="一", reply_markup=CARD)
    await bot.call("sendMessage", chat_id=li.id, text="二")
    await bot.call("editMessageText", chat_id=li.id, message_id=first["message_id"], text="一改")
    shown = await li.reads()
    assert (shown.text, shown.labels, shown.edited) == ("一", ["✅ 提交", "取消"], False)
    shown = await li.reads("改")
    assert (shown.message_id, shown.edited, shown.labels) == (first["message_id"], True, [])
    await li.reads_nothing(0.05)
    with pytest.raises(AssertionError, match="sees only:\nperson text: /start p_fengmei-3\nbot text: 一改\nbot"):
        await li.reads(timeout=0.05)


async def test_reading_waits(bot: BareBot, li: Resident) -> None:
    waiting = asyncio.create_task(li.reads("二"))
    await bot.call("sendMessage", chat_id=li.id, text="一")
    await asyncio.sleep(0.02)
    assert not waiting.done()
    await bot.call("sendMessage", chat_id=li.id, text="二")
    assert (await waiting).text == "二"


async def test_what_is_not_expected_is_noticed(bot: BareBot, li: Resident) -> None:
    await bot.call("sendMessage", chat_id=li.id, text="一")
    with pytest.raises(AssertionError, match="did not expect: bot text: 一"):
        await li.reads_nothing(0.05)
    li.skips()
    await li.reads_nothing(0.05)


async def test_the_screen_shows_the_chat_as_it_stands(bot: BareBot, li: Resident) -> None:
    gone = await bot.call("sendMessage", chat_id=li.id, text="一")
    card = await bot.call("sendMessage", chat_id=li.id, text="二")
    await bot.call("editMessageText", chat_id=li.id, message_id=card["message_id"], text="三", reply_markup=CARD)
    await bot.call("deleteMessage", chat_id=li.id, message_id=gone["message_id"])
    start, shown = await li.screen()
    assert (start.by_bot, start.text) == (False, "/start p_fengmei-3")
    assert (shown.by_bot, shown.text, shown.labels) == (True, "三", ["✅ 提交", "取消"])


async def test_what_was_sent_is_kept_by_chat(telegram: TelegramServer, bot: BareBot, li: Resident) -> None:
    card = await bot.call("sendMessage", chat_id=li.id, text="一")
    await bot.call("editMessageText", chat_id=li.id, message_id=card["message_id"], text="二")
    assert [shown.text for shown in telegram.sent[li.id]] == ["一"]
    assert [call.method for call in telegram.calls][-2:] == ["sendMessage", "editMessageText"]


async def test_each_sees_the_commands_meant_for_them(telegram: TelegramServer, bot: BareBot, li: Resident) -> None:
    wang = telegram.user("王管家", language_code="en")
    group = telegram.group("3号楼群", [wang, li])

    async def offer(name: str, **more: object) -> None:
        await bot.call("setMyCommands", commands=[{"command": name, "description": "x"}], **more)

    assert li.menu() == []
    await offer("all")
    await offer("zh", language_code="zh")
    await offer("li", scope={"type": "chat", "chat_id": li.id})
    await offer("heads", scope={"type": "chat_administrators", "chat_id": group.id})
    await offer("li_here", scope={"type": "chat_member", "chat_id": group.id, "user_id": li.id})
    seen = [li.menu(), wang.menu(), li.menu(in_=group), wang.menu(in_=group)]
    assert [menu[0]["command"] for menu in seen] == ["li", "all", "li_here", "heads"]
    await bot.call("deleteMyCommands", scope={"type": "chat", "chat_id": li.id})
    assert li.menu()[0]["command"] == "zh"
    await bot.call("setChatMenuButton", chat_id=li.id, menu_button={"type": "commands"})


async def test_an_old_record_can_be_dropped() -> None:
    async with TelegramServer(keep=3) as telegram:
        li = telegram.user("李阿姨")
        for number in range(10):
            await li.sends(str(number))
            telegram.world.say(telegram.world.chats[li.id], {"text": str(number)})
        assert [shown.text for shown in telegram.sent[li.id]] == ["7", "8", "9"]
        assert len(await li.screen()) == 3
        assert (await li.reads()).text == "7"
