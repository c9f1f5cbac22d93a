"""A platform that takes so many calls to one chat in so long a time: the pacer keeps to it, the outbox puts off."""

import asyncio
from datetime import timedelta

from bot.channels.base import Pace
from bot.clock import Clock
from bot.outbox import Outbox
from bot.pace import Pacer
from storage.engine import Store
from tests.bot.test_outbox import Post, drain, put, states, texts
from tests.bot.test_pace import imagine

WINDOWS = ((5, 60.0), (12, 3600.0))


def most_within(seconds: float, times: list[float]) -> int:
    return max(sum(at <= other < at + seconds for other in times) for at in times)


def test_no_span_has_more_calls_to_a_chat_than_the_platform_takes() -> None:
    times: dict[str, list[float]] = {"aunt": [], "uncle": []}

    async def talk(pacer: Pacer, chat: str, count: int) -> None:
        for number in range(count):
            turn = await pacer.turn(chat, group=False)
            await asyncio.sleep(0.2 * (number % 3))
            times[chat].append(asyncio.get_running_loop().time())
            pacer.arrived(turn, chat, group=False)

    async def both() -> None:
        pacer = Pacer(Pace(chat_windows=WINDOWS))
        await asyncio.gather(talk(pacer, "aunt", 30), talk(pacer, "uncle", 3))

    imagine(both())
    assert most_within(60.0, times["aunt"]) == 5
    assert most_within(3600.0, times["aunt"]) == 12
    assert max(times["aunt"]) < 2.5 * 3600
    assert max(times["uncle"]) < 2


def test_a_turn_that_was_not_used_counts_for_nothing() -> None:
    async def talk() -> None:
        pacer = Pacer(Pace(chat_windows=WINDOWS))
        for _ in range(20):
            pacer.unused(await pacer.turn("aunt", group=False), "aunt")
        assert pacer.chat_waits("aunt") == 0

    imagine(talk())


async def test_what_would_wait_long_for_its_chat_is_put_off_and_others_go_on(store: Store) -> None:
    post, clock = Post(pace=Pace(chat_windows=((3, 3600.0),))), Clock()
    outbox = Outbox(store, {"post": post}, clock)
    await put(store, clock, *((("aunt", f"{number}")) for number in range(5)), ("uncle", "x"))
    await drain(outbox)
    assert sorted(texts(post)) == ["0", "1", "2", "x"]
    assert (await states(store)).count("pending") == 2
    clock.move(timedelta(minutes=59))
    assert await outbox.send_due() == 0
    clock.move(timedelta(minutes=2))
    assert await outbox.send_due() == 1  # looked at again; the loop's own time has not moved, so it is put off again
    assert sorted(texts(post)) == ["0", "1", "2", "x"]
