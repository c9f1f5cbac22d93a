"""SIGKILL in the middle of a warning to some hundred people over Telegram's wire format, on both databases."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import func, select

from bench.broadcast import alone, copies, greeted, make, neighbours, settle
from bench.town import Bot, open_doors, write_config
from bot import outrows
from bot.config import load
from bot.seed import sync
from storage.admin_models import Broadcast
from storage.engine import Store
from storage.message_models import Outgoing
from tests.simulators.telegram import TelegramServer

PEOPLE, KILLS = 240, 2
PATIENCE = 60.0  # seconds for one step


async def test_everybody_gets_it_and_nobody_twice_but_whose_copy_was_on_its_way(
    store: Store, database_url: str, tmp_path: Path
) -> None:  # fmt: skip
    async with TelegramServer() as telegram:
        staff = write_config(telegram, tmp_path, database_url, 1, times={"quiet_hours": None})
        alone(tmp_path / "config.yaml")
        settings = load(tmp_path / "config.yaml", {"TELEGRAM_TOKEN": telegram.token})
        people = neighbours(telegram, PEOPLE)
        await store.write(lambda session: sync(session, settings, datetime.now(UTC)))
        await store.write(lambda session: settle(session, people))
        residents = await open_doors(telegram, staff)
        admin = next(person for person in residents if person.info["first_name"] == "黄书记")
        bot = Bot(tmp_path / "config.yaml", tmp_path / "bot.log")
        on_its_way: set[int] = set()
        everybody = PEOPLE + len(staff) - 1  # the admin of the street above has no role in the community
        await bot.start()
        try:
            await greeted(residents)
            await make(admin)
            await admin.presses("发送")
            for round_ in range(KILLS):
                await sent(telegram, (round_ + 1) * PEOPLE // (KILLS + 1))
                await bot.kill()
                on_its_way |= set(copies(telegram)) - await booked(store)
                await store.write(outrows.release_all)  # as if the leases of the dead process had run out
                await bot.start()
            await over(store)
            await admin.reads(f"已送到：{everybody}人", timeout=PATIENCE)
        finally:
            await bot.stop()
        got = copies(telegram)
        assert {chat for chat, count in got.items() if count} == {person.id for person in people}
        assert {chat for chat, count in got.items() if count > 1} <= on_its_way
        assert await written(store) == everybody
        assert (telegram.refused_429, [str(each) for each in telegram.violations]) == (0, [])


async def sent(telegram: TelegramServer, count: int) -> None:
    """Wait until so many people have the warning."""
    async with asyncio.timeout(PATIENCE):
        while len(copies(telegram)) < count:  # noqa: ASYNC110 - another process works
            await asyncio.sleep(0.02)


async def over(store: Store) -> None:
    """Wait until nothing of it is left to send."""
    async with asyncio.timeout(PATIENCE):
        while await store.read(lambda s: s.scalar(select(Broadcast.state))) != "done":  # noqa: ASYNC110
            await asyncio.sleep(0.1)


async def booked(store: Store) -> set[int]:
    """Return the chats whose copy is known to have arrived."""
    there = select(Outgoing.chat).where(Outgoing.broadcast_id.is_not(None), Outgoing.state == "sent")
    return {int(chat) for chat in await store.read(lambda session: session.scalars(there).all())}


async def written(store: Store) -> int:
    """Return how many copies there are."""
    rows = select(func.count()).select_from(Outgoing).where(Outgoing.broadcast_id.is_not(None))
    return await store.read(lambda session: session.scalar(rows) or 0)
