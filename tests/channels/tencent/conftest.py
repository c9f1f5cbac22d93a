"""What the tests of both platforms share."""

from collections.abc import AsyncIterator

import pytest

from bot.channels.tencent.http import Http


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    """A pool of connections."""
    opened = Http()
    yield opened
    await opened.close()
