"""A whole desk on SQLite, listening; and a way to say to it what no library would."""

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot.app import App
from bot.clock import Clock
from storage.engine import Store, open_store
from tests.bot.test_health import settings
from tests.cast import Estate, open_estate

PATIENCE = 10.0  # seconds until an answer that does not come is given up


@pytest.fixture
async def app(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[App]:
    """The program, as `run` starts it."""
    shutil.copy(sqlite_template, tmp_path / "desk.db")
    made = App(settings(f"sqlite:///{tmp_path}/desk.db", tmp_path), Clock())
    await made.start()
    yield made
    await made.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def standing(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[App]:
    """The program as well, once for all that is refused and leaves nothing behind."""
    folder = tmp_path_factory.mktemp("standing")
    shutil.copy(sqlite_template, folder / "desk.db")
    made = App(settings(f"sqlite:///{folder}/desk.db", folder), Clock())
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
def lone_store(sqlite_template: Path, tmp_path: Path) -> Iterator[Store]:
    """An open store over a fresh SQLite file: what is tried here has nothing to do with the kind of database."""
    shutil.copy(sqlite_template, tmp_path / "estate.db")
    opened = open_store(f"sqlite:///{tmp_path}/estate.db")
    yield opened
    opened.close()


@pytest.fixture
async def estate(lone_store: Store) -> Estate:
    """丰美小区 with everybody."""
    return await open_estate(lone_store)


async def raw(app: App, *parts: bytes, end: bool = True) -> bytes:
    """Send bytes as they are; return all that comes back until the server closes or falls silent."""
    assert app.port is not None
    reader, writer = await asyncio.open_connection("127.0.0.1", app.port)
    answer = b""
    with contextlib.suppress(OSError):
        for part in parts:
            writer.write(part)
            await writer.drain()
        if end:
            writer.write_eof()
    with contextlib.suppress(TimeoutError, OSError):
        async with asyncio.timeout(PATIENCE):
            while block := await reader.read(65536):
                answer += block
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return answer
