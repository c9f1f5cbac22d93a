"""A district moves from SQLite to PostgreSQL, and back: every row, counted and compared, or none."""

import asyncio
import os
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from sqlalchemy import insert, text

from bot.cli import main
from bot.inbox import Inbox
from bot.moving import copy
from storage.engine import Store, open_store
from storage.hold import InUse, held
from storage.loading import same_shapes
from storage.migrate import upgrade
from storage.models import Person
from storage.portable import CannotMove, Shape
from tests.bot.saved import counts, everything, fresh, furnished, has_triggers, states_agree
from tests.cast import CONFIG, PLANNERS, Estate

OTHER = {"sqlite": "postgresql", "postgresql": "sqlite"}


@pytest.fixture
async def estate(store: Store, tmp_path: Path) -> Estate:
    found = await furnished(store, tmp_path)
    store.close()
    return found


@pytest.fixture
def target(database_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """An empty database of the other kind."""
    return fresh(request, OTHER[database_url.partition(":")[0].partition("+")[0]], tmp_path / "new")


async def test_a_district_moves(estate: Estate, database_url: str, target: str) -> None:
    """Everything is there, history cannot be deleted there either, and the next case has the next number."""
    told = copy(database_url, target)
    assert {name: number for name, number in counts(target).items() if name in told} == told
    assert await everything(target) == await everything(database_url)
    assert has_triggers(target)
    opened = open_store(target)
    try:
        cases = await states_agree(target)
        there = replace(estate, store=opened, updates=10_000)
        there.inbox = Inbox(opened, there.rules_for, PLANNERS, estate.clock)
        await there.says("somebody", "7号楼的窗户坏了")
        await there.presses("somebody", "提交")
        assert (await there.case()).id == 1000 + cases + 1
    finally:
        opened.close()


async def test_there_and_back_is_the_same(
    estate: Estate, database_url: str, target: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    back = fresh(request, database_url.partition(":")[0].partition("+")[0], tmp_path / "back")
    assert copy(database_url, target) == copy(target, back)
    assert await everything(back) == await everything(database_url)


def test_a_target_with_data_is_left_alone(estate: Estate, database_url: str, target: str) -> None:
    copy(database_url, target)
    before = counts(target)
    with pytest.raises(CannotMove, match="data in the target already"):
        copy(database_url, target)
    assert counts(target) == before


def test_an_older_schema_is_not_copied(
    target: str, database_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    old = fresh(request, database_url.partition(":")[0].partition("+")[0], tmp_path / "old")
    with pytest.raises(CannotMove, match="has schema None" if "postgresql" in old else "there is no database"):
        copy(old, target)
    upgrade(old, "0003")
    with pytest.raises(CannotMove, match="run db upgrade on it first"):
        copy(old, target)


def test_tables_that_differ_are_not_copied() -> None:
    here = [Shape("place", {"id": "plain", "name": "plain"})]
    same_shapes(here, here)
    for there in ([], [Shape("place", {"id": "plain"})], [*here, Shape("other", {})]):
        with pytest.raises(CannotMove, match="use the program that belongs to both"):
            same_shapes(here, there)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_what_postgres_cannot_hold_is_told_and_nothing_copied(
    store: Store, database_url: str, target: str
) -> None:
    """SQLite does not count characters; PostgreSQL does."""
    too_long = {"name": "很" * 100, "created_at": datetime(2026, 9, 30, tzinfo=UTC)}
    await store.write(lambda session: session.execute(insert(Person).values(**too_long)))
    store.close()
    with pytest.raises(CannotMove, match="person"):
        copy(database_url, target)
    assert set(counts(target).values()) == {0}


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_postgres_that_somebody_uses_is_not_copied(store: Store, database_url: str, target: str) -> None:
    await store.read(lambda session: session.execute(text("SELECT 1")))
    with pytest.raises(CannotMove, match="connected to the source; stop them first"):
        copy(database_url, target)


def test_two_programs_do_not_share_a_file(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/desk.db"
    with held(url), pytest.raises(InUse, match=f"process {os.getpid()}"), held(url):
        pass
    with held(url):
        pass


async def test_a_running_desk_holds_its_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """While `run` has the file, nobody upgrades, copies or runs a second desk on it; afterwards they may."""
    told = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))
    told["database"]["url"] = url = f"sqlite:///{tmp_path}/desk.db"
    told["data"], told["web"]["port"] = str(tmp_path), 0
    config = tmp_path / "config.yaml"
    config.write_text(yaml.safe_dump(told, allow_unicode=True), encoding="utf-8")
    running = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "--config", str(config), "run", stderr=asyncio.subprocess.PIPE
    )
    assert running.stderr is not None
    try:
        async with asyncio.timeout(60):
            while b"started" not in await running.stderr.readline():
                pass
        for command in (["run"], ["db", "upgrade"], ["db", "copy", url, f"sqlite:///{tmp_path}/new.db"]):
            assert await asyncio.to_thread(main, ["--config", str(config), *command]) == 1
            assert f"in use by another redsteward (process {running.pid})" in capsys.readouterr().out
        assert await asyncio.to_thread(main, ["--config", str(config), "backup", str(tmp_path / "desk.tar")]) == 0
    finally:
        running.terminate()
        await running.communicate()
    assert main(["--config", str(config), "db", "upgrade"]) == 0


def test_the_commands_say_what_they_did(
    estate: Estate, database_url: str, target: str, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Addresses with passwords come from the environment: an argument can be seen by everybody on the machine."""
    monkeypatch.setenv("FROM", database_url)
    monkeypatch.setenv("TO", target)
    assert main(["--config", str(CONFIG), "db", "copy", "${FROM}", "${TO}"]) == 0
    assert "the same in both" in capsys.readouterr().out
    assert main(["--config", str(CONFIG), "db", "copy", "${FROM}", "${NOWHERE}"]) == 1
    assert "NOWHERE is not set" in capsys.readouterr().out
    assert main(["--config", str(CONFIG), "db", "copy", database_url, database_url]) == 1
    assert "both are the same" in capsys.readouterr().out
