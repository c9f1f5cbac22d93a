"""A row of every table that a database has, whatever its schema: so that each migration meets data."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Connection, DateTime, Integer, MetaData, Table, inspect, select

from storage.migrate import VERSIONS

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)

Shape = Mapping[str, frozenset[str]]
"""The columns of each table."""
Tables = Mapping[str, Table]
"""The tables as they are in a database: to read that takes longer than all else, so it is done once for each schema."""


def tables(connection: Connection) -> Tables:
    """Return every table as it is in the database now."""
    found = MetaData()
    names = [name for name in inspect(connection).get_table_names() if name != VERSIONS]
    found.reflect(connection, only=names)
    return {name: found.tables[name] for name in names}


def shape(found: Tables) -> Shape:
    """Return which columns there are."""
    return {name: frozenset(table.c.keys()) for name, table in found.items()}


def add_a_row_each(connection: Connection, number: int, found: Tables, known: Shape) -> None:
    """Put a row into every table, with this number as its key, as a program does that knows only these columns."""
    filled: set[str] = set()
    for table in _in_order(found):
        if table.name not in known:
            continue
        columns = [column for column in table.c if column.name in known[table.name]]
        values = {column.name: _value(connection, column, number, filled) for column in columns}
        connection.execute(table.insert().values(values))
        filled.add(table.name)


def everything(connection: Connection, found: Tables, known: Shape) -> dict[str, set[str]]:
    """Return what stands in these columns, row by row, as text."""
    rows = {}
    for name, table in found.items():
        if name in known:
            columns = [table.c[column] for column in sorted(known[name])]
            rows[name] = {repr(tuple(row)) for row in connection.execute(select(*columns))}
    return rows


def _in_order(found: Mapping[str, Table]) -> Iterator[Table]:
    """Yield the tables so that each comes after those that its rows must refer to."""
    left = dict(found)
    while left:
        ready = [name for name, table in left.items() if not (_needed(table) - {name}) & left.keys()]
        assert ready, f"these refer to each other: {sorted(left)}"
        for name in sorted(ready):
            yield left.pop(name)


def _needed(table: Table) -> set[str]:
    return {key.column.table.name for column in table.c if not column.nullable for key in column.foreign_keys}


def _value(connection: Connection, column: Column[Any], number: int, filled: set[str]) -> Any:
    for key in column.foreign_keys:
        return number if key.column.table.name in filled else None
    match column.type:
        case Boolean():
            return False
        case Integer():
            return number
        case DateTime():
            return LONG_AGO if connection.dialect.name == "postgresql" else LONG_AGO.replace(tzinfo=None)
        case JSON():
            return {"number": number}
    return str(number)
