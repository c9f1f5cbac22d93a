"""Who answers whom, and whose answer field opens by itself."""

from typing import Any

import pytest

from tests.simulators.conftest import BareBot
from tests.simulators.telegram import AnswerField, Group, Resident, TelegramServer

CARD = {"inline_keyboard": [[{"text": "✅ 提交", "callback_data": "submit"}]]}
ASK = {"force_reply": True, "selective": True}


def reply(number: int, **more: Any) -> dict[str, Any]:
    return {"reply_parameters": {"message_id": number, **more}}


async def test_a_reply_shows_whom_it_answers(bot: BareBot, group: Group, li: Resident, wang: Resident) -> None:
    said = await li.sends("电梯坏了", in_=group)
    await bot.call("sendMessage", chat_id=group.id, text="收到", reply_markup=CARD, **reply(said.message_id))
    shown = await wang.reads(in_=group)
    assert (shown.author, shown.by_bot) == ("红管家", True)
    assert shown.answers is not None
    assert (shown.answers.author, shown.answers.text, shown.answers.by_bot) == ("李阿姨", "电梯坏了", False)
    assert str(shown) == "bot text to 李阿姨 '电梯坏了': 收到\n  [✅ 提交]"
    await bot.call("editMessageText", chat_id=group.id, message_id=shown.message_id, text="好了")
    edited = await wang.reads(in_=group)
    assert edited.answers == shown.answers


async def test_a_reply_needs_a_message_of_that_chat(telegram: TelegramServer, bot: BareBot, group: Group) -> None:
    gone = "400 Bad Request: message to be replied not found"
    assert await bot.refused("sendMessage", chat_id=group.id, text="x", **reply(424_242)) == gone
    sent = await bot.call("sendMessage", chat_id=group.id, text="x", **reply(424_242, allow_sending_without_reply=True))
    assert "reply_to_message" not in sent
    assert telegram.violations == []


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"reply": 1}, 'unknown field "reply"'),
        ({"allow_sending_without_reply": "yes"}, 'wrong type of "reply_parameters.allow_sending_without_reply"'),
        ({"quote": "坏"}, "reply_parameters.quote is not supported"),
        ({"chat_id": 1}, "reply_parameters.chat_id is not supported"),
        ({"message_id": "5"}, 'wrong type of "reply_parameters.message_id"'),
    ],
)
async def test_reply_parameters_are_checked(
    telegram: TelegramServer, bot: BareBot, group: Group, more: dict[str, Any], words: str
) -> None:
    parameters = {"message_id": 1, **more}
    told = await bot.refused("sendMessage", chat_id=group.id, text="x", reply_parameters=parameters)
    assert told == f"400 Bad Request: {words}"
    assert len(telegram.violations) == 1


async def test_people_answer_only_what_is_there(
    telegram: TelegramServer, bot: BareBot, group: Group, li: Resident, wang: Resident
) -> None:
    other = telegram.group("4号楼群", [li], quiet=True)
    shown = await li.sends("x", in_=other)
    with pytest.raises(AssertionError, match="not in this chat"):
        await li.sends("y", in_=group, reply_to=shown)
    sent = await bot.call("sendMessage", chat_id=group.id, text="x")
    asked = await wang.reads(in_=group)
    await bot.call("deleteMessage", chat_id=group.id, message_id=sent["message_id"])
    with pytest.raises(AssertionError, match="not in this chat"):
        await wang.sends("y", in_=group, reply_to=asked)


async def test_everything_can_be_an_answer(bot: BareBot, group: Group, li: Resident) -> None:
    await bot.call("sendMessage", chat_id=group.id, text="哪里?")
    asked = await li.reads(in_=group)
    await li.sends_photo(b"x", in_=group, reply_to=asked)
    await li.sends_album([b"x", b"y"], in_=group, reply_to=asked)
    await li.sends_voice(b"x", in_=group, reply_to=asked)
    await li.sends_document(b"x", in_=group, reply_to=asked)
    await li.sends_video(b"x", in_=group, reply_to=asked)
    await li.sends_location(30.5, 114.3, in_=group, reply_to=asked)
    updates = await bot.takes()
    assert [update["message"]["reply_to_message"]["message_id"] for update in updates] == [asked.message_id] * 7


# ForceReply


async def test_the_field_opens_for_the_one_who_is_answered(
    telegram: TelegramServer, bot: BareBot, group: Group, li: Resident, wang: Resident
) -> None:
    said = await li.sends("/report", in_=group)
    markup = {**ASK, "input_field_placeholder": "写" * 64}
    sent = await bot.call("sendMessage", chat_id=group.id, text="哪里?", reply_markup=markup, **reply(said.message_id))
    assert "reply_markup" not in sent
    assert li.answer_field(in_=group) == AnswerField(sent["message_id"], "写" * 64)
    assert wang.answer_field(in_=group) is None
    with pytest.raises(AssertionError, match="no answer field is open"):
        await wang.answers("501", in_=group)
    answer = await li.answers("501", in_=group)
    assert answer.answers is not None
    assert answer.answers.message_id == sent["message_id"]
    assert li.answer_field(in_=group) is None
    assert telegram.violations == []


async def test_the_field_opens_for_all_or_for_the_one_who_is_mentioned(
    telegram: TelegramServer, bot: BareBot, group: Group, li: Resident, wang: Resident
) -> None:
    await bot.call("sendMessage", chat_id=group.id, text="@LiAyi 哪里?", reply_markup=ASK)
    assert [person.answer_field(in_=group) is None for person in (li, wang)] == [False, True]
    sent = await bot.call("sendMessage", chat_id=group.id, text="谁来?", reply_markup={"force_reply": True})
    for person in (li, wang):
        field = person.answer_field(in_=group)
        assert field is not None
        assert field.message_id == sent["message_id"]
    await wang.sends("不是我", in_=group)  # whoever writes something else has closed it
    assert [person.answer_field(in_=group) is None for person in (li, wang)] == [False, True]
    await bot.call("sendMessage", chat_id=group.id, text="x", reply_markup={"remove_keyboard": True})
    assert li.answer_field(in_=group) is None
    await li.starts()
    await bot.call("sendMessage", chat_id=li.id, text="哪里?", reply_markup=ASK)
    assert li.answer_field() is not None
    assert telegram.violations == []


async def test_who_is_asked_back_must_be_answered_or_mentioned(
    telegram: TelegramServer, bot: BareBot, group: Group, li: Resident
) -> None:
    own = await bot.call("sendMessage", chat_id=group.id, text="谁?", reply_markup=ASK)
    await bot.call("sendMessage", chat_id=group.id, text="谁?", reply_markup=ASK, **reply(own["message_id"]))
    assert [str(each) for each in telegram.violations] == [
        "sendMessage: a selective force_reply must answer or mention somebody"
    ] * 2
    lost = reply(424_242, allow_sending_without_reply=True)
    await bot.call("sendMessage", chat_id=group.id, text="谁?", reply_markup=ASK, **lost)
    said = await li.sends("x", in_=group)
    await group.leaves(li)
    await bot.call("sendMessage", chat_id=group.id, text="谁?", reply_markup=ASK, **reply(said.message_id))
    assert len(telegram.violations) == 2
    assert group.chat.asked == {}


@pytest.mark.parametrize(
    ("markup", "words"),
    [
        ({**ASK, "input_field_placeholder": ""}, "REPLY_MARKUP_INVALID"),
        ({**ASK, "input_field_placeholder": "x" * 65}, "REPLY_MARKUP_INVALID"),
        ({**ASK, "placeholder": "x"}, 'unknown field "placeholder"'),
        ({**ASK, **CARD}, 'unknown field "force_reply"'),
    ],
)
async def test_force_reply_is_checked(bot: BareBot, group: Group, markup: dict[str, Any], words: str) -> None:
    told = await bot.refused("sendMessage", chat_id=group.id, text="x", reply_markup=markup)
    assert told == f"400 Bad Request: {words}"


async def test_an_edit_asks_nobody_back(telegram: TelegramServer, bot: BareBot, group: Group, li: Resident) -> None:
    sent = await bot.call("sendMessage", chat_id=group.id, text="x")
    same = {"chat_id": group.id, "message_id": sent["message_id"], "text": "y"}
    told = await bot.refused("editMessageText", **same, reply_markup=ASK)
    assert told == '400 Bad Request: can\'t find field "inline_keyboard"'
    told = await bot.refused("editMessageText", **same, **reply(1))
    assert told == '400 Bad Request: unknown parameter "reply_parameters"'
    asking = await bot.call("sendMessage", chat_id=group.id, text="x", reply_markup={"force_reply": True})
    told = await bot.refused("editMessageText", chat_id=group.id, message_id=asking["message_id"], text="y")
    assert told == "400 Bad Request: message can't be edited"
    await bot.call("deleteMessage", chat_id=group.id, message_id=asking["message_id"])
    assert li.answer_field(in_=group) is None
