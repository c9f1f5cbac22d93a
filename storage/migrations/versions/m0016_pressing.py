"""Emergencies and urgent cases have an index of their own: a list of them is asked for when there is least time."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

PRESSING = sa.text("emergency OR urgent")


def upgrade() -> None:
    op.create_index("ix_case_pressing", "case_", ["created_at", "id"],
                    sqlite_where=PRESSING, postgresql_where=PRESSING)  # fmt: skip
