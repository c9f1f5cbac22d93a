"""Micro-wishes, claims, co-handlers, followers, groups, merged cases."""

import sqlalchemy as sa
from alembic import op

from storage.types import Json, UtcDateTime

revision = "0003"
down_revision = "0002"

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
UNDER_WAY = sa.text("state IN ('new', 'review', 'assigned', 'pool', 'working', 'waiting')")
WISH = sa.text("kind = 'wish'")


def upgrade() -> None:
    _columns()
    op.create_index(
        "ix_case_near", "case_", ["category", "place_id", "id"], sqlite_where=UNDER_WAY, postgresql_where=UNDER_WAY
    )
    op.create_index("ix_case_wish", "case_", ["state", "id"], sqlite_where=WISH, postgresql_where=WISH)
    _people_of_a_case("claim", sa.Column("note", sa.String(length=200), server_default="", nullable=False))
    _people_of_a_case("co_handler", sa.Column("added_by", Id, sa.ForeignKey("person.id"), nullable=False))
    _people_of_a_case("follower")
    op.create_table(
        "group_chat",
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("chat", sa.String(length=128), nullable=False),
        sa.Column("place_id", Id, sa.ForeignKey("place.id"), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("bound_by", Id, sa.ForeignKey("person.id"), nullable=True),
        sa.Column("bound_at", UtcDateTime(), nullable=False),
        sa.Column("lost_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("channel", "chat"),
    )
    op.create_index("ix_group_chat_place", "group_chat", ["place_id"])


def _columns() -> None:
    op.add_column("case_", sa.Column("tell_at", UtcDateTime(), nullable=True))
    op.add_column("outgoing", sa.Column("expires_at", UtcDateTime(), nullable=True))
    op.add_column("role", sa.Column("cap", sa.Integer(), nullable=True))
    op.add_column("role", sa.Column("skills", Json, nullable=True))
    op.add_column("case_", sa.Column("visibility", sa.String(length=12), nullable=True))
    op.add_column("case_", sa.Column("beneficiary", sa.String(length=80), server_default="", nullable=False))
    op.add_column("case_", sa.Column("consent", sa.Boolean(), nullable=True))
    op.add_column("case_", sa.Column("publish", sa.Boolean(), nullable=True))
    op.add_column("case_", sa.Column("wish_by", UtcDateTime(), nullable=True))
    op.add_column("case_", sa.Column("people_wanted", sa.Integer(), server_default="1", nullable=False))
    op.add_column("case_", sa.Column("widened", sa.Integer(), server_default="0", nullable=False))
    op.add_column("case_", sa.Column("group_channel", sa.String(length=16), nullable=True))
    op.add_column("case_", sa.Column("group_chat", sa.String(length=128), nullable=True))
    kind = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    op.execute(f"ALTER TABLE case_ ADD COLUMN merged_into {kind} REFERENCES case_(id)")


def _people_of_a_case(name: str, *more: sa.Column[object]) -> None:
    op.create_table(
        name,
        sa.Column("case_id", Id, sa.ForeignKey("case_.id"), nullable=False),
        sa.Column("person_id", Id, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        *more,
        sa.PrimaryKeyConstraint("case_id", "person_id"),
    )
    op.create_index(f"ix_{name}_person", name, ["person_id"])
