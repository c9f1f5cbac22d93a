"""What people do in Telegram arrives at the desk."""

import pytest
import structlog

from bot.channels.base import Delivered, Refused
from bot.channels.telegram import TelegramChannel
from handlers.message import Message
from tests.channels.telegram.inbox import Inbox
from tests.channels.telegram.story import card, picture, say
from tests.simulators.telegram import TelegramServer

pytestmark = pytest.mark.usefixtures("quick")


async def test_what_people_send_arrives(telegram: TelegramServer, channel: TelegramChannel, inbox: Inbox) -> None:
    li = telegram.user("李阿姨", last_name="李", language_code="zh-hans")
    await li.starts("estate-fengmei-3")
    await li.sends("三楼漏水")
    await li.sends_album([picture(1), picture(2)], "电梯")
    await li.sends_voice(b"OggS", seconds=3)
    await li.sends_document(b"%PDF", "a.pdf", "application/pdf")
    await li.sends_video(b"mp4")
    await li.sends_location(22.5, 114.1)
    await li.sends_contact("+8613800000000")
    await li.sends_sticker()
    await li.forwards("听说停水")
    await telegram.idle()
    start, words, first, second, voice, document, video, place, phone, sticker, forwarded = inbox.all
    assert (start.text, start.user, start.name) == ("/start estate-fengmei-3", str(li.id), "李阿姨 李")
    assert (words.text, words.language, words.group) == ("三楼漏水", "zh-hans", False)
    assert first.album == second.album is not None
    assert (first.text, second.text, [file.kind for file in second.files]) == ("电梯", "", ["photo"])
    assert [each.files[0].kind for each in (voice, document, video)] == ["voice", "file", "video"]
    assert place.location == (22.5, 114.1)
    assert phone.phone == "+8613800000000"
    assert sticker.unknown == "sticker"
    assert (forwarded.text, forwarded.forwarded) == ("听说停水", True)


async def test_a_correction(telegram: TelegramServer, channel: TelegramChannel, inbox: Inbox) -> None:
    li = telegram.user("李阿姨")
    said = await li.sends("三楼漏水")
    await li.edits(said, "四楼漏水")
    await telegram.idle()
    assert [(each.text, each.edited) for each in inbox.all] == [("三楼漏水", False), ("四楼漏水", True)]


async def test_in_a_group(telegram: TelegramServer, channel: TelegramChannel, inbox: Inbox) -> None:
    li, wang = telegram.user("李阿姨"), telegram.user("王大爷")
    group = telegram.group("3号楼", [li, wang], supergroup=True)
    await li.sends("大家好", in_=group)
    await li.sends("@red_steward_bot 三楼漏水", in_=group)
    await wang.sends("/report@red_steward_bot 停电", in_=group)
    await telegram.idle()
    arrived, mention, command = inbox.all
    assert (arrived.reach, arrived.group, arrived.chat) == ("back", True, str(group.id))
    assert (mention.text, mention.mentioned, mention.user) == ("三楼漏水", True, str(li.id))
    assert (command.text, command.mentioned, command.user) == ("/report 停电", True, str(wang.id))
    (outcome,) = await say(channel, group.id, card())
    assert isinstance(outcome, Delivered)
    await li.replies((await group.screen())[-1], "在三楼", in_=group)
    await telegram.idle()
    assert (inbox.all[-1].mentioned, inbox.all[-1].reply_to) == (True, outcome.message)


async def test_a_press_may_bring_anything(telegram: TelegramServer, channel: TelegramChannel, inbox: Inbox) -> None:
    li = telegram.user("李阿姨")
    await li.starts()
    await say(channel, li.id, card())
    await li.presses_data(await li.reads(), "'; DROP TABLE case_; --")
    await li.presses_data(424242, "old")
    await telegram.idle()
    assert [each.press.data for each in inbox.all if each.press] == ["'; DROP TABLE case_; --", "old"]


async def test_a_group_throws_the_bot_out(telegram: TelegramServer, channel: TelegramChannel, inbox: Inbox) -> None:
    group = telegram.group("3号楼", [telegram.user("李阿姨")])
    group.kicks_bot()
    await telegram.idle()
    assert (inbox.all[-1].reach, inbox.all[-1].group) == ("blocked", True)
    (outcome,) = await say(channel, group.id, Message("x"))
    assert isinstance(outcome, Refused)
    assert outcome.gone


async def test_an_unknown_update_is_passed_over(
    telegram: TelegramServer, channel: TelegramChannel, inbox: Inbox
) -> None:
    with structlog.testing.capture_logs():
        telegram.inject({"brand_new": {"text": "漏水"}})
        telegram.inject({"message": {"text": "漏水"}})
        await telegram.user("李阿姨").sends("停电")
        await telegram.idle()
    assert inbox.taken == ["停电"]


async def test_the_same_update_twice_has_the_same_key(
    telegram: TelegramServer, channel: TelegramChannel, inbox: Inbox
) -> None:
    li = telegram.user("李阿姨")
    await li.sends("漏水")
    await telegram.idle()
    await telegram.send_again(telegram.last_update_id)
    await inbox.until(2)
    assert len(set(inbox.keys)) == 1
    await li.sends("停电")
    await telegram.idle()
    assert inbox.taken == ["漏水", "漏水", "停电"]


async def test_numbers_that_begin_anew(telegram: TelegramServer, channel: TelegramChannel, inbox: Inbox) -> None:
    li = telegram.user("李阿姨")
    for number, start in enumerate((telegram.last_update_id + 1, 50_000, 950_000_000)):
        if number:
            telegram.jumps(start)
        await li.sends(str(number))
        await telegram.idle()
    assert inbox.taken == ["0", "1", "2"]
