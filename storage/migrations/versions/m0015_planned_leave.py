"""Leave that begins later; a case that was emptied leads to none of its residents, in its history neither."""

import sqlalchemy as sa
from alembic import op

from storage.types import UtcDateTime

revision = "0015"
down_revision = "0012"

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
HISTORY = ("id", "case_id", "at", "action", "from_state", "to_state", "data")
NOBODY = "(SELECT id FROM person WHERE key = '#nobody')"


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
    op.create_index("ix_card_code_card", "card_code", ["card"])
    _history()


def _history() -> None:
    """Let the words of an entry be emptied, as before, and who it was be put to nobody with them; nothing else."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    same = " AND ".join(f"NEW.{name} IS NOT DISTINCT FROM OLD.{name}" for name in HISTORY)
    put_to_nobody = f"COALESCE(NEW.actor_id, -2) = COALESCE({NOBODY}, -1)"  # not NULL: that would refuse nothing
    allowed = f"(NEW.actor_id IS NOT DISTINCT FROM OLD.actor_id OR {put_to_nobody}) AND {same}"
    if sqlite:
        allowed = allowed.replace("IS NOT DISTINCT FROM", "IS")
        op.execute("DROP TRIGGER history_no_update")
        op.execute(
            f"CREATE TRIGGER history_no_update BEFORE UPDATE ON history WHEN NOT ({allowed} AND NEW.words = '') "
            "BEGIN SELECT RAISE(ABORT, 'history is append-only'); END"
        )
        return
    op.execute(
        "CREATE OR REPLACE FUNCTION history_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP = 'UPDATE' AND {allowed} AND NEW.words = '' THEN RETURN NEW; END IF; "
        "RAISE EXCEPTION 'history is append-only'; END $$"
    )
