"""How much one person may send: a bucket of messages that fills up again with time."""

import time
from collections import OrderedDict
from collections.abc import Callable

from bot.channels.web.limits import BURST, PER_SECOND

_MANY = 10_000  # buckets; beyond, whoever was quiet the longest is forgotten and begins anew


class Rate:
    """Counts by person, on the machine's own clock: the demo's may jump."""

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def allows(self, user: str) -> bool:
        """Take one message out of the person's bucket; False when it is empty."""
        now = self._seconds()
        left = self._left(user, now)
        if left < 1:
            return False
        self._buckets[user] = (left - 1, now)
        self._buckets.move_to_end(user)
        if len(self._buckets) > _MANY:
            self._buckets.popitem(last=False)
        return True

    def _left(self, user: str, now: float) -> float:
        left, since = self._buckets.get(user, (float(BURST), now))
        return min(float(BURST), left + (now - since) * PER_SECOND)
