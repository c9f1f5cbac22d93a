"""`/readyz` says no when the writer, the clock or the outbox really stands still, and yes when it goes on."""

import asyncio
import math
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import create_engine, insert, text, update

from bot import health
from bot.app import App
from bot.clock import Clock
from bot.outbox import Outbox
from bot.scheduler import Scheduler
from cases.settings import Settings
from storage.engine import Store, open_store
from storage.message_models import Outgoing
from tests.cast import example

NO_WRITE = "CREATE TRIGGER no_write BEFORE INSERT ON job_run BEGIN SELECT RAISE(ABORT, 'full'); END"
SOON = 0.3  # seconds after which a part counts as standing still here


@pytest.fixture
async def desk(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[App]:
    """A running desk that loses patience soon."""
    monkeypatch.setattr(health, "OUTBOX_STILL", 3.0)
    monkeypatch.setattr(health, "PATIENCE", SOON)
    app = App(settings(database_url, tmp_path), Clock())
    await app.start()
    yield app
    await app.stop()


def settings(url: str, folder: Path) -> Settings:
    told = example()
    database = told.database.model_copy(update={"url": url})
    web = told.web.model_copy(update={"port": 0})
    return told.model_copy(update={"database": database, "web": web, "data": str(folder)})


async def ready(app: App) -> tuple[int, list[str]]:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{app.port}", trust_env=False, timeout=30) as client:
        answer = await client.get("/readyz")
    return answer.status_code, answer.json()["troubles"]


async def until(app: App, *expected: str) -> None:
    """Ask until exactly this is wrong."""
    status, troubles = 503 if expected else 200, sorted(expected)
    async with asyncio.timeout(60):
        while True:
            found = await ready(app)
            if (found[0], sorted(found[1])) == (status, troubles):
                return
            await asyncio.sleep(0.05)


async def metrics(app: App) -> dict[str, float]:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{app.port}", trust_env=False, timeout=30) as client:
        answer = await client.get("/metrics")
    assert answer.status_code == 200
    lines = [line.rsplit(" ", 1) for line in answer.text.splitlines() if line.startswith("redsteward_")]
    return {name: float(value) for name, value in lines}


async def test_a_desk_that_works_is_ready(desk: App) -> None:
    await until(desk)
    assert (await metrics(desk))['redsteward_trouble{part="outbox"}'] == 0


async def test_a_writer_that_hangs(desk: App) -> None:
    """Somebody's transaction does not end: nothing can be kept, so the outbox comes to stand as well."""
    await until(desk)
    goes_on = threading.Event()
    hanging = [asyncio.create_task(desk._store.write(lambda _: goes_on.wait(60))) for _ in range(20)]
    try:
        await until(desk, "the database takes no write", "outbox stands still")
        found = await metrics(desk)
        assert found['redsteward_trouble{part="database"}'] == 1
        assert desk._store is not None
    finally:
        goes_on.set()
        await asyncio.gather(*hanging)
    await until(desk)


async def test_questions_do_not_pile_up_while_nobody_answers(desk: App) -> None:
    await until(desk)
    goes_on, asked = threading.Event(), 0

    async def ask() -> int:
        nonlocal asked
        asked += 1
        return await desk._store.write(lambda _: (goes_on.wait(60) and 1) or 0)

    question = health.Question(ask)
    assert [await question.answer() for _ in range(3)] == [None, None, None]
    assert asked == 1
    goes_on.set()
    async with asyncio.timeout(30):
        while await question.answer() != 1:
            pass


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize(("table", "trouble"), [("outgoing", "outbox stands still"), ("case_", "clock stands still")])
async def test_a_part_that_waits_for_ever(
    desk: App, database_url: str, monkeypatch: pytest.MonkeyPatch, table: str, trouble: str
) -> None:
    """A lock that nobody gives back holds one part alone; the others, and the database itself, go on."""
    monkeypatch.setattr(health, "PATIENCE", 10.0)
    await until(desk)
    engine = create_engine(database_url)
    with engine.connect() as connection, connection.begin():
        connection.execute(text(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"))
        if table == "case_":  # the clock looks for messages that did not arrive as well
            monkeypatch.setattr(health, "CLOCK_STILL", 1.0)
        desk._scheduler.wake()
        await until(desk, trouble)
        monkeypatch.setattr(health, "CLOCK_STILL", 60.0)
    engine.dispose()
    desk._scheduler.wake()
    await until(desk)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_metrics_are_there_when_the_database_is_not(desk: App) -> None:
    """What waits is then unknown, which is not nothing."""

    class Gone:
        async def answer(self) -> None:
            return None

    health_of: Any = health.Health(desk._store, Clock(), desk._outbox, desk._scheduler)
    health_of._backlog = Gone()
    health_of._writes = Gone()
    response = await health_of._metrics(None)
    found = dict(line.rsplit(" ", 1) for line in response.body.decode().splitlines() if line.startswith("redsteward_"))
    assert math.isnan(float(found["redsteward_outbox_waiting"]))
    assert float(found['redsteward_trouble{part="database"}']) == 1


async def test_what_waits_and_how_long(store: Store) -> None:
    """A call that a platform refuses for an hour is an hour old, however often it was put off meanwhile."""
    from datetime import UTC, datetime, timedelta

    now = datetime(2026, 9, 30, tzinfo=UTC)
    hour = timedelta(hours=1)
    row = {"channel": "plain", "chat": "a", "payload": {}, "created_at": now - hour, "not_before": now - hour / 2,
           "priority": 5, "attempts": 0, "lane": 0}  # fmt: skip
    await store.write(lambda session: session.execute(insert(Outgoing).values(**row)))
    found = await store.read(lambda session: health._backlog(session, now))
    assert (found.waiting, found.oldest, found.retried) == (1, 1800, 0)
    later = update(Outgoing).values(attempts=9, not_before=now + hour)
    await store.write(lambda session: session.execute(later))
    found = await store.read(lambda session: health._backlog(session, now))
    assert (found.waiting, found.oldest, found.retried) == (1, 0, 3600)
    assert open_store is not None


async def test_a_disk_without_room_is_told_before_it_is_full(store: Store, tmp_path: Path) -> None:
    clock = Clock()
    outbox = Outbox(store, {}, clock)
    scheduler = Scheduler(store, lambda _: None, {}, clock, outbox.ring)  # type: ignore[arg-type,return-value]
    roomy = health.Health(store, clock, outbox, scheduler, [tmp_path, tmp_path / "nowhere"], spare=1)
    assert "the disk is full" not in await roomy.troubles()
    tight = health.Health(store, clock, outbox, scheduler, [tmp_path], spare=1 << 60)
    assert "the disk is full" in await tight.troubles()
    assert "the database takes no write" not in await tight.troubles()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_database_that_can_be_read_and_not_written_is_not_ready(desk: App) -> None:
    """As on a full disk: a transaction that changes nothing still succeeds."""
    await until(desk)
    await desk._store.write(lambda session: session.execute(text(NO_WRITE)).close())
    async with asyncio.timeout(60):
        while "the database takes no write" not in (await ready(desk))[1]:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    await desk._store.write(lambda session: session.execute(text("DROP TRIGGER no_write")).close())
    await until(desk)
