"""The servers the Telegram tests talk to."""

from collections.abc import AsyncIterator

import pytest

from bot.channels.telegram.api import Api
from tests.channels.telegram.server import TOKEN, Server, serving


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
