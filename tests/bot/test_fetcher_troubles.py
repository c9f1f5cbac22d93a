"""What a platform, a disk or a hostile file can do to the fetcher, and what becomes of the row then."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from bot import fetcher as fetcher_module
from bot.channels.base import FetchError
from bot.fetcher import GIVE_UP, Fetcher, backoff, claim
from storage.engine import Store
from storage.work import T, Work
from tests.bot import samples
from tests.bot.fetching import PHOTO, Desk, due_at, make_desk, running, true
from tests.bot.samples import full_disk


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    return make_desk(store, tmp_path)


async def test_what_we_do_not_keep_is_refused_for_good(desk: Desk) -> None:
    contents = {"empty": b"", "unknown_type": b"MZ\x90\0", "too_many_pixels": samples.bomb(), "broken": PHOTO[:99]}
    desk.platform.contents = contents
    files = {error: await desk.came_in(remote=error) for error in contents}
    async with running(desk.fetcher()):
        for error, file in files.items():
            row = await desk.attempted(file)
            assert (row.state, row.error, row.retry_at, row.path) == ("refused", error, None, None)
        await desk.until(lambda: true(sorted(desk.settled) == sorted(files.values())))


async def test_what_the_platform_no_longer_has_is_refused_for_good(desk: Desk) -> None:
    desk.platform.troubles = [FetchError("file is too big " + "x" * 200, final=True)]
    file = await desk.came_in()
    async with running(desk.fetcher()):
        row = await desk.attempted(file)
    assert row.state == "refused"
    assert row.error is not None
    assert row.error.startswith("file is too big")
    assert len(desk.platform.asked) == 1


async def test_a_row_without_anything_to_fetch_does_not_wait_for_ever(desk: Desk) -> None:
    file = await desk.came_in(remote=None)
    async with running(desk.fetcher()):
        assert (await desk.attempted(file)).error == "empty"
    assert desk.platform.asked == []


@pytest.mark.parametrize(
    ("trouble", "told"),
    [
        (FetchError("502", final=False), "502"),
        (ConnectionResetError(), "ConnectionResetError"),
        (KeyError("x"), "KeyError"),
    ],
)
async def test_a_passing_trouble_is_tried_again_later(desk: Desk, trouble: Exception, told: str) -> None:
    desk.platform.troubles = [trouble]
    photo = await desk.came_in()
    fetcher = desk.fetcher()
    before = desk.clock.now()
    async with running(fetcher):
        row = await desk.attempted(photo)
        assert (row.state, row.error) == ("waiting", told)
        assert row.retry_at is not None
        assert timedelta(seconds=4) < row.retry_at - before < timedelta(seconds=7)
        assert desk.settled == []
        desk.clock.move(timedelta(seconds=6))
        fetcher.wake()
        row = await desk.attempted(photo, 2)
    assert (row.state, row.error, row.attempts) == ("ready", None, 2)


async def test_a_channel_that_is_switched_off_may_come_back(desk: Desk) -> None:
    photo = await desk.came_in(channel="wechat")
    async with running(desk.fetcher()):
        assert (await desk.attempted(photo)).state == "waiting"


async def test_after_a_day_of_trouble_it_is_given_up(desk: Desk) -> None:
    desk.platform.troubles = [FetchError("503", final=False)] * 2
    photo = await desk.came_in()
    fetcher = desk.fetcher()
    async with running(fetcher):
        await desk.attempted(photo)
        desk.clock.move(GIVE_UP)
        fetcher.wake()
        row = await desk.attempted(photo, 2)
        await desk.until(lambda: true(desk.settled == [photo]))
    assert (row.state, row.error) == ("refused", "expired")


async def test_after_a_day_of_our_own_absence_it_is_still_tried(desk: Desk) -> None:
    photo = await desk.came_in()
    desk.clock.move(GIVE_UP * 2)
    async with running(desk.fetcher()):
        assert (await desk.attempted(photo)).state == "ready"


async def test_a_file_that_kills_the_process_each_time_is_given_up(desk: Desk) -> None:
    photo = await desk.came_in()
    claimed = 0
    for _ in range(fetcher_module.MAX_ATTEMPTS):
        claimed += len(await desk.store.write(lambda session: claim(session, desk.clock.now(), 4)))
        desk.clock.move(timedelta(hours=1))  # and the process died
    async with running(desk.fetcher()):
        row = await desk.attempted(photo, fetcher_module.MAX_ATTEMPTS + 1)
    assert claimed == fetcher_module.MAX_ATTEMPTS
    assert (row.state, row.error) == ("refused", "expired")
    assert desk.platform.asked == []


async def test_a_platform_that_hangs_is_left_after_a_while(desk: Desk) -> None:
    desk.platform.gate.clear()
    photo = await desk.came_in()
    async with running(desk.fetcher(timeout=0.05)):
        row = await desk.attempted(photo)
    assert (row.state, row.error) == ("waiting", "timeout")


async def test_one_hanging_file_does_not_hold_the_others_up(desk: Desk) -> None:
    desk.platform.gate.clear()
    await desk.came_in("slow")
    fetcher = desk.fetcher()
    async with running(fetcher):
        await desk.until(lambda: true(len(desk.platform.asked) == 1))
        desk.platform.gate = asyncio.Event()
        desk.platform.gate.set()
        quick = await desk.came_in("quick")
        fetcher.wake()
        assert (await desk.attempted(quick)).state == "ready"


async def test_a_listener_that_fails_stops_nothing(desk: Desk) -> None:
    async def fail(_attachment_id: int) -> None:
        raise RuntimeError("no")

    fetcher = desk.fetcher()
    fetcher._settled = fail
    first, second = await desk.came_in("1"), await desk.came_in("2")
    async with running(fetcher):
        assert (await desk.attempted(first)).state == "ready"
        assert (await desk.attempted(second)).state == "ready"


async def test_a_full_disk_is_our_trouble_and_passes(desk: Desk) -> None:
    """The resident's photo must not be lost because an operator is late."""
    desk.platform.contents["AgAD"] = samples.mp4().ljust(15_000_000, b"\0")
    video = await desk.came_in(kind="video")
    fetcher = desk.fetcher()
    async with running(fetcher):
        with full_disk(10_000_000):
            row = await desk.attempted(video)
        assert (row.state, row.error) == ("waiting", "disk_full")
        desk.clock.move(timedelta(seconds=6))
        fetcher.wake()
        assert (await desk.attempted(video, 2)).state == "ready"


class Restarting:
    """A database that is away for the first few writes."""

    def __init__(self, store: Store, away: int) -> None:
        self.url = store.url
        self.read = store.read
        self.close = store.close
        self.away = away
        self._store = store

    async def write(self, work: Work[T], *, ahead: bool = False) -> T:
        if self.away:
            self.away -= 1
            raise OperationalError("SELECT", {}, ConnectionRefusedError())
        return await self._store.write(work, ahead=ahead)


async def test_a_database_that_restarts_is_waited_for(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetcher_module, "POLL_SECONDS", 0.02)
    photo = await desk.came_in()
    database = Restarting(desk.store, away=3)
    async with running(Fetcher(database, desk.files, {"telegram": desk.platform}, desk.clock)):
        assert (await desk.attempted(photo)).state == "ready"
    assert database.away == 0


async def test_a_stop_while_the_database_is_away_is_a_stop(desk: Desk) -> None:
    """The row is not given back then; its lease ends by itself."""
    desk.platform.gate.clear()
    photo = await desk.came_in()
    database = Restarting(desk.store, away=0)
    async with running(Fetcher(database, desk.files, {"telegram": desk.platform}, desk.clock)):
        await desk.until(lambda: true(bool(desk.platform.asked)))
        database.away = 1
    assert database.away == 0
    assert await due_at(desk, photo) > desk.clock.now()


def test_the_waits_grow_to_ten_minutes() -> None:
    assert [backoff(n).total_seconds() for n in (1, 2, 3, 7, 8, 9, 5000)] == [5, 10, 20, 320, 600, 600, 600]
