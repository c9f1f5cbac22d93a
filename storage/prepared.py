"""Statements of the way every update goes: compiled once, then handed to the driver.

Building and looking a statement up costs SQLAlchemy some 35 µs when it is a constant and 300 when it is written anew at
each call; SQLite itself needs 3. What runs for each update is therefore a constant of its module, and goes to the
driver's connection in the same transaction.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from sqlalchemy import BindParameter, Dialect, Insert, Integer, String, Table, bindparam
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.sql import visitors
from sqlalchemy.sql.elements import ClauseElement, ColumnElement

from storage import within  # noqa: F401 - keeps `Session.info` true
from storage.upsert import insert_of

Build = Callable[[str], ClauseElement]
"""Returns the statement for one kind of database (`sqlite`, `postgresql`)."""


@dataclass(frozen=True, slots=True)
class _Form:
    """A statement as one kind of database takes it, its values by name."""

    sql: str
    arrange: Callable[[dict[str, Any]], Any]  # values by name, as the driver takes them
    constants: Mapping[str, Any]
    given: tuple[tuple[str, Callable[[Any], Any]], ...]  # values that are converted on their way, but None
    nullable: tuple[tuple[str, Callable[[Any], Any]], ...]  # those of which None becomes something else as well
    results: tuple[tuple[int, Callable[[Any], Any]], ...]  # columns to convert, but NULL

    def fill(self, values: dict[str, Any]) -> Any:
        """Return what the driver takes; changes `values`."""
        if self.constants:
            values |= self.constants
        for name, convert in self.given:
            if (value := values[name]) is not None:
                values[name] = convert(value)
        for name, convert in self.nullable:
            values[name] = convert(values[name])
        return self.arrange(values)

    def read(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        found = list(row)
        for place, convert in self.results:
            if (value := found[place]) is not None:
                found[place] = convert(value)
        return tuple(found)


class Prepared:
    """A constant statement with blanks (`bindparam`), compiled once for each kind of database.

    Rows come as plain tuples in the order of the columns. An INSERT must name every column that has a default in
    Python. A value that is not given raises ProgrammingError, or KeyError. Errors of the database are SQLAlchemy's, as
    everywhere.
    """

    def __init__(self, statement: ClauseElement | Build) -> None:
        self._statement = statement
        self._forms: dict[str, _Form] = {}

    def all(self, session: Session, **values: Any) -> list[tuple[Any, ...]]:
        """Return every row."""
        form, cursor = self._run(session, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return [form.read(row) for row in rows] if form.results else rows

    def first(self, session: Session, **values: Any) -> tuple[Any, ...] | None:
        """Return the first row, None where there is none."""
        form, cursor = self._run(session, values)
        row: tuple[Any, ...] | None = cursor.fetchone()
        return row if row is None or not form.results else form.read(row)

    def scalar(self, session: Session, **values: Any) -> Any:
        """Return the first column of the first row, None where there is none."""
        row = self.first(session, **values)
        return None if row is None else row[0]

    def run(self, session: Session, **values: Any) -> int:
        """Carry it out; return how many rows it touched."""
        return int(self._run(session, values)[1].rowcount)

    def run_many(self, session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
        """Carry it out for each of the rows."""
        form, held = self._ready(session)
        filled = [form.fill({**row}) for row in rows]
        try:
            held.driver.cursor().executemany(form.sql, filled)
        except held.errors as error:
            raise _as_sqlalchemy_tells_it(session, held, form.sql, error) from error

    def _run(self, session: Session, values: dict[str, Any]) -> tuple[_Form, Any]:
        form, held = self._ready(session)
        filled = form.fill(values)
        try:
            return form, held.driver.execute(form.sql, filled)
        except held.errors as error:
            raise _as_sqlalchemy_tells_it(session, held, form.sql, error) from error

    def _ready(self, session: Session) -> "tuple[_Form, _Held]":
        """Return the statement as the session's database takes it, and the connection it goes to."""
        session.flush()  # what was changed on objects comes first
        held: _Held = session.info.get(_HELD) or _hold(session)
        return self._forms.get(held.dialect.name) or self._form(held.dialect), held

    def _form(self, dialect: Dialect) -> _Form:
        told = self._statement
        statement = told if isinstance(told, ClauseElement) else told(dialect.name)
        form = self._forms[dialect.name] = _compile(statement, dialect)
        return form


@dataclass(frozen=True, slots=True)
class _Held:
    """The driver's connection of a session, for as long as one transaction lasts: to ask for it costs more than SQL."""

    dialect: Any
    driver: Any
    errors: type[Exception]


_HELD = "prepared"  # in `Session.info`, see `within`


def _hold(session: Session) -> _Held:
    connection = session.connection()  # a savepoint of the session is made here, not before
    dialect, driver = connection.dialect, connection.connection.driver_connection
    held = session.info[_HELD] = _Held(dialect, driver, dialect.loaded_dbapi.Error)
    return held


def _as_sqlalchemy_tells_it(session: Session, held: _Held, sql: str, error: Exception) -> Exception:
    """Return the error of its own for one of the driver; a connection that is lost is not used any more."""
    lost = held.dialect.is_disconnect(error, held.driver, None)
    if lost:
        session.connection().invalidate(error)
    told: Exception = DBAPIError.instance(
        sql, None, error, held.errors, hide_parameters=True, connection_invalidated=lost, dialect=held.dialect
    )
    return told


def insert_or_ignore(table: Table, *columns: str) -> Prepared:
    """Return an INSERT of these columns that touches one row, and none where the key is taken."""
    return Prepared(lambda kind: _insert(kind, table, columns).on_conflict_do_nothing())


def insert_or_update(table: Table, key: Sequence[str], *columns: str) -> Prepared:
    """Return an INSERT of the key and these columns that overwrites the columns where the key is taken."""

    def build(kind: str) -> ClauseElement:
        row = _insert(kind, table, (*key, *columns))
        statement: ClauseElement = row.on_conflict_do_update(
            index_elements=list(key), set_={name: row.excluded[name] for name in columns}
        )
        return statement

    return Prepared(build)


def _insert(kind: str, table: Table, columns: Sequence[str]) -> Any:
    return insert_of(kind)(table).values({name: bindparam(name) for name in columns})


def _compile(statement: ClauseElement, dialect: Dialect) -> _Form:
    compiled: Any = _written_out(statement).compile(dialect=dialect)
    if isinstance(statement, Insert) and compiled.insert_prefetch:  # the driver knows nothing of a default in Python
        missing = ", ".join(column.name for column in compiled.insert_prefetch)
        raise ValueError(f"{statement.table}: give {missing} in a prepared INSERT")
    required = {name for name, told in compiled.binds.items() if told.required}
    filled = compiled.construct_expanded_state(dict.fromkeys(required))  # constant lists of IN are written out
    converts = {
        name: told.type.dialect_impl(dialect).bind_processor(dialect) for name, told in compiled.binds.items()
    }  # fmt: skip
    constants = {
        name: convert(value) if (convert := converts.get(name)) is not None else value
        for name, value in filled.parameters.items()
        if name not in required
    }
    given = [(name, convert) for name in required if (convert := converts[name]) is not None]
    nullable = tuple(each for each in given if each[1](None) is not None)
    columns: Sequence[ColumnElement[Any]] = list(getattr(statement, "exported_columns", ()))
    reads = (column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns)
    results = tuple((place, convert) for place, convert in enumerate(reads) if convert is not None)
    plain = tuple(each for each in given if each not in nullable)
    return _Form(filled.statement, _arranger(filled.positiontup), constants, plain, nullable, results)


def _arranger(order: Sequence[str] | None) -> Callable[[dict[str, Any]], Any]:
    """Return what puts values in the order of the blanks (SQLite, which takes names slower), or leaves them alone."""
    if order is None:
        return lambda values: values
    if len(order) > 1:
        return itemgetter(*order)
    return lambda values: tuple(values[name] for name in order)


def _written_out(statement: ClauseElement) -> ClauseElement:
    """Return the statement with its constant words and numbers in its text: bound, each costs at every call."""
    if isinstance(statement, Insert):  # there they are columns, and what follows a conflict cannot be copied
        return statement

    def write(bound: BindParameter[Any]) -> None:
        if not bound.required and isinstance(bound.type, String | Integer):
            bound.literal_execute = True

    return visitors.cloned_traverse(statement, {}, {"bindparam": write})
