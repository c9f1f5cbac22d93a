"""Bring a database to the present schema.

Migrations only ever add: a program of the release before must keep running on the schema after (several replicas are
upgraded one by one), so a column is dropped one release after its last use.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, create_engine, inspect, make_url

from storage.sqlite_store import sqlite_engine

if TYPE_CHECKING:
    from alembic.config import Config

SCRIPTS = Path(__file__).parent / "migrations"
VERSIONS = "alembic_version"  # the table that says which schema it is
MIGRATION_LOCK = 0x5ED57E4A  # PostgreSQL advisory lock: two replicas starting at once migrate one after the other


def upgrade(url: str, to: str = "head") -> str:
    """Migrate the database at `url` to the newest schema, or to one named, creating it if need be; return its revision.

    Raises alembic.util.CommandError for a schema that this program does not know.
    """
    engine = _engine(url)
    try:
        with engine.connect() as connection, connection.begin():
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")
            if to == "head" and revision_of(connection) == newest():  # nearly always; Alembic takes long to load
                return newest()
            from alembic import command

            command.upgrade(_config(connection), to)
            return revision_of(connection) or ""
    finally:
        engine.dispose()


def is_current(url: str) -> bool:
    """Tell whether the database has the newest schema."""
    engine = _engine(url)
    try:
        with engine.connect() as connection:
            return revision_of(connection) == newest()
    finally:
        engine.dispose()


def newest() -> str:
    """Return the newest schema this program knows: the migrations are numbered, m0001 and so on."""
    return max(path.name for path in (SCRIPTS / "versions").glob("m*.py"))[1:5]


def _engine(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(parsed, hide_parameters=True)
    if parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    return sqlite_engine(parsed, writer=True)


def _config(connection: Connection) -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes["connection"] = connection
    return config


def revision_of(connection: Connection) -> str | None:
    """Return the schema of a database, None where it has none."""
    if not inspect(connection).has_table(VERSIONS):
        return None
    found: str | None = connection.exec_driver_sql(f"SELECT version_num FROM {VERSIONS}").scalar()  # noqa: S608
    return found
