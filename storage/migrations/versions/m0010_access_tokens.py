"""Access tokens and counts that all processes share, codes that let a card be changed, groups that only read."""

import sqlalchemy as sa
from alembic import op

from storage.types import Json, UtcDateTime

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "access_token",
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("account", sa.String(length=32), nullable=False),
        sa.Column("token", sa.Text(), nullable=True),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.Column("claimed_until", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("channel"),
    )
    op.create_table(
        "card_code",
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("chat", sa.String(length=128), nullable=False),
        sa.Column("card", sa.String(length=48), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "chat", "card"),
    )
    op.create_table(
        "chat_sent",
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("chat", sa.String(length=128), nullable=False),
        sa.Column("spans", Json, nullable=False),
        sa.PrimaryKeyConstraint("channel", "chat"),
    )
    op.add_column("group_chat", sa.Column("write_only", sa.Boolean(), server_default=sa.false(), nullable=False))
