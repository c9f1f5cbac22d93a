"""An inbox for tests: keeps what it takes, and fails or waits when told to."""

import asyncio
from collections import Counter

from handlers.inbound import Inbound


class Inbox:
    """Stands where the real inbox stands."""

    def __init__(self) -> None:
        self.taken: list[str] = []  # texts, in the order they were committed
        self.all: list[Inbound] = []
        self.tries: Counter[str] = Counter()
        self.failing: Counter[str] = Counter()  # by text: how often it still fails
        self.slow: dict[str, float] = {}  # by chat: seconds a commit takes
        self.now: Counter[str] = Counter()  # by chat: how many are in hand
        self._news = asyncio.Event()

    async def accept(self, inbound: Inbound) -> None:
        self.tries[inbound.text] += 1
        self.now[inbound.chat] += 1
        assert self.now[inbound.chat] == 1, "two at once for one chat"
        try:
            await asyncio.sleep(self.slow.get(inbound.chat, 0))
            if self.failing[inbound.text]:
                self.failing[inbound.text] -= 1
                raise RuntimeError("database is locked")
        finally:
            self.now[inbound.chat] -= 1
        self.taken.append(inbound.text)
        self.all.append(inbound)
        self._news.set()

    @property
    def keys(self) -> list[str]:
        """Return the keys of what is committed."""
        return [inbound.key for inbound in self.all]

    async def until(self, count: int, seconds: float = 5) -> list[str]:
        """Wait until so many are committed, then return them."""
        async with asyncio.timeout(seconds):
            while len(self.taken) < count:
                self._news.clear()
                await self._news.wait()
        return self.taken
