"""What "me too" would offer among residents' messages, and how long it takes to look among many open cases.

    uv run python -m bench.likeness messages.jsonl [--threshold 0.4] [--private]
    uv run python -m bench.likeness --lookup [--url postgresql+psycopg://…]

The file has one JSON object a line with `title` and `text`. As these messages share no places, all are held against all
of their kind; printed is every pair that is alike enough, the most alike first. `--private` shows also the kinds that
are never offered. `--lookup` writes 100,000 open cases over the example's places and kinds and times 500 new reports.
"""

import argparse
import asyncio
import json
import random
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path
from typing import Any

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from bench.town import EXAMPLE as CONFIG
from bot.config import load
from bot.seed import sync
from cases.context import Context, Rules
from cases.likeness import compare, grams, similar
from cases.looks import Look
from cases.settings import Category
from storage.engine import Store, open_store
from storage.migrate import upgrade
from storage.models import UNDER_WAY, Case, Person
from tests.cases.trees import EXAMPLE, READER

THRESHOLD = 0.4
SHOWN = 34  # characters of a message
CASES, REPORTS, CHUNK = 100_000, 500, 5_000
LENGTHS = ((1, 90), (8, 8), (80, 2))  # how often the tail of the words is repeated, and how many of 100 messages
TROUBLES = ("坏了", "没人管", "好几天了", "一直有声音", "太脏了", "又不行了", "怎么还没修", "很危险", "堵住了")
TAILS = ("老人下不来，请尽快派人看看。", "孩子晚上睡不着，打过电话也没有人来。", "从上个星期到现在都是这样。")
INDEX = f"CREATE INDEX IF NOT EXISTS ix_case_near ON case_ (category, place_id, id) WHERE state IN {UNDER_WAY}"


def offers(messages: list[str], threshold: float, *, private: bool) -> Iterator[tuple[float, str, str, str]]:
    """Yield likeness, kind and both messages of every pair that is alike enough."""
    kinds = defaultdict(list)
    for message in messages:
        kind = EXAMPLE.category(READER.read(message).category or EXAMPLE.fallback)
        if private or not kind.private:
            kinds[kind.key].append((message, grams(message)))
    for key, told in kinds.items():
        for (one, ready), (other, also_ready) in combinations(told, 2):
            if (alike := compare(ready, also_ready)) >= threshold:
                yield alike, key, one, other


def show(messages: list[str], threshold: float, *, private: bool) -> None:
    """Print the pairs."""
    found = sorted(offers(messages, threshold, private=private), reverse=True)
    for alike, key, one, other in found:
        print(f"{alike:.2f} {key:<16} {_line(one)} | {_line(other)}")
    print(f"{len(found)} pairs of {len(messages)} messages")


def _line(message: str) -> str:
    return " ".join(message.split())[:SHOWN]


def fill(session: Session, rules: Rules, now: datetime) -> None:
    """Write the open cases."""
    reporter = session.execute(insert(Person).values(name="居民", created_at=now).returning(Person.id)).scalar_one()
    chance = random.Random(3)
    rows = [_case(number, reporter, now, *_report(chance, rules)) for number in range(CASES)]
    for start in range(0, CASES, CHUNK):
        session.execute(insert(Case), rows[start : start + CHUNK])
    session.execute(text(INDEX))


def _report(chance: random.Random, rules: Rules) -> tuple[str, int, str]:
    """Return a kind, a place and words that somebody might report."""
    kind = chance.choice(_public(rules))
    node = chance.choice(list(rules.tree))
    times = chance.choices([times for times, _share in LENGTHS], [share for _times, share in LENGTHS])[0]
    what = f"{chance.choice(kind.words or (kind.name,))}{chance.choice(TROUBLES)}"
    return kind.key, node.id, f"你好，{rules.tree.short(node.id)}{what}，{chance.choice(TAILS) * times}"


def _public(rules: Rules) -> list[Category]:
    return [category for category in rules.settings.categories if not category.private]


def _case(number: int, reporter: int, now: datetime, category: str, place: int, words: str) -> dict[str, Any]:
    return {
        "draft": f"bench{number}", "kind": "issue", "category": category, "state": "working", "place_id": place,
        "place_detail": "", "words": words, "emergency": False, "reporter_id": reporter, "reporter_channel": "telegram",
        "reporter_chat": "1", "steward_id": reporter, "answerable_id": reporter, "returns": 0, "reopened": 0,
        "accept_by": now, "resolve_by": now, "due_from": now, "created_at": now, "changed_at": now,
        "look_kind": Look.RESOLVE, "look_at": now,
    }  # fmt: skip


async def look_up(url: str) -> None:
    """Time the look-ups and print the figures."""
    upgrade(url)
    store = open_store(url)
    now = datetime.now(UTC)
    rules = await store.write(lambda session: sync(session, load(CONFIG, {}), now))
    await store.write(lambda session: fill(session, rules, now))
    times, offered = await _time(store, rules, now)
    store.close()
    p50, p95 = (statistics.quantiles(times, n=20)[at] for at in (9, 18))
    print(f"{CASES} open cases, {REPORTS} reports, {offered} of them with an offer")
    print(f"p50 {p50:.1f} ms, p95 {p95:.1f} ms, longest {max(times):.1f} ms")


async def _time(store: Store, rules: Rules, now: datetime) -> tuple[list[float], int]:
    chance = random.Random(4)
    reports = [_report(chance, rules) for _number in range(REPORTS)]

    def all_of_them(session: Session) -> tuple[list[float], int]:
        times, offered = [], 0
        for category, place, words in reports:
            start = time.perf_counter()
            found = similar(Context(session, now, rules), category, place, words, THRESHOLD)
            times.append(1000 * (time.perf_counter() - start))
            offered += bool(found)
            session.expunge_all()
        return times, offered

    return await store.read(all_of_them)


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, nargs="?")
    parser.add_argument("--threshold", type=float, default=THRESHOLD)
    parser.add_argument("--private", action="store_true", help="kinds that are never offered too")
    parser.add_argument("--lookup", action="store_true", help="time the look-up")
    parser.add_argument("--url", help="an empty database for --lookup; a file of SQLite without")
    told = parser.parse_args()
    if not told.lookup and not told.file:
        parser.error("name a file of messages, or --lookup")
    if told.file:
        rows = [json.loads(line) for line in told.file.read_text(encoding="utf-8").splitlines() if line.strip()]
        messages = [f"{row['title']}\n{row['text']}".strip() for row in rows]
        show(messages, told.threshold, private=told.private)
    if told.lookup:
        with tempfile.TemporaryDirectory(prefix="redsteward-bench-") as folder:
            asyncio.run(look_up(told.url or f"sqlite:///{folder}/bench.db"))


if __name__ == "__main__":
    main()
