"""The queue of updates, with the semantics of getUpdates to the letter.

An update is forgotten only by a call with a higher offset. An offset far beyond the queue's end is taken for nothing:
that is how a bot goes on after the numbering has begun anew at a lower number.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import islice

from tests.simulators.telegram.errors import Json, conflict
from tests.simulators.telegram.methods import ASKED_FOR_ONLY, UPDATE_KINDS
from tests.simulators.telegram.waiting import Signal

DEFAULT_KINDS = UPDATE_KINDS - ASKED_FOR_ONLY
REMEMBERED = 10_000  # updates that can be sent again
AHEAD = 10  # an offset further beyond the end than this is ignored
OTHER_POLL = "terminated by other getUpdates request; make sure that only one bot instance is running"


@dataclass(slots=True)
class UpdateQueue:
    """Updates that wait for the bot."""

    next_id: int
    allowed: frozenset[str] = DEFAULT_KINDS
    pending: OrderedDict[int, Json] = field(default_factory=OrderedDict)
    again: deque[Json] = field(default_factory=deque)  # to be delivered once more, whatever the offset
    again_out: int = 0
    known: OrderedDict[int, Json] = field(default_factory=OrderedDict)
    changed: Signal = field(default_factory=Signal)
    listener: Callable[[Json], None] | None = None  # the webhook, while one is set
    _poll: "asyncio.Future[None] | None" = None

    def add(self, kind: str, body: Json) -> int | None:
        """Queue an update; None where the bot did not ask for this kind."""
        return self.put({kind: body}) if kind in self.allowed else None

    def put(self, update: Json) -> int:
        """Queue an update of any make; without an `update_id` it gets the next."""
        update_id = update.get("update_id", self.next_id)
        self.next_id = max(self.next_id, update_id + 1)
        update = {"update_id": update_id, **update}
        self.pending[update_id] = self.known[update_id] = update
        if len(self.known) > REMEMBERED:
            self.known.popitem(last=False)
        self._hand_on(update)
        return int(update_id)

    def repeat(self, update_id: int) -> None:
        """Deliver an update once more."""
        update = self.known[update_id]
        if self.listener is None:
            self.again.append(update)
        self._hand_on(update)

    def jump(self, to: int) -> None:
        """Number the next updates from here, as after a week of silence."""
        if self.pending or abs(to - self.next_id) <= AHEAD:
            raise ValueError("the numbering jumps only while nothing is pending, and then far")
        self.next_id = to

    @property
    def waiting(self) -> int:
        """Return how many updates the bot has not confirmed."""
        return len(self.pending) + len(self.again) + self.again_out

    async def get(self, offset: int, limit: int, seconds: float) -> list[Json]:
        """Answer getUpdates; a call that waits is thrown out by the next one."""
        found = self._select(offset, limit)
        if found or seconds <= 0:
            return found
        self.end_poll(OTHER_POLL)
        poll = self._poll = asyncio.get_running_loop().create_future()
        try:
            await asyncio.wait((poll,), timeout=seconds)
        finally:
            if self._poll is poll:
                self._poll = None
        if poll.done():
            poll.result()
        return self._select(offset, limit)

    def end_poll(self, words: str | None = None) -> None:
        """End the call that waits, with a conflict or (None) as if something had come."""
        poll, self._poll = self._poll, None
        if poll is None or poll.done():
            return
        if words is None:
            poll.set_result(None)
        else:
            poll.set_exception(conflict(words))

    def confirm(self, update_id: int) -> None:
        """Forget an update that a webhook took."""
        self.pending.pop(update_id, None)
        self.changed.fire()

    def clear(self) -> None:
        """Forget everything: drop_pending_updates."""
        self.pending.clear()
        self.again.clear()
        self.changed.fire()

    def allow(self, kinds: Iterable[str] | None) -> None:
        """Set the kinds the bot wants; None leaves them as they are, an empty list is the default."""
        if kinds is not None:
            self.allowed = frozenset(kinds) or DEFAULT_KINDS

    def _hand_on(self, update: Json) -> None:
        if self.listener is not None:
            self.listener(update)
        else:
            self.end_poll()

    def _select(self, offset: int, limit: int) -> list[Json]:
        self.again_out = 0
        if offset < 0:
            self._forget_all_but(-offset)
        start = offset if 0 < offset <= self.next_id + AHEAD else 0
        self._forget_below(start)
        first = list(islice(self.again, limit))
        for _ in first:
            self.again.popleft()
        self.again_out = len(first)
        rest = (update for update_id, update in self.pending.items() if update_id >= start)
        found = first + list(islice(rest, limit - len(first)))
        self.changed.fire()
        return found

    def _forget_below(self, offset: int) -> None:
        while self.pending and next(iter(self.pending)) < offset:
            self.pending.popitem(last=False)

    def _forget_all_but(self, count: int) -> None:
        while len(self.pending) > count:
            self.pending.popitem(last=False)

    def __getstate__(self) -> Json:
        return {name: getattr(self, name) for name in ("next_id", "allowed", "pending", "again", "known")}

    def __setstate__(self, state: Json) -> None:
        self.__init__(**state)  # type: ignore[misc]
