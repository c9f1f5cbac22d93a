"""The servers the Telegram tests talk to, and the channel that talks to them."""

from collections.abc import AsyncIterator

import pytest

from bot.channels.telegram import TelegramChannel, arrivals, line, menus, polling
from bot.channels.telegram.api import Api
from bot.channels.telegram.deliver import Sender
from tests.channels.telegram.inbox import Inbox
from tests.channels.telegram.running import started
from tests.channels.telegram.server import TOKEN, Server, serving
from tests.channels.telegram.story import new_channel
from tests.simulators.telegram import Limits, TelegramServer


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    """A Bot API that says what it is told to."""
    async with serving() as running:
        yield running


@pytest.fixture
async def api(server: Server) -> AsyncIterator[Api]:
    """The Bot API as the channel calls it."""
    opened = Api(TOKEN, server.base_url, server.base_file_url)
    yield opened
    await opened.close()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing wait longer than a test can."""
    monkeypatch.setattr(arrivals, "FIRST_RETRY", 0.01)
    monkeypatch.setattr(polling, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(polling, "CONFLICT_PAUSE", 0.02)
    monkeypatch.setattr(polling, "SETTLE", 0.05)
    monkeypatch.setattr(line, "FIRST_RETRY", 0.01)
    monkeypatch.setattr(menus, "PAUSE", 0)


@pytest.fixture
async def telegram() -> AsyncIterator[TelegramServer]:
    """Telegram without flood limits; at the end of each test no rule of the Bot API must have been broken."""
    async with TelegramServer(limits=Limits.off()) as running:
        yield running
        assert running.violations == []


@pytest.fixture
def inbox() -> Inbox:
    """Where updates end up."""
    return Inbox()


@pytest.fixture
async def channel(quick: None, telegram: TelegramServer, inbox: Inbox) -> AsyncIterator[TelegramChannel]:
    """A channel that polls Telegram."""
    async with started(new_channel(telegram), inbox) as running:
        yield running


@pytest.fixture
async def sender(api: Api) -> Sender:
    """What delivers planned calls."""
    return Sender(api)
