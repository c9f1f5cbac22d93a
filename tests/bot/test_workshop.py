"""What takes long is made outside the transaction and sent to who asked, once, whatever dies meanwhile."""

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

from bot.attachments import Files, Unacceptable
from bot.workshop import LEASE, RENEW_SECONDS, Made, Maker, Order, Piece, Workshop
from handlers.message import Message
from storage.engine import Store
from storage.message_models import Attachment, Commission
from storage.models import Person
from tests.cast import PLAIN, PLANNERS, Estate, open_estate

LIN = "lin"


def spell(number: int) -> tuple[bytes, int]:
    """Run in the process apart."""
    return f"{number}\n".encode(), os.getpid()


async def sheet(shop: Workshop, order: Order) -> Made:
    await shop.progress(order, lambda _t: "1 of 2")
    data, process = await shop.apart(spell, order.data["number"])
    assert process != os.getpid()
    piece = Piece(data, "file", "text/csv", "cases.csv")
    return Made((piece,), lambda _t, ids: Message("Here it is.", files=ids))


async def broken(_shop: Workshop, _order: Order) -> Made:
    raise RuntimeError("no paper")


@pytest.fixture
async def estate(store: Store) -> Estate:
    return await open_estate(store)


async def ask(estate: Estate, kind: str) -> None:
    """Write what `handlers.commission` writes."""
    who = await estate.store.read(lambda s: s.scalar(select(Person.id).where(Person.key == LIN)))
    row = {"kind": kind, "person_id": who, "channel": PLAIN, "chat": LIN, "data": {"number": 7}, "state": "waiting",
           "created_at": estate.clock.now()}  # fmt: skip
    await estate.store.write(lambda s: s.execute(insert(Commission).values(**row)))


def workshop(estate: Estate, files: Path, renew_seconds: float = RENEW_SECONDS, **makers: Maker) -> Workshop:
    kept = Files(files, estate.store, estate.clock)
    return Workshop(
        estate.store, estate.rules_for, PLANNERS, estate.clock, kept, makers, lambda: None, renew_seconds=renew_seconds
    )  # fmt: skip


async def attachments(estate: Estate) -> list[Any]:
    return list(await estate.store.read(lambda s: s.scalars(select(Attachment)).all()))


async def test_it_is_made_and_sent_with_its_name(estate: Estate, tmp_path: Path) -> None:
    await ask(estate, "sheet")
    shop = workshop(estate, tmp_path, sheet=sheet)
    assert await shop.make_next()
    assert not await shop.make_next()
    assert "1 of 2" in (said := await estate.reads(LIN))
    assert said.rstrip().endswith("Here it is.")
    (kept,) = await attachments(estate)
    assert (kept.name, kept.state, kept.mime) == ("cases.csv", "ready", "text/csv")
    assert (tmp_path / kept.path).read_text() == "7\n"


async def test_what_cannot_be_made_is_tried_again_and_then_told(estate: Estate, tmp_path: Path) -> None:
    await ask(estate, "broken")
    shop = workshop(estate, tmp_path, broken=broken)
    for _ in range(3):
        assert await shop.make_next()
        assert not await shop.make_next()  # not at once
        estate.clock.move(LEASE)
    assert "请稍后再试" in await estate.reads(LIN)
    assert not await shop.make_next()
    assert await attachments(estate) == []


async def test_a_full_disk_is_told_and_ends_nothing(
    estate: Estate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: object) -> None:
        raise Unacceptable("disk_full")

    await ask(estate, "sheet")
    shop = workshop(estate, tmp_path, sheet=sheet)
    monkeypatch.setattr(Files, "put_made", full)
    for _ in range(3):
        assert await shop.make_next()
        estate.clock.move(LEASE)
    assert "请稍后再试" in await estate.reads(LIN)
    assert not await shop.make_next()


async def test_one_that_the_process_dies_of_is_given_up(estate: Estate, tmp_path: Path) -> None:
    tried: list[int] = []

    async def deadly(_shop: Workshop, order: Order) -> Made:
        tried.append(order.id)
        raise KeyboardInterrupt  # the process ends here

    await ask(estate, "sheet")
    for _ in range(3):
        with pytest.raises(KeyboardInterrupt):
            await workshop(estate, tmp_path, sheet=deadly).make_next()
        estate.clock.move(LEASE)
    assert await workshop(estate, tmp_path, sheet=deadly).make_next()
    assert len(tried) == 3
    assert "请稍后再试" in await estate.reads(LIN)


async def test_one_that_cannot_be_made_does_not_hold_up_the_others(estate: Estate, tmp_path: Path) -> None:
    await ask(estate, "broken")
    await ask(estate, "sheet")
    shop = workshop(estate, tmp_path, broken=broken, sheet=sheet)
    assert await shop.make_next()
    assert await shop.make_next()
    assert "Here it is." in await estate.reads(LIN)


async def test_who_takes_it_holds_a_lease_that_ends(estate: Estate, tmp_path: Path) -> None:
    """Two replicas do not make the same; what a dead one had in hand is made by another."""
    taken: list[bool] = []
    other = workshop(estate, tmp_path, sheet=sheet)

    async def dying(_shop: Workshop, _order: Order) -> Made:
        taken.append(await other.make_next())
        raise KeyboardInterrupt  # the process ends here

    await ask(estate, "sheet")
    with pytest.raises(KeyboardInterrupt):
        await workshop(estate, tmp_path, sheet=dying).make_next()
    assert taken == [False]
    assert not await other.make_next()
    estate.clock.move(LEASE)
    assert await other.make_next()
    assert len(await attachments(estate)) == 1


async def test_whoever_outlasts_the_lease_hands_nothing_over_when_another_did(estate: Estate, tmp_path: Path) -> None:
    """A process stood still for longer than its lease; the next one made it meanwhile."""

    async def slow(shop: Workshop, order: Order) -> Made:
        if order.attempt == 1:
            estate.clock.move(LEASE)
            assert await shop.make_next()
        return await sheet(shop, order)

    await ask(estate, "slow")
    assert await workshop(estate, tmp_path / "files", slow=slow).make_next()
    assert (await estate.reads(LIN)).count("Here it is.") == 1
    (kept,) = await attachments(estate)
    made = await asyncio.to_thread(lambda: list((tmp_path / "files").glob("*/*")))
    assert made == [tmp_path / "files" / kept.path]


async def test_whoever_lives_keeps_what_it_makes_however_long_that_takes(estate: Estate, tmp_path: Path) -> None:
    held = select(Commission.claimed_until)

    async def slow(shop: Workshop, order: Order) -> Made:
        estate.clock.move(LEASE / 2)
        before = await estate.store.read(lambda session: session.scalar(held))
        async with asyncio.timeout(30):
            while await estate.store.read(lambda session: session.scalar(held)) == before:  # noqa: ASYNC110
                await asyncio.sleep(0)
        estate.clock.move(LEASE / 2)
        assert not await shop.make_next()
        return await sheet(shop, order)

    await ask(estate, "slow")
    assert await workshop(estate, tmp_path, 0.01, slow=slow).make_next()
    assert (await estate.reads(LIN)).count("Here it is.") == 1
