"""The migrations make the tables that the models describe, on both databases, and take along what is in them."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine
from sqlalchemy.orm import Session

from storage.base import Base
from storage.engine import Store
from storage.migrate import SCRIPTS, is_current, newest, upgrade
from tests.conftest import _named, _sql
from tests.storage.rows import Tables, add_a_row_each, everything, shape, tables


async def test_models_and_migrations_agree(store: Store) -> None:
    def differences(session: Session) -> list[Any]:
        context = MigrationContext.configure(session.connection(), opts={"compare_type": False})
        return list(compare_metadata(context, Base.metadata))

    assert await store.read(differences) == []


def test_on_postgresql_indexes_have_the_conditions_that_models_say_for_sqlite(postgres: str) -> None:
    """Each index is made once more as its model says it; the server must understand both as the same."""
    name = "conditions_" + os.urandom(8).hex()
    _sql(postgres, f"CREATE DATABASE {name}")
    upgrade(_named(postgres, name))
    found = {}
    with opened(_named(postgres, name)) as connection:
        for index in (index for table in Base.metadata.sorted_tables for index in table.indexes):
            where = index.dialect_options["sqlite"]["where"]
            columns = ", ".join(column.name for column in index.columns)
            condition = "" if where is None else f" WHERE {where.text}"
            connection.exec_driver_sql(f"CREATE INDEX twin ON {index.table} ({columns}){condition}")
            made, said = _condition(connection, str(index.name)), _condition(connection, "twin")
            if made != said:
                found[index.name] = (made, said)
            connection.exec_driver_sql("DROP INDEX twin")
    assert found == {}


def _condition(connection: Connection, index: str) -> str | None:
    asked = f"SELECT pg_get_expr(indpred, indrelid) FROM pg_index WHERE indexrelid = '{index}'::regclass"
    condition: str | None = connection.exec_driver_sql(asked).scalar_one()
    return condition


def test_the_newest_number_is_the_head_of_the_migrations() -> None:
    assert newest() == ScriptDirectory(str(SCRIPTS)).get_current_head()


def test_upgrading_twice_is_as_once(database_url: str) -> None:
    assert is_current(database_url)
    assert upgrade(database_url) == upgrade(database_url)


@pytest.fixture(params=["sqlite", "postgresql"])
def bare_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without any table, once of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'bare.db'}"
    server: str = request.getfixturevalue("postgres")
    name = "bare_" + os.urandom(8).hex()
    _sql(server, f"CREATE DATABASE {name}")
    return _named(server, name)


@contextmanager
def opened(url: str) -> Iterator[Connection]:
    engine = create_engine(url)
    with engine.connect() as connection, connection.begin():
        yield connection
    engine.dispose()


def tables_at(url: str) -> Tables:
    with opened(url) as connection:
        return tables(connection)


def revisions() -> list[str]:
    """Return every schema there was, the oldest first."""
    found = ScriptDirectory(str(SCRIPTS)).walk_revisions()
    return [each.revision for each in found][::-1]


def test_each_step_keeps_what_is_there_and_lets_the_program_before_go_on(bare_url: str) -> None:
    """At each schema every table has rows; at the next one they are as they were, and the old INSERTs still work."""
    steps = revisions()
    upgrade(bare_url, steps[0])
    found = tables_at(bare_url)
    for number, step in enumerate(steps[1:], start=1):
        known = shape(found)
        with opened(bare_url) as connection:
            add_a_row_each(connection, 2 * number, found, known)
            before = everything(connection, found, known)
        upgrade(bare_url, step)
        found = tables_at(bare_url)
        with opened(bare_url) as connection:
            after = everything(connection, found, known)
            assert after == before, f"schema {step}"
            assert known.items() <= {name: known.get(name) for name in found}.items(), f"schema {step}"
            add_a_row_each(connection, 2 * number + 1, found, known)
    assert is_current(bare_url)
    with opened(bare_url) as connection:
        add_a_row_each(connection, 2 * len(steps), found, shape(found))
        assert all(rows for rows in everything(connection, found, shape(found)).values())


def test_a_new_column_never_asks_the_program_before_for_a_value(bare_url: str) -> None:
    steps = revisions()
    upgrade(bare_url, steps[0])
    found = tables_at(bare_url)
    asked = []
    for step in steps[1:]:
        known = shape(found)
        upgrade(bare_url, step)
        found = tables_at(bare_url)
        asked += [
            f"{step}: {name}.{column.name}"
            for name, table in found.items() if name in known
            for column in table.c
            if column.name not in known[name] and not column.nullable and column.server_default is None
        ]  # fmt: skip
    assert asked == []
