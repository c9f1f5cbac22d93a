"""Bring a database to the present schema.

Migrations only ever add: a program of the release before must keep running on the schema after (several replicas are
upgraded one by one), so a column is dropped one release after its last use.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, make_url

from storage.engine import sqlite_engine

SCRIPTS = Path(__file__).parent / "migrations"
MIGRATION_LOCK = 0x5ED57E4A  # PostgreSQL advisory lock: two replicas starting at once migrate one after the other


def upgrade(url: str) -> str:
    """Migrate the database at `url` to the newest schema, creating it if need be; return its revision."""
    engine = _engine(url)
    try:
        with engine.connect() as connection, connection.begin():
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")
            command.upgrade(_config(connection), "head")
            return _revision(connection) or ""
    finally:
        engine.dispose()


def is_current(url: str) -> bool:
    """Tell whether the database has the newest schema."""
    engine = _engine(url)
    try:
        with engine.connect() as connection:
            return _revision(connection) == ScriptDirectory(str(SCRIPTS)).get_current_head()
    finally:
        engine.dispose()


def _engine(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(parsed)
    if parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    return sqlite_engine(parsed, writer=True)


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes["connection"] = connection
    return config


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()
