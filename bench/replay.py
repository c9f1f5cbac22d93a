"""Sends a file of residents' messages to the bot, all at once, over Telegram's wire format.

    uv run python -m bench.replay messages.jsonl

The file has one JSON object a line with `title` and `text`. Each message comes from a resident of its own, who presses
提交 when the card is there. Printed: cases filed, words that did not arrive whole, messages over the limit that
came as several, calls that broke a rule of the platform, times.
"""

import argparse
import asyncio
import json
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select

from bench.town import ANOTHER, RESIDENT_ID, Bot, labels, open_doors, write_config
from handlers.clean import MAX_WORDS, clean
from storage.engine import open_store
from storage.models import Case
from tests.simulators.telegram import Resident, TelegramServer

TELEGRAM_TEXT = 4096  # characters; the app sends what is longer as several messages
PATIENCE = 300.0  # seconds for everything
STEWARDS = 10


@dataclass
class Result:
    """What came of it."""

    sent: int
    seconds: float = 0.0
    card_seconds: list[float] = field(default_factory=list)
    without_card: int = 0


async def tell(resident: Resident, words: str, building: int, result: Result) -> None:
    """Live where one lives, say it, press 提交 once the card is there."""
    await resident.starts(f"p_fengmei-{building}")
    await resident.reads(timeout=PATIENCE)
    start = time.monotonic()
    for place in range(0, len(words), TELEGRAM_TEXT):
        await resident.sends(words[place : place + TELEGRAM_TEXT])
    asked = False
    while "提交" not in (seen := labels(await resident.screen())):
        if f"{building}号楼" in seen and not asked:  # the words named a building that is not here, so the bot asks
            await resident.presses(f"{building}号楼")
            asked = True
        if ANOTHER in seen:  # it resembles an open case nearby
            await resident.presses(ANOTHER)
        if time.monotonic() - start > PATIENCE:
            result.without_card += 1
            return
        await asyncio.sleep(0.05)
    result.card_seconds.append(time.monotonic() - start)
    await resident.presses("提交")
    await resident.reads("#", timeout=PATIENCE)


async def replay(messages: list[str], folder: Path, url: str) -> None:
    """Run it and print what came of it."""
    result = Result(len(messages))
    async with TelegramServer() as telegram:
        await open_doors(telegram, write_config(telegram, folder, url, STEWARDS))
        bot = Bot(folder / "config.yaml", folder / "bot.log")
        await bot.start()
        start = time.monotonic()
        try:
            people = [telegram.user(f"居民{n}", id=RESIDENT_ID + n) for n in range(len(messages))]
            pairs = enumerate(zip(people, messages, strict=True))
            await asyncio.gather(*(tell(person, words, n % 18 + 1, result) for n, (person, words) in pairs))
            result.seconds = time.monotonic() - start
            await asyncio.sleep(15)  # the stewards' chats take one message a second
        finally:
            await bot.stop()
        await report(result, messages, url, telegram)


async def report(result: Result, messages: list[str], url: str, telegram: TelegramServer) -> None:
    """Compare what is in the database and in the chats with what was said."""
    store = open_store(url)
    cases = await store.read(lambda session: list(session.scalars(select(Case).order_by(Case.id))))
    store.close()
    kept = {_bare(case.words) for case in cases}
    wanted = [_bare(clean(words)[:MAX_WORDS]) for words in messages]
    staff = [shown.text for chat, sent in telegram.sent.items() if chat < RESIDENT_ID for shown in sent]
    seen = _bare("".join(staff))
    times = sorted(result.card_seconds) or [0.0]
    print(f"messages sent            {result.sent}")
    print(f"cases filed              {len(cases)}")
    print(f"without a card           {result.without_card}")
    print(f"words not whole          {sum(words not in kept for words in wanted)}")
    print(f"not whole at the steward {sum(words not in seen for words in wanted)}")
    print(f"longest message          {max(map(len, messages))} characters")
    print(f"emergencies              {sum(case.emergency for case in cases)}")
    print(f"kinds                    {_counts([case.category for case in cases])}")
    flooding = dict(telegram.world.flood.refused)
    print(f"rules broken             {len(telegram.violations)}, refused for flooding {flooding}")
    print(f"until the card           median {times[len(times) // 2]:.2f} s, longest {times[-1]:.2f} s")
    print(f"all filed after          {result.seconds:.1f} s")


def _bare(text: str) -> str:
    """Return the text without white space, which a message cut in two may lose at the cut."""
    return "".join(text.split())


def _counts(found: list[str]) -> str:
    return ", ".join(f"{key} {found.count(key)}" for key in sorted(set(found), key=lambda key: -found.count(key)))


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--url", help="the database; default: a fresh SQLite file")
    given = parser.parse_args()
    rows = [json.loads(line) for line in given.file.read_text(encoding="utf-8").splitlines() if line.strip()]
    messages = [f"{row['title']}\n{row['text']}".strip() for row in rows]
    with tempfile.TemporaryDirectory(prefix="redsteward-bench-") as folder:
        asyncio.run(replay(messages, Path(folder), given.url or f"sqlite:///{folder}/desk.db"))


if __name__ == "__main__":
    main()
