"""A real browser in front of a real server. One browser and one event loop serve all of these tests."""

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from bot.clock import Clock
from storage.engine import Store, open_store
from tests.browser.screen import Glass
from tests.channels.web.desk import ParrotDesk, open_desk
from tests.channels.web.serve import serving

ARGUMENTS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Chromium, where the machine has one."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("no chromium on this machine: install it to run the browser tests")
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield launched
        await launched.close()


@pytest.fixture
def page_store(sqlite_template: Path, tmp_path: Path) -> Iterator[Store]:
    """An open store over a fresh SQLite file."""
    shutil.copy(sqlite_template, tmp_path / "web.db")
    opened = open_store(f"sqlite:///{tmp_path / 'web.db'}")
    yield opened
    opened.close()


@pytest_asyncio.fixture(loop_scope="session")
async def desk(page_store: Store, tmp_path: Path) -> AsyncIterator[ParrotDesk]:
    """A started desk."""
    made = open_desk(page_store, tmp_path / "files", Clock())
    await made.channel.start(made.accept)
    yield made
    await made.channel.stop()
    await made.finish()


@pytest_asyncio.fixture(loop_scope="session")
async def host(desk: ParrotDesk) -> AsyncIterator[str]:
    """Where it is served."""
    async with serving(desk.channel.routes()) as served:
        yield served


@pytest_asyncio.fixture(loop_scope="session")
async def glass(browser: Browser) -> AsyncIterator[Glass]:
    """Opens pages; at the end none of them may have complained."""
    made = Glass(browser)
    yield made
    await made.close()
    assert made.complaints == []
