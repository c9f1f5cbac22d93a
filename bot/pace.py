"""Keeps to the pace a platform allows: all chats together, one chat, one group."""

import asyncio
import itertools
import math
from collections import deque
from collections.abc import Sequence

from bot.channels.base import Pace
from storage.shares import Use

GROUP_WINDOW = 60.0  # seconds in which `Pace.group_per_minute` counts
SPARE = 1.002  # the window is so much longer than the platform's: its clock may run a little faster than ours
CATCH_UP = 0.3  # seconds by which the beat may be late and still make up for it: a loop is never quite on time
UNANSWERED = 5.0  # seconds after which a call without an answer no longer counts: it may be an upload, or hang
SAMPLES = 100  # calls whose fastest says what every call takes at the least
LAST_TOO = 10  # every so manieth turn goes to whoever comes last, so that answers in any number starve nobody
HELD = 10.0  # seconds; waiting less than that is worth it
KEPT = 10_000  # chats remembered; those that are free again are forgotten then


class Window:
    """Lets `count` calls begin so that the platform counts no more in any `seconds`.

    It counts a call somewhere between our sending it and its answer, we do not know where. So a call counts here from
    its beginning until `seconds` after its answer, less the time that every call takes at the least: that passes for
    the next one as well. However calls bunch up on their way, the platform sees no window with too many.
    """

    def __init__(self, count: float, seconds: float) -> None:
        self._count = count
        self._seconds = seconds
        self._begun: dict[int, float] = {}  # calls without an answer yet
        self._answered: deque[float] = deque()
        self._took: deque[float] = deque(maxlen=SAMPLES)

    def free_at(self, now: float) -> float:
        """Return when the next call may begin; `now` or earlier: at once."""
        if self.in_use(now) < self._count:
            return now
        if self._count < 1:
            return math.inf
        lasts = self._lasts
        ends = sorted([at + lasts for at in self._answered] + [at + UNANSWERED for at in self._begun.values()])
        return ends[len(ends) - int(self._count)]

    def in_use(self, now: float) -> int:
        """Return how many calls count now."""
        lasts = self._lasts
        while self._answered and self._answered[0] + lasts <= now:
            self._answered.popleft()
        self._begun = {turn: at for turn, at in self._begun.items() if at + UNANSWERED > now}
        return len(self._answered) + len(self._begun)

    def allow(self, count: float) -> None:
        """Let another number begin from now on."""
        self._count = count

    @property
    def _lasts(self) -> float:
        known = len(self._took) == SAMPLES  # of a few, the fastest says nothing
        return self._seconds - (min(self._took) if known else 0.0)

    def begin(self, turn: int, now: float) -> None:
        """Count a call that begins."""
        self._begun[turn] = now

    def answered(self, turn: int, now: float) -> None:
        """Count it from now on as one that was answered."""
        begun = self._begun.pop(turn, None)
        if begun is not None:
            self._took.append(now - begun)
        self._answered.append(now)

    def forget(self, turn: int) -> None:
        """Count it no longer: it was not made."""
        self._begun.pop(turn, None)


class ChatWindows:
    """Lets so many calls to one chat begin in any span, for several spans; a call counts from its answer on."""

    def __init__(self, spans: Sequence[tuple[int, float]]) -> None:
        self._spans = [(count, seconds * SPARE) for count, seconds in spans]
        self._chats: dict[str, dict[int, float]] = {}  # turn: when it counts from, the oldest first

    def free_at(self, chat: str, now: float) -> float:
        """Return when the next call to the chat may begin; `now` or earlier: at once."""
        turns = list(self._chats.get(chat, {}).values())
        ends = [turns[-count] + seconds for count, seconds in self._spans if len(turns) >= count]
        return max(ends, default=now)

    def begin(self, chat: str, turn: int, now: float) -> None:
        """Count a call that begins."""
        if not self._spans:
            return
        if len(self._chats) >= KEPT and chat not in self._chats:
            self._forget_idle(now)
        turns = self._chats.setdefault(chat, {})
        turns[turn] = now
        longest = max(count for count, _seconds in self._spans)
        while len(turns) > longest:
            del turns[next(iter(turns))]

    def answered(self, chat: str, turn: int, now: float) -> None:
        """Count it from now on: it may have arrived no earlier than just before."""
        if turn in self._chats.get(chat, {}):
            turns = self._chats[chat]
            del turns[turn]
            turns[turn] = now

    def forget(self, chat: str, turn: int) -> None:
        """Count it no longer: it was not made."""
        self._chats.get(chat, {}).pop(turn, None)

    def _forget_idle(self, now: float) -> None:
        longest = max(seconds for _count, seconds in self._spans)
        self._chats = {
            chat: turns for chat, turns in self._chats.items() if turns and max(turns.values()) + longest > now
        }


class Pacer:
    """Hands out turns, one at a time, in an even beat, and never more than the platform's window takes.

    Whoever waits with the smallest priority is next, so an answer does not stand behind a thousand notices.
    """

    def __init__(self, pace: Pace) -> None:
        count = max(1, int(pace.per_second)) if pace.per_second else math.inf
        seconds = SPARE * count / pace.per_second if pace.per_second else 0.0
        self.whole = int(count) if pace.per_second else None  # what all processes together may do in a span; None: any
        self._limit = count  # this one's part of it
        self._limit_until = math.inf
        self._told_until = 0.0  # the platform has told this process to wait so long
        self._window = Window(count, seconds)
        self._seconds = seconds
        self._chat = pace.chat_seconds or 0.0
        self._group = GROUP_WINDOW / pace.group_per_minute if pace.group_per_minute else 0.0
        self._chat_windows = ChatWindows(pace.chat_windows)
        self._next = 0.0
        self._chats: dict[str, float] = {}
        self._waiting: dict[int, deque[asyncio.Future[int]]] = {}  # by priority
        self._turns = itertools.count(1)
        self._timer: asyncio.TimerHandle | None = None

    async def turn(self, chat: str, *, group: bool, priority: int = 0) -> int:
        """Wait until something may be sent to the chat; return the turn's number."""
        loop = asyncio.get_running_loop()
        if (wait := self.chat_waits(chat)) > 0:
            await asyncio.sleep(wait)
        if not (self._seconds or self._waiting) and self._free_at(now := loop.time()) <= now:  # nothing to keep to
            turn = next(self._turns)
            self._begin(turn, now)
        else:
            granted: asyncio.Future[int] = loop.create_future()
            self._waiting.setdefault(priority, deque()).append(granted)
            self._set_timer()
            turn = await granted
        self._chat_windows.begin(chat, turn, loop.time())
        self._keep_free(chat, loop.time(), group=group)
        return turn

    def chat_waits(self, chat: str) -> float:
        """Return for how many seconds the chat takes nothing more; better put off than waited for, where it is long."""
        return max(0.0, self._chat_free_at(chat) - asyncio.get_running_loop().time())

    def arrived(self, turn: int, chat: str, *, group: bool) -> None:
        """Count the pause from when the call was answered: it may have arrived no earlier than just before."""
        now = asyncio.get_running_loop().time()
        self._window.answered(turn, now)
        self._chat_windows.answered(chat, turn, now)
        self._keep_free(chat, now, group=group)
        self._set_timer()

    def unused(self, turn: int, chat: str = "") -> None:
        """Give a turn back that was not used."""
        self._window.forget(turn)
        self._chat_windows.forget(chat, turn)
        self._set_timer()

    @property
    def held(self) -> bool:
        """Whether nothing can be sent for a while: then it is better not to claim anything."""
        now = asyncio.get_running_loop().time()
        return self._next > now + HELD or not self._limit or self._limit_until <= now

    def hold(self, seconds: float) -> None:
        """Send nothing to anybody for so long: the platform throttles all of us."""
        self._told_until = max(self._told_until, asyncio.get_running_loop().time() + seconds)
        self.heed(seconds)

    def heed(self, seconds: float) -> None:
        """Send nothing either: another process was told to wait so long."""
        self._next = max(self._next, asyncio.get_running_loop().time() + seconds)

    def use(self) -> Use:
        """Return what is made use of, for the other processes."""
        now = asyncio.get_running_loop().time()
        limit = int(self._limit) if self._limit_until > now else 0
        return Use(limit, self._window.in_use(now), self._told_until - now if self._told_until > now else None)

    def share(self, count: int, seconds: float) -> None:
        """Keep to so many of the whole, for so long; then to none, until told anew."""
        self._limit, self._limit_until = count, asyncio.get_running_loop().time() + seconds
        self._window.allow(count)
        self._set_timer()

    def between(self, *, group: bool) -> float:
        """Return the seconds between two calls to one chat."""
        return max(self._chat, self._group if group else 0.0)

    def rest(self, chat: str, seconds: float) -> None:
        """Leave a chat alone for so long: another process has just written to it."""
        free = asyncio.get_running_loop().time() + seconds
        self._chats[chat] = max(self._chats.get(chat, 0.0), free)

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._waiting:
            loop = asyncio.get_running_loop()
            if (free := self._free_at(loop.time())) < math.inf:
                self._timer = loop.call_at(max(loop.time(), free), self._grant)

    def _free_at(self, now: float) -> float:
        """Return when the next turn is given; never, as things stand, where nothing may be sent until told anew."""
        return max(self._next, self._window.free_at(now)) if self._limit_until > now else math.inf

    def _grant(self) -> None:
        """Give turns while there are any and somebody waits."""
        now, self._timer = asyncio.get_running_loop().time(), None
        while self._waiting and self._free_at(now) <= now:
            turn = next(self._turns)
            granted = self._first(last_too=turn % LAST_TOO == 0)
            if granted is not None:
                self._begin(turn, now)
                granted.set_result(turn)
        self._set_timer()

    def _begin(self, turn: int, now: float) -> None:
        self._next = max(self._next, now - CATCH_UP) + self._seconds / self._limit
        self._window.begin(turn, now)

    def _first(self, *, last_too: bool) -> asyncio.Future[int] | None:
        """Take who is next out of the queue; None where they do not wait any more."""
        priority = max(self._waiting) if last_too else min(self._waiting)
        granted = self._waiting[priority].popleft()
        if not self._waiting[priority]:
            del self._waiting[priority]
        return None if granted.done() else granted

    def _chat_free_at(self, chat: str) -> float:
        return max(self._chats.get(chat, 0.0), self._chat_windows.free_at(chat, asyncio.get_running_loop().time()))

    def _keep_free(self, chat: str, at: float, *, group: bool) -> None:
        if not (between := self.between(group=group)):
            return
        if len(self._chats) >= KEPT:
            now = asyncio.get_running_loop().time()
            self._chats = {name: free for name, free in self._chats.items() if free > now}
        self._chats[chat] = at + between
