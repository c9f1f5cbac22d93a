"""Who sends warnings goes on, whatever fails."""

import asyncio
from collections.abc import Sequence

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from bot import broadcaster
from cases import broadcasts
from handlers.admin import warn_copies
from handlers.desk import Desk
from storage.engine import Store
from tests.cast import open_estate
from tests.stories.warned import HUANG, Sending, drafts, settle


async def test_one_warning_that_cannot_be_sent_does_not_hold_up_the_next(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    sending = Sending(await open_estate(store))
    await settle(sending.estate, "fengmei-6", ["邻楼"])
    whole = warn_copies.write_some

    def fails_on_the_first(desk: Desk, number: int) -> bool:
        if number == 1:
            raise KeyError("broken")
        return whole(desk, number)

    monkeypatch.setattr(warn_copies, "write_some", fails_on_the_first)
    for _ in range(2):
        await sending.is_made("6号楼")
    await sending.goes_round()
    await sending.drains()
    await sending.goes_round()
    assert await drafts(sending.estate) == ["sending", "done"]
    assert await sending.copies() == ["邻楼"]


async def test_a_database_that_does_not_answer_is_asked_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    sending = Sending(await open_estate(store))
    await settle(sending.estate, "fengmei-6", ["邻楼"])
    await sending.is_made("6号楼")
    monkeypatch.setattr(broadcaster, "ROUND_SECONDS", 0.0)
    look, failed = broadcasts.under_way, asyncio.Event()

    def fails_once(session: Session) -> Sequence[int]:
        if failed.is_set():
            return look(session)
        failed.set()
        raise OperationalError("SELECT", {}, ConnectionError())

    monkeypatch.setattr(broadcasts, "under_way", fails_once)
    running = asyncio.create_task(sending.broadcaster.run())
    async with asyncio.timeout(20):
        while not await sending.estate.told("邻楼"):  # noqa: ASYNC110 - the engine works beside
            await asyncio.sleep(0)
    running.cancel()
    assert failed.is_set()
    assert "正在发送" in await sending.estate.reads(HUANG)
