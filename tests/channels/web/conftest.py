"""A desk with a web chat, served on a free port."""

import shutil
from collections.abc import AsyncIterator, Iterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from bot.clock import Clock
from storage.engine import Store, open_store
from tests.channels.web.desk import ParrotDesk, open_desk
from tests.channels.web.serve import serving


@pytest.fixture
def web_store(sqlite_template: Path, tmp_path: Path) -> Iterator[Store]:
    """An open store over a fresh SQLite file: the wire is the same whatever the database."""
    shutil.copy(sqlite_template, tmp_path / "web.db")
    opened = open_store(f"sqlite:///{tmp_path / 'web.db'}")
    yield opened
    opened.close()


@pytest.fixture
async def desk(web_store: Store, tmp_path: Path) -> AsyncIterator[ParrotDesk]:
    """A started desk; it stops by itself."""
    made = open_desk(web_store, tmp_path / "files", Clock())
    await made.channel.start(made.accept)
    yield made
    await made.channel.stop()
    await made.finish()


@pytest.fixture
async def host(desk: ParrotDesk) -> AsyncIterator[str]:
    """Where the desk's web chat is served."""
    async with serving(desk.channel.routes()) as served:
        yield served


@pytest.fixture(scope="session")
def photo() -> bytes:
    """A small photo as JPEG."""
    made = BytesIO()
    Image.new("RGB", (320, 240), "#7a9e7e").save(made, "JPEG")
    return made.getvalue()
