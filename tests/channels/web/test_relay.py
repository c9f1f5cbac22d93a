"""Two processes on one PostgreSQL: it does not matter to which of them a page is connected."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select, text

from bot.channels.web import relay
from bot.channels.web.hub import TRY_LATER
from bot.clock import Clock
from handlers.message import Message
from storage.engine import open_store
from storage.message_models import WebLine
from tests.channels.web.client import Page, closed, opened
from tests.channels.web.desk import DRAFT, FILED, ParrotDesk, open_desk
from tests.channels.web.serve import serving
from tests.channels.web.yard import PERSONAS, YARD, as_, author

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@dataclass
class Pair:
    """Two desks over one database: the page is at `near`, the outbox runs at `far`."""

    near: ParrotDesk
    far: ParrotDesk
    page: Page


@pytest.fixture
async def pair(database_url: str, tmp_path: Path) -> AsyncIterator[Pair]:
    """Two started desks and a page that has said something."""
    stores = [open_store(database_url) for _ in range(2)]
    near, far = (open_desk(store, tmp_path / "files", Clock()) for store in stores)
    far._numbers = 1000  # outbox rows have their numbers from the database
    for desk in (near, far):
        await desk.channel.start(desk.accept)
    async with serving(near.channel.routes()) as host, opened(host) as page:
        await page.say("灯不亮")
        await page.reply()
        await asyncio.sleep(0.2)  # until both listen
        yield Pair(near, far, page)
        for desk in (near, far):
            await desk.channel.stop()
            await desk.finish()
    for store in stores:
        store.close()


async def test_what_another_process_delivers_is_seen_at_once(pair: Pair) -> None:
    await pair.far.say(pair.page.user, DRAFT)
    newest = max(frame["id"] for frame in pair.page.seen if isinstance(frame.get("id"), int))
    card = await pair.page.until("line", id=newest + 1)
    assert card["body"]["title"] == DRAFT.title
    await pair.far.say(pair.page.user, FILED, edit=True)
    changed = await pair.page.until("edit")
    assert (changed["id"], changed["body"]["title"]) == (card["id"], FILED.title)
    await pair.far.toast(pair.page.user, "好了")
    assert (await pair.page.until("toast"))["text"] == "好了"


async def test_what_one_delivers_oneself_is_seen_once(pair: Pair) -> None:
    await pair.near.say(pair.page.user, DRAFT)
    await pair.near.say(pair.page.user, Message("完"))
    while (await pair.page.next())["body"]["text"] != "完":
        pass
    await pair.far.say(pair.page.user, Message("真的完了"))
    while (await pair.page.next())["body"]["text"] != "真的完了":
        pass
    titles = [frame["body"].get("title") for frame in pair.page.seen if frame["type"] == "line"]
    assert titles.count(DRAFT.title) == 1


async def test_when_the_connection_is_lost_the_pages_read_the_history_again(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "AGAIN_SECONDS", 0.05)
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = 'LISTEN redsteward_web'"
    await pair.near.store.write(lambda session: session.execute(text(cut)).all())
    assert await closed(pair.page) == TRY_LATER
    async with serving(pair.near.channel.routes()) as host, opened(host) as page:
        await page.next()
        await asyncio.sleep(0.3)
        await pair.far.say(page.user, Message("又通了"))
        assert (await page.reply())["body"]["text"] == "又通了"


async def test_a_group_is_one_on_two_processes(database_url: str, tmp_path: Path) -> None:
    stores = [open_store(database_url) for _ in range(2)]
    near, far = (open_desk(store, tmp_path / "files", Clock(), PERSONAS) for store in stores)
    far._numbers = 1000  # outbox rows have their numbers from the database
    for desk in (near, far):
        await desk.channel.start(desk.accept)
    async with (
        serving(near.channel.routes()) as here, serving(far.channel.routes()) as there,
        as_(here, "aunt") as aunt, as_(there, "uncle") as uncle,
    ):  # fmt: skip
        await asyncio.sleep(0.2)  # until both listen
        await uncle.say("@红管家 card", "c1")
        assert author(await aunt.until("line", client="c1")) == "李叔"
        assert (await aunt.reply())["body"]["quote"]["name"] == "李叔"
        await far.toast(YARD, "好了", "demo:aunt")
        assert (await aunt.until("toast"))["text"] == "好了"
        await uncle.say("完", "c2")
        assert all(frame["type"] != "toast" for frame in uncle.seen)
    chats = await near.store.read(lambda session: set(session.scalars(select(WebLine.chat))))
    assert chats == {YARD}
    for desk, store in zip((near, far), stores, strict=True):
        await desk.channel.stop()
        await desk.finish()
        store.close()
