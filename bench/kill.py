"""Kills the running bot again and again (SIGKILL) while residents report, then counts what was lost or done twice.

    uv run python -m bench.kill --kills 200

The Telegram simulator lives in this process and remembers every update and every call. After the last kill the bot is
started once more and left alone until nothing waits; then the database and the chats are compared with what was said.
"""

import argparse
import asyncio
import random
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import func, select

from bench.town import ANOTHER, RESIDENT_ID, SUBMIT, Bot, labels, open_doors, write_config
from storage.engine import Store, open_store
from storage.message_models import InboxEntry, Outgoing
from storage.models import Case
from tests.simulators.telegram import Resident, TelegramServer

RESIDENTS = 12  # at once
LIVES = (1.5, 5.0)  # seconds that the bot lives, start-up included
STEWARDS = 10
DRAIN_SECONDS = 240.0  # with nothing sent or taken in meanwhile
FIRST_UPDATE = 1_000_001


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


async def torture(kills: int, folder: Path, url: str, seed: int) -> bool:
    """Run it, print the counts; return whether nothing was lost and nothing done twice."""
    tally, end, chance = Tally(), asyncio.Event(), random.Random(seed)
    async with TelegramServer(first_update_id=FIRST_UPDATE) as telegram:
        await open_doors(telegram, write_config(telegram, folder, url, STEWARDS))
        bot = Bot(folder / "config.yaml", folder / "bot.log")
        people = [asyncio.create_task(live(telegram, n, tally, end)) for n in range(RESIDENTS)]
        for _ in range(kills):
            await bot.start()
            await asyncio.sleep(chance.uniform(*LIVES))
            await bot.kill()
        await bot.start()
        end.set()
        await asyncio.gather(*people)
        quiet = await drain(telegram, url)
        await bot.stop()
        return await report(kills, quiet, tally, telegram, url)


async def drain(telegram: TelegramServer, url: str) -> bool:
    """Wait until no update and no message waits; give up when nothing moves any more."""
    moved, last = time.monotonic(), (-1, -1)
    while time.monotonic() - moved < DRAIN_SECONDS:
        await asyncio.sleep(1)
        left = (telegram.pending, await _waiting(url))
        if left == (0, 0):
            return True
        if left != last:
            moved, last = time.monotonic(), left
    return False


async def _waiting(url: str) -> int:
    store = open_store(url)
    try:
        return await store.read(
            lambda s: s.scalar(select(func.count()).select_from(Outgoing).where(Outgoing.state == "pending")) or 0
        )
    finally:
        store.close()


async def report(kills: int, quiet: bool, tally: Tally, telegram: TelegramServer, url: str) -> bool:
    """Compare and print."""
    store = open_store(url)
    words = Counter(await store.read(lambda session: list(session.scalars(select(Case.words)))))
    lost = [told for told in tally.told if told not in words]
    twice = [told for told, number in words.items() if number > 1]
    unseen = await _unseen(store, telegram)
    rows, refused = await _rows(store)
    updates = await store.read(lambda s: s.scalar(select(func.count()).select_from(InboxEntry)) or 0)
    store.close()
    calls = sum(call.status == 200 and call.method.startswith(("send", "edit")) for call in telegram.calls)
    made = telegram.last_update_id - FIRST_UPDATE + 1
    print(f"kills                      {kills}")
    print(f"reports begun / finished   {tally.begun} / {len(tally.told)}")
    print(f"updates made / taken in    {made} / {updates}")
    print(f"cases filed                {sum(words.values())}")
    print(f"finished reports lost      {len(lost)}")
    print(f"cases twice                {len(twice)}")
    print(f"stewards' cards missing    {unseen}")
    print(f"messages planned / refused {rows} / {refused}")
    print(f"messages sent again        {calls - rows + refused}")
    print(f"everything went out        {'yes' if quiet else 'NO'}")
    print(f"rules broken               {len(telegram.violations)}, refused for flooding {telegram.refused_429}")
    return quiet and not lost and not twice and unseen == 0 and made == updates


async def _rows(store: Store) -> tuple[int, int]:
    """Return how many messages were planned (answers to presses aside), and how many the platform refused."""
    found = await store.read(
        lambda s: s.execute(
            select(Outgoing.state, func.count()).where(Outgoing.lane == 0).group_by(Outgoing.state)
        ).all()
    )
    counts = {state: int(number) for state, number in found}
    return sum(counts.values()), counts.get("not_reached", 0)


async def _unseen(store: Store, telegram: TelegramServer) -> int:
    """Return how many cases no steward was shown."""
    cases = await store.read(lambda session: list(session.scalars(select(Case.id))))
    shown = "\n".join(message.text for chat, sent in telegram.sent.items() if chat < RESIDENT_ID for message in sent)
    return sum(f"#{case} " not in shown for case in cases)


def main() -> None:
    """Read the command line and run; the exit status tells whether all is well."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--url", help="the database; default: a fresh SQLite file")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="redsteward-kill-") as folder:
        url = given.url or f"sqlite:///{folder}/desk.db"
        well = asyncio.run(torture(given.kills, Path(folder), url, given.seed))
    raise SystemExit(0 if well else 1)


if __name__ == "__main__":
    main()
