"""Numbered choices; WeChat's windows, notices that were agreed to, and answers that are held for a callback."""

import sqlalchemy as sa
from alembic import op

from storage.types import Json, UtcDateTime

revision = "0009"
down_revision = "0008"

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ANSWERS = sa.text("answers IS NOT NULL")
UNSPENT = sa.text("spent_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "offered",
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("chat", sa.String(length=128), nullable=False),
        sa.Column("choices", Json, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "chat"),
    )
    op.create_table(
        "chat_window",
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("chat", sa.String(length=128), nullable=False),
        sa.Column("said_until", UtcDateTime(), nullable=True),
        sa.Column("said_left", sa.Integer(), server_default="0", nullable=False),
        sa.Column("tapped_until", UtcDateTime(), nullable=True),
        sa.Column("tapped_left", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("channel", "chat"),
    )
    op.create_table(
        "notice_grant",
        sa.Column("id", Id, nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("chat", sa.String(length=128), nullable=False),
        sa.Column("template", sa.String(length=64), nullable=False),
        sa.Column("granted_at", UtcDateTime(), nullable=False),
        sa.Column("spent_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_notice_grant_unspent", "notice_grant", ["channel", "chat", "template", "id"],
                    sqlite_where=UNSPENT, postgresql_where=UNSPENT)  # fmt: skip
    op.add_column("outgoing", sa.Column("answers", sa.String(length=160), nullable=True))
    op.create_index("ix_outgoing_answers", "outgoing", ["channel", "answers"],
                    sqlite_where=ANSWERS, postgresql_where=ANSWERS)  # fmt: skip
