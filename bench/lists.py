"""How long lists take, and what a sheet costs, on a desk of a million cases.

    uv run python -m bench.lists [--cases 1000000] [--rows 50000] [--url sqlite:////tmp/desk.db] [--filled]

Printed for who leads a street and who leads a building: median and 95th percentile in milliseconds of the first page
of each filter, as the handler makes it (search, count, eight cases, message) in a transaction of its own; how much was
work of this thread (on SQLite: all); the time of an export of `--rows` rows, and the most memory that the whole tree of
processes held meanwhile. `--filled` takes the database as it is.
"""

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from sqlalchemy import func, insert, select, text
from sqlalchemy.orm import Session

from bot import export
from bot.attachments import Files
from bot.clock import Clock
from bot.config import load
from bot.makers import MAKERS
from bot.seed import sync
from bot.workshop import Workshop
from cases.context import Context, Rules, actor_of
from handlers.admin import find, lists
from handlers.desk import Desk
from handlers.inbound import Inbound
from handlers.talk import meet
from storage import people
from storage.engine import Store, open_store
from storage.message_models import Attachment, Commission
from storage.models import Case, Identity, Person, Place, Role
from tests.cast import PLAIN, PLANNERS

EXAMPLE = Path(__file__).parents[1] / "config.yaml"
TIMES = 40  # of each filter
LISTS = (
    "", "超时", "未派", "我负责", "{place}", "{estate}", "电梯", "处理中", "待接单", "已办结", "不予受理", "本月",
    "今天", "2026-01-01..2026-03-31", "超时 {place} 电梯 本月", "{place} 电梯", "{place} 已办结", "{place} 加急",
    "紧急", "加急 电梯", "微心愿", "关键字 12345号", "关键字 没有这个词",
)  # fmt: skip
FINDS = ("12345号", "姓名 居民1", "电话 5678")
STREET, BUILDING = "street", "building"  # whose chats they are


@dataclass
class Memory:
    """The most memory, in bytes, that this process and its children held."""

    most: int = 0
    _ended: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def watch(self) -> Iterator[None]:
        """Look every 50 ms."""
        watcher = threading.Thread(target=self._look)
        watcher.start()
        try:
            yield
        finally:
            self._ended.set()
            watcher.join()

    def _look(self) -> None:
        while not self._ended.wait(0.05):
            self.most = max(self.most, sum(map(_resident, _tree(os.getpid()))))


def _tree(root: int) -> list[int]:
    """Return a process with all below it."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except (FileNotFoundError, ProcessLookupError):
                continue
            parents.setdefault(parent, []).append(int(entry.name))
    found, following = [], [root]
    while following:
        found.append(following.pop())
        following += parents.get(found[-1], [])
    return found


def _resident(process: int) -> int:
    try:
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (FileNotFoundError, ProcessLookupError, IndexError):
        return 0


def appoint(session: Session, now: datetime) -> tuple[str, str]:
    """Write an admin of the street and a coordinator of the building with most cases; return it and its estate."""
    if session.bind is not None and session.bind.dialect.name == "sqlite":
        session.execute(text("DELETE FROM sqlite_stat1"))  # nothing writes statistics in earnest
    street = session.scalars(select(Place).where(Place.kind == "street")).one()
    fullest = select(Case.place_id).group_by(Case.place_id).order_by(func.count().desc()).limit(1)
    building = session.get_one(Place, session.scalars(fullest).one())
    for chat, place, role in ((STREET, street, "admin"), (BUILDING, building, "coordinator")):
        if session.scalar(select(Identity.id).where(Identity.channel == PLAIN, Identity.user == chat)) is not None:
            continue  # of a run before
        who = Person(name=chat, created_at=now, home_detail="")
        session.add(who)
        session.flush()
        session.add(Role(person_id=who.id, place_id=place.id, role=role))
        session.execute(insert(Identity).values(person_id=who.id, channel=PLAIN, user=chat, chat=chat))
    estate = session.get_one(Place, building.parent_id or street.id)
    return f"{estate.name}{building.name}", estate.name


def first_page(rules: Rules, now: datetime, who: str, words: str, number: int, session: Session) -> tuple[str, float]:
    """Have the list made as for a message; return what it says, and the milliseconds of work."""
    start = time.thread_time()
    found = people.find(session, PLAIN, who, who)
    assert found is not None
    context = Context(session, now, rules)
    inbound = Inbound(PLAIN, f"{who}{number}", who, who, who, now)
    talk = meet(Desk(context, PLANNERS), inbound, found, actor_of(context, found.person_id))
    command, _, rest = words.partition(" ")
    (find.find if command == "/find" else lists.cases)(talk, rest)
    said = [row["payload"] for row in talk.tray if "title" in row["payload"]]
    told = f"{said[0]['title'][:40]} · {said[0]['text'].splitlines()[0][:24]}" if said else "?"
    return told, 1000 * (time.thread_time() - start)


async def time_lists(store: Store, rules: Rules, now: datetime, place: str, estate: str) -> None:
    """Print how long the first pages take."""
    asked = [f"/cases {words}".format(place=place, estate=estate) for words in LISTS] + [f"/find {w}" for w in FINDS]
    for who in (STREET, BUILDING):
        for words in asked:
            took, worked, told = [], [], ""
            for number in range(TIMES):
                start = time.perf_counter()
                told, work = await store.write(partial(first_page, rules, now, who, words, number))
                took.append(1000 * (time.perf_counter() - start))
                worked.append(work)
            p50, p95 = (statistics.quantiles(took, n=20)[at] for at in (9, 18))
            work = statistics.median(worked)
            print(f"{who:<9} {words:<34} p50 {p50:6.1f}  p95 {p95:6.1f}  work {work:6.1f} ms   {told}", flush=True)


async def time_export(store: Store, rules: Rules, folder: Path, rows: int) -> None:
    """Print how long a sheet of so many rows takes, and the most memory meanwhile."""
    export.MOST_ROWS = rows
    clock = Clock()
    row = {"kind": "export", "channel": PLAIN, "chat": STREET, "state": "waiting", "created_at": clock.now(),
           "data": {"filter": {}, "forms": ["xlsx", "csv"], "phones": False, "reason": ""}}  # fmt: skip

    def order(session: Session) -> None:
        who = session.scalar(select(Person.id).where(Person.name == STREET))
        session.execute(insert(Commission).values(person_id=who, **row))

    await store.write(order)
    shop = Workshop(store, lambda _session: rules, PLANNERS, clock, Files(folder, store, clock), MAKERS, lambda: None)
    memory, before, start = Memory(), _resident(os.getpid()), time.perf_counter()
    with memory.watch():
        assert await shop.make_next()
    took = time.perf_counter() - start
    made = await store.read(lambda s: s.scalars(select(Attachment).where(Attachment.channel == "made")).all())
    sizes = ", ".join(f"{each.name} {(each.size or 0) / 1e6:.1f} MB" for each in made[-2:])
    print(f"export of {rows} rows, both forms: {took:.1f} s; {sizes}")
    print(f"most memory of all processes {memory.most / 1e6:.0f} MB, before {before / 1e6:.0f} MB")


async def measure(folder: Path, url: str, cases: int, rows: int, *, filled: bool) -> None:
    """Run it and print the figures."""
    if not filled:  # in a process apart, so that its memory does not count
        filler = await asyncio.create_subprocess_exec(sys.executable, "-m", "bench.filler", url, str(cases))
        assert await filler.wait() == 0
    now = datetime.now(UTC)
    store = open_store(url)
    rules = await store.write(lambda session: sync(session, load(EXAMPLE, {}), now))
    place, estate = await store.write(lambda session: appoint(session, now))
    store.close()  # what it knew of statistics goes with it
    store = open_store(url)
    try:
        await time_lists(store, rules, now, place, estate)
        await time_export(store, rules, folder, rows)
    finally:
        store.close()


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--url", help="an empty database; a file of SQLite without")
    parser.add_argument("--filled", action="store_true", help="the database has its cases already")
    told = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="redsteward-bench-") as folder:
        url = told.url or f"sqlite:///{folder}/bench.db"
        asyncio.run(measure(Path(folder), url, told.cases, told.rows, filled=told.filled))


if __name__ == "__main__":
    main()
