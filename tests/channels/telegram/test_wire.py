"""The connections of a wire: kept, waited for in order, replaced, closed; and each call within its time."""

import asyncio
import gc

import pytest

from bot.channels.telegram import wire as wires
from tests.channels.telegram.wireserver import Visit, answer, call, echo, wired


class Held:
    """Requests that are answered one by one, when the test says so."""

    def __init__(self) -> None:
        self.asked: list[object] = []
        self._news = asyncio.Event()
        self._turns = asyncio.Semaphore(0)

    async def play(self, visit: Visit) -> None:
        while True:
            try:
                asked = await visit.heard()
            except (asyncio.IncompleteReadError, ConnectionError):
                return
            self.asked.append(asked)
            self._news.set()
            await self._turns.acquire()
            await visit.say(answer(asked))

    async def until(self, number: int) -> None:
        """Wait until so many requests are there."""
        while len(self.asked) < number:
            self._news.clear()
            await self._news.wait()

    def answer(self, number: int = 1) -> None:
        for _ in range(number):
            self._turns.release()


async def silent(visit: Visit) -> None:
    """Hear a request, and then only whether the other side closes."""
    await visit.heard()
    await visit.gone()


async def test_a_connection_is_used_again() -> None:
    async with wired() as (server, wire):
        for number in range(5):
            assert await call(wire, number) == number
        assert len(server.visits) == 1


async def test_calls_at_the_same_time_have_a_connection_each() -> None:
    held = Held()
    async with wired(*[held.play] * 10) as (server, wire):
        calls = [asyncio.create_task(call(wire, number)) for number in range(10)]
        await held.until(10)
        held.answer(10)
        assert await asyncio.gather(*calls) == list(range(10))
        assert len(server.visits) == 10


async def test_the_connection_used_last_is_taken_first() -> None:
    held = Held()
    async with wired(held.play, held.play) as (_, wire):
        first = asyncio.create_task(call(wire, "a"))
        await held.until(1)
        second = asyncio.create_task(call(wire, "b"))
        await held.until(2)
        held.answer(2)
        await asyncio.gather(first, second)
        used = wire._free[-1]
        held.answer()
        await call(wire, "c")
        assert wire._free[-1] is used


async def test_where_all_are_in_use_calls_wait_in_order() -> None:
    held = Held()
    async with wired(held.play, held.play, limit=2) as (server, wire):
        calls = [asyncio.create_task(call(wire, number)) for number in range(8)]
        for number in range(2, 9):
            await held.until(number)
            held.answer()
        held.answer()
        assert await asyncio.gather(*calls) == list(range(8))
        assert sorted(map(str, held.asked[:2])) == ["0", "1"]
        assert held.asked[2:] == list(range(2, 8))
        assert len(server.visits) == 2


@pytest.mark.parametrize("how", ["slow", "cancelled"])
async def test_who_stops_waiting_leaves_the_turn_to_the_next(how: str) -> None:
    held = Held()
    async with wired(held.play, limit=1) as (server, wire):
        first = asyncio.create_task(call(wire, "first"))
        await held.until(1)
        second = asyncio.create_task(call(wire, "second", wait=0.02 if how == "slow" else 20))
        third = asyncio.create_task(call(wire, "third"))
        await asyncio.sleep(0)
        if how == "cancelled":
            second.cancel()
        with pytest.raises(TimeoutError if how == "slow" else asyncio.CancelledError):
            await second
        held.answer(2)
        assert [await first, await third] == ["first", "third"]
        assert held.asked == ["first", "third"]
        assert len(server.visits) == 1


@pytest.mark.parametrize("last", [False, True])
async def test_who_is_cancelled_when_the_turn_comes_hands_it_on(last: bool) -> None:
    """The first call's answer gives its connection, or where that ends its place, to the second in that moment."""

    async def play(visit: Visit) -> None:
        await visit.heard()
        await visit.say(answer("first", head="Connection: close\r\n" if last else ""))
        await (visit.gone() if last else echo(visit))

    async with wired(play, limit=1) as (server, wire):

        async def before() -> None:
            assert await call(wire) == "first"
            second.cancel()

        first = asyncio.create_task(before())
        await server.visited(0)
        second = asyncio.create_task(call(wire, "second"))
        third = asyncio.create_task(call(wire, "third"))
        assert await third == "third"
        await first
        assert second.cancelled()
        assert len(server.visits) == 1 + last
        assert wire._taken == 1


async def test_a_waiting_call_takes_the_place_of_a_connection_that_ended() -> None:
    async def play(visit: Visit) -> None:
        await visit.heard()
        await server.visited(0)

    async with wired(play, play, limit=1) as (server, wire):
        found = await asyncio.gather(*(call(wire, number) for number in range(4)), return_exceptions=True)
        assert [type(one) for one in found[:2]] == [ConnectionResetError] * 2
        assert found[2:] == [2, 3]
        assert len(server.visits) == 3


async def test_what_the_server_closed_is_replaced_before_anything_is_sent() -> None:
    async with wired() as (server, wire):
        await call(wire)
        server.visits[0].leave()
        assert await call(wire, "next") == "next"  # not a turn of the loop in between: the end is not read yet
        server.visits[1].writer.close()
        await server.visits[1].over.wait()
        assert await call(wire, "next") == "next"
        assert len(server.visits) == 3


async def test_nothing_is_sent_twice() -> None:
    heard = []

    async def play(visit: Visit) -> None:
        heard.append(await visit.heard())
        await visit.say(answer(1))
        heard.append(await visit.heard())

    async with wired(play) as (server, wire):
        await call(wire, "first")
        with pytest.raises(ConnectionResetError):
            await call(wire, "second")
        assert heard == ["first", "second"]
        assert len(server.visits) == 1


async def test_what_nobody_needs_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wires, "IDLE_SECONDS", 0.02)
    held = Held()
    async with wired(held.play, held.play, silent) as (server, wire):
        for _ in range(2):  # the second time the look-out is set anew
            calls = [asyncio.create_task(call(wire, number)) for number in range(2)]
            await held.until(2)
            held.answer(2)
            await asyncio.gather(*calls)
            for visit in server.visits[-2:]:
                await visit.over.wait()
            assert (wire._taken, wire._free) == (0, [])
            server.plays[:] = [held.play, held.play]
            held.asked.clear()
        assert wire._sweeping is None


async def test_closing_ends_what_is_under_way_and_leaves_nothing() -> None:
    held = Held()
    async with wired(held.play, held.play, limit=2) as (server, wire):
        calls = [asyncio.create_task(call(wire, number)) for number in range(4)]
        await held.until(2)
        await wire.close()
        found = await asyncio.gather(*calls, return_exceptions=True)
        assert [type(one) for one in found] == [ConnectionAbortedError] * 4
        held.answer(2)
        for visit in server.visits:
            await visit.over.wait()
        with pytest.raises(ConnectionAbortedError):
            await call(wire)
        assert (len(server.visits), wire._taken, wire._connections) == (2, 0, set())
        await wire.close()


async def test_closing_while_connecting() -> None:
    async with wired() as (_, wire):
        calling = asyncio.create_task(call(wire))
        await asyncio.sleep(0)
        await wire.close()
        with pytest.raises(ConnectionAbortedError):
            await calling
        assert wire._taken == 0


async def test_a_call_may_be_cancelled_at_any_moment() -> None:
    """After each number of the loop's turns; nothing is left behind, and the place is free again."""
    async with wired(limit=1) as (server, wire):
        for turns in range(40):
            calling = asyncio.create_task(call(wire, "cancelled"))
            for _ in range(turns):
                await asyncio.sleep(0)
            calling.cancel()
            await asyncio.wait([calling])
            assert await call(wire, turns) == turns
            if turns % 2:
                server.visits[-1].writer.close()
            assert wire._taken == 1
        gc.collect()  # a socket that is left is warned of
