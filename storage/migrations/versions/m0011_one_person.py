"""One person on several channels: codes, what was joined, what was said for another channel to say it."""

import sqlalchemy as sa
from alembic import op

from storage.types import Json, JsonOrNull, UtcDateTime

revision = "0011"
down_revision = "0010"

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MISSED = sa.text("matters AND state = 'not_reached'")


def upgrade() -> None:
    op.add_column("outgoing", sa.Column("said", JsonOrNull, nullable=True))
    op.add_column("outgoing", sa.Column("matters", sa.Boolean(), nullable=True))
    op.create_index("ix_outgoing_missed", "outgoing", ["id"], sqlite_where=MISSED, postgresql_where=MISSED)
    op.add_column("case_", sa.Column("unreached_at", UtcDateTime(), nullable=True))
    op.add_column("person", sa.Column("linked", sa.Boolean(), server_default=sa.false(), nullable=False))
    _reference("person", "merged_into")
    _reference("identity", "own_person_id")
    for index, column in (("ix_person_merged", "merged_into"), ("ix_person_cover", "cover_id")):
        there = sa.text(f"{column} IS NOT NULL")
        op.create_index(index, "person", [column], sqlite_where=there, postgresql_where=there)
    op.create_index("ix_rating_steward", "rating", ["steward_id"])
    _codes()
    _joinings()


def _reference(table: str, column: str) -> None:
    kind = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    op.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind} REFERENCES person(id)")


def _codes() -> None:
    op.create_table(
        "link_code",
        sa.Column("id", Id, nullable=False),
        sa.Column("identity_id", Id, nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("typed_by", Id, nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_link_code_expires", "link_code", ["expires_at"])
    op.create_index("ix_link_code_identity", "link_code", ["identity_id"])
    op.create_table(
        "link_guess",
        sa.Column("id", Id, nullable=False),
        sa.Column("identity_id", Id, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_link_guess_at", "link_guess", ["at"])
    op.create_index("ix_link_guess_identity", "link_guess", ["identity_id", "at"])


def _joinings() -> None:
    op.create_table(
        "joining",
        sa.Column("id", Id, nullable=False),
        sa.Column("person_id", Id, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("joined_id", Id, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("moved", Json, nullable=False),
        sa.Column("parted_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_joining_person", "joining", ["person_id"])
    op.create_index("ix_joining_joined", "joining", ["joined_id"])
