"""Who waits for the database waits outside it where its queue is too long, and joins what is under way."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from bot.channels.tencent.intime import Begin, InTime, NotInTime
from storage.engine import Store
from storage.message_models import InboxEntry
from storage.upsert import insert_or_ignore
from tests.loop.blocked import blocked

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


PATIENT = 30.0  # seconds: a busy machine


def in_time(seconds: float, keep: float = PATIENT) -> InTime[str]:
    made: InTime[str] = InTime("wechat")
    made._seconds, made._keep = seconds, keep
    return made


class Desk:
    """Takes something in as a callback does: its key, and what else it is."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.begun: list[str] = []

    def work(self, key: str) -> Any:
        async def run(begin: Begin) -> str:
            return await self.store.write(lambda session: self._take(session, key, begin))

        return run

    def _take(self, session: Session, key: str, begin: Begin) -> str:
        begin()
        self.begun.append(key)
        insert_or_ignore(session, InboxEntry, {"channel": "wechat", "key": key, "received_at": NOON})
        return key


async def test_what_comes_again_joins_what_is_under_way(store: Store) -> None:
    desk, gate = Desk(store), in_time(PATIENT)
    await gate.take("first", desk.work("first"))
    gate._seconds = 0.3
    with blocked(str(store.url.render_as_string(hide_password=False)), "inbox") as let_go:
        hold = asyncio.ensure_future(store.write(_touch))
        with pytest.raises(NotInTime):
            await gate.take("a", lambda begin: _after(hold, desk.work("a"), begin))
        gate._seconds = PATIENT
        again = asyncio.create_task(gate.take("a", desk.work("a")))
        await asyncio.sleep(0)
        let_go()
        assert await again == "a"
        await hold
    assert desk.begun == ["first", "a"]


def _touch(session: Session) -> None:
    """Write what the lock is on."""
    session.execute(InboxEntry.__table__.update().values(received_at=NOON))  # type: ignore[attr-defined]


async def _after(hold: "asyncio.Future[None]", work: Any, begin: Begin) -> str:
    await hold
    found: str = await work(begin)
    return found


async def test_nothing_is_put_behind_a_queue_that_does_not_move(store: Store) -> None:
    desk, gate = Desk(store), in_time(0.6)
    never = asyncio.Event()

    async def stuck(begin: Begin) -> str:
        await never.wait()
        return await desk.work("stuck")(begin)  # type: ignore[no-any-return]

    with pytest.raises(NotInTime, match="slow"):
        await gate.take("stuck", stuck)
    with pytest.raises(NotInTime, match="backlog"):
        await gate.take("next", desk.work("next"))
    assert desk.begun == []
    never.set()
    await gate.close()
    assert not gate._full()
    gate._seconds = PATIENT
    assert await gate.take("last", desk.work("last")) == "last"
    assert desk.begun == ["stuck", "last"]


async def test_one_who_waits_for_something_of_their_own_holds_up_nobody(store: Store) -> None:
    desk, gate = Desk(store), in_time(0.6)
    never = asyncio.Event()

    async def slow(begin: Begin) -> str:
        begin()
        await never.wait()
        return "slow"

    with pytest.raises(NotInTime, match="slow"):
        await gate.take("slow", slow)
    assert not gate._full()
    gate._seconds = PATIENT
    assert await gate.take("other", desk.work("other")) == "other"
    never.set()
    await gate.close()


async def test_what_nobody_asks_for_any_more_is_not_begun(store: Store) -> None:
    desk, gate = Desk(store), in_time(0.1, keep=0.1)
    never = asyncio.Event()

    async def late(begin: Begin) -> str:
        await never.wait()
        return await desk.work("late")(begin)  # type: ignore[no-any-return]

    with pytest.raises(NotInTime, match="slow"):
        await gate.take("late", late)
    await asyncio.sleep(0.1)
    never.set()
    await gate.close()
    assert desk.begun == []
    gate._seconds = PATIENT
    assert await gate.take("late", desk.work("late")) == "late"
