"""What is kept is told, shown, forgotten and removed in time."""

import sqlalchemy as sa
from alembic import op

from storage.types import Json, UtcDateTime

revision = "0008"
down_revision = "0006"

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
OVER = "anonymised_at IS NULL AND state IN ('closed', 'rejected', 'withdrawn', 'merged')"


def upgrade() -> None:
    op.add_column("person", sa.Column("told_at", UtcDateTime(), nullable=True))
    op.create_table(
        "erasure",
        sa.Column("id", Id, nullable=False),
        sa.Column("person_id", Id, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("step", sa.String(length=16), nullable=False),
        sa.Column("up_to", Id, server_default="0", nullable=False),
        sa.Column("addresses", Json, nullable=False),
        sa.Column("look_at", UtcDateTime(), nullable=False),
        sa.Column("done_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "gone_file",
        sa.Column("id", Id, nullable=False),
        sa.Column("path", sa.String(length=120), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_gone_file_due", "gone_file", ["due_at"])
    _partial("ix_erasure_look", "erasure", ["look_at"], "done_at IS NULL")
    _partial("ix_case_keep", "case_", ["changed_at", "id"], OVER)
    _partial("ix_history_words", "history", ["actor_id", "id"], "words <> ''")
    _partial("ix_attachment_kept", "attachment", ["created_at", "id"], "path IS NOT NULL")
    _partial("ix_attachment_made", "attachment", ["created_at", "id"], "channel = 'made' AND path IS NOT NULL")
    op.create_index("ix_attachment_person", "attachment", ["person_id"])
    op.create_index("ix_rating_person", "rating", ["person_id"])
    op.create_index("ix_broadcast_answer_person", "broadcast_answer", ["person_id"])


def _partial(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
