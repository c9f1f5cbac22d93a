"""A yard's group that two neighbours share, the stewards' group beside it, and the pages they open."""

import contextlib
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest

from bot.channels.web import Persona
from bot.clock import Clock
from storage.engine import Store
from tests.channels.web.client import Page, opened
from tests.channels.web.desk import ParrotDesk, open_desk

YARD, TASKS = "group:yard", "group:tasks"
CAST = (
    Persona("aunt", "张阿姨", "resident", groups=(YARD,)),
    Persona("uncle", "李叔", "resident", groups=(YARD,)),
    Persona("wang", "王建国", "steward", groups=(TASKS,)),
)
PERSONAS = {persona.key: persona for persona in CAST}


@pytest.fixture
async def desk(web_store: Store, tmp_path: Path) -> AsyncIterator[ParrotDesk]:
    """A desk whose groups its personas are in."""
    made = open_desk(web_store, tmp_path / "files", Clock(), PERSONAS)
    await made.channel.start(made.accept)
    yield made
    await made.channel.stop()
    await made.finish()


def as_(host: str, key: str, chat: str = YARD) -> AbstractAsyncContextManager[Page]:
    """Open a group as a persona."""
    return opened(host, None, query=f"?as={key}&in={chat}")


@contextlib.asynccontextmanager
async def both(host: str) -> AsyncIterator[tuple[Page, Page]]:
    """Two neighbours with the group open."""
    async with as_(host, "aunt") as aunt, as_(host, "uncle") as uncle:
        await aunt.next()
        await uncle.next()
        yield aunt, uncle


async def history(host: str, key: str = "uncle", chat: str = YARD) -> list[dict[str, Any]]:
    async with as_(host, key, chat) as page:
        found: list[dict[str, Any]] = (await page.next())["lines"]
        return found


def author(line: dict[str, Any]) -> str | None:
    found: str | None = line["body"].get("author", {}).get("name")
    return found
