"""Filling an empty database with rows from elsewhere: references checked at the end, numbers going on."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import Connection, inspect

from storage.portable import CannotMove, Shape, holds_data, shapes


def empty_tables(connection: Connection) -> list[Shape]:
    """Return the tables of a database that may be filled. Raises CannotMove where one of them has rows."""
    tables = shapes(connection)
    if table := holds_data(connection, tables):
        raise CannotMove(f"there is data in the target already (table {table}); name a database that is empty")
    return tables


def same_shapes(wanted: Sequence[Shape], found: Sequence[Shape]) -> None:
    """Raise CannotMove where tables or columns differ."""
    theirs = {shape.name: shape.columns for shape in found}
    for shape in wanted:
        if shape.name not in theirs:
            raise CannotMove(f"the target has no table {shape.name}; use the program that belongs to both")
        if dict(theirs.pop(shape.name)) != dict(shape.columns):
            raise CannotMove(
                f"table {shape.name} has other columns in the target; use the program that belongs to both"
            )
    if theirs:
        raise CannotMove(f"the source has no table {min(theirs)}; use the program that belongs to both")


@contextlib.contextmanager
def references_later(connection: Connection, tables: Sequence[Shape]) -> Iterator[None]:
    """Let rows refer to rows that come later; at the end all references are checked."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")  # until the COMMIT
        yield
        return
    waiting = list(_forward_references(connection, [shape.name for shape in tables]))
    for table, name in waiting:
        connection.exec_driver_sql(f'ALTER TABLE "{table}" ALTER CONSTRAINT "{name}" DEFERRABLE INITIALLY DEFERRED')
    yield
    connection.exec_driver_sql("SET CONSTRAINTS ALL IMMEDIATE")
    for table, name in waiting:
        connection.exec_driver_sql(f'ALTER TABLE "{table}" ALTER CONSTRAINT "{name}" NOT DEFERRABLE')


def numbers(connection: Connection) -> dict[str, int]:
    """Return the last number that each table has given out, where the database remembers it."""
    if connection.dialect.name == "sqlite":
        found = connection.exec_driver_sql("SELECT name, seq FROM sqlite_sequence")
        return {row.name: row.seq for row in found}
    result = {}
    for table, sequence in _sequences(connection):
        last, called = connection.exec_driver_sql(f"SELECT last_value, is_called FROM {sequence}").one()  # noqa: S608
        result[table] = last if called else last - 1
    return result


def go_on_counting(connection: Connection, given: Mapping[str, int]) -> None:
    """Have each table's next number follow the last one given out, and the highest there is."""
    if connection.dialect.name == "sqlite":
        for table, last in given.items():
            connection.exec_driver_sql("UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = ?", (last, table))
        return
    for table, sequence in _sequences(connection):
        highest = connection.exec_driver_sql(f'SELECT max(id) FROM "{table}"').scalar() or 0  # noqa: S608
        if last := max(highest, given.get(table, 0)):
            connection.exec_driver_sql(f"SELECT setval('{sequence}', {last})")


def _sequences(connection: Connection) -> Iterator[tuple[str, str]]:
    for shape in shapes(connection):
        if "id" in shape.columns:
            asked = f"SELECT pg_get_serial_sequence('\"{shape.name}\"', 'id')"
            if sequence := connection.exec_driver_sql(asked).scalar():
                yield shape.name, sequence


def _forward_references(connection: Connection, order: Sequence[str]) -> Iterator[tuple[str, str]]:
    found = inspect(connection)
    for place, table in enumerate(order):
        for reference in found.get_foreign_keys(table):
            if reference["referred_table"] not in order[:place] and reference["name"]:
                yield table, reference["name"]
