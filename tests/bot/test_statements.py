"""How many statements an update costs: the way that every update goes must not grow unnoticed.

What is counted is what SQLite carries out in the update's own transaction, each row of an `executemany` as one. Where a
change needs one more, the ceiling is raised with it, so that the review sees the price.
"""

import shutil
import sqlite3
from collections.abc import AsyncIterator, Awaitable
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from storage.engine import open_store
from storage.sqlite_store import SqliteStore
from tests.cast import Estate, open_estate

AUNT_LI = "李阿姨"
SHARED = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")  # of everything that is written, whatever it is
TWO_STEPS = {"says it": 9, "提交": 19}
FIVE_STEPS = {"/report": 6, "says what": 6, "3号楼": 7, "改类别": 6, "漏水与房屋": 7, "提交": 19}


class Counter:
    """Notes the statements of the writing connection."""

    def __init__(self, estate: Estate) -> None:
        self.estate = estate
        self._seen: list[str] = []

    async def listen(self) -> None:
        """Begin."""
        await self.estate.store.write(self._attach)

    async def count(self, action: Awaitable[object]) -> int:
        """Return how many statements an update took."""
        self._seen.clear()
        await action
        found = [statement for statement in self._seen if not statement.startswith((*SHARED, "--"))]
        assert found[0].startswith("INSERT INTO inbox"), "what was counted is no update"
        return len(found)

    def _attach(self, session: Session) -> None:
        driver = session.connection().connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        driver.set_trace_callback(self._seen.append)


@pytest.fixture
async def counter(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Counter]:
    """A desk on SQLite where Aunt Li has written before."""
    shutil.copy(sqlite_template, tmp_path / "desk.db")
    store = open_store(f"sqlite:///{tmp_path / 'desk.db'}")
    assert isinstance(store, SqliteStore)
    found = Counter(await open_estate(store))
    await found.estate.says(AUNT_LI, "/start")
    await found.estate.says(AUNT_LI, "/help")
    await found.listen()
    yield found
    store.close()


async def test_the_two_steps_cost_no_more_than_they_did(counter: Counter) -> None:
    estate = counter.estate
    found = {
        "says it": await counter.count(estate.says(AUNT_LI, "3号楼2单元楼道灯坏了")),
        "提交": await counter.count(estate.presses(AUNT_LI, "提交")),
    }
    assert len(await estate.cases()) == 1
    assert _above(found, TWO_STEPS) == {}


async def test_step_by_step_costs_no_more_than_it_did(counter: Counter) -> None:
    estate = counter.estate
    found = {"/report": await counter.count(estate.says(AUNT_LI, "/report"))}
    found["says what"] = await counter.count(estate.says(AUNT_LI, "路灯不亮了"))
    for label in ("3号楼", "改类别", "漏水与房屋", "提交"):
        found[label] = await counter.count(estate.presses(AUNT_LI, label))
    (case,) = await estate.cases()
    assert case.words == "路灯不亮了"
    assert _above(found, FIVE_STEPS) == {}


def _above(found: dict[str, int], ceilings: dict[str, int]) -> dict[str, str]:
    """Return what costs more than its ceiling."""
    return {step: f"{count}, at most {ceilings[step]}" for step, count in found.items() if count > ceilings[step]}
