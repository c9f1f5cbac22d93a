"""10,000 reminders due at once in a desk of 100,000 cases, while residents go on writing.

    uv run python -m bench.clock [--url postgresql+psycopg://…]

The bot is a process of its own on Telegram's wire format. Printed: from the first reminder's transaction to the last,
and how long residents wait for their card meanwhile.
"""

import argparse
import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from bench.replicas import drain
from bench.town import RESIDENT_ID, Bot, open_doors, submit_label, write_config
from bot.config import load
from bot.seed import sync
from cases.looks import Look
from storage.engine import open_store
from storage.message_models import Outgoing
from storage.migrate import upgrade
from storage.models import Case, HistoryEntry, Person, Role
from tests.simulators.telegram import Resident, TelegramServer

CASES, DUE = 100_000, 10_000
STEWARDS = 55  # of each partner type, some 500 in all
RESIDENTS = 4  # report one after the other, all the time
HEAD_START = timedelta(seconds=25)  # for the bot to be up when the reminders fall due
WATCHED = 40.0  # seconds
GREETED_SECONDS = 120.0  # for 500 stewards, each with a menu and a greeting
SHARE_LATE = 0.25  # of what is due: a missed deadline; the rest are reminders before one
CHUNK = 5_000


def fill(session: Session, due_at: datetime, cases: int = CASES, due: int = DUE) -> None:
    """Write the cases: a third open, `due` of them (fewer than a third) due at `due_at`."""
    places = session.scalars(select(Role.place_id).where(Role.role == "steward").distinct()).all()
    stewards = session.scalars(select(Role.person_id).where(Role.role == "steward").distinct()).all()
    reporter = session.execute(
        insert(Person).values(name="居民", created_at=due_at).returning(Person.id)
    ).scalar_one()  # fmt: skip
    rows = list(_cases(places, stewards, reporter, due_at, cases, due))
    for start in range(0, cases, CHUNK):
        chunk = rows[start : start + CHUNK]
        ids = session.scalars(insert(Case).returning(Case.id, sort_by_parameter_order=True), chunk).all()
        session.execute(insert(HistoryEntry), [_filed(number, reporter, due_at) for number in ids])


def _cases(
    places: Sequence[int], stewards: Sequence[int], reporter: int, due_at: datetime, cases: int, due: int
) -> Iterator[dict[str, Any]]:
    chance = random.Random(3)
    for number in range(cases):
        kind, state = _look(number, cases, due)
        steward = chance.choice(stewards)
        late = kind is Look.RESOLVE and number < due
        look_at = due_at if number < due else due_at + timedelta(hours=chance.randint(5, 200))
        yield {
            "draft": f"bench{number}", "kind": "issue", "category": "lights", "state": state,
            "place_id": chance.choice(places), "place_detail": "", "words": f"路灯坏了，编号{number}",
            "emergency": False, "reporter_id": reporter, "reporter_channel": "telegram", "reporter_chat": "1",
            "steward_id": steward, "answerable_id": steward, "returns": 0, "reopened": 0, "urgent": False, "offers": 0,
            "rung": 0,
            "accept_by": due_at + timedelta(minutes=20), "resolve_by": due_at + timedelta(hours=0 if late else 3),
            "due_from": due_at - timedelta(hours=5), "created_at": due_at - timedelta(hours=5),
            "changed_at": due_at - timedelta(hours=5), "look_kind": kind, "look_at": look_at if kind else None,
        }  # fmt: skip


def _look(number: int, cases: int, due: int) -> tuple[Look | None, str]:
    if number >= cases // 3:
        return None, "closed"
    if number < due * SHARE_LATE:
        return Look.RESOLVE, "working"
    return (Look.ACCEPT_SOON, "assigned") if number % 3 == 0 else (Look.RESOLVE_SOON, "working")


def _filed(case_id: int, reporter: int, at: datetime) -> dict[str, Any]:
    return {
        "case_id": case_id, "at": at, "actor_id": reporter, "action": "file", "from_state": None, "to_state": "new",
        "words": "", "data": {},
    }  # fmt: skip


async def write(telegram: TelegramServer, number: int, waits: list[tuple[float, float]], end: asyncio.Event) -> None:
    """Report again and again as a new resident each time; note when and how long it took until the card was there."""
    count = 0
    while not end.is_set():
        person = telegram.user(f"居民{number}", id=RESIDENT_ID + number * 1000 + count)
        count += 1
        start = time.monotonic()
        await person.sends("3栋2单元路灯坏了")
        await _sees_the_card(person, end)
        waits.append((time.time(), time.monotonic() - start))
        await asyncio.sleep(0.25)


async def _sees_the_card(person: Resident, end: asyncio.Event) -> None:
    while await submit_label(person) is None:
        if end.is_set():
            return
        await asyncio.sleep(0.005)


async def measure(folder: Path, url: str) -> None:
    """Run it and print the figures."""
    waits: list[tuple[float, float]] = []
    end = asyncio.Event()
    async with TelegramServer() as telegram:
        people = write_config(telegram, folder, url, STEWARDS, times={"quiet_hours": None})
        settings = load(folder / "config.yaml", {"TELEGRAM_TOKEN": telegram.token})
        upgrade(url)
        store = open_store(url)
        await store.write(lambda session: sync(session, settings, datetime.now(UTC)))
        await open_doors(telegram, people)
        bot = Bot(folder / "config.yaml", folder / "bot.log")
        await bot.start()
        await telegram.idle(GREETED_SECONDS)
        await drain(telegram, url)  # who has a role is greeted; nobody's report waits behind that
        await bot.stop()
        due_at = datetime.now(UTC) + HEAD_START + timedelta(seconds=CASES / 8000)
        await store.write(lambda session: fill(session, due_at))
        store.close()
        print(f"{CASES} cases written, due in {(due_at - datetime.now(UTC)).total_seconds():.0f} s")
        await bot.start()
        writers = [asyncio.create_task(write(telegram, number, waits, end)) for number in range(RESIDENTS)]
        try:
            await asyncio.sleep((due_at - datetime.now(UTC)).total_seconds() + WATCHED)
        finally:
            end.set()
            await asyncio.gather(*writers)
            await bot.stop()
    await report(url, due_at, waits)


async def report(url: str, due_at: datetime, waits: list[tuple[float, float]]) -> None:
    """Print what the database and the residents say."""
    store = open_store(url)
    done = (HistoryEntry.action.in_(("remind", "late")), HistoryEntry.at >= due_at)
    first, last, steps = await store.read(
        lambda session: session.execute(
            select(func.min(HistoryEntry.at), func.max(HistoryEntry.at), func.count())
            .where(*done)
        ).one()
    )  # fmt: skip
    told = await store.read(
        lambda session: session.scalar(
            select(func.count()).select_from(Outgoing).where(Outgoing.created_at >= first, Outgoing.created_at <= last)
        )
    )
    left = await store.read(lambda s: s.scalar(select(func.count()).select_from(Case).where(Case.look_at <= due_at)))
    store.close()
    during = [wait for at, wait in waits if first.timestamp() <= at <= last.timestamp() + 1]
    before = [wait for at, wait in waits if at < first.timestamp() - 1 and wait < 5]
    print(f"reminders                {steps} of {DUE}, {left} left")
    print(f"late after due           {(first - due_at).total_seconds():.2f} s")
    print(f"from first to last       {(last - first).total_seconds():.2f} s")
    print(f"outgoing rows meanwhile  {told}")
    for name, found in (("before", before), ("meanwhile", during)):
        if len(found) > 2:
            p50, p95 = (1000 * statistics.quantiles(found, n=20)[at] for at in (9, 18))
            print(f"answers {name:<16} {len(found)}, p50 {p50:.0f} ms, p95 {p95:.0f} ms")


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", help="an empty database; a file of SQLite without")
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(measure(Path(folder), told.url or f"sqlite:///{folder}/bench.db"))


if __name__ == "__main__":
    main()
