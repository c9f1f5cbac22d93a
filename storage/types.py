"""Column types that mean the same on SQLite and PostgreSQL."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import JSON, DateTime, Dialect
from sqlalchemy.dialects import sqlite
from sqlalchemy.types import TypeDecorator, TypeEngine

from storage.plain import from_json, to_json


class _SqliteJson(sqlite.JSON):
    """JSON as text, without the three functions that SQLAlchemy's own type puts around each value."""

    def adapt(self, cls: type[Any], **_kw: Any) -> Any:
        """Stay: the dialect would put a type of its own in its place."""
        return self

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], str | None]:
        """Return what writes a value."""
        return _json_or_null if self.none_as_null else to_json

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[str | None], Any]:
        """Return what reads it back."""
        return _from_json


class _PostgresJson(TypeDecorator[Any]):
    """JSONB, loaded with the first statement on PostgreSQL: its dialect is a thirtieth of what a start loads."""

    impl = JSON
    cache_ok = True

    def __init__(self, *, none_as_null: bool) -> None:
        super().__init__(none_as_null=none_as_null)
        self.none_as_null = none_as_null

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the type of the database."""
        from sqlalchemy.dialects.postgresql import JSONB

        return JSONB(none_as_null=self.none_as_null)


def _json_or_null(value: Any) -> str | None:
    return None if value is None else to_json(value)


def _from_json(text: str | None) -> Any:
    return None if text is None else from_json(text)


def _json(*, none_as_null: bool) -> JSON:
    found = JSON(none_as_null=none_as_null).with_variant(_PostgresJson(none_as_null=none_as_null), "postgresql")
    return found.with_variant(_SqliteJson(none_as_null=none_as_null), "sqlite")


Json = _json(none_as_null=False)
JsonOrNull = _json(none_as_null=True)
"""JSON that may be missing: `Json` would write None as the JSON value null."""


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in time: aware on the Python side, UTC in the database.

    A naive datetime is refused with ValueError: it would mean another moment on every machine.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any] | None:
        """SQLite stores text without an offset, the same as SQLAlchemy's own type writes."""
        return _to_text if dialect.name == "sqlite" else super().bind_processor(dialect)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None] | None:
        """Read it back as an aware UTC datetime."""
        return _from_text if dialect.name == "sqlite" else super().result_processor(dialect, coltype)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Convert to UTC."""
        if value is None:
            return None
        moment = _in_utc(value)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return an aware UTC datetime."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _in_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError(f"naive datetime {moment!r}: give it a time zone")
    return moment.astimezone(UTC)


_LENGTH = len("2026-09-30 08:00:00.000000")


def _to_text(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return _as_text(moment if moment.tzinfo is UTC else _in_utc(moment))


@lru_cache(64)  # one transaction writes its own moment again and again
def _as_text(moment: datetime) -> str:
    return moment.isoformat(" ", "microseconds")[:_LENGTH]  # without the offset


def _from_text(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(f"{text}+00:00")
