"""INSERT … ON CONFLICT for both databases."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import sqlite
from sqlalchemy.orm import DeclarativeBase, Session


def insert_or_ignore(session: Session, model: type[DeclarativeBase], values: Mapping[str, Any]) -> bool:
    """Insert the row; return False (and change nothing) where its key is taken."""
    table = table_of(model)
    first = next(iter(table.primary_key))
    statement = _insert(session)(table).values(**values).on_conflict_do_nothing().returning(first)
    return session.execute(statement).first() is not None


def insert_or_update(
    session: Session, model: type[DeclarativeBase], values: Mapping[str, Any], key: Sequence[str]
) -> None:
    """Insert the row, or overwrite its other columns where `key` is taken."""
    statement = _insert(session)(table_of(model)).values(**values)
    rest = {name: value for name, value in values.items() if name not in key}
    session.execute(statement.on_conflict_do_update(index_elements=list(key), set_=rest))


def _insert(session: Session) -> Any:
    return insert_of(session.get_bind().dialect.name)


def insert_of(kind: str) -> Any:
    """Return what makes an INSERT … ON CONFLICT for one kind of database."""
    if kind == "sqlite":
        return sqlite.insert
    from sqlalchemy.dialects import postgresql  # a desk on SQLite need not load it

    return postgresql.insert


def table_of(model: type[DeclarativeBase]) -> Table:
    """Return the table behind a mapped class: plain statements on it cost half of what those on the class do."""
    table = model.__table__
    assert isinstance(table, Table)  # noqa: S101 - mapped classes here are tables, not joins
    return table
