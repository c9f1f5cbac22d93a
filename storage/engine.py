"""The database connection: one writer with shared commits on SQLite, a pool of threads on PostgreSQL.

Every write is a function over a Session, run in a thread inside one transaction; `await store.write(fn)` returns after
the COMMIT. No network, no waiting inside `fn`.
"""

from typing import Protocol

from sqlalchemy import make_url
from sqlalchemy.engine import URL

from storage.postgres_store import PostgresStore
from storage.sqlite_store import SqliteStore
from storage.work import T, Work


class Store(Protocol):
    """A database that runs functions in transactions."""

    url: URL

    async def write(self, work: Work[T], *, ahead: bool = False) -> T:
        """Run `work` in a transaction; return its result once that is committed. What `work` raises is raised here.

        `ahead`: before what waits, where there is a queue. Only for what is short and seldom, or the rest never ends.
        """
        ...

    async def read(self, work: Work[T]) -> T:
        """Run `work` over a read-only session."""
        ...

    def close(self) -> None:
        """Finish what was accepted, then close every connection."""
        ...


def open_store(url: str) -> Store:
    """Open the database at `url` (`sqlite:///path` or `postgresql+psycopg://…`).

    Raises ValueError for any other kind of database.
    """
    parsed = make_url(url)
    match parsed.get_backend_name():
        case "sqlite":
            return SqliteStore(parsed)
        case "postgresql":
            return PostgresStore(parsed)
        case other:
            raise ValueError(f"database.url: {other!r} is not supported; write sqlite:///… or postgresql+psycopg://…")
