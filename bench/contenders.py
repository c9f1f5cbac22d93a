"""Who runs in the race, and how each is started."""

import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import create_engine, func, insert, select
from sqlalchemy.orm import Session

from bench import residents
from bench.api_server import TOKEN
from bench.residents import Step
from bench.town import EXAMPLE, FIRST_ID, steward_copies
from bot.config import load
from bot.seed import sync
from storage.message_models import Outgoing
from storage.migrate import upgrade
from storage.models import Case, Identity, Person

ROOT = Path(__file__).parents[1]
RIVALS = Path(os.environ.get("REDSTEWARD_RIVALS", ROOT / ".tools/rivals/bin/python"))
DESK = Path(os.environ.get("REDSTEWARD_DESK", ROOT / ".tools/desk/bin/python"))
"""Ours as an operator has it: without what is for its development, which structlog, for one, would load as well."""
PYTHON = str(DESK) if DESK.exists() else sys.executable
STEWARDS = 10  # of each partner type
FIRST_RESIDENT, POPULATION = 5_000_001, 20_000
SECRET = "bench_secret"
ENVIRONMENT = {"TELEGRAM_TOKEN": TOKEN, "TELEGRAM_WEBHOOK_SECRET": SECRET}


@dataclass(frozen=True, slots=True)
class Contender:
    """One row of the table."""

    key: str
    name: str
    script: Sequence[Step]
    updates: int  # of one case
    module: str = ""  # of another library's bot
    how: str = ""
    database: str = ""  # of ours

    @property
    def ours(self) -> bool:
        """Whether it is Red Steward."""
        return bool(self.database)


PTB, AIOGRAM = "bench.rivals.ptb", "bench.rivals.aiogram_bot"
CONTENDERS = (
    Contender("null", "nothing (ceiling of server and residents)", residents.RIVAL, 5, "bench.null_bot"),
    Contender("ptb", "python-telegram-bot, in memory", residents.RIVAL, 5, PTB, "memory"),
    Contender("ptb-pickle", "python-telegram-bot, PicklePersistence", residents.RIVAL, 5, PTB, "pickle"),
    Contender("ptb-sqlite", "python-telegram-bot, INSERT into SQLite", residents.RIVAL, 5, PTB, "sqlite"),
    Contender("aiogram", "aiogram, in memory", residents.RIVAL, 5, AIOGRAM, "memory"),
    Contender("aiogram-sqlite", "aiogram, INSERT into SQLite", residents.RIVAL, 5, AIOGRAM, "sqlite"),
    Contender("five", "Red Steward, step by step, SQLite", residents.OURS_FIVE, 6, database="sqlite"),
    Contender("five-pg", "Red Steward, step by step, PostgreSQL", residents.OURS_FIVE, 6, database="postgresql"),
    Contender("two", "Red Steward, say it and submit, SQLite", residents.OURS_TWO, 2, database="sqlite"),
    Contender("two-pg", "Red Steward, say it and submit, PostgreSQL", residents.OURS_TWO, 2, database="postgresql"),
)  # fmt: skip


class Ground:
    """Where the race is run: a folder, the prepared databases, and PostgreSQL where it is wanted."""

    def __init__(self, folder: Path, postgres: str | None = None) -> None:
        self.folder = folder
        self._postgres = postgres
        self._number = 0
        self._templates: dict[str, str] = {}

    def fresh(self, kind: str) -> str:
        """Return the URL of a database that nobody has used, with its people in it."""
        if kind not in self._templates:
            self._templates[kind] = self._prepare(kind)
        self._number += 1
        if kind == "sqlite":
            path = self.folder / f"desk{self._number}.db"
            shutil.copy(self._templates[kind].removeprefix("sqlite:///"), path)
            return f"sqlite:///{path}"
        name = f"race{self._number}"
        self._sql(f"CREATE DATABASE {name} TEMPLATE race0")
        return self._named(name)

    def _prepare(self, kind: str) -> str:
        url = f"sqlite:///{self.folder / 'template.db'}"
        if kind == "postgresql":
            self._sql("CREATE DATABASE race0")
            url = self._named("race0")
        upgrade(url)
        self.config(url, "http://127.0.0.1")
        settle(url, self.folder / "config.yaml")
        return url

    def config(self, url: str, address: str, **more: Any) -> Path:
        """Write the example's configuration with `STEWARDS` stewards a partner type, for this server."""
        told = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))
        told["people"] = [copy for person in told["people"] for copy in steward_copies(person, STEWARDS)]
        for number, person in enumerate(told["people"]):
            person["telegram"] = FIRST_ID + number
        told["database"]["url"], told["data"] = url, str(self.folder)
        told["times"]["quiet_hours"] = None
        told["web"]["port"] = more.pop("port", 0)
        told["channels"]["telegram"].update(
            enabled=True,
            token="${TELEGRAM_TOKEN}",
            base_url=f"{address}/bot",
            base_file_url=f"{address}/file/bot",
            per_second=0,
            **more,
        )
        path = self.folder / "config.yaml"
        path.write_text(yaml.safe_dump(told, allow_unicode=True), encoding="utf-8")
        return path

    def command(self, who: Contender, address: str) -> tuple[list[str], str]:
        """Return how a contender is started, and its database."""
        if not who.ours:
            python = sys.executable if who.key == "null" else str(RIVALS)
            place = self.folder / f"rival{self._number}"
            self._number += 1
            place.mkdir(parents=True)
            return [python, "-m", who.module, address, who.how, str(place)], ""
        url = self.fresh(who.database)
        return run(self.config(url, address)), url

    def drop(self, url: str) -> None:
        """Remove a database that is done with."""
        if url.startswith("sqlite:///"):
            for end in ("", "-wal", "-shm"):
                Path(url.removeprefix("sqlite:///") + end).unlink(missing_ok=True)
        elif url:
            self._sql(f"DROP DATABASE {url.partition('?')[0].rpartition('/')[2]} WITH (FORCE)")

    def _named(self, name: str) -> str:
        assert self._postgres is not None
        head, _, query = self._postgres.partition("?")
        return f"{head.rsplit('/', 1)[0]}/{name}{'?' + query if query else ''}"

    def _sql(self, statement: str) -> None:
        assert self._postgres is not None
        engine = create_engine(self._postgres, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)
        engine.dispose()


def run(config: Path) -> list[str]:
    """Return how the desk is started."""
    return [PYTHON, "-m", "bot", "--config", str(config), "run"]


def people() -> list[int]:
    """Return the Telegram numbers of the residents."""
    return list(range(FIRST_RESIDENT, FIRST_RESIDENT + POPULATION))


def settle(url: str, config: Path) -> None:
    """Write residents who know the desk: no home, so that the place is asked for."""
    settings, now = load(config, ENVIRONMENT), datetime.now(UTC)
    engine = create_engine(url)
    with Session(engine) as session, session.begin():
        sync(session, settings, now)
    rows = [{"name": f"R{number}", "created_at": now, "told_at": now, "consent_at": now} for number in people()]
    with Session(engine) as session, session.begin():
        ids = session.scalars(insert(Person).returning(Person.id, sort_by_parameter_order=True), rows).all()
        session.execute(insert(Identity), [
            {"person_id": person, "channel": "telegram", "user": str(number), "chat": str(number), "last_seen_at": now}
            for person, number in zip(ids, people(), strict=True)
        ])  # fmt: skip
    engine.dispose()


def kept(url: str) -> tuple[int, int]:
    """Return how many cases a desk has, and how many messages have still to be sent."""
    engine = create_engine(url)
    with Session(engine) as session:
        cases = session.scalar(select(func.count()).select_from(Case)) or 0
        waiting = session.scalar(select(func.count()).select_from(Outgoing).where(Outgoing.state == "pending")) or 0
    engine.dispose()
    return cases, waiting
