"""One person who floods the desk is slowed down, so that the others are heard."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

PER_MINUTE = 60  # updates of one person; an album of photos counts ten, nobody types faster than that
WINDOW = 60.0  # seconds
KEPT = 10_000  # people remembered

Verdict = Literal["take", "tell", "drop"]


@dataclass(slots=True)
class _Count:
    since: float
    number: int = 0


class Flood:
    """Counts what each person sends in a minute."""

    def __init__(self) -> None:
        self._counts: OrderedDict[str, _Count] = OrderedDict()

    def judge(self, who: str, at: datetime) -> Verdict:
        """Count one update: take it, decline it and tell the person (once a minute), or decline it in silence.

        `at` is when the person sent it: what piled up while nobody listened is no flood.
        """
        now = at.timestamp()
        count = self._counts.get(who)
        if count is None or now - count.since >= WINDOW:
            count = self._counts[who] = _Count(now)
        self._counts.move_to_end(who)
        if len(self._counts) > KEPT:
            self._counts.popitem(last=False)
        count.number += 1
        if count.number <= PER_MINUTE:
            return "take"
        return "tell" if count.number == PER_MINUTE + 1 else "drop"
