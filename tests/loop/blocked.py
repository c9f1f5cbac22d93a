"""A database that takes no write, because somebody else really holds a lock: the file on SQLite, rows on PostgreSQL."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy import make_url


@contextmanager
def blocked(url: str, rows: str) -> Iterator[Callable[[], None]]:
    """Hold the lock until what is yielded is called, or the end. `rows`: which ones on PostgreSQL, `table WHERE …`."""
    told = make_url(url)
    if told.get_backend_name() == "sqlite":
        assert told.database is not None
        holder = sqlite3.connect(told.database, isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        yield lambda: holder.rollback() if holder.in_transaction else None
        holder.close()
        return
    with psycopg.connect(told.set(drivername="postgresql").render_as_string(hide_password=False)) as server:
        assert server.execute(f"SELECT 1 FROM {rows} FOR UPDATE").fetchall()
        yield server.rollback
        server.rollback()
