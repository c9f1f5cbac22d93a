"""A warning to a whole district on Telegram while residents go on writing: how long, how many refusals, how they wait.

    uv run python -m bench.broadcast --people 10000
    uv run python -m bench.broadcast --people 2000 --answers 300 --calls 40     # an evening of a typhoon
    uv run python -m bench.broadcast --people 2000 --answers 300 --replicas 3   # PostgreSQL, three processes

The bot is a process of its own; the strict simulator lives in this one, keeps to Telegram's 30 messages a second, and
remembers every call. The exit status tells whether everybody got it once, without one refusal for flooding.
"""

import argparse
import asyncio
import os
import statistics
import tempfile
import time
from collections import Counter, deque
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import yaml
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from bench.replicas import postgres
from bench.town import RESIDENT_ID, Bot, open_doors, write_config
from bot.config import load
from bot.seed import sync
from cases.states import OPEN
from storage.admin_models import Broadcast, BroadcastAnswer
from storage.engine import Store, open_store
from storage.migrate import upgrade
from storage.models import Case, Identity, Person, Place
from tests.simulators.telegram import Resident, TelegramServer

WORDS = "台风今晚登陆，低层住户请马上到社区礼堂。"
NEIGHBOUR_ID = 2_000_000  # of the first who is warned
STEWARDS = 4  # of each partner type
WRITERS, PAUSE = 2, 3.0  # residents who report one after the other, seconds between
PATIENCE = 60.0  # seconds without any progress
CHUNK = 1000


@dataclass
class Evening:
    """What was seen."""

    begun: float = 0.0  # time.monotonic() when 发送 was pressed
    ended: float = 0.0
    cpu: float = 0.0  # seconds of the bot
    waits: list[float] = field(default_factory=list)  # seconds until a report's card was there
    toasts: list[float] = field(default_factory=list)  # seconds until an answer was noted


def neighbours(telegram: TelegramServer, count: int) -> list[Resident]:
    """Return people who have opened a chat with the bot once."""
    found = [telegram.user(f"住户{number}", id=NEIGHBOUR_ID + number) for number in range(count)]
    for person in found:
        telegram.world.private(person.info).started = True
    return found


def settle(session: Session, people: Sequence[Resident]) -> None:
    """Have them live in the buildings of the example, one after the other."""
    homes = session.scalars(select(Place.id).where(Place.kind == "building").order_by(Place.id)).all()
    now = datetime.now(UTC)
    for start in range(0, len(people), CHUNK):
        chunk = people[start : start + CHUNK]
        rows = [{"name": p.info["first_name"], "home_id": homes[p.id % len(homes)], "created_at": now} for p in chunk]
        ids = session.scalars(insert(Person).returning(Person.id, sort_by_parameter_order=True), rows).all()
        session.execute(insert(Identity), [
            {"person_id": number, "channel": "telegram", "user": str(p.id), "chat": str(p.id), "last_seen_at": now}
            for number, p in zip(ids, chunk, strict=True)
        ])  # fmt: skip


async def make(admin: Resident, place: str = "丰美社区", words: str = WORDS) -> None:
    """Have an admin make a warning; it is sent by pressing 发送."""
    await admin.sends(f"/broadcast {place}")
    await admin.reads("请把通知写成一条消息", timeout=PATIENCE)
    await admin.sends(words)
    await admin.reads("确认发送吗", timeout=PATIENCE)


def copies(telegram: TelegramServer, words: str = WORDS) -> Counter[int]:
    """Return how often each neighbour was sent the warning."""
    return Counter({
        chat: sum(words in message.text for message in sent)
        for chat, sent in list(telegram.sent.items()) if chat >= NEIGHBOUR_ID
    })  # fmt: skip


async def greeted(staff: Sequence[Resident]) -> None:
    """Wait until everybody who has opened a chat was greeted."""
    for person in staff:
        await person.reads("红管家来办", timeout=PATIENCE)
        person.skips()


async def write(telegram: TelegramServer, number: int, evening: Evening, end: asyncio.Event) -> None:
    """Report again and again as a new resident each time, and note how long the card takes."""
    count = 0
    while not end.is_set():
        person = telegram.user(f"居民{number}", id=RESIDENT_ID + number * 10_000 + count)
        count += 1
        start = time.monotonic()
        await person.sends("3栋2单元路灯坏了")
        await person.reads(timeout=PATIENCE)
        evening.waits.append(time.monotonic() - start)
        await asyncio.sleep(PAUSE)


async def answer(telegram: TelegramServer, people: Sequence[Resident], label: str, evening: Evening) -> None:
    """Press a button of the warning as soon as it is there."""
    for person in people:
        while not telegram.sent.get(person.id):  # noqa: ASYNC110 - another process sends
            await asyncio.sleep(0.2)
        start, before = time.monotonic(), len(person.toasts)
        await person.presses(label)
        while len(person.toasts) == before:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        evening.toasts.append(time.monotonic() - start)


async def is_over(store: Store) -> bool:
    """Wait until the warning is sent; False when nothing moves any more."""
    last, moved = -1, time.monotonic()
    while time.monotonic() - moved < PATIENCE:
        await asyncio.sleep(1)
        row = await store.read(lambda s: s.execute(select(Broadcast.state, Broadcast.up_to)).one())
        if row[0] == "done":
            return True
        if row[1] != last:
            last, moved = row[1], time.monotonic()
    return False


def cpu_seconds(pid: int) -> float:
    """Return what a process has used so far."""
    parts = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")


async def measure(told: argparse.Namespace, folder: Path, url: str) -> bool:
    """Run it, print the figures; return whether everybody got it once without a refusal."""
    evening, end = Evening(), asyncio.Event()
    async with TelegramServer() as telegram:
        staff = write_config(telegram, folder, url, STEWARDS, times={"quiet_hours": None})
        alone(folder / "config.yaml")
        settings = load(folder / "config.yaml", {"TELEGRAM_TOKEN": telegram.token})
        upgrade(url)
        store = open_store(url)
        people = neighbours(telegram, told.people)
        await store.write(lambda session: sync(session, settings, datetime.now(UTC)))
        await store.write(lambda session: settle(session, people))
        residents = await open_doors(telegram, staff)
        admin = next(person for person in residents if person.info["first_name"] == "黄书记")
        bots = [Bot(folder / "config.yaml", folder / f"bot{number}.log") for number in range(told.replicas)]
        for bot in bots:
            await bot.start()
        await up(bots)
        await telegram.idle(60)
        await greeted(residents)
        pids = [bot.process.pid for bot in bots if bot.process]
        await make(admin)
        writers = [asyncio.create_task(write(telegram, number, evening, end)) for number in range(WRITERS)]
        try:
            before, evening.begun = sum(map(cpu_seconds, pids)), time.monotonic()
            await admin.presses("发送")
            step = max(1, told.people // max(1, told.answers))
            some = people[::step][: told.answers]
            pressing = [asyncio.create_task(answer(telegram, some[n::4], "我已转移", evening)) for n in range(4)]
            pressing.append(asyncio.create_task(answer(telegram, _others(people, some, told), "需要帮助", evening)))
            over = await is_over(store)
            evening.cpu = sum(map(cpu_seconds, pids)) - before
            async with asyncio.timeout(PATIENCE):
                await asyncio.gather(*pressing)
        finally:
            end.set()
            await asyncio.gather(*writers)
            await asyncio.gather(*(bot.stop() for bot in bots))
        well = await report(told, telegram, store, evening)
        store.close()
        return well and over


async def up(bots: Sequence[Bot]) -> None:
    """Wait until all of them work."""
    async with asyncio.timeout(2 * PATIENCE):
        while not all(bot.is_up for bot in bots):  # noqa: ASYNC110 - other processes start
            await asyncio.sleep(0.2)


def _others(people: Sequence[Resident], but: Sequence[Resident], told: argparse.Namespace) -> list[Resident]:
    left = [person for person in people if person not in but] if told.calls else []
    return left[:: max(1, len(left) // max(1, told.calls))][: told.calls]


def alone(path: Path) -> None:
    """Let one admin warn any number of people."""
    told = yaml.safe_load(path.read_text(encoding="utf-8"))
    told["broadcast"]["second_admin_above"] = 1_000_000
    path.write_text(yaml.safe_dump(told, allow_unicode=True), encoding="utf-8")


async def report(
    told: argparse.Namespace, telegram: TelegramServer, store: Store, evening: Evening
) -> bool:  # fmt: skip
    """Print what the simulator and the database say."""
    got = copies(telegram)
    calls = [call for call in telegram.calls if call.method.startswith(("send", "edit")) and call.at >= evening.begun]
    last = max((call.at for call in calls if WORDS in str(call.params.get("text"))), default=evening.begun)
    meanwhile = [call.at for call in calls if call.at <= last]
    twice, missing = sum(count > 1 for count in got.values()), told.people - sum(count > 0 for count in got.values())
    print(f"people warned              {told.people - missing} of {told.people}, twice {twice}")
    took = last - evening.begun
    print(f"from the press to the last {took:.1f} s ({len(meanwhile) / took:.2f} calls a second)")
    print(f"other calls meanwhile      {len(meanwhile) - sum(got.values())}")
    print(f"most calls in one second   {most_in_a_second(meanwhile)}")
    print(f"refused for flooding       {telegram.refused_429}, rules broken {len(telegram.violations)}")
    for name, found in (("cards of reports", evening.waits), ("answers noted", evening.toasts)):
        if len(found) > 2:
            p50, p95 = (1000 * statistics.quantiles(found, n=20)[at] for at in (9, 18))
            worst = 1000 * max(found)
            print(f"{name:<26} {len(found)}, p50 {p50:.0f} ms, p95 {p95:.0f} ms, longest {worst:.0f} ms")
    print(f"CPU of the bot             {evening.cpu:.1f} s")
    helped = await looked_after(told, store)
    return not (twice or missing or telegram.refused_429 or telegram.violations) and helped


async def looked_after(told: argparse.Namespace, store: Store) -> bool:
    """Tell whether every answer is noted and every call for help has an owner and a next moment."""
    answers = await store.read(lambda s: s.execute(
        select(BroadcastAnswer.answer, func.count()).group_by(BroadcastAnswer.answer)).all())  # fmt: skip
    noted = {row[0]: row[1] for row in answers}
    owned = (Case.category == "rescue", Case.emergency, Case.state.in_(OPEN), Case.look_at.is_not(None))
    cases = await store.read(lambda s: s.scalar(select(func.count()).select_from(Case).where(*owned)) or 0)
    print(f"answers                    {noted.get('safe', 0)} safe, {noted.get('help', 0)} need help")
    print(f"calls for help looked after {cases} of {told.calls}")
    return (cases, noted.get("help", 0), noted.get("safe", 0)) == (told.calls, told.calls, told.answers)


def most_in_a_second(moments: Sequence[float]) -> int:
    """Return the largest number of calls within any second."""
    window: deque[float] = deque()
    most = 0
    for at in sorted(moments):
        window.append(at)
        while window[0] <= at - 1.0:
            window.popleft()
        most = max(most, len(window))
    return most


def main() -> None:
    """Read the command line and run; the exit status tells whether all is well."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--answers", type=int, default=0, help="so many press 我已转移")
    parser.add_argument("--calls", type=int, default=0, help="so many others press 需要帮助")
    parser.add_argument("--replicas", type=int, default=1, help="so many processes; needs PostgreSQL")
    parser.add_argument("--url", help="an empty database; a file of SQLite without")
    told = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="redsteward-broadcast-") as folder, ExitStack() as stack:
        fresh = stack.enter_context(postgres()) if told.replicas > 1 and not told.url else f"sqlite:///{folder}/desk.db"
        well = asyncio.run(measure(told, Path(folder), told.url or fresh))
    raise SystemExit(0 if well else 1)


if __name__ == "__main__":
    main()
