"""What the clock needs: rungs, offers, waiting for whom, wanted dates, who is away, call-backs, daily jobs."""

import sqlalchemy as sa
from alembic import op

from storage.types import UtcDateTime

revision = "0002"
down_revision = "0001"

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
UNDER_WAY = "state IN ('new', 'review', 'assigned', 'pool', 'working', 'waiting')"
NOT_CALLED = "called_at IS NULL"


def upgrade() -> None:
    # Plain ADD COLUMN on both: a foreign key added so needs no copy of the table, nor the loss of its triggers.
    op.add_column("case_", sa.Column("urgent", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("case_", sa.Column("offers", sa.Integer(), server_default="0", nullable=False))
    op.add_column("case_", sa.Column("rung", sa.Integer(), server_default="0", nullable=False))
    op.add_column("case_", sa.Column("waiting_for", sa.String(length=12), nullable=True))
    op.add_column("case_", sa.Column("wanted_by", UtcDateTime(), nullable=True))
    op.add_column("case_", sa.Column("due_from", UtcDateTime(), nullable=True))
    op.execute("UPDATE case_ SET due_from = created_at")
    op.execute("UPDATE case_ SET waiting_for = 'resident' WHERE state = 'waiting'")
    _index_what_is_under_way("ix_case_due", "resolve_by")
    _index_what_is_under_way("ix_case_reporter_open", "reporter_id")
    op.add_column("person", sa.Column("away_until", UtcDateTime(), nullable=True))
    _reference("person", "cover_id")
    _reference("rating", "caller_id")
    op.add_column("rating", sa.Column("called_at", UtcDateTime(), nullable=True))
    op.add_column("rating", sa.Column("outcome", sa.Text(), server_default="", nullable=False))
    op.add_column("rating", sa.Column("reply", sa.Text(), server_default="", nullable=False))
    op.add_column("rating", sa.Column("replied_at", UtcDateTime(), nullable=True))
    op.create_index(
        "ix_rating_call",
        "rating",
        ["caller_id"],
        sqlite_where=sa.text(NOT_CALLED),
        postgresql_where=sa.text(NOT_CALLED),
    )
    op.drop_index("ix_outgoing_due", "outgoing")  # what goes out next is found by rank, not by time
    pending = sa.text("state = 'pending'")
    op.create_index("ix_outgoing_next", "outgoing", ["priority", "id"], sqlite_where=pending, postgresql_where=pending)
    op.create_table(
        "job_run",
        sa.Column("job", sa.String(length=24), nullable=False),
        sa.Column("period", sa.String(length=16), nullable=False),
        sa.Column("up_to", Id, nullable=False),
        sa.Column("done_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("job", "period"),
    )


def _index_what_is_under_way(name: str, column: str) -> None:
    where = sa.text(UNDER_WAY)
    op.create_index(name, "case_", [column], sqlite_where=where, postgresql_where=where)


def _reference(table: str, column: str) -> None:
    kind = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    op.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind} REFERENCES person(id)")
