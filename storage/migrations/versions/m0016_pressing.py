"""Emergencies and urgent cases have indexes of their own: lists of them are asked for when there is least time."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    for name in ("emergency", "urgent"):
        op.create_index(f"ix_case_{name}", "case_", ["created_at", "id", "category", "place_id"],
                        sqlite_where=sa.text(name), postgresql_where=sa.text(name))  # fmt: skip
