"""Places managed in chat: which state of places and settings holds, and what config.yaml said of a place last."""

import sqlalchemy as sa
from alembic import op

from storage.types import Json

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "revision",
        sa.Column("name", sa.String(length=16), nullable=False),
        sa.Column("stamp", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.add_column("place", sa.Column("told", Json, nullable=True))
