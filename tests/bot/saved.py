"""A desk with something of everything in it, for backups and moves; and what of it can be counted by other means."""

import io
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import Connection, Row, Table, create_engine, func, make_url, select, text, update
from sqlalchemy.orm import Session

from bot.attachments import Files
from storage.base import Base
from storage.engine import Store, open_store
from storage.message_models import Attachment
from storage.models import Case, HistoryEntry, Person
from storage.sqlite_store import sqlite_engine
from tests.cast import Estate, open_estate
from tests.conftest import _named, _sql


def picture(colour: int = 200) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (64, 48), (colour, 60, 60)).save(file, "JPEG")
    return file.getvalue()


async def furnished(store: Store, folder: Path) -> Estate:
    """Return an estate with cases in many states, words of every kind, photos, and references that point on."""
    estate = await open_estate(store)
    await estate.says("aunt", '3号楼2单元电梯坏了，“有人”困在里面\n第二行\\N\t"quoted" 🏠')
    await estate.presses("aunt", "提交")
    await estate.presses(await estate.steward_now(), "接单")
    for number in range(5):
        await estate.says(f"resident{number}", f"{number + 1}号楼路灯坏了")
        await estate.presses(f"resident{number}", "提交")
    await estate.says("uncle", "心愿：想要一个轮椅")
    files = Files(folder / "attachments", store, estate.clock)
    for colour in (10, 20):
        await files.keep(channel="plain", user="aunt", data=picture(colour))
    last = await estate.case()
    await store.write(lambda session: session.execute(update(Case).where(Case.id == 1001).values(merged_into=last.id)))
    late = select(func.max(Person.id)).scalar_subquery()
    await store.write(lambda session: session.execute(
        update(Person).where(Person.key == "wang").values(cover_id=late)))  # fmt: skip
    return estate


def asks(url: str, question: Callable[[Connection], object]) -> object:
    """Ask a database something over a connection of its own."""
    engine = sqlite_engine(make_url(url), writer=False) if url.startswith("sqlite") else create_engine(url)
    try:
        with engine.connect() as connection:
            return question(connection)
    finally:
        engine.dispose()


def counts(url: str) -> dict[str, int]:
    """Count the rows of every table that the models know."""

    def count(connection: Connection) -> dict[str, int]:
        return {
            name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for name, table in Base.metadata.tables.items()
        }

    found = asks(url, count)
    assert isinstance(found, dict)
    return found


async def everything(url: str) -> dict[str, list[tuple[object, ...]]]:
    """Return every row through the models, sorted: what the program itself would read."""
    store = open_store(url)
    try:
        found = {}
        for name, table in Base.metadata.tables.items():
            rows = await store.read(partial(_all_of, table))
            found[name] = sorted((tuple(row) for row in rows), key=repr)
        return found
    finally:
        store.close()


def _all_of(table: Table, session: Session) -> Sequence[Row[Any]]:
    return session.execute(select(table)).all()


async def states_agree(url: str) -> int:
    """Hold that each case's state is the last entry of its history; return how many cases there are."""
    store = open_store(url)
    try:
        last = select(func.max(HistoryEntry.id)).where(HistoryEntry.case_id == Case.id).correlate(Case)
        states = select(Case.state, HistoryEntry.to_state).join(HistoryEntry, HistoryEntry.id == last.scalar_subquery())
        found = await store.read(lambda session: session.execute(states).all())
        cases = await store.read(lambda session: session.scalar(select(func.count()).select_from(Case)))
        assert len(found) == cases
        assert all(state == entry for state, entry in found)
        return len(found)
    finally:
        store.close()


async def files_are_there(url: str, folder: Path) -> int:
    """Hold that each file the database names is on the disk, with its size; return how many."""
    store = open_store(url)
    try:
        named = select(Attachment.path, Attachment.size).where(Attachment.path.is_not(None))
        found = await store.read(lambda session: session.execute(named).all())
        assert all((folder / "attachments" / str(path)).stat().st_size == size for path, size in found)
        return len(found)
    finally:
        store.close()


def fresh(request: pytest.FixtureRequest, kind: str, folder: Path) -> str:
    """Return the URL of a new, empty database without any schema."""
    if kind == "sqlite":
        folder.mkdir(exist_ok=True)
        return f"sqlite:///{folder}/desk.db"
    server = request.getfixturevalue("postgres")
    name = f"fresh_{os.urandom(6).hex()}"
    _sql(server, f"CREATE DATABASE {name} TEMPLATE template0")
    return _named(server, name)


def has_triggers(url: str) -> bool:
    """Tell whether history still refuses to be deleted."""

    def delete(connection: Connection) -> bool:
        with suppress(Exception):
            connection.execute(text("PRAGMA query_only=OFF")) if url.startswith("sqlite") else None
            connection.execute(text("DELETE FROM history"))
            return False
        return True

    return bool(asks(url, delete))
