"""Whose limit a 429 is about: Telegram does not say whether the chat or the whole bot sent too much."""

from collections import deque

from bot.channels.telegram.limits import PACE

SECOND = 1.0
BUSY_SHARE = 0.5  # of the bot's own limit; above it, the whole bot may be what is too fast


class Floods:
    """Remembers what was sent within the last second and which chats are under a pause.

    A 429 is the chat's own if this process is far below the bot's limit and no other chat is under a pause: several
    chats at once, or a busy second, mean the bot. Times are seconds of a clock that only moves on.
    """

    def __init__(self, per_second: float | None = PACE.per_second) -> None:
        self._busy = BUSY_SHARE * (per_second or 0)
        self._sent: deque[float] = deque()
        self._paused: dict[str, float] = {}

    def sent(self, now: float) -> None:
        """Note one call."""
        self._sent.append(now)
        while self._sent[0] < now - SECOND:
            self._sent.popleft()

    def everyone(self, chat: str, seconds: float, now: float) -> bool:
        """Note a 429 and tell whether to take it as the bot's."""
        self._paused = {other: until for other, until in self._paused.items() if until > now and other != chat}
        others = bool(self._paused)
        self._paused[chat] = now + seconds
        busy = sum(1 for moment in self._sent if moment > now - SECOND)
        return others or busy > self._busy
