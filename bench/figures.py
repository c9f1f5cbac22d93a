"""How long figures take on a desk of a million cases: /stats of a month, apart by its keys, and a report with pictures.

    uv run python -m bench.figures [--cases 1000000] [--url sqlite:////tmp/desk.db] [--times 40] [--filled]

Printed are median and 95th percentile, in milliseconds, of counting and wording in a reading transaction of its own, as
the workshop does it, for who leads the street and who leads the fullest building; then one report from the commission
to the pictures, drawing process and all. `--filled` takes the database as it is.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from bench.lists import BUILDING, EXAMPLE, STREET, appoint
from bot import figures
from bot.attachments import Files
from bot.clock import Clock
from bot.config import load
from bot.makers import MAKERS
from bot.seed import sync
from bot.workshop import Order, Workshop
from cases.context import Context, Rules
from cases.search import Filter
from handlers.admin import stats
from handlers.message import Address
from storage.engine import Store, open_store
from storage.message_models import Commission
from storage.models import Person
from tests.cast import PLAIN, PLANNERS

TIMES = 40
NAMES = {stats.TOTAL: "all together", **stats.VIEWS}


def order_of(person_id: int, chat: str, asked: Filter, view: str, now: datetime) -> Order:
    """Return a commission of /stats."""
    data = {"filter": asked.to_data(), "view": view, "which": "1", "card": "stats:1"}
    return Order(1, stats.KIND, person_id, Address(PLAIN, chat, person_id), data, now)


async def time_figures(store: Store, rules: Rules, now: datetime, asked: Filter, times: int) -> None:
    """Print how long counting and wording takes."""
    for chat in (STREET, BUILDING):
        who = await store.read(lambda s, chat=chat: s.scalars(select(Person.id).where(Person.name == chat)).one())  # type: ignore[misc]
        for view, name in NAMES.items():
            order, took, worked, said = order_of(who, chat, asked, view, now), [], [], ""
            for _ in range(times):
                start = time.perf_counter()
                said, work = await store.read(partial(count, rules, now, order))
                took.append(1000 * (time.perf_counter() - start))
                worked.append(work)
            p50, p95 = (statistics.quantiles(took, n=20)[at] for at in (9, 18))
            work = statistics.median(worked)
            print(f"{chat:<9} {name:<13} p50 {p50:6.1f}  p95 {p95:6.1f}  work {work:6.1f} ms   {said}", flush=True)


def count(rules: Rules, now: datetime, order: Order, session: Session) -> tuple[str, float]:
    """Count and word it; return how that begins, and the milliseconds of work of this thread (on SQLite: all)."""
    start = time.thread_time()
    counted = figures.count_stats(order, Context(session, now, rules))
    assert counted is not None
    return counted.message.text.splitlines()[0], 1000 * (time.thread_time() - start)


async def time_report(store: Store, rules: Rules, folder: Path, asked: Filter) -> None:
    """Print how long a report takes from the commission to the pictures."""
    clock = Clock()
    row = {"kind": "report", "channel": PLAIN, "chat": STREET, "state": "waiting", "created_at": clock.now(),
           "data": {"filter": asked.to_data()}}  # fmt: skip
    who = await store.read(lambda s: s.scalars(select(Person.id).where(Person.name == STREET)).one())
    await store.write(lambda s: s.execute(insert(Commission).values(person_id=who, **row)))
    shop = Workshop(store, lambda _session: rules, PLANNERS, clock, Files(folder, store, clock), MAKERS, lambda: None)
    start = time.perf_counter()
    assert await shop.make_next()
    print(f"a report with four pictures: {time.perf_counter() - start:.1f} s")


def month_of(day: date) -> Filter:
    """Return the thirty days up to a day."""
    return Filter(since=day - timedelta(days=30), until=day - timedelta(days=1))


async def measure(folder: Path, url: str, cases: int, times: int, *, filled: bool) -> None:
    """Run it and print the figures."""
    if not filled:  # in a process apart, so that its memory does not count
        filler = await asyncio.create_subprocess_exec(sys.executable, "-m", "bench.filler", url, str(cases))
        assert await filler.wait() == 0
    now = datetime.now(UTC)
    store = open_store(url)
    rules = await store.write(lambda session: sync(session, load(EXAMPLE, {}), now))
    await store.write(partial(appoint, now=now))
    store.close()  # what it knew of statistics goes with it
    store = open_store(url)
    try:
        await time_figures(store, rules, now, month_of(now.date()), times)
        await time_report(store, rules, folder, month_of(now.date()))
    finally:
        store.close()


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--url", help="an empty database; a file of SQLite without")
    parser.add_argument("--times", type=int, default=TIMES, help="of each")
    parser.add_argument("--filled", action="store_true", help="the database has its cases already")
    told = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="redsteward-bench-") as folder:
        url = told.url or f"sqlite:///{folder}/bench.db"
        asyncio.run(measure(Path(folder), url, told.cases, told.times, filled=told.filled))


if __name__ == "__main__":
    main()
