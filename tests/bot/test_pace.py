"""The pacer on a loop whose time is a number: however calls bunch up on their way, the platform's window holds."""

import asyncio
import itertools
import random
import selectors
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import pytest

from bot.channels.base import Pace
from bot.pace import LAST_TOO, SPARE, Pacer

PER_SECOND = 30
CALLS = 1500

Delay = Callable[[random.Random], float]


class Still(selectors.SelectSelector):
    """Never waits: what it should have waited is the time that passes."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        self.now += timeout or 0.0
        return []


class Imagined(asyncio.SelectorEventLoop):
    """A loop in which only timers make time pass."""

    def __init__(self) -> None:
        self._still = Still()
        super().__init__(self._still)

    def time(self) -> float:
        return self._still.now


def imagine(work: Coroutine[Any, Any, None]) -> None:
    """Run on an imagined clock."""
    loop = Imagined()
    try:
        loop.run_until_complete(work)
    finally:
        loop.close()


class Platform:
    """Counts a call when it arrives, some time after it was sent, and answers some time later."""

    def __init__(self, there: Delay, back: Delay) -> None:
        self._there, self._back = there, back
        self._chance = random.Random(7)
        self.arrivals: list[float] = []

    async def call(self) -> None:
        await asyncio.sleep(self._there(self._chance))
        self.arrivals.append(asyncio.get_running_loop().time())
        await asyncio.sleep(self._back(self._chance))

    def most_in_a_second(self) -> int:
        """Return the largest number of calls in any second."""
        window: deque[float] = deque()
        most = 0
        for at in sorted(self.arrivals):
            window.append(at)
            while window[0] <= at - 1.0:
                window.popleft()
            most = max(most, len(window))
        return most


async def send(pacer: Pacer, call: Callable[[], Awaitable[None]], chat: str, priority: int = 5) -> None:
    """Wait for a turn, call, and tell the pacer."""
    turn = await pacer.turn(chat, group=False, priority=priority)
    await call()
    pacer.arrived(turn, chat, group=False)


NEAR, FAR, RESTLESS = (0.002,), (0.15,), (0.01, 0.02, 0.02, 0.05, 0.6)  # seconds there, and back


@pytest.mark.parametrize(
    ("ways", "slower"), [(NEAR, 1.02), (FAR, 1.02), (RESTLESS, 3)], ids=["near", "far", "restless"]
)
def test_no_second_has_more_calls_than_the_platform_takes_and_hardly_one_fewer(
    ways: tuple[float, ...], slower: float
) -> None:  # fmt: skip
    platform = Platform(lambda chance: chance.choice(ways), lambda chance: chance.choice(ways))

    async def storm() -> None:
        pacer = Pacer(Pace(per_second=PER_SECOND, chat_seconds=1.0))
        await asyncio.gather(*(send(pacer, platform.call, f"chat{number}") for number in range(CALLS)))

    imagine(storm())
    assert len(platform.arrivals) == CALLS
    assert platform.most_in_a_second() <= PER_SECOND
    assert max(platform.arrivals) <= CALLS / PER_SECOND * SPARE * slower


def test_a_way_that_becomes_shorter_or_longer_in_between_breaks_nothing() -> None:
    ways = iter([0.02] * 300 + [0.3] * 300 + [0.02] * 900)
    platform = Platform(lambda _: next(ways) / 2, lambda chance: chance.uniform(0, 0.01))

    async def storm() -> None:
        pacer = Pacer(Pace(per_second=PER_SECOND))
        await asyncio.gather(*(send(pacer, platform.call, f"chat{number}") for number in range(CALLS)))

    imagine(storm())
    assert platform.most_in_a_second() <= PER_SECOND + 1  # one may have been under way at the very change


def test_a_chat_and_a_group_have_their_pauses() -> None:
    told: list[float] = []

    async def note() -> None:
        told.append(asyncio.get_running_loop().time())

    async def talk() -> None:
        pacer = Pacer(Pace(per_second=PER_SECOND, chat_seconds=1.0, group_per_minute=20))
        for _ in range(3):
            await send(pacer, note, "aunt")
        for _ in range(2):
            turn = await pacer.turn("-100", group=True)
            await note()
            pacer.arrived(turn, "-100", group=True)

    imagine(talk())
    assert [round(after - before, 1) for before, after in itertools.pairwise(told)] == [1.0, 1.0, 0.0, 3.0]


def test_the_urgent_go_first_and_the_last_too() -> None:
    went: list[int] = []

    async def storm() -> None:
        pacer = Pacer(Pace(per_second=PER_SECOND))

        async def note(priority: int) -> None:
            turn = await pacer.turn(f"{priority}-{len(went)}", group=False, priority=priority)
            went.append(priority)
            pacer.arrived(turn, "x", group=False)

        await asyncio.gather(*(note(priority) for priority in [5] * 40 + [4] * 40 + [0] * 40))

    imagine(storm())
    assert went[:40].count(0) == 40 - 40 // LAST_TOO
    assert went[:40].count(5) == 40 // LAST_TOO
    assert went.count(4) == 40


def test_calls_that_hang_do_not_stop_the_others_for_ever_nor_do_turns_that_were_not_used() -> None:
    done: list[float] = []

    async def storm() -> None:
        pacer = Pacer(Pace(per_second=PER_SECOND))
        for number in range(PER_SECOND):
            turn = await pacer.turn(f"unused{number}", group=False)
            pacer.unused(turn)
        for number in range(PER_SECOND):
            await pacer.turn(f"hangs{number}", group=False)
        done.append(asyncio.get_running_loop().time())
        await pacer.turn("next", group=False)
        done.append(asyncio.get_running_loop().time())

    imagine(storm())
    assert done[0] < 2.1
    assert done[1] < 7.1


def test_who_no_longer_waits_costs_no_turn() -> None:
    async def storm() -> None:
        pacer = Pacer(Pace(per_second=PER_SECOND))
        pacer.hold(1.0)
        left = [asyncio.create_task(pacer.turn(f"left{n}", group=False)) for n in range(100)]
        stays = asyncio.create_task(pacer.turn("stays", group=False))
        await asyncio.sleep(0)
        for task in left:
            task.cancel()
        await stays
        assert asyncio.get_running_loop().time() < 1.1

    imagine(storm())
