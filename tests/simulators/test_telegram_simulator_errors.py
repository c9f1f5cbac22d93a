"""Refusals that even a correct bot meets, the flood limits, and faults on request."""

import asyncio
import time
from typing import Any

import aiohttp
import pytest

from tests.simulators.conftest import BareBot
from tests.simulators.telegram import Limits, Resident, TelegramServer


@pytest.fixture
async def li(telegram: TelegramServer) -> Resident:
    """Li has pressed Start."""
    person = telegram.user("李阿姨")
    await person.starts()
    return person


async def sent(bot: BareBot, chat: int, text: str = "卡片", **more: Any) -> int:
    message = await bot.call("sendMessage", chat_id=chat, text=text, **more)
    return int(message["message_id"])


async def test_nobody_is_written_to_before_they_write(telegram: TelegramServer, bot: BareBot) -> None:
    stranger, neighbour = telegram.user("路人"), telegram.user("王大爷")
    telegram.group("3号楼群", [neighbour])
    assert await bot.refused("sendMessage", chat_id=99, text="x") == "400 Bad Request: chat not found"
    assert await bot.refused("sendMessage", chat_id=stranger.id, text="x") == "400 Bad Request: chat not found"
    told = await bot.refused("sendMessage", chat_id=neighbour.id, text="x")
    assert told == "403 Forbidden: bot can't initiate conversation with a user"
    assert telegram.violations == []


async def test_a_blocked_bot(telegram: TelegramServer, bot: BareBot, li: Resident) -> None:
    await bot.takes()
    await li.blocks()
    told = await bot.refused("sendMessage", chat_id=li.id, text="x")
    assert told == "403 Forbidden: bot was blocked by the user"
    (update,) = await bot.takes()
    assert update["my_chat_member"]["new_chat_member"]["status"] == "kicked"
    with pytest.raises(AssertionError, match="blocked"):
        await li.sends("x")
    await li.unblocks()
    (update,) = await bot.takes()
    assert update["my_chat_member"]["new_chat_member"]["status"] == "member"
    await sent(bot, li.id)
    await li.leaves_telegram()
    assert await bot.refused("sendMessage", chat_id=li.id, text="x") == "403 Forbidden: user is deactivated"


async def test_a_group_that_moves(telegram: TelegramServer, bot: BareBot, li: Resident) -> None:
    group = telegram.group("3号楼群", [li], quiet=True)
    await bot.takes()
    old = group.id
    new = group.migrates()
    status, body = await bot.post("sendMessage", json={"chat_id": old, "text": "x"})
    assert (status, body["description"]) == (400, "Bad Request: group chat was upgraded to a supergroup chat")
    assert body["parameters"] == {"migrate_to_chat_id": new}
    told = [update["message"] for update in await bot.takes()]
    assert [message["chat"]["id"] for message in told] == [old, new]
    assert (told[0]["migrate_to_chat_id"], told[1]["migrate_from_chat_id"]) == (new, old)
    assert str(new).startswith("-100")
    await sent(bot, group.id)


@pytest.mark.parametrize(("supergroup", "kind"), [(False, "group"), (True, "supergroup")])
async def test_a_group_that_throws_the_bot_out(
    telegram: TelegramServer, bot: BareBot, li: Resident, supergroup: bool, kind: str
) -> None:
    group = telegram.group("3号楼群", [li], supergroup=supergroup)
    group.kicks_bot()
    told = await bot.refused("sendMessage", chat_id=group.id, text="x")
    assert told == f"403 Forbidden: bot was kicked from the {kind} chat"
    group.takes_bot()
    await sent(bot, group.id)
    await bot.call("leaveChat", chat_id=group.id)
    told = await bot.refused("sendMessage", chat_id=group.id, text="x")
    assert told == f"403 Forbidden: bot is not a member of the {kind} chat"


async def test_an_edit_that_changes_nothing(bot: BareBot, li: Resident) -> None:
    markup = {"inline_keyboard": [[{"text": "提交", "callback_data": "x"}]]}
    number = await sent(bot, li.id, "<b>卡片</b>", parse_mode="HTML", reply_markup=markup)
    same = {"chat_id": li.id, "message_id": number, "text": "<b>卡片</b> ", "parse_mode": "HTML"}
    told = await bot.refused("editMessageText", **same, reply_markup=markup)
    assert told == (
        "400 Bad Request: message is not modified: specified new message content and reply markup are exactly the "
        "same as a current content and reply markup of the message"
    )
    edited = await bot.call("editMessageText", **same)
    assert "reply_markup" not in edited
    assert edited["edit_date"] > 0
    assert (await bot.refused("editMessageReplyMarkup", chat_id=li.id, message_id=number)).startswith(
        "400 Bad Request: message is not modified"
    )


async def test_edits_of_what_cannot_be_edited(telegram: TelegramServer, bot: BareBot, li: Resident) -> None:
    own = await li.sends("我的话")
    keyboard = await sent(bot, li.id, reply_markup={"keyboard": [[{"text": "x"}]]})
    photo = telegram.world.files.add("photo", b"x").file_id
    picture = (await bot.call("sendPhoto", chat_id=li.id, photo=photo))["message_id"]
    words = {
        999_999: "message to edit not found", own.message_id: "message can't be edited",
        keyboard: "message can't be edited", picture: "there is no text in the message to edit",
    }  # fmt: skip
    for number, told in words.items():
        found = await bot.refused("editMessageText", chat_id=li.id, message_id=number, text="neu")
        assert found == f"400 Bad Request: {told}"
    text = await sent(bot, li.id)
    told = await bot.refused("editMessageCaption", chat_id=li.id, message_id=text, caption="neu")
    assert told == "400 Bad Request: there is no caption in the message to edit"
    assert telegram.violations == []


async def test_deleting(telegram: TelegramServer, bot: BareBot, li: Resident) -> None:
    number = await sent(bot, li.id)
    assert await bot.call("deleteMessage", chat_id=li.id, message_id=number) is True
    for method, more, what in (("deleteMessage", {}, "delete"), ("editMessageText", {"text": "x"}, "edit")):
        told = await bot.refused(method, chat_id=li.id, message_id=number, **more)
        assert told == f"400 Bad Request: message to {what} not found"
    told = await bot.refused("sendMessage", chat_id=li.id, text="x", reply_parameters={"message_id": number})
    assert told == "400 Bad Request: message to be replied not found"
    await sent(bot, li.id, reply_parameters={"message_id": number, "allow_sending_without_reply": True})
    old = (await li.screen())[-1]
    telegram.ages(old, hours=48)
    told = await bot.refused("deleteMessage", chat_id=li.id, message_id=old.message_id)
    assert told == "400 Bad Request: message can't be deleted for everyone"


async def test_what_others_say_in_a_group_stays(telegram: TelegramServer, bot: BareBot, li: Resident) -> None:
    group = telegram.group("3号楼群", [li])
    said = await li.sends("x", in_=group)
    told = await bot.refused("deleteMessage", chat_id=group.id, message_id=said.message_id)
    assert told == "400 Bad Request: message can't be deleted"
    group.promotes_bot()
    await bot.call("deleteMessage", chat_id=group.id, message_id=said.message_id)


async def test_a_press_is_answered_once_and_soon(telegram: TelegramServer, bot: BareBot, li: Resident) -> None:
    too_old = "400 Bad Request: query is too old and response timeout expired or query ID is invalid"
    assert await bot.refused("answerCallbackQuery", callback_query_id="12") == too_old
    await sent(bot, li.id, reply_markup={"inline_keyboard": [[{"text": "提交", "callback_data": "x"}]]})
    query = await li.presses("提交")
    await bot.call("answerCallbackQuery", callback_query_id=query, text="好", show_alert=True)
    toast = await li.sees_toast("好")
    assert (toast.query, toast.alert) == (query, True)
    assert await bot.refused("answerCallbackQuery", callback_query_id=query) == too_old
    telegram.limit(Limits.off().but(query_seconds=0.02))
    query = await li.presses("提交")
    await asyncio.sleep(0.03)
    assert await bot.refused("answerCallbackQuery", callback_query_id=query) == too_old


# Flood limits


async def test_one_message_a_second_in_a_chat(telegram: TelegramServer, bot: BareBot, li: Resident) -> None:
    telegram.limit(Limits())
    number = await sent(bot, li.id)
    status, body = await bot.post("editMessageText", json={"chat_id": li.id, "message_id": number, "text": "neu"})
    assert (status, body["parameters"]) == (429, {"retry_after": 1})
    assert body["description"] == "Too Many Requests: retry after 1"
    await asyncio.sleep(0.5)
    assert (await bot.refused("sendMessage", chat_id=li.id, text="x")).startswith("429")
    assert telegram.world.flood.early == 1
    await asyncio.sleep(0.5)
    await sent(bot, li.id)
    assert telegram.refused_429 == 2
    assert telegram.violations == []


async def test_what_does_not_count(telegram: TelegramServer, bot: BareBot, li: Resident) -> None:
    telegram.limit(Limits())
    await sent(bot, li.id)
    await bot.call("sendChatAction", chat_id=li.id, action="typing")
    await bot.call("setMyCommands", commands=[{"command": "start", "description": "x"}])
    await bot.call("getChat", chat_id=li.id)
    assert telegram.refused_429 == 0


async def test_a_burst_can_be_allowed(telegram: TelegramServer, bot: BareBot, li: Resident) -> None:
    telegram.limit(Limits(chat_burst=3))
    for _ in range(3):
        await sent(bot, li.id)
    assert (await bot.refused("sendMessage", chat_id=li.id, text="x")).startswith("429")


async def test_thirty_messages_a_second_in_all(telegram: TelegramServer, bot: BareBot) -> None:
    telegram.limit(Limits())
    people = [telegram.user(f"居民{number}") for number in range(31)]
    for person in people:
        await person.starts()
    began = time.monotonic()
    for person in people[:30]:
        await sent(bot, person.id)
    assert time.monotonic() - began < 0.9
    assert await bot.refused("sendMessage", chat_id=people[30].id, text="x") == "429 Too Many Requests: retry after 1"
    assert telegram.world.flood.refused == {"all": 1}
    await asyncio.sleep(1.0)
    await sent(bot, people[30].id)


async def test_twenty_messages_a_minute_to_a_group(telegram: TelegramServer, bot: BareBot, li: Resident) -> None:
    group = telegram.group("3号楼群", [li])
    telegram.limit(Limits(chat_seconds=None))
    for _ in range(20):
        await sent(bot, group.id)
    status, body = await bot.post("sendMessage", json={"chat_id": group.id, "text": "x"})
    assert status == 429
    assert 55 <= body["parameters"]["retry_after"] <= 57
    await sent(bot, li.id)


# Faults


async def test_faults_of_every_kind(telegram: TelegramServer, bot: BareBot, li: Resident) -> None:
    telegram.fail_next("sendMessage", times=2)
    telegram.fail_next("sendMessage", 502, body="<html>Bad Gateway</html>")
    for _ in range(2):
        assert await bot.refused("sendMessage", chat_id=li.id, text="x") == "500 Internal Server Error"
    with pytest.raises(aiohttp.ContentTypeError):
        await bot.post("sendMessage", json={"chat_id": li.id, "text": "x"})
    telegram.fail_next("*", disconnect=True)
    with pytest.raises(aiohttp.ClientError):
        await bot.call("getMe")
    assert telegram.sent == {}
    await sent(bot, li.id)


async def test_a_call_whose_answer_is_lost(telegram: TelegramServer, bot: BareBot, li: Resident) -> None:
    telegram.fail_next("sendMessage", disconnect=True, applied=True)
    with pytest.raises(aiohttp.ClientError):
        await bot.call("sendMessage", chat_id=li.id, text="x")
    assert (await li.reads()).text == "x"
    assert [call.outcome for call in telegram.calls_of("sendMessage")] == ["ok"]


async def test_a_call_that_hangs(telegram: TelegramServer, bot: BareBot, li: Resident) -> None:
    telegram.fail_next("sendMessage", hang=0.1)
    began = time.monotonic()
    await sent(bot, li.id)
    assert time.monotonic() - began >= 0.1


async def test_every_answer_can_be_slow(telegram: TelegramServer, bot: BareBot) -> None:
    telegram.latency = 0.05
    began = time.monotonic()
    await bot.call("getMe")
    assert time.monotonic() - began >= 0.05
