"""Roles taken in chat: whose cases are being handed on."""

import sqlalchemy as sa
from alembic import op

from storage.types import UtcDateTime

revision = "0005"
down_revision = "0004"

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
OPEN = sa.text("done_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "departure",
        sa.Column("id", Id, nullable=False),
        sa.Column("person_id", Id, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("taken_by", Id, sa.ForeignKey("person.id"), nullable=True),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("up_to", Id, server_default="0", nullable=False),
        sa.Column("handed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("done_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_departure_open", "departure", ["id"], sqlite_where=OPEN, postgresql_where=OPEN)
