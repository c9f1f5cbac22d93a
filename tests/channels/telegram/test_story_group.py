"""A group's talk with the desk: who is heard, whom the desk answers, whose field it opens."""

from pathlib import Path

import pytest

from bot.channels.base import Delivered, Outcome
from bot.channels.telegram import TelegramChannel
from handlers.message import Message
from tests.channels.telegram.inbox import Inbox
from tests.channels.telegram.story import card, edit, picture, say, stored
from tests.simulators.telegram import AnswerField, Group, Resident, TelegramServer

pytestmark = pytest.mark.usefixtures("quick")


@pytest.fixture
def li(telegram: TelegramServer) -> Resident:
    return telegram.user("李阿姨")


@pytest.fixture
def wang(telegram: TelegramServer) -> Resident:
    return telegram.user("王大爷")


@pytest.fixture(params=[False, True], ids=["group", "supergroup"])
def group(telegram: TelegramServer, li: Resident, wang: Resident, request: pytest.FixtureRequest) -> Group:
    """A group with privacy mode on, as a bot finds it."""
    return telegram.group("3号楼", [li, wang], supergroup=request.param, quiet=True)


def number(outcome: Outcome) -> str:
    assert isinstance(outcome, Delivered)
    assert outcome.message is not None
    return outcome.message


async def test_who_names_the_desk_is_answered(
    telegram: TelegramServer, channel: TelegramChannel, inbox: Inbox, group: Group, li: Resident, wang: Resident
) -> None:
    await wang.sends("今天天气好", in_=group)
    said = await li.sends("@red_steward_bot 电梯坏了", in_=group)
    await telegram.idle()
    (heard,) = inbox.all
    assert (heard.text, heard.mentioned, heard.message) == ("电梯坏了", True, str(said.message_id))
    await say(channel, group.id, Message("收到", reply_to=heard.message))
    shown = await wang.reads(in_=group)
    assert shown.answers is not None
    assert (shown.answers.author, shown.answers.text) == ("李阿姨", "@red_steward_bot 电梯坏了")
    assert str(shown) == "bot text to 李阿姨 '@red_steward_bot 电梯坏了': 收到"


async def test_who_is_asked_back_answers_into_the_open_field(
    telegram: TelegramServer, channel: TelegramChannel, inbox: Inbox, group: Group, li: Resident, wang: Resident
) -> None:
    said = await li.sends("/report", in_=group)
    ask = Message("什么事?", reply_to=str(said.message_id), force_reply=True, ask_label="写下来")
    (outcome,) = await say(channel, group.id, ask)
    assert li.answer_field(in_=group) == AnswerField(int(number(outcome)), "写下来")
    assert wang.answer_field(in_=group) is None
    await li.answers("电梯坏了", in_=group)
    await wang.sends("我家也是", in_=group)
    await telegram.idle()
    command, answer = inbox.all
    assert (command.text, command.mentioned) == ("/report", False)
    assert (answer.text, answer.mentioned, answer.reply_to) == ("电梯坏了", True, number(outcome))
    assert li.answer_field(in_=group) is None


async def test_a_photo_may_be_the_answer(
    telegram: TelegramServer, channel: TelegramChannel, inbox: Inbox, group: Group, li: Resident
) -> None:
    (outcome,) = await say(channel, group.id, card())
    await li.sends_photo(picture(1), in_=group, reply_to=await li.reads(in_=group))
    await telegram.idle()
    assert [file.kind for file in inbox.all[-1].files] == ["photo"]
    assert (inbox.all[-1].reply_to, inbox.all[-1].mentioned) == (number(outcome), True)


async def test_a_card_that_answers_is_pressed_and_edited_by_anybody(
    telegram: TelegramServer, channel: TelegramChannel, inbox: Inbox, group: Group, li: Resident, wang: Resident
) -> None:
    said = await li.sends("@red_steward_bot 电梯坏了", in_=group)
    (outcome,) = await say(channel, group.id, card_to(said.message_id))
    await wang.presses("接单", in_=group)
    await telegram.idle()
    pressed = inbox.all[-1]
    assert pressed.press is not None
    assert (pressed.user, pressed.group, pressed.press.message) == (str(wang.id), True, number(outcome))
    changed = Message("处理中", card="case:1042", reply_to=str(said.message_id))
    assert await edit(channel, group.id, changed, number(outcome)) == Delivered(number(outcome))
    shown = (await group.screen())[-1]
    assert (shown.text, shown.edited, shown.labels) == ("处理中", True, [])
    assert shown.answers is not None
    assert shown.answers.message_id == said.message_id


async def test_a_card_that_is_gone_comes_anew_without_a_reply(
    channel: TelegramChannel, group: Group, li: Resident
) -> None:
    said = await li.sends("x", in_=group)
    outcome = await edit(channel, group.id, card_to(said.message_id), "999999")
    assert number(outcome) != "999999"
    assert (await li.reads(in_=group)).answers is None


async def test_what_is_gone_is_answered_all_the_same(channel: TelegramChannel, group: Group, li: Resident) -> None:
    said = await li.sends("x", in_=group)
    group.chat.messages[said.message_id].deleted = True
    ask = Message("在哪里?", reply_to=str(said.message_id), force_reply=True)
    assert isinstance((await say(channel, group.id, ask))[0], Delivered)
    assert (await li.reads(in_=group)).answers is None
    assert li.answer_field(in_=group) is None


async def test_photos_answer_too(channel: TelegramChannel, group: Group, li: Resident, tmp_path: Path) -> None:
    said = await li.sends("x", in_=group)
    files = tuple(stored(tmp_path, each, picture(each)) for each in range(2))
    for count in (1, 2):
        message = Message("修好了", photos=tuple(range(count)), reply_to=str(said.message_id))
        await say(channel, group.id, message, files=files)
        shown = await li.reads(in_=group)
        assert shown.answers is not None
        assert (shown.kind, shown.answers.message_id) == ("photo", said.message_id)
        li.skips(in_=group)


async def test_in_and_out_of_a_group(
    telegram: TelegramServer, channel: TelegramChannel, inbox: Inbox, group: Group
) -> None:
    group.kicks_bot()
    group.takes_bot()
    group.promotes_bot()
    await telegram.idle()
    assert [(each.reach, each.group, each.chat) for each in inbox.all] == [
        ("blocked", True, str(group.id)),
        ("back", True, str(group.id)),
    ]


async def test_a_group_that_moves(
    telegram: TelegramServer, channel: TelegramChannel, inbox: Inbox, li: Resident
) -> None:
    group = telegram.group("3号楼", [li], quiet=True)
    old, new = group.id, group.migrates()
    await telegram.idle()
    assert [(each.chat, each.moved_to, each.group) for each in inbox.all] == [(str(old), str(new), True)]


def card_to(message: int) -> Message:
    shown = card()
    return Message(shown.text, title=shown.title, choices=shown.choices, card=shown.card, reply_to=str(message))
