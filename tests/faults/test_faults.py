"""A few of the faults, and a few deaths at random; `make soak` tries all of them, and a thousand deaths."""

import random
from pathlib import Path

from tests.faults import stream
from tests.faults.kills import kills
from tests.faults.rounds import attempt
from tests.faults.town import Town, town

FAULTS = (("inbox.before_commit", "raise"), ("store.before_commit", "hang"), ("outbox.after_send", "kill"))
DEATHS = 3


async def one_case(town: Town) -> None:
    """Somebody reports something."""
    await stream.files(town, f"{town.count % 18 + 1}栋楼道灯坏了")


async def test_nothing_is_lost_and_nothing_done_twice(database_url: str, tmp_path: Path) -> None:
    async with town(tmp_path, database_url) as built:
        for point, kind in FAULTS:
            tried = await attempt(built, point, kind, 2, one_case)
            assert tried.well, str(tried)
        killed = await kills(built, DEATHS, random.Random(7), people=1, doing=(stream.wishes, one_case))
        assert killed.well, str(killed)
