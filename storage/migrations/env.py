"""Alembic's entry point; `storage.migrate` hands it an open connection."""

from alembic import context
from sqlalchemy import Connection

from storage import (  # noqa: F401 - they describe the tables
    admin_models,
    channel_models,
    link_models,
    message_models,
    models,
    privacy_models,
    replica_models,
)
from storage.base import Base


def run(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True, compare_type=False)
    with context.begin_transaction():
        context.run_migrations()


run(context.config.attributes["connection"])
