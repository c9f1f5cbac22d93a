"""The migrations make the tables that the models describe, on both databases."""

from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.orm import Session

from storage.base import Base
from storage.engine import Store
from storage.migrate import is_current, upgrade


async def test_models_and_migrations_agree(store: Store) -> None:
    def differences(session: Session) -> list[Any]:
        context = MigrationContext.configure(session.connection(), opts={"compare_type": False})
        return list(compare_metadata(context, Base.metadata))

    assert await store.read(differences) == []


def test_upgrading_twice_is_as_once(database_url: str) -> None:
    assert is_current(database_url)
    assert upgrade(database_url) == upgrade(database_url)
