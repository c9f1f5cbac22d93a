"""Two processes with one token: one polls, the other takes over; Telegram sees one at a time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import text

from bot import lease
from bot.channels.telegram import TelegramChannel
from bot.channels.telegram.api import Api
from bot.channels.telegram.intake import Intake
from bot.channels.telegram.parse import Me
from bot.channels.telegram.pause import Stopping
from bot.channels.telegram.polling import Poller
from bot.clock import Clock
from bot.lease import Lease
from storage.engine import Store
from tests.channels.telegram.inbox import Inbox
from tests.channels.telegram.running import Configured
from tests.channels.telegram.server import Server
from tests.channels.telegram.updates import message
from tests.simulators.telegram import TelegramServer


@pytest.fixture(autouse=True)
def _quick(quick: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(lease, "RENEW_SECONDS", 0.1)


@asynccontextmanager
async def replica(telegram: TelegramServer, store: Store, inbox: Inbox) -> AsyncIterator[TelegramChannel]:
    settings = Configured("polling", telegram.token, telegram.base_url, telegram.base_file_url)
    channel = TelegramChannel(settings, Clock(), lease=Lease(store, "polling"))
    await channel.start(inbox.accept)
    try:
        await channel.ready()
        yield channel
    finally:
        await channel.stop()


def conflicts(telegram: TelegramServer) -> int:
    return telegram.world.record.outcomes["getUpdates", 409]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_the_other_goes_on_where_one_was_stopped(telegram: TelegramServer, store: Store) -> None:
    first, second = Inbox(), Inbox()
    aunt = telegram.user("李阿姨")
    async with replica(telegram, store, first) as one:
        await aunt.sends("一")
        await first.until(1, 20)
        async with replica(telegram, store, second):
            await aunt.sends("二")
            await first.until(2, 20)
            await one.stop()
            await aunt.sends("三")
            await second.until(1, 20)
    assert (first.taken, second.taken) == (["一", "二"], ["三"])
    assert (conflicts(telegram), telegram.pending) == (0, 0)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_one_that_slept_neither_polls_nor_acknowledges_when_it_wakes_up(
    telegram: TelegramServer, store: Store
) -> None:  # fmt: skip
    first = Inbox()
    aunt = telegram.user("李阿姨")
    first.slow[str(aunt.id)] = 1.0
    async with replica(telegram, store, first):
        await aunt.sends("一")
        async with asyncio.timeout(20):
            while not first.now[str(aunt.id)]:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        # It commits this one in a second, but by then its time is over and another has its turn.
        await store.write(lambda s: s.execute(text("UPDATE lease SET until = now() + interval '1 day', holder = 'x'")))
        await first.until(1, 20)
        asked = len(telegram.calls_of("getUpdates"))
        await asyncio.sleep(0.5)
        assert len(telegram.calls_of("getUpdates")) == asked
        assert telegram.pending == 1  # committed, and not confirmed: whoever has the turn sees it again
        await store.write(lambda s: s.execute(text("UPDATE lease SET until = now()")))
        async with asyncio.timeout(20):
            while telegram.pending:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
    assert (conflicts(telegram), first.taken) == (0, ["一", "一"])  # the inbox knows it by its key


async def test_nothing_is_asked_or_confirmed_while_it_is_not_sure(server: Server, api: Api) -> None:
    inbox, over = Inbox(), Stopping()
    mine = True

    async def sure() -> bool:
        return mine

    poller = Poller(api, Intake(api, Me(42, "fengmei_bot"), inbox.accept, Clock()), over, sure)
    server.send(message(7, {"id": 1001, "type": "private"}, text="a"))
    task = asyncio.create_task(poller.run())
    await inbox.until(1)
    mine = False
    await asyncio.sleep(0.2)
    asked = len(server.calls("getUpdates"))
    server.send(message(8, {"id": 1001, "type": "private"}, text="b"))
    await asyncio.sleep(0.2)
    over.set()
    await task
    await poller.finish()
    assert len(server.calls("getUpdates")) == asked
