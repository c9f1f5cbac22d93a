"""What one process is sending at the moment, and how much more it takes in hand."""

import asyncio

from bot.outrows import ANSWERS, NOTICES, WARNINGS, Claimed
from handlers.priority import WARNING

AT_ONCE = (160, 40, 30)  # answers, warnings, notices; of the latter about as much as a platform takes in a second


class InHand:
    """Rows that are waiting for their turn or being sent."""

    def __init__(self) -> None:
        self.tasks: dict[int, asyncio.Task[None]] = {}  # by the row's number
        self._counts = [0, 0, 0]  # of each of the three

    def __len__(self) -> int:
        return len(self.tasks)

    def take(self, claimed: Claimed, task: asyncio.Task[None]) -> None:
        """Count a row in, with what sends it."""
        self.tasks[claimed.delivery.id] = task
        self._counts[_kind(claimed)] += 1

    def end(self, claimed: Claimed) -> bool:
        """Count a row out; return whether more of its kind may be taken in hand."""
        del self.tasks[claimed.delivery.id]
        self._counts[_kind(claimed)] -= 1
        return self._room(_kind(claimed)) > 0

    def numbers(self) -> frozenset[int]:
        """Return the rows: whatever becomes of their lease meanwhile, they must not be taken twice."""
        return frozenset(self.tasks)

    def rooms(self) -> tuple[int, int, int]:
        """Return how many answers, warnings and notices may be taken."""
        return self._room(ANSWERS), self._room(WARNINGS), self._room(NOTICES)

    def has_room(self, kind: int) -> bool:
        """Tell whether one more of a kind may be taken in hand at once. May be asked from any thread."""
        return self._counts[kind] < AT_ONCE[kind]

    def _room(self, kind: int) -> int:
        """Return how many more may be taken: in bulk half of them at once, so that few look-ups find many."""
        free = AT_ONCE[kind] - self._counts[kind]
        return free if kind == ANSWERS or 2 * free >= AT_ONCE[kind] else 0


def _kind(claimed: Claimed) -> int:
    if claimed.priority < WARNING:
        return ANSWERS
    return WARNINGS if claimed.priority == WARNING else NOTICES
