"""What goes wrong with Telegram, its people and groups has a next step."""

import asyncio

import pytest
import structlog

from bot.channels.base import Delivered, Later, Moved, Refused
from bot.channels.telegram import TelegramChannel
from handlers.message import Message
from tests.channels.telegram.inbox import Inbox
from tests.channels.telegram.running import started
from tests.channels.telegram.story import new_channel, say
from tests.simulators.telegram import Limits, TelegramServer

pytestmark = pytest.mark.usefixtures("quick")


async def test_who_blocks_the_bot_is_not_reached(
    telegram: TelegramServer, channel: TelegramChannel, inbox: Inbox
) -> None:
    li = telegram.user("李阿姨")
    await li.starts()
    await li.blocks()
    await telegram.idle()
    (outcome,) = await say(channel, li.id, Message("x"))
    assert outcome == Refused("bot was blocked by the user", gone=True)
    await li.unblocks()
    await telegram.idle()
    assert [each.reach for each in inbox.all] == [None, "blocked", "back"]
    (outcome,) = await say(channel, li.id, Message("x"))
    assert isinstance(outcome, Delivered)


async def test_who_never_wrote_and_who_left(telegram: TelegramServer, channel: TelegramChannel) -> None:
    stranger, gone = telegram.user("路人"), telegram.user("李阿姨")
    await gone.starts()
    await gone.leaves_telegram()
    for chat in (stranger.id, gone.id, 999):
        (outcome,) = await say(channel, chat, Message("x"))
        assert isinstance(outcome, Refused)
        assert outcome.gone


async def test_a_group_moves(telegram: TelegramServer, channel: TelegramChannel, inbox: Inbox) -> None:
    group = telegram.group("3号楼", [telegram.user("李阿姨")])
    old = group.id
    new = group.migrates()
    await telegram.idle()
    assert (inbox.all[-1].chat, inbox.all[-1].moved_to) == (str(old), str(new))
    assert await say(channel, old, Message("x")) == [Moved(str(new))]
    (outcome,) = await say(channel, new, Message("x"))
    assert isinstance(outcome, Delivered)


async def test_a_flood_says_how_long_to_wait(telegram: TelegramServer, channel: TelegramChannel) -> None:
    li, wang = telegram.user("李阿姨"), telegram.user("王大爷")
    await li.starts()
    await wang.starts()
    telegram.limit(Limits())
    (first,) = await say(channel, li.id, Message("a"))
    (second,) = await say(channel, li.id, Message("b"))
    (other,) = await say(channel, wang.id, Message("c"))
    assert isinstance(first, Delivered)
    assert second == Later("telegram asks for a pause", 1, everyone=False)
    assert isinstance(other, Delivered)


async def test_stopping_and_starting_repeats_nothing(telegram: TelegramServer, inbox: Inbox) -> None:
    li = telegram.user("李阿姨")
    async with started(new_channel(telegram), inbox):
        await li.sends("漏水")
        await inbox.until(1)
    assert telegram.pending == 0
    await li.sends("停电")
    async with started(new_channel(telegram), inbox):
        await telegram.idle()
    assert inbox.taken == ["漏水", "停电"]


async def test_a_desk_that_dies_before_it_confirms_gets_it_again(telegram: TelegramServer, inbox: Inbox) -> None:
    li = telegram.user("李阿姨")
    inbox.failing["漏水"] = 1000
    with structlog.testing.capture_logs():
        async with started(new_channel(telegram), inbox):
            await li.sends("漏水")
            await asyncio.sleep(0.1)
    assert telegram.pending == 1
    inbox.failing.clear()
    async with started(new_channel(telegram), inbox):
        await telegram.idle()
    assert inbox.taken == ["漏水"]


async def test_telegram_goes_down_and_comes_up(
    telegram: TelegramServer, channel: TelegramChannel, inbox: Inbox
) -> None:
    li = telegram.user("李阿姨")
    await li.sends("漏水")
    await telegram.idle()
    with structlog.testing.capture_logs():
        await telegram.goes_down()
        assert await say(channel, li.id, Message("x")) == [Later("NetworkError")]
        await li.sends("停电")
        await telegram.comes_up()
        await telegram.idle()
    assert inbox.taken == ["漏水", "停电"]


async def test_two_desks_with_one_token(telegram: TelegramServer, channel: TelegramChannel, inbox: Inbox) -> None:
    """They disturb each other and say so; each update is still taken."""
    other = Inbox()
    li = telegram.user("李阿姨")
    with structlog.testing.capture_logs() as logs:
        async with started(new_channel(telegram), other):
            await asyncio.sleep(0.2)
            await li.sends("漏水")
            await telegram.idle()
    assert "telegram_polling_conflict" in {log["event"] for log in logs}
    assert {inbound.text for inbound in (*inbox.all, *other.all)} == {"漏水"}
