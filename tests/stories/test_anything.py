"""Anybody presses and says anything at any time: no illegal move, nothing without an owner, nobody's number given away.

A short run each time, always the same one. REDSTEWARD_SEQUENCES=10000 makes a long one, each time another.
"""

import asyncio
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from cases.context import Rules
from storage.engine import open_store
from tests.cast import open_estate
from tests.conftest import _named, _sql
from tests.stories.anything import Anything, seeded
from tests.stories.ground import Ground, postgres_ground, sqlite_ground

SEQUENCES = int(os.environ.get("REDSTEWARD_SEQUENCES") or 0)
SHORT = 8  # sequences of a short run, some six seconds each database
STEPS = 30
MEMORY = Path("/dev/shm")  # where there is one: what a sequence leaves is gone with it
SEEDED = "redsteward_seeded"


@pytest.fixture(params=["sqlite", "postgresql"])
def ground(request: pytest.FixtureRequest, sqlite_template: Path, tmp_path: Path) -> Iterator[Ground]:
    """Places, people and two residents, to be copied for each sequence."""
    if request.param == "sqlite":
        path = tmp_path / "seeded.db"
        shutil.copy(sqlite_template, path)
        with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
            yield sqlite_ground(_fill(f"sqlite:///{path}"), path, Path(folder))
    else:
        server = request.getfixturevalue("postgres")
        _sql(server, f"CREATE DATABASE {SEEDED} TEMPLATE redsteward_template")
        yield postgres_ground(_fill(_named(server, SEEDED)), server, SEEDED)
        _sql(server, f"DROP DATABASE {SEEDED} WITH (FORCE)")


def _fill(url: str) -> Rules:
    async def fill() -> Rules:
        store = open_store(url)
        try:
            estate = await open_estate(store)
            await store.write(seeded)
            return estate.rules
        finally:
            store.close()

    return asyncio.run(fill())


def test_anything_at_any_time(ground: Ground) -> None:
    machine = type("AnythingHere", (Anything,), {"ground": ground})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=SEQUENCES or SHORT, stateful_step_count=STEPS, deadline=None, database=None,
            derandomize=not SEQUENCES, suppress_health_check=list(HealthCheck), print_blob=False,
        ),
    )  # fmt: skip
