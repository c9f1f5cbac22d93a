"""SIGKILL in the middle of a storm of due reminders: each reminder is told once, on both databases."""

import asyncio
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select

from bench.clock import fill
from bench.town import Bot, open_doors, write_config
from bot.config import load
from bot.seed import sync
from storage.engine import Store
from storage.message_models import Outgoing
from storage.models import Case, HistoryEntry
from tests.simulators.telegram import TelegramServer

CASES, DUE = 6000, 1500
KILLS = 4
PATIENCE = 60.0  # seconds for one step


async def test_every_reminder_is_told_once(store: Store, database_url: str, tmp_path: Path) -> None:
    due_at = datetime.now(UTC) - timedelta(minutes=1)
    async with TelegramServer() as telegram:
        people = write_config(telegram, tmp_path, database_url, 4, times={"quiet_hours": None})
        settings = load(tmp_path / "config.yaml", {"TELEGRAM_TOKEN": telegram.token})
        await store.write(lambda session: sync(session, settings, due_at))
        await open_doors(telegram, people)
        await store.write(lambda session: fill(session, due_at, CASES, DUE))
        bot = Bot(tmp_path / "config.yaml", tmp_path / "bot.log")
        for round_ in range(KILLS):
            await bot.start()
            await told(store, (round_ + 1) * DUE // (KILLS + 1))
            await bot.kill()
        await bot.start()
        try:
            await told(store, DUE)
        finally:
            await bot.stop()
    assert set((await reminders(store)).values()) == {1}
    assert await heard(store) == await due_by_steward(store)


async def told(store: Store, count: int) -> None:
    """Wait until so many cases have been looked at."""
    async with asyncio.timeout(PATIENCE):
        while sum((await reminders(store)).values()) < count:  # noqa: ASYNC110 - another process works
            await asyncio.sleep(0.01)


async def reminders(store: Store) -> Counter[int]:
    """Return how often each case stands in the history as reminded or late."""
    looked = HistoryEntry.action.in_(("remind", "late"))
    counted = select(HistoryEntry.case_id, func.count()).where(looked).group_by(HistoryEntry.case_id)
    return Counter({row[0]: row[1] for row in await store.read(lambda session: session.execute(counted).all())})


async def due_by_steward(store: Store) -> Counter[int | None]:
    """Return how many of the cases that were looked at each steward has."""
    looked = select(HistoryEntry.case_id).where(HistoryEntry.action.in_(("remind", "late")))
    mine = select(Case.steward_id, func.count()).where(Case.id.in_(looked)).group_by(Case.steward_id)
    return Counter({row[0]: row[1] for row in await store.read(lambda session: session.execute(mine).all())})


async def heard(store: Store) -> Counter[int | None]:
    """Return of how many cases each steward was told: one by one, or as "有5件事等您处理"."""
    stewards = select(Case.steward_id).where(Case.steward_id.is_not(None)).distinct()
    rows = select(Outgoing.person_id, Outgoing.payload).where(Outgoing.person_id.in_(stewards))
    found: Counter[int | None] = Counter()
    for person, payload in await store.read(lambda session: session.execute(rows).all()):
        text = payload["params"]["text"]
        many = re.search("有([0-9]+)件事等您处理", text)
        found[person] += int(many[1]) if many else bool(re.search("#[0-9]", text))
    return found
