"""The closed loop over Telegram's wire format: polling and webhook, Chinese and English, SQLite and PostgreSQL.

The simulator checks every call for its required fields and limits, flood limits included.
"""

import asyncio
import io
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image

from tests.loop.telegram import Town, town
from tests.simulators.telegram import Resident, TelegramServer

ZH = {
    "say": "3号楼2单元电梯坏了，有人困在里面",
    "submit": "提交", "filed": "已收到", "accept": "接单", "accepted": "已接单",
    "done": "办结", "photo": "请发一张", "quick": "已修好", "solved": "解决了", "five": "5 非常满意", "thanks": "5 分",
}  # fmt: skip
EN = {
    "say": "the lift in building 3 unit 2 is broken, someone is trapped", "submit": "Submit", "filed": "received",
    "accept": "Accept", "accepted": "is on it", "done": "Done", "photo": "send a photo", "quick": "Repaired",
    "solved": "Solved", "five": "5 very good", "thanks": "5 of 5",
}  # fmt: skip


@pytest.fixture
async def place(mode: str, database_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    async with (
        TelegramServer() as telegram,
        town(telegram, tmp_path, database_url, mode, free_port()) as opened,
    ):
        yield opened
        assert [str(each) for each in telegram.violations] == []
        assert telegram.refused_429 == 0


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def picture() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (320, 240), (200, 60, 60)).save(file, "JPEG")
    return file.getvalue()


@pytest.mark.parametrize(("mode", "words"), [("polling", ZH), ("webhook", EN)], ids=["polling-zh", "webhook-en"])
async def test_the_closed_loop(place: Town, words: dict[str, str]) -> None:
    aunt = place.telegram.user("李阿姨")
    if words is EN:
        for person in (aunt, place.staff["wang"], place.staff["chen"]):
            await person.sends("/language")
            await person.reads("Language")
            await person.presses("English")
            await person.reads("English")
    await aunt.sends(words["say"])
    card = await aunt.reads("96333")
    assert card.text.index("96333") < card.text.index(words["say"][:6])
    await aunt.presses(words["submit"])
    await aunt.reads(words["filed"])
    await place.staff["lin"].reads("#1001")
    steward = await task(place)
    await steward.presses(words["accept"])
    await aunt.reads(words["accepted"])
    await presses(place, steward, words["done"])
    await steward.reads(words["photo"])
    await steward.sends_photo(picture())
    await presses(place, steward, words["quick"])
    await aunt.reads(words["quick"], timeout=10)
    await aunt.presses(words["solved"])
    await presses(place, aunt, words["five"])
    await steward.reads(words["thanks"], timeout=10)


async def presses(place: Town, person: Resident, label: str) -> None:
    """Press a button once it is there: a card changes at the pace of one call a second."""
    for _ in range(100):
        if any(label in labels for shown in await person.screen() for labels in shown.labels):
            await person.presses(label)
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"{person} never saw {label}")


async def task(place: Town) -> Resident:
    """Wait for the task; return its steward."""
    for _ in range(50):
        for key in ("wang", "chen"):
            if any("#1001" in shown.text for shown in await place.staff[key].screen()):
                return place.staff[key]
        await asyncio.sleep(0.1)
    raise AssertionError("nobody got the task")
