"""The whole database as plain rows, the same from SQLite and PostgreSQL: for backups, and to move between the two.

A row is a list of plain values: text, numbers, true and false, null. Moments are ISO 8601 in UTC, JSON columns the
text of their JSON, so that SQL's NULL and JSON's null stay apart. What is read is one moment's state; what is written
is one transaction. `Sum` tells whether two tables hold the same rows, whatever their order.
"""

import contextlib
import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

from sqlalchemy import JSON, Boolean, Connection, DateTime, Engine, LargeBinary, create_engine, event, inspect, make_url
from sqlalchemy.pool import NullPool

from storage.migrate import MIGRATION_LOCK, VERSIONS
from storage.sqlite_store import sqlite_engine

BATCH = 1000  # rows read or written at once
LET_GO = 20  # tenths of a second that PostgreSQL may take to notice that a program has closed its connection
FIRST_LOOK = {"sqlite": "SELECT 1 FROM sqlite_master", "postgresql": "SELECT 1"}
OTHERS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
    "AND backend_type = 'client backend'"
)
MODULUS = 1 << 256  # sums of SHA-256 stay of its length

Kind = Literal["moment", "flag", "json", "plain"]
Row = Sequence[Any]


class CannotMove(Exception):
    """Rows cannot be read from here, or not be written there; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A table: its columns, in order, with what they hold."""

    name: str
    columns: Mapping[str, Kind]


@dataclass(slots=True)
class Sum:
    """Counts rows and adds up their hashes."""

    rows: int = 0
    total: int = 0

    def add(self, shape: Shape, row: Row) -> None:
        """Take a row in."""
        plain = [_canonical(kind, value) for kind, value in zip(shape.columns.values(), row, strict=True)]
        line = json.dumps(plain, ensure_ascii=True, separators=(",", ":"))
        self.rows += 1
        self.total = (self.total + int.from_bytes(hashlib.sha256(line.encode("ascii")).digest())) % MODULUS

    @property
    def digest(self) -> str:
        """Return the sum as text."""
        return f"{self.total:064x}"


@contextlib.contextmanager
def snapshot(url: str) -> Iterator[Connection]:
    """Read the database as it is at one moment, while others write. Never writes and never checkpoints."""
    engine = _reading_engine(url)
    try:
        with engine.connect() as connection, connection.begin():
            connection.exec_driver_sql(FIRST_LOOK[connection.dialect.name])  # the moment that is read begins here
            yield connection
    finally:
        engine.dispose()


@contextlib.contextmanager
def transaction(url: str) -> Iterator[Connection]:
    """Write in one transaction; what starts meanwhile waits for its end before it migrates."""
    parsed = make_url(url)
    sqlite = parsed.get_backend_name() == "sqlite"
    engine = sqlite_engine(parsed, writer=True) if sqlite else create_engine(parsed, hide_parameters=True)
    try:
        with engine.connect() as connection, connection.begin():
            if not sqlite:
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")
            yield connection
    finally:
        engine.dispose()


def shapes(connection: Connection) -> list[Shape]:
    """Return the tables, each after those it refers to."""
    found = inspect(connection)
    names = [name for name, _ in found.get_sorted_table_and_fkc_names() if name and name != VERSIONS]
    return [
        Shape(name, {column["name"]: _kind(name, column["name"], column["type"]) for column in found.get_columns(name)})
        for name in names
    ]


def rows(connection: Connection, shape: Shape) -> Iterator[Row]:
    """Return the rows of a table as plain values."""
    reading = connection.execution_options(stream_results=True, yield_per=BATCH)
    sqlite = connection.dialect.name == "sqlite"
    wanted = ", ".join(
        f'"{name}"::text' if kind == "json" and not sqlite else f'"{name}"' for name, kind in shape.columns.items()
    )
    kinds = tuple(shape.columns.values())
    for row in reading.exec_driver_sql(f'SELECT {wanted} FROM "{shape.name}"'):  # noqa: S608 - names of the schema
        yield [_plain(kind, value) for kind, value in zip(kinds, row, strict=True)]


def write(connection: Connection, shape: Shape, found: Iterable[Row]) -> None:
    """Insert plain rows into a table. Raises CannotMove where the database does not take one."""
    import psycopg  # a start should be quick, and this is not part of it

    try:
        _insert(connection, shape, found)
    except (sqlite3.Error, psycopg.Error) as error:
        why = getattr(error, "diag", None)  # its own message would repeat the row
        reason = (why.message_primary if why else None) or type(error).__name__
        raise CannotMove(
            f"table {shape.name}: the target does not take a row ({reason}); nothing was written"
        ) from None


def _insert(connection: Connection, shape: Shape, found: Iterable[Row]) -> None:
    names = ", ".join(f'"{name}"' for name in shape.columns)
    cursor = connection.connection.cursor()
    try:
        if connection.dialect.name == "sqlite":
            blanks = ", ".join("?" * len(shape.columns))
            statement = f'INSERT INTO "{shape.name}" ({names}) VALUES ({blanks})'  # noqa: S608 - names of the schema
            for batch in _batches(found):
                cursor.executemany(statement, [_for_sqlite(shape, row) for row in batch])
        else:
            with cursor.copy(f'COPY "{shape.name}" ({names}) FROM STDIN') as copy:
                for row in found:
                    copy.write_row(row)
    finally:
        cursor.close()


def sums(connection: Connection, tables: Iterable[Shape]) -> dict[str, Sum]:
    """Return count and sum of each table."""
    result = {}
    for shape in tables:
        total = result[shape.name] = Sum()
        for row in rows(connection, shape):
            total.add(shape, row)
    return result


def holds_data(connection: Connection, tables: Iterable[Shape]) -> str | None:
    """Return the name of a table that has rows, None where all are empty."""
    for shape in tables:
        if connection.exec_driver_sql(f'SELECT 1 FROM "{shape.name}" LIMIT 1').first():  # noqa: S608 - see above
            return shape.name
    return None


def others(connection: Connection) -> int:
    """Return how many other programs are connected to a PostgreSQL database; 0 on SQLite, where `held` tells."""
    if connection.dialect.name == "sqlite":
        return 0
    count = 0
    for _ in range(LET_GO):
        connection.exec_driver_sql("SELECT pg_stat_clear_snapshot()")
        if (count := int(connection.exec_driver_sql(OTHERS).scalar_one())) == 0:
            break
        connection.exec_driver_sql("SELECT pg_sleep(0.1)")
    return count


def _reading_engine(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        options = {"postgresql_readonly": True}
        return create_engine(
            parsed, isolation_level="REPEATABLE READ", execution_options=options, poolclass=NullPool,
            hide_parameters=True,
        )  # fmt: skip
    path = Path(parsed.database or "")
    if not path.is_file():
        raise CannotMove(f"there is no database {path}; look at database.url")
    # mode=ro: this connection cannot write, nor checkpoint when it closes, so the one writer stays the only one.
    address = f"file:{quote(str(path.absolute()))}?mode=ro"
    engine = create_engine(
        "sqlite://", creator=lambda: sqlite3.connect(address, uri=True, isolation_level=None), poolclass=NullPool
    )
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    return engine


def _kind(table: str, column: str, stored_as: object) -> Kind:
    if isinstance(stored_as, LargeBinary):
        raise CannotMove(f"{table}.{column} holds bytes, which cannot be moved; they belong into a file")
    if isinstance(stored_as, DateTime):
        return "moment"
    if isinstance(stored_as, Boolean):
        return "flag"
    return "json" if isinstance(stored_as, JSON) else "plain"


def _plain(kind: Kind, value: Any) -> Any:
    if value is None:
        return None
    if kind == "moment":
        moment = datetime.fromisoformat(value).replace(tzinfo=UTC) if isinstance(value, str) else value.astimezone(UTC)
        return f"{moment:%Y-%m-%dT%H:%M:%S.%f}Z"
    return bool(value) if kind == "flag" else value


def _for_sqlite(shape: Shape, row: Row) -> list[Any]:
    return [_sqlite_value(kind, value) for kind, value in zip(shape.columns.values(), row, strict=True)]


def _sqlite_value(kind: Kind, value: Any) -> Any:
    if kind == "moment" and value is not None:
        return value.removesuffix("Z").replace("T", " ")  # as SQLAlchemy writes it
    return value


def _canonical(kind: Kind, value: Any) -> Any:
    """Return what is the same on both databases: PostgreSQL keeps JSON in an order and with numbers of its own."""
    if kind == "json" and value is not None:
        return json.dumps(_even(json.loads(value)), sort_keys=True)
    return _even(value)


def _even(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_even(item) for item in value]
    return {key: _even(item) for key, item in value.items()} if isinstance(value, dict) else value


def _batches(found: Iterable[Row]) -> Iterator[list[Row]]:
    waiting = iter(found)
    while batch := list(islice(waiting, BATCH)):
        yield batch
