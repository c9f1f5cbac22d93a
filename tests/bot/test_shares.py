"""Several processes keep to a platform's limits together: what all of them send, and what one chat gets."""

import asyncio
import itertools
import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from bot.channels.base import Delivered, Delivery, Later, Outcome, Pace
from bot.clock import Clock
from bot.outbox import Outbox
from bot.pace import Pacer
from bot.shares import Shares
from storage import shares
from storage.engine import Store
from storage.message_models import Outgoing
from storage.replica_models import ChatPause, SendShare
from storage.shares import Granted, Use
from tests.bot.test_outbox import Post, put
from tests.bot.test_pace import Platform, imagine

POSTGRES = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
WHOLE = 30
PATIENCE = 60.0


class Strict(Post):
    """Takes so many calls in a second, in all and in a chat, and answers after a moment."""

    def __init__(self, way: Platform, **pace: float) -> None:
        super().__init__(pace=Pace(**pace))  # type: ignore[arg-type]
        self.way = way
        self.at: dict[str, list[float]] = {}

    async def deliver(self, delivery: Delivery) -> Outcome:
        await self.way.call()
        self.at.setdefault(delivery.chat, []).append(asyncio.get_running_loop().time())
        return await super().deliver(delivery)


@asynccontextmanager
async def process(store: Store, post: Post) -> AsyncIterator[Outbox]:
    """Run what sends in one process."""
    outbox = Outbox(store, {"post": post}, Clock(), several=True)
    tasks = [asyncio.create_task(Shares(store, outbox.pacers).run()), asyncio.create_task(outbox.run())]
    try:
        yield outbox
    finally:
        await outbox.stop()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def everything_is_sent(store: Store) -> None:
    left = select(func.count()).select_from(Outgoing).where(Outgoing.state == "pending")
    async with asyncio.timeout(PATIENCE):
        while await store.read(lambda session: session.scalar(left)):  # noqa: ASYNC110
            await asyncio.sleep(0.05)


@POSTGRES
@pytest.mark.parametrize("processes", [2, 3])
async def test_all_of_them_never_send_more_than_one_may(store: Store, processes: int) -> None:
    way = Platform(lambda chance: chance.choice((0.001, 0.02, 0.15)), lambda chance: chance.choice((0.001, 0.05)))
    post = Strict(way, per_second=WHOLE, chat_seconds=1.0)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(process(store, post))
        await put(store, Clock(), *[(f"chat{n}", f"{n}") for n in range(180)])
        for _ in range(processes - 1):  # while the first has the whole, and uses it
            await stack.enter_async_context(process(store, post))
        await everything_is_sent(store)
        held = await store.read(lambda session: session.scalars(select(SendShare.share)).all())
    assert sorted(delivery.id for delivery in post.sent) == list(range(1, 181))
    assert way.most_in_a_second() <= WHOLE
    assert sum(held) <= WHOLE
    assert len(held) == processes


@POSTGRES
async def test_a_chat_has_its_pause_whichever_process_wrote_last(store: Store) -> None:
    way = Platform(lambda _: 0.001, lambda _: 0.001)
    post = Strict(way, per_second=WHOLE, chat_seconds=1.0)
    async with process(store, post) as one, process(store, post) as other:
        for number, outbox in enumerate([one, other, one, other]):
            await put(store, Clock(), ("aunt", f"{number}"))
            outbox.ring()
            await everything_is_sent(store)
    assert [delivery.payload["text"] for delivery in post.sent] == ["0", "1", "2", "3"]
    assert min(later - earlier for earlier, later in itertools.pairwise(post.at["aunt"])) >= 0.95
    await store.write(
        lambda session: session.execute(text("UPDATE chat_pause SET free_at = now() - interval '1 hour'"))
    )
    await store.write(lambda session: shares.forget_pauses(session, "post"))
    assert await store.read(lambda session: session.scalar(select(func.count()).select_from(ChatPause))) == 0


@POSTGRES
async def test_all_wait_when_the_platform_throttles_one(store: Store) -> None:
    post = Strict(Platform(lambda _: 0.0, lambda _: 0.0), per_second=WHOLE)
    one, other = (Outbox(store, {"post": post}, Clock(), several=True) for _ in range(2))
    both = [Shares(store, outbox.pacers) for outbox in (one, other)]
    post.answers = [Later("429", 60.0, everyone=True), Delivered("m1")]
    await both[0].ask()
    await put(store, Clock(), ("aunt", "a"))
    assert await one.send_due() == 1
    await both[0].ask()
    assert not other.pacers["post"]._next
    await both[1].ask()
    await both[1].ask()
    await put(store, Clock(), ("uncle", "b"))
    assert (one.pacers["post"].held, other.pacers["post"].held) == (True, True)
    assert await other.send_due() == 0


def ask(name: str, use: Use, session: Session) -> Granted:
    return shares.ask(session, "post", name, WHOLE, use, 10.0)


def die(name: str, session: Session) -> None:
    session.execute(text("UPDATE send_share SET until = now() WHERE holder = :name"), {"name": name})


@POSTGRES
async def test_the_shares_of_however_many_never_add_up_to_more(store: Store) -> None:
    """Processes come, use more or less, and die without a word."""
    chance = random.Random(11)
    limits: dict[str, int] = {}
    for step in range(150):
        if len(limits) < 2 or (len(limits) < 6 and chance.random() < 0.1):
            limits[f"process{step}"] = 0
        if len(limits) > 2 and chance.random() < 0.05:
            died = chance.choice(sorted(limits))
            del limits[died]
            await store.write(partial(die, died))
        name = chance.choice(sorted(limits))
        use = Use(limits[name], chance.randint(0, limits[name]))
        granted = await store.write(partial(ask, name, use))
        limits[name] = granted.share
        noted = await store.read(
            lambda s: {row.holder: row.share for row in s.execute(select(SendShare.holder, SendShare.share))}
        )
        assert sum(noted.values()) <= WHOLE
        assert all(limits[each] <= noted.get(each, 0) for each in limits)
    for name in [*sorted(limits)] * 3:
        use = Use(limits[name], 0)
        limits[name] = (await store.write(partial(ask, name, use))).share
    assert max(limits.values()) - min(limits.values()) <= 1
    assert sum(limits.values()) == WHOLE


def test_a_share_that_is_over_gives_no_turn_until_told_anew() -> None:
    given: list[float] = []

    async def sleeps() -> None:
        loop = asyncio.get_running_loop()
        pacer = Pacer(Pace(per_second=WHOLE))
        pacer.share(10, 5.0)
        await asyncio.sleep(6.0)
        assert (pacer.held, pacer.use()) == (True, Use(0, 0))
        turn = asyncio.create_task(pacer.turn("aunt", group=False))
        await asyncio.sleep(3.0)
        assert not turn.done()
        pacer.share(0, 5.0)
        await asyncio.sleep(3.0)
        assert not turn.done()
        pacer.share(10, 5.0)
        await turn
        given.append(loop.time())

    imagine(sleeps())
    assert given[0] <= 12.1


def test_a_share_keeps_its_part_of_the_window() -> None:
    platform = Platform(lambda chance: chance.choice((0.01, 0.2)), lambda chance: chance.choice((0.01, 0.2)))

    async def send(pacer: Pacer, number: int) -> None:
        turn = await pacer.turn(f"{number}", group=False)
        await platform.call()
        pacer.arrived(turn, f"{number}", group=False)

    async def storm() -> None:
        pacer = Pacer(Pace(per_second=WHOLE))
        pacer.share(10, 1e6)
        await asyncio.gather(*(send(pacer, number) for number in range(200)))

    imagine(storm())
    assert platform.most_in_a_second() <= 10
