"""A large desk for measurements: a street of 128 estates, its stewards and residents, and two years of their cases.

    uv run python -m bench.filler sqlite:////tmp/desk.db 1000000

`fill(url, cases)` is what other measurements call. Cases come by day and hour as people report, most are done, few are
late, some half are rated. One case in ten has a history of its own: enough for a list to show.
"""

import argparse
import random
import time
from bisect import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, insert, make_url
from sqlalchemy.orm import Session

from bot.config import load
from bot.seed import sync
from cases.settings import Partner, Settings
from storage.base import Base
from storage.migrate import upgrade
from storage.models import Case, HistoryEntry, Identity, Person, Place, Rating, Role
from storage.sqlite_store import sqlite_engine
from storage.upsert import table_of

T = TypeVar("T")

EXAMPLE = Path(__file__).parents[1] / "config.yaml"
COMMUNITIES, ESTATES, BUILDINGS = 8, 128, 18  # estates in all; buildings of each
STEWARDS, RESIDENTS = 500, 20_000
DAYS = 730
CHUNK = 20_000  # cases in one transaction
WITH_HISTORY = 0.1  # share of the cases
HOURS = (1, 1, 0, 0, 0, 1, 3, 8, 14, 16, 15, 11, 8, 9, 12, 13, 12, 11, 13, 14, 12, 8, 5, 2)  # of the day, as weights
ENDS = (("closed", 93), ("resolved", 2), ("rejected", 1), ("withdrawn", 2), ("merged", 2))  # in percent
OPEN_DAYS = 4  # of the youngest cases many are still open
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
DEFAULTS = {
    "place_detail": "", "returns": 0, "offers": 0, "rung": 0, "beneficiary": "", "people_wanted": 1,
    "widened": 0, "reporter_channel": "bench",
}  # fmt: skip


@dataclass(slots=True)
class Town:
    """Who and what there is."""

    settings: Settings
    until: datetime
    chance: random.Random
    buildings: list[tuple[int, int, int]] = field(default_factory=list)  # building, its estate, its community
    stewards: list[int] = field(default_factory=list)
    residents: list[int] = field(default_factory=list)
    chief: int = 0


@dataclass(slots=True)
class Batch:
    """Rows of one transaction."""

    cases: list[dict[str, Any]] = field(default_factory=list)
    ratings: list[dict[str, Any]] = field(default_factory=list)
    history: list[dict[str, Any]] = field(default_factory=list)


def fill(url: str, cases: int, until: datetime | None = None) -> Settings:
    """Migrate the database and write a town with so many cases, reported in the two years before `until` (now).

    The same numbers give the same town. Returns the settings it is made with.
    """
    upgrade(url)
    engine = _engine(url)
    settings = load(EXAMPLE, {})
    town = Town(settings, until or datetime.now(UTC), random.Random(7))
    with engine.begin() as connection, Session(connection) as session:
        sync(session, settings, town.until - DAYS * DAY)
        session.flush()
        _build(session, town)
        session.flush()
    for first in range(0, cases, CHUNK):
        with engine.begin() as connection:
            _write(connection, town, range(first, min(first + CHUNK, cases)), cases)
    engine.dispose()  # without statistics: a desk has none either, and those of few rows mislead when there are many
    return settings


def _engine(url: str) -> Engine:
    parsed = make_url(url)
    return sqlite_engine(parsed, writer=True) if parsed.get_backend_name() == "sqlite" else create_engine(parsed)


def _build(session: Session, town: Town) -> None:
    """Write places, people and roles."""
    street = session.query(Place).filter_by(kind="street").one()
    communities = [_place(session, street, "community", f"社区{number}") for number in range(COMMUNITIES)]
    estates = [
        _place(session, communities[number % COMMUNITIES], "estate", f"小区{number}") for number in range(ESTATES)
    ]  # fmt: skip
    for estate in estates:
        for number in range(1, BUILDINGS + 1):
            building = _place(session, estate, "building", f"{number}号楼", number)
            town.buildings.append((building.id, estate.id, estate.parent_id or street.id))
    town.stewards = _people(session, "红管家", STEWARDS, town.until)
    town.residents = _people(session, "居民", RESIDENTS, town.until)
    town.chief = _people(session, "街道主任", 1, town.until)[0]
    partners = list(Partner)[:5]
    for number, person in enumerate(town.stewards):
        role = {"place_id": estates[number % ESTATES].id, "role": "steward", "partner": partners[number % 5]}
        session.add(Role(person_id=person, **role))
    session.add(Role(person_id=town.chief, place_id=street.id, role="admin"))


def _place(session: Session, parent: Place, kind: str, name: str, number: int | None = None) -> Place:
    key = f"{parent.key}-{number or name}"
    place = Place(key=key, parent_id=parent.id, path="", kind=kind, name=name, number=number, aliases=[])
    session.add(place)
    session.flush()
    place.path = f"{parent.path}{place.id}/"
    return place


def _people(session: Session, name: str, count: int, now: datetime) -> list[int]:
    rows = [{"name": f"{name}{number}", "created_at": now, "home_detail": ""} for number in range(count)]
    ids = list(session.scalars(insert(Person).returning(Person.id, sort_by_parameter_order=True), rows))
    chats = [{"person_id": person, "channel": "bench", "user": f"b{person}", "chat": f"b{person}"} for person in ids]
    session.execute(insert(Identity), chats)
    return ids


def _write(connection: Connection, town: Town, numbers: range, total: int) -> None:
    batch = Batch()
    first = _next_id(connection)
    for offset, number in enumerate(numbers):
        _case(town, first + offset, number, total, batch)
    _insert(connection, Case, batch.cases)
    _insert(connection, Rating, batch.ratings)
    _insert(connection, HistoryEntry, batch.history)
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SELECT setval(pg_get_serial_sequence('case_', 'id'), (SELECT max(id) FROM case_))")


def _next_id(connection: Connection) -> int:
    return (connection.exec_driver_sql("SELECT max(id) FROM case_").scalar() or 1000) + 1


def _insert(connection: Connection, model: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        connection.execute(insert(table_of(model)), rows)


def _case(town: Town, case_id: int, number: int, total: int, batch: Batch) -> None:
    """Write one case with what happened to it; the later its number, the later it was reported."""
    chance = town.chance
    created = _reported_at(town, number, total)
    category = _pick(chance, town.settings.issues if chance.random() < 0.95 else town.settings.wishes)
    building, estate, community = _pick(chance, town.buildings)
    row = DEFAULTS | {
        "id": case_id, "draft": f"bench{case_id}", "kind": "wish" if category.wish else "issue",
        "category": category.key, "place_id": building, "words": f"{category.name}：{number}号的事，请来看看。",
        "reporter_id": chance.choice(town.residents), "reporter_chat": f"b{case_id}", "created_at": created,
        "accept_by": created + 2 * HOUR, "respond_by": created + 2 * HOUR, "due_from": created,
        "emergency": number % 97 == 0, "urgent": number % 13 == 0,
        "resolve_by": created + 3 * DAY, "reopened": int(chance.random() < 0.03),
        "late_place_id": chance.choice((building, building, estate, community)) if chance.random() < 0.06 else None,
    }  # fmt: skip
    row |= _progress(town, created, row["late_place_id"] is not None)
    batch.cases.append(row)
    if row["resolved_at"] is not None and row["state"] in ("closed", "resolved"):
        batch.ratings += _ratings(town, row)
    if chance.random() < WITH_HISTORY:
        batch.history += _history(row)


def _reported_at(town: Town, number: int, total: int) -> datetime:
    """Return the moment: spread over the days, by the weights of the hours, none of them in the future."""
    day = (town.until - (DAYS - 1 - DAYS * number // total) * DAY).replace(hour=0, minute=0, second=0, microsecond=0)
    weights = list(accumulate(HOURS))
    hour = bisect(weights, town.chance.random() * weights[-1])
    moment = day + (hour - 8) * HOUR + town.chance.random() * HOUR
    return moment if moment < town.until else moment - DAY


def _progress(town: Town, created: datetime, late: bool) -> dict[str, Any]:
    """Return how far a case has come by now."""
    chance = town.chance
    responded = created + chance.expovariate(1 / 40) * MINUTE
    resolved = created + (timedelta(days=3 + chance.random() * 4) if late else chance.random() * 60 * HOUR)
    steward = chance.choice(town.stewards)
    found: dict[str, Any] = {
        "steward_id": steward, "answerable_id": steward, "responded_at": responded, "resolved_at": resolved,
        "late": late, "look_kind": None, "look_at": None, "changed_at": resolved,
    }  # fmt: skip
    if resolved < town.until and (town.until - created > OPEN_DAYS * DAY or chance.random() < 0.8):
        state = chance.choices([end for end, _ in ENDS], [weight for _, weight in ENDS])[0]
        look = {"look_kind": "rate", "look_at": town.until + DAY} if state == "resolved" else {}
        done = {} if state in ("closed", "resolved") else {"resolved_at": None, "late": False}
        return found | {"state": state} | look | done
    taken = responded < town.until
    open_now = {"resolved_at": None, "late": False, "look_at": town.until + HOUR, "changed_at": created}
    if taken:
        return found | open_now | {"state": "working", "look_kind": "resolve"}
    return found | open_now | {"state": "assigned", "look_kind": "accept", "responded_at": None}


def _ratings(town: Town, row: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the question and, for some half, its answer; of a case that was opened again also that of before."""
    chance = town.chance
    for asked in range(row["reopened"] + 1):
        last = asked == row["reopened"]
        answered = row["state"] == "closed" and (chance.random() < 0.5 or not last)
        stars = chance.choices((5, 4, 3, 2, 1, None), (55, 25, 8, 3, 3, 6))[0] if answered and last else None
        yield {
            "case_id": row["id"], "round": asked, "person_id": row["reporter_id"], "steward_id": row["steward_id"],
            "asked_at": row["resolved_at"], "asked_times": 1, "solved": last if answered else None, "stars": stars,
            "tags": [], "words": "", "answered_at": row["resolved_at"] if answered else None, "outcome": "",
            "reply": "",
        }  # fmt: skip


def _history(row: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the usual steps, up to the state the case is in."""
    resident, steward = row["reporter_id"], row["steward_id"]
    steps = (
        ("file", row["created_at"], resident, "new"), ("assign", row["created_at"], None, "assigned"),
        ("accept", row["responded_at"], steward, "working"), ("resolve", row["resolved_at"], steward, "resolved"),
    )  # fmt: skip
    before: str | None = None
    for action, at, actor, state in steps:
        if at is not None:
            yield {
                "case_id": row["id"], "at": at, "actor_id": actor, "action": action, "from_state": before,
                "to_state": state, "words": "", "data": {},
            }  # fmt: skip
            before = state


def _pick(chance: random.Random, things: Sequence[T]) -> T:
    """Return one of the things, the first far more often than the last."""
    return things[int(len(things) * chance.random() ** 2)]


def main() -> None:
    """Read the command line and fill."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("cases", type=int)
    told = parser.parse_args()
    start = time.monotonic()
    fill(told.url, told.cases)
    print(f"{told.cases} cases in {time.monotonic() - start:.0f} s")


if __name__ == "__main__":
    main()
