"""A town for the fault tests: both platforms in this process, the program in another, and hands to strike it with."""

import asyncio
import os
import signal
import socket
import sys
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import yaml
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from bench.town import open_doors, write_config
from storage.admin_models import Broadcast
from storage.engine import Store, open_store
from storage.message_models import Attachment, Commission, Outgoing
from storage.migrate import upgrade
from storage.models import Case
from storage.replica_models import LeaseRow, SendShare
from tests.faults.checker import Checker
from tests.simulators.telegram import Resident, TelegramServer
from tests.simulators.wecom import WecomServer

ZONE = ZoneInfo("Asia/Shanghai")
FIRST_UPDATE = 1_000_001
START_SECONDS = 90.0  # on a machine with much else to do
DRAIN_SECONDS = 120.0  # with nothing moving meanwhile
QUIET, STEP = 3.0, timedelta(seconds=30)  # with nothing moving for so many seconds, the clock is moved by so much
STEP_FILES = timedelta(seconds=10)  # a message waits a minute for its photo, which needs some time of no clock
# Nobody sleeps here, and ratings are asked at once: each run has to see all of it.
TIMES = {"quiet_hours": None, "rating_hours": ["0:00", "23:59"], "lunch": None}
PRIVACY = {"closed_cases_after": "3650d", "messages_after": "3650d", "sheets_after": "1d"}


@dataclass
class Desk:
    """The program as a process; `struck` is set when it passes the place it was armed for."""

    config: Path
    env: dict[str, str]
    log: Path
    offset: timedelta
    port: int
    struck: asyncio.Event = field(default_factory=asyncio.Event)
    starts: int = 0
    alive: bool = False
    _mother: asyncio.subprocess.Process | None = None  # of every process of this desk, see tests.faults.desk
    _reader: asyncio.Task[None] | None = None
    _born: asyncio.Event = field(default_factory=asyncio.Event)
    _over: asyncio.Event = field(default_factory=asyncio.Event)
    _process: int = 0

    def now(self) -> datetime:
        """Return what the desk's clock says."""
        return datetime.now(UTC) + self.offset

    async def start(self) -> None:
        """Start it and wait until it has begun to work."""
        begun = self.log.stat().st_size if self.log.exists() else 0
        self.starts += 1
        if self._mother is None:
            await self._open()
        self.alive = True
        self._born.clear()
        self._over.clear()
        self._tell(f"start {self.offset.total_seconds()}")
        async with asyncio.timeout(START_SECONDS):
            while '"started"' not in self.said(begun):
                if not self.alive:
                    raise AssertionError(self.said(begun)[-3000:])
                await asyncio.sleep(0.02)

    def said(self, begun: int = 0) -> str:
        """Return its log from a place on."""
        with self.log.open("rb") as log:
            log.seek(begun)
            return log.read().decode("utf-8", "replace")

    def arm(self, point: str, kind: str, nth: int) -> None:
        """Set the trap."""
        self.struck.clear()
        self._tell(f"arm {point} {kind} {nth}")

    def move(self, by: timedelta) -> None:
        """Move the clock of this process and of those after it."""
        self.offset += by
        if self.alive:
            self._tell(f"move {by.total_seconds()}")

    async def kill(self) -> None:
        """SIGKILL it, by process id."""
        if self.alive:
            await self._born.wait()
            with suppress(ProcessLookupError):
                os.kill(self._process, signal.SIGKILL)
            await self.ended()

    async def ended(self) -> None:
        """Wait until the process is over."""
        await self._over.wait()

    async def close(self) -> None:
        """Let nothing be left of it."""
        await self.kill()
        if self._mother is not None and self._reader is not None:
            assert self._mother.stdin is not None
            self._mother.stdin.close()
            await self._mother.wait()
            await self._reader

    async def _open(self) -> None:
        with self.log.open("ab") as log:
            self._mother = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "tests.faults.desk", str(self.config), stderr=log,
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, env={**os.environ, **self.env},
            )  # fmt: skip
        self._reader = asyncio.create_task(self._read(self._mother))

    def _tell(self, line: str) -> None:
        assert self._mother is not None
        assert self._mother.stdin is not None
        with suppress(ConnectionError):
            self._mother.stdin.write(f"{line}\n".encode())

    async def _read(self, mother: asyncio.subprocess.Process) -> None:
        assert mother.stdout is not None
        while line := await mother.stdout.readline():
            word, *told = line.decode("ascii").split()
            if word == "hit":
                self.struck.set()
            elif word == "born":
                self._process = int(told[0])
                self._born.set()
            elif word == "ended":
                self.alive = False
                self._over.set()


@dataclass
class Town:
    """Everybody and everything; `drain` and `checker` look at it from outside."""

    url: str
    telegram: TelegramServer
    wecom: WecomServer
    store: Store
    desk: Desk
    staff: dict[str, Resident]
    checker: Checker
    count: int = 0
    hands: defaultdict[int, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))  # of the staff

    def next(self) -> int:
        """Return a number that nobody had before."""
        self.count += 1
        return self.count

    @property
    def sent(self) -> int:
        """Return how many messages the platform took, changes of one and answers to presses included."""
        outcomes, kinds = self.telegram.world.record.outcomes.items(), ("send", "edit", "answer")
        return sum(count for (method, status), count in outcomes if status == 200 and method.startswith(kinds))

    async def drain(self) -> float:
        """Wait until nothing waits any more; return the seconds that were skipped by moving the clock.

        What a dead process had claimed comes up again when its lease is over: that minute is not slept away.
        """
        moved, last, skipped = time.monotonic(), None, 0.0
        while time.monotonic() - moved < DRAIN_SECONDS:
            now = self.desk.now()
            left = (self.telegram.pending, *await self.store.read(lambda session: _waiting(session, now)))  # noqa: B023
            if not any(left):
                return skipped
            if left != last:
                moved, last = time.monotonic(), left
            elif time.monotonic() - moved > QUIET and not left[0] and (left[1] or any(left[3:5])) and self.desk.alive:
                step = STEP_FILES if left[4] else STEP
                self.desk.move(step)
                skipped += step.total_seconds()
                last = None
            await asyncio.sleep(0.1)
        raise AssertionError(f"still waiting: {last}; {self.desk.said()[-2000:]}")

    async def lapse(self) -> None:
        """Let what a dead process had leased by PostgreSQL's clock be over: that clock cannot be moved."""
        if self.store.url.get_backend_name() == "postgresql":
            await self.store.write(lambda session: [session.execute(delete(table)) for table in (LeaseRow, SendShare)])

    async def in_flight(self) -> int:
        """Return how many messages are claimed and not marked."""
        claimed = (Outgoing.state == "pending", Outgoing.claimed_until.is_not(None))
        count = select(func.count()).select_from(Outgoing).where(*claimed)
        return await self.store.read(lambda session: session.scalar(count) or 0)


def _waiting(session: Session, now: datetime) -> tuple[int, ...]:
    """Return how many messages, cases, commissions, files and warnings still have to be dealt with."""

    def count(model: type, *where: object) -> int:
        return session.scalar(select(func.count()).select_from(model).where(*where)) or 0  # type: ignore[arg-type]

    return (
        count(Outgoing, Outgoing.state == "pending", Outgoing.not_before <= now),
        count(Case, Case.look_at <= now),
        count(Commission, Commission.state == "waiting"),
        count(Attachment, Attachment.state == "waiting"),
        count(Broadcast, Broadcast.state == "sending"),
    )


@asynccontextmanager
async def town(folder: Path, url: str, desk_url: str | None = None) -> AsyncIterator[Town]:
    """Build it, start the desk, greet everybody; at the end kill the desk. `desk_url`: its own way to the database."""
    async with TelegramServer(first_update_id=FIRST_UPDATE) as telegram, WecomServer() as wecom:
        upgrade(url)
        store = open_store(url)
        desk = _desk(folder, desk_url or url, telegram, wecom)
        people = yaml.safe_load(desk.config.read_text(encoding="utf-8"))["people"]
        residents = await open_doors(telegram, people)
        staff = {person["key"]: resident for person, resident in zip(people, residents, strict=True)}
        checker = Checker(store, telegram, FIRST_UPDATE, folder / "attachments")
        built = Town(url, telegram, wecom, store, desk, staff, checker)
        try:
            await desk.start()
            await telegram.idle(START_SECONDS)
            await built.drain()
            yield built
        finally:
            await desk.close()
            store.close()


def until_ten(now: datetime) -> timedelta:
    """Return how far it is to ten o'clock of a Wednesday, by the desk's clock."""
    there = now.astimezone(ZONE)
    day = there + timedelta(days=(2 - there.weekday()) % 7)
    ten = day.replace(hour=10, minute=0, second=0, microsecond=0)
    return (ten if ten > there else ten + timedelta(days=7)) - there


def _desk(folder: Path, url: str, telegram: TelegramServer, wecom: WecomServer) -> Desk:
    write_config(telegram, folder, "${DATABASE_URL}", 3, TIMES)
    path, port = folder / "config.yaml", free_port()
    told = yaml.safe_load(path.read_text(encoding="utf-8"))
    told["web"]["port"] = port
    told["privacy"].update(PRIVACY)
    told["broadcast"]["second_admin_above"] = 1_000_000
    told["channels"]["wecom"].update(
        enabled=True, corp_id=wecom.corp_id, agent_id=wecom.agent_id, secret="${WECOM_SECRET}",
        token="${WECOM_TOKEN}", aes_key="${WECOM_AES_KEY}", api_base=wecom.base_url, robot_base=wecom.base_url,
    )  # fmt: skip
    path.write_text(yaml.safe_dump(told, allow_unicode=True), encoding="utf-8")
    env = {
        "DATABASE_URL": url, "TELEGRAM_TOKEN": telegram.token, "WECOM_SECRET": wecom.secret,
        "WECOM_TOKEN": wecom.token, "WECOM_AES_KEY": wecom.aes_key,
    }  # fmt: skip
    found = Desk(path, env, folder / "bot.log", until_ten(datetime.now(UTC)), port)
    wecom.clock = lambda: found.now().timestamp()
    wecom.callback_url = f"http://127.0.0.1:{port}/wecom/callback"
    return found


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
