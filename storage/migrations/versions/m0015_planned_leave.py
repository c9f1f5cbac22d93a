"""Leave that begins later."""

import sqlalchemy as sa
from alembic import op

from storage.types import UtcDateTime

revision = "0015"
down_revision = "0012"

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "planned_leave",
        sa.Column("id", Id, nullable=False),
        sa.Column("person_id", Id, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("begins_at", UtcDateTime(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.Column("cover_id", Id, sa.ForeignKey("person.id"), nullable=True),
        sa.Column("noted_by", Id, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("begun_at", UtcDateTime(), nullable=True),
        sa.Column("up_to", Id, server_default="0", nullable=False),
        sa.Column("handed", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_planned_leave_begins", "planned_leave", ["begins_at"])
    op.create_index("ix_planned_leave_person", "planned_leave", ["person_id"])
