"""Keeps to the pace a platform allows: all chats together, one chat, one group."""

import asyncio
import heapq
import itertools

from bot.channels.base import Pace

GROUP_WINDOW = 60.0  # seconds in which `Pace.group_per_minute` counts
MARGIN = 0.9  # of the allowed rate: calls that leave evenly may arrive in a bunch
HELD = 10.0  # seconds; waiting less than that is worth it
KEPT = 10_000  # chats remembered; those that are free again are forgotten then


class Pacer:
    """Hands out turns, one at a time and evenly spaced: that keeps every sliding window, however it is counted.

    Whoever waits with the smallest priority is next, so an answer does not stand behind a thousand notices.
    """

    def __init__(self, pace: Pace) -> None:
        self._every = 1 / (pace.per_second * MARGIN) if pace.per_second else 0.0
        self._chat = pace.chat_seconds or 0.0
        self._group = GROUP_WINDOW / pace.group_per_minute if pace.group_per_minute else 0.0
        self._next = 0.0
        self._chats: dict[str, float] = {}
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._count = itertools.count()
        self._timer: asyncio.TimerHandle | None = None

    async def turn(self, chat: str, *, group: bool, priority: int = 0) -> None:
        """Wait until something may be sent to the chat."""
        loop = asyncio.get_running_loop()
        free = self._chats.get(chat, 0.0)
        if free > loop.time():
            await asyncio.sleep(free - loop.time())
        granted: asyncio.Future[None] = loop.create_future()
        heapq.heappush(self._waiting, (priority, next(self._count), granted))
        self._set_timer()
        await granted
        self._keep_free(chat, loop.time(), group=group)

    def _set_timer(self) -> None:
        loop = asyncio.get_running_loop()
        if self._timer is None and self._waiting:
            self._timer = loop.call_at(max(loop.time(), self._next), self._grant)

    def _grant(self) -> None:
        """Give the turn to the first who still waits."""
        now, self._timer = asyncio.get_running_loop().time(), None
        while self._waiting and self._next <= now:
            granted = heapq.heappop(self._waiting)[2]
            if not granted.done():  # not cancelled meanwhile
                self._next = max(now, self._next) + self._every
                granted.set_result(None)
        self._set_timer()

    def arrived(self, chat: str, *, group: bool) -> None:
        """Count the pause from when the call was answered: it may have arrived no earlier than just before."""
        self._keep_free(chat, asyncio.get_running_loop().time(), group=group)

    @property
    def held(self) -> bool:
        """Whether the platform throttles all of us for a while: then it is better not to claim anything."""
        return self._next > asyncio.get_running_loop().time() + HELD

    def hold(self, seconds: float) -> None:
        """Send nothing to anybody for so long: the platform throttles all of us."""
        self._next = max(self._next, asyncio.get_running_loop().time() + seconds)

    def _keep_free(self, chat: str, at: float, *, group: bool) -> None:
        between = max(self._chat, self._group if group else 0.0)
        if not between:
            return
        if len(self._chats) >= KEPT:
            now = asyncio.get_running_loop().time()
            self._chats = {name: free for name, free in self._chats.items() if free > now}
        self._chats[chat] = at + between
