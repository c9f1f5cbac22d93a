"""Telegram's flood limits, kept on a real clock.

Source: https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this: not more than one message
per second in a chat, 20 messages per minute to a group, about 30 messages per second in all. Telegram bends these in
short bursts and does not say how far; the simulator holds to the numbers with 5 % tolerance for the way over the
network, counts edits like messages and an album as one.
"""

import math
from collections import Counter, deque
from dataclasses import dataclass, field, replace
from typing import Self

from tests.simulators.telegram.errors import too_many


@dataclass(frozen=True, slots=True)
class Limits:
    """What the server allows; None: no such limit."""

    per_second: int | None = 30  # messages of the whole bot
    chat_seconds: float | None = 1.0  # the time in which one chat takes `chat_burst` messages
    chat_burst: int = 1
    group_per_minute: int | None = 20
    tolerance: float = 0.05  # part by which every span is shortened
    webhook_seconds: float | None = 1.0  # between two calls of setWebhook
    query_seconds: float = 15.0  # a press can be answered for so long; not documented, reports say 10 to 60
    download_bytes: int = 20 * 1024 * 1024  # getFile
    upload_bytes: int = 50 * 1024 * 1024  # sendDocument and others
    photo_bytes: int = 10 * 1024 * 1024  # sendPhoto

    @classmethod
    def off(cls) -> Self:
        """Return limits without any flood control, for measuring speed."""
        return cls(per_second=None, chat_seconds=None, group_per_minute=None, webhook_seconds=None)

    def but(self, **changes: float | None) -> Self:
        """Return them with some changed."""
        return replace(self, **changes)  # type: ignore[arg-type]


class Window:
    """Lets `count` calls through in any `seconds`."""

    __slots__ = ("seconds", "times")

    def __init__(self, count: int, seconds: float) -> None:
        self.seconds = seconds
        self.times: deque[float] = deque(maxlen=count)

    def wait(self, now: float) -> float:
        """Return how many seconds are left until the next call is let through."""
        if len(self.times) < (self.times.maxlen or 0):
            return 0.0
        return max(0.0, self.times[0] + self.seconds - now)

    def take(self, now: float) -> None:
        """Book a call."""
        self.times.append(now)


@dataclass(slots=True)
class Flood:
    """Counts the calls that count, and refuses those beyond the limits.

    After a refusal the same scope stays shut until its `retry_after` is over: `early` counts calls that came before.
    """

    limits: Limits
    refused: Counter[str] = field(default_factory=Counter)  # by scope: "all", "chat", "group", "setWebhook"
    early: int = 0
    _windows: dict[object, Window] = field(default_factory=dict)
    _shut: dict[object, float] = field(default_factory=dict)

    def take(self, chat: int, now: float, *, group: bool) -> None:
        """Let a message through and book it, or raise."""
        scopes = self._scopes(chat, group=group)
        for name, key, window in scopes:
            self._check(name, key, window, now)
        for _, _, window in scopes:
            window.take(now)

    def take_webhook(self, now: float) -> None:
        """Let a call of setWebhook through, or raise."""
        if self.limits.webhook_seconds is None:
            return
        window = self._window("setWebhook", 1, self.limits.webhook_seconds)
        self._check("setWebhook", "setWebhook", window, now)
        window.take(now)

    def _scopes(self, chat: int, *, group: bool) -> list[tuple[str, object, Window]]:
        limits, found = self.limits, list[tuple[str, object, Window]]()
        if limits.per_second is not None:
            found.append(("all", "all", self._window("all", limits.per_second, 1.0)))
        if limits.chat_seconds is not None:
            found.append(("chat", chat, self._window(chat, limits.chat_burst, limits.chat_seconds)))
        if group and limits.group_per_minute is not None:
            key = ("group", chat)
            found.append(("group", key, self._window(key, limits.group_per_minute, 60.0)))
        return found

    def _window(self, key: object, count: int, seconds: float) -> Window:
        window = self._windows.get(key)
        if window is None:
            window = self._windows[key] = Window(count, seconds * (1 - self.limits.tolerance))
        return window

    def _check(self, name: str, key: object, window: Window, now: float) -> None:
        shut = self._shut.get(key, 0.0) - now
        wait = max(window.wait(now), shut)
        if wait <= 0:
            self._shut.pop(key, None)
            return
        seconds = max(1, math.ceil(wait))
        self.refused[name] += 1
        self.early += shut > 0
        if shut <= 0:
            self._shut[key] = now + seconds * (1 - self.limits.tolerance)
        raise too_many(seconds)
