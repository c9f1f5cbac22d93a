"""The clock's ticks."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot import scheduler
from bot.scheduler import look_at_due, next_moment, serve_round
from handlers import ticks
from handlers.desk import Desk
from storage.engine import Store
from storage.models import Case
from tests.cast import PLANNERS, open_estate

AUNT_LI = "李阿姨"


async def test_one_case_that_cannot_be_looked_at_does_not_stop_the_clock(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    estate = await open_estate(store)
    for text in ("3栋路灯坏了", "5栋路灯坏了"):
        await estate.says(AUNT_LI, text)
        await estate.presses(AUNT_LI, "提交")
    whole = ticks.look_at

    def break_on_the_first(desk: Desk, cases: Sequence[Case]) -> None:
        whole(desk, cases)
        if any(case.id == 1001 for case in cases):
            raise KeyError("broken")

    monkeypatch.setattr(ticks, "look_at", break_on_the_first)
    await estate.waits(hours=1)
    assert (await estate.history()).count("remind") == 1
    soon = await store.read(next_moment)
    assert soon is not None
    assert soon > estate.clock.now()


async def test_what_is_due_is_looked_at_once(store: Store) -> None:
    estate = await open_estate(store)
    await estate.says(AUNT_LI, "3栋路灯坏了")
    await estate.presses(AUNT_LI, "提交")
    await estate.waits(hours=1)
    again = await store.write(lambda session: look_at_due(session, estate.clock.now(), estate.rules, PLANNERS))
    assert again == 0
    assert await store.read(lambda session: session.scalar(select(Case.look_kind))) == "accept_soon"


async def test_two_schedulers_never_stand_in_each_others_way(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduler, "BATCH", 5)
    estate = await open_estate(store)
    for number in range(40):
        await estate.says(f"居民{number}", f"{number % 14 + 2}栋路灯坏了")
        await estate.presses_if_asked(f"居民{number}", "不是，继续上报")
        await estate.presses(f"居民{number}", "提交")
    estate.clock.move(timedelta(hours=3))

    async def look() -> int:
        seen = 0
        while found := await store.write(lambda s: look_at_due(s, estate.clock.now(), estate.rules, PLANNERS)):
            seen += found
        return seen

    looked = await asyncio.gather(look(), look(), look())
    assert sum(looked) >= 40
    assert (await estate.history()).count("reoffer") == 40


async def test_a_digest_goes_out_once_on_any_number_of_processes(store: Store) -> None:
    estate = await open_estate(store)
    await estate.says(AUNT_LI, "3栋路灯坏了")
    await estate.presses(AUNT_LI, "提交")
    await estate.presses(await estate.steward(), "接单")
    estate.clock.move(timedelta(days=7, hours=23))  # Thursday 8 October, 9:00
    job = ("morning", "2026-10-08")

    async def serve() -> bool | None:
        done: bool | None = False
        while done is False:
            done = await store.write(
                lambda session: serve_round(session, estate.clock.now(), estate.rules, PLANNERS, job)
            )
        return done

    served = await asyncio.gather(*(serve() for _ in range(4)))
    assert True in served  # None: another process was at it
    assert await serve() is True
    assert (await estate.reads(await estate.steward())).count("早上好") == 1
