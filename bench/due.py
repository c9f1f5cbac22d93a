"""What one due reminder costs on a desk that has few cases, and on one that has very many.

    uv run python -m bench.due --cases 1000
    uv run python -m bench.due --cases 1000000

A thousand fresh cases are added to those that the desk has, three hundred of them due; printed is the work of this
thread (on SQLite: all of it) for one of them. The first hundred, for which statements are compiled, do not count.
"""

import argparse
import asyncio
import logging
import tempfile
import time
from datetime import UTC, datetime

import structlog
from sqlalchemy.orm import Session

from bench import clock, filler
from bot.config import load
from bot.rulebook import Rulebook
from bot.scheduler import look_at_due
from storage.engine import open_store
from tests.cast import PLANNERS

FRESH, DUE, WARM = 1000, 300, 100


async def measure(url: str, cases: int, *, filled: bool) -> None:
    """Fill a desk, look at what is due, print what it costs."""
    settings = load(filler.EXAMPLE, {}) if filled else filler.fill(url, cases)
    store, now = open_store(url), datetime.now(UTC)
    book = Rulebook(settings)
    rules = await store.read(book.at)

    def look(session: Session) -> tuple[int, float]:
        start = time.thread_time()
        found = look_at_due(session, now, rules, PLANNERS)
        session.flush()
        return found, time.thread_time() - start

    while (await store.write(look))[0]:
        pass  # what was due of those that the desk has
    await store.write(lambda session: clock.fill(session, now, FRESH, DUE))
    looked, work, warm = 0, 0.0, 0
    while (found := await store.write(look))[0]:
        if warm < WARM:
            warm += found[0]
        else:
            looked, work = looked + found[0], work + found[1]
    store.close()
    print(f"{cases} cases: {looked} reminders, {1000 * work / looked:.2f} ms of work each", flush=True)


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=1_000)
    parser.add_argument("--url", help="a desk that has its cases already")
    told = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with tempfile.TemporaryDirectory(prefix="redsteward-due-") as folder:
        asyncio.run(measure(told.url or f"sqlite:///{folder}/desk.db", told.cases, filled=bool(told.url)))


if __name__ == "__main__":
    main()
