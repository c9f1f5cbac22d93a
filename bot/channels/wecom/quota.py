"""How often a member or a group was written to lately, counted in the database: by all processes, and over restarts.

What is beyond WeCom's limits is dropped there without a word, or refused: it must not be sent. The outbox keeps its own
pace; this is what holds when several processes send, or one has just been started. Counted in spans of ten seconds, so
that a row stays small: a limit is kept up to one span too long, never too short.
"""

import math
from datetime import datetime

from sqlalchemy.orm import Session

from bot.channels.wecom.limits import PACE, ROBOT_PER_MINUTE
from bot.channels.wecom.parse import CHANNEL
from bot.clock import Clock
from storage.channel_models import ChatSent
from storage.engine import Store
from storage.upsert import insert_or_ignore

SPAN = 10  # seconds
LONGEST = max(seconds for _count, seconds in PACE.chat_windows)
Windows = tuple[tuple[int, float], ...]
"""So many calls in so many seconds."""

ROBOT_WINDOWS: Windows = ((ROBOT_PER_MINUTE, 60.0),)


class Quota:
    """Counts each sending before it is made."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def take(self, chat: str, windows: Windows = PACE.chat_windows) -> float:
        """Count a sending and return 0; where the chat has had enough, return in how many seconds to try again."""
        now = self._clock.now()
        return await self._store.write(lambda session: _take(session, chat, windows, now))


def _take(session: Session, chat: str, windows: Windows, now: datetime) -> float:
    insert_or_ignore(session, ChatSent, {"channel": CHANNEL, "chat": chat, "spans": {}})
    row = session.get_one(ChatSent, (CHANNEL, chat), with_for_update=True)
    moment = now.timestamp()
    present = int(moment // SPAN)
    counts = {int(span): count for span, count in row.spans.items() if int(span) >= present - LONGEST // SPAN}
    wait = max(_free_at(counts, count, seconds, present) - moment for count, seconds in windows)
    if wait > 0:
        return wait
    row.spans = {str(span): count for span, count in (counts | {present: counts.get(present, 0) + 1}).items()}
    return 0.0


def _free_at(counts: dict[int, int], most: int, seconds: float, present: int) -> float:
    """Return the moment from which on fewer than `most` were sent in the last `seconds`; 0: they were not."""
    reach = math.ceil(seconds / SPAN)
    recent = sorted((span, count) for span, count in counts.items() if span >= present - reach)
    had, free = sum(count for _span, count in recent), 0.0
    for span, count in recent:
        if had < most:
            break
        had, free = had - count, float((span + reach + 1) * SPAN)
    return free
