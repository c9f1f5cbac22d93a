"""Lifts and cellars: the connection goes, what was written stays."""

import asyncio

import pytest
from playwright.async_api import expect

from bot.channels.web import sockets
from handlers.inbound import Inbound
from tests.browser.screen import PATIENCE, Glass
from tests.channels.web.desk import ParrotDesk
from tests.channels.web.serve import serving

pytestmark = pytest.mark.asyncio(loop_scope="session")


def port(host: str) -> int:
    return int(host.rpartition(":")[2])


async def test_what_is_written_without_a_connection_is_sent_once_when_it_is_back(
    glass: Glass, desk: ParrotDesk
) -> None:
    async with serving(desk.channel.routes()) as host:
        screen = await glass.open(host)
        await screen.say("第一句")
        await screen.reply("第一句")
    banner = screen.root.locator(".banner")
    await screen.say("第二句")
    await screen.say("第三句")
    assert await screen.root.locator(".fate", has_text="发送中…").count() == 2
    await banner.get_by_text("正在重新连接").wait_for(timeout=PATIENCE)
    async with serving(desk.channel.routes(), port(host)):
        await screen.reply("第三句")
        await screen.is_sent(3)
        await expect(banner).to_be_hidden()
    assert [heard.text for heard in desk.heard] == ["第一句", "第二句", "第三句"]
    assert [text.split()[-1] for text in await screen.texts()].count("第三句") == 2


async def test_even_a_page_that_was_closed_meanwhile_loses_nothing(glass: Glass, desk: ParrotDesk) -> None:
    async with serving(desk.channel.routes()) as host:
        screen = await glass.open(host)
        await screen.say("第一句")
        await screen.reply("第一句")
    await screen.say("第二句")
    await screen.page.close()
    async with serving(desk.channel.routes(), port(host)):
        again = await glass.open(host, context=screen.page.context)
        await again.reply("第二句")
        await again.is_sent(2)
        assert await again.measure("Object.keys(localStorage).length") == 0
    assert [heard.text for heard in desk.heard] == ["第一句", "第二句"]


async def test_a_message_whose_receipt_got_lost_is_not_taken_twice(
    glass: Glass, host: str, desk: ParrotDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The inbox has committed, the page has not heard of it: it sends the same again."""
    monkeypatch.setitem(sockets.RETRY, "trouble", 0)
    failures = iter([True])

    async def forgetful(inbound: Inbound) -> None:
        await desk.accept(inbound)
        if next(failures, False):
            raise ConnectionResetError("after the commit")

    await desk.channel.start(forgetful)
    screen = await glass.open(host)
    await screen.say("灯不亮")
    await screen.is_sent(1)
    await screen.reply("灯不亮")
    assert len(desk.heard) == 1
    assert len(await screen.texts()) == 2


async def test_while_the_desk_has_trouble_the_words_wait(
    glass: Glass, host: str, desk: ParrotDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sockets.RETRY, "trouble", 1)
    desk.broken = True
    screen = await glass.open(host)
    await screen.say("灯不亮")
    await asyncio.sleep(0.3)
    assert await screen.root.locator(".fate", has_text="发送中…").count() == 1
    assert not await screen.root.locator(".failed").count()
    desk.broken = False
    await screen.is_sent(1)


async def test_a_press_made_without_a_connection_counts_later(glass: Glass, desk: ParrotDesk) -> None:
    async with serving(desk.channel.routes()) as host:
        screen = await glass.open(host)
        await screen.say("card")
        await screen.sees("请核对")
    await screen.presses("提交")
    assert await screen.root.locator(".choice.busy").count() == 1
    async with serving(desk.channel.routes(), port(host)):
        await screen.sees("#1042 电梯")
    assert sum(heard.press is not None for heard in desk.heard) == 1


async def test_without_its_cookie_the_page_gets_a_new_one_and_sends_what_waits(
    glass: Glass, host: str, desk: ParrotDesk
) -> None:
    screen = await glass.open(host)
    await screen.say("第一句")
    await screen.reply("第一句")
    await screen.page.context.clear_cookies()
    desk.channel.hub.close_all()
    await screen.say("第二句")
    await screen.reply("第二句")
    first, second = desk.heard
    assert first.user != second.user
    assert len(await screen.texts()) == 2


async def test_two_tabs_show_the_same_conversation(glass: Glass, host: str, desk: ParrotDesk) -> None:
    screen = await glass.open(host)
    other = await glass.open(host, context=screen.page.context)
    await screen.say("灯不亮")
    await other.reply("灯不亮")
    assert await other.texts() == await screen.texts()
    await other.say("还有漏水")
    await screen.reply("还有漏水")
    assert len(desk.heard) == 2
