"""A running channel for tests."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bot.channels.telegram import TelegramChannel
from tests.channels.telegram.inbox import Inbox


@dataclass(frozen=True, slots=True)
class Configured:
    """The settings of a channel."""

    mode: str
    token: str
    base_url: str
    base_file_url: str
    webhook_url: str = ""
    webhook_secret: str = ""
    per_second: float = 30


@asynccontextmanager
async def started(channel: TelegramChannel, inbox: Inbox) -> AsyncIterator[TelegramChannel]:
    """Run a channel for the length of a block."""
    await channel.start(inbox.accept)
    async with asyncio.timeout(5):
        await channel.ready()
    try:
        yield channel
    finally:
        await channel.stop()
