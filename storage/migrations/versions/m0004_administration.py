"""Audit, invitations, roles given and taken in chat, warnings to everybody, consent and forgetting."""

import sqlalchemy as sa
from alembic import op

from storage.types import Json, UtcDateTime

revision = "0004"
down_revision = "0003"

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KEPT = {
    "history": ("id", "case_id", "at", "actor_id", "action", "from_state", "to_state", "data"),
    "audit": ("id", "at", "actor_id", "action", "place_id", "case_id", "person_id", "data"),
}
COPIES = sa.text("broadcast_id IS NOT NULL")
GIVEN_UP = sa.text("state IN ('rejected', 'withdrawn', 'merged')")
WAITING = sa.text("state = 'waiting'")


def upgrade() -> None:
    _columns()
    op.create_index("ix_case_created", "case_", ["created_at", "id"])
    op.create_index("ix_case_place_created", "case_", ["place_id", "created_at", "id", "category"])
    op.create_index("ix_case_given_up", "case_", ["state", "created_at", "id"],
                    sqlite_where=GIVEN_UP, postgresql_where=GIVEN_UP)  # fmt: skip
    op.create_index("ix_person_name", "person", ["name"], postgresql_ops={"name": "text_pattern_ops"})
    _audit()
    _roles()
    _broadcasts()
    _commissions()
    _kept_searches()
    _drop_old_trigger()
    for table in KEPT:
        _append_only(table)


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _drop_old_trigger() -> None:
    if _is_sqlite():
        op.execute("DROP TRIGGER history_no_update")
    else:
        op.execute("DROP TRIGGER history_no_change ON history")
        op.execute("DROP FUNCTION history_is_append_only")


def _append_only(table: str) -> None:
    """Refuse every change but the one that empties the words: whoever asks to be forgotten is."""
    same = " AND ".join(f"NEW.{name} IS NOT DISTINCT FROM OLD.{name}" for name in KEPT[table])
    if _is_sqlite():
        same = same.replace("IS NOT DISTINCT FROM", "IS")
        refuse = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        op.execute(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} "
                   f"WHEN NOT ({same} AND NEW.words = '') {refuse}")  # fmt: skip
        if table != "history":
            op.execute(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}")
        return
    op.execute(
        f"CREATE FUNCTION {table}_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP = 'UPDATE' AND {same} AND NEW.words = '' THEN RETURN NEW; END IF; "
        f"RAISE EXCEPTION '{table} is append-only'; END $$"
    )
    op.execute(f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
               f"FOR EACH ROW EXECUTE FUNCTION {table}_is_kept()")  # fmt: skip


def _columns() -> None:
    op.add_column("group_chat", sa.Column("language", sa.String(length=8), nullable=True))
    op.add_column("place", sa.Column("working_hours", Json, nullable=True))
    op.add_column("place", sa.Column("lunch", Json, nullable=True))
    op.add_column("place", sa.Column("edited_at", UtcDateTime(), nullable=True))
    op.add_column("place", sa.Column("closed_at", UtcDateTime(), nullable=True))
    op.add_column("person", sa.Column("consent_at", UtcDateTime(), nullable=True))
    op.add_column("person", sa.Column("forgotten_at", UtcDateTime(), nullable=True))
    op.add_column("case_", sa.Column("anonymised_at", UtcDateTime(), nullable=True))
    op.add_column("attachment", sa.Column("name", sa.String(length=120), nullable=True))
    _reference("role", "given_by", "person")
    op.add_column("case_", sa.Column("respond_by", UtcDateTime(), nullable=True))
    op.add_column("case_", sa.Column("responded_at", UtcDateTime(), nullable=True))
    op.add_column("case_", sa.Column("late", sa.Boolean(), server_default=sa.false(), nullable=False))
    _reference("case_", "late_place_id", "place")


def _reference(table: str, column: str, to: str) -> None:
    kind = "INTEGER" if _is_sqlite() else "BIGINT"
    op.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind} REFERENCES {to}(id)")


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", Id, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor_id", Id, sa.ForeignKey("person.id"), nullable=True),
        sa.Column("action", sa.String(length=24), nullable=False),
        sa.Column("place_id", Id, sa.ForeignKey("place.id"), nullable=True),
        sa.Column("case_id", Id, sa.ForeignKey("case_.id"), nullable=True),
        sa.Column("person_id", Id, sa.ForeignKey("person.id"), nullable=True),
        sa.Column("words", sa.Text(), server_default="", nullable=False),
        sa.Column("data", Json, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    for column in ("place", "case", "actor", "person"):
        op.create_index(f"ix_audit_{column}", "audit", [f"{column}_id", "id"])


def _roles() -> None:
    op.create_table(
        "invitation",
        sa.Column("id", Id, nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("partner", sa.String(length=32), nullable=True),
        sa.Column("place_id", Id, sa.ForeignKey("place.id"), nullable=False),
        sa.Column("title", sa.String(length=80), server_default="", nullable=False),
        sa.Column("made_by", Id, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("used_by", Id, sa.ForeignKey("person.id"), nullable=True),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token_hash"),
    )
    op.create_index("ix_invitation_place", "invitation", ["place_id"])
    op.create_table(
        "removed_role",
        sa.Column("person_id", Id, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("place_id", Id, sa.ForeignKey("place.id"), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("removed_by", Id, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "place_id", "role"),
    )


def _broadcasts() -> None:
    op.create_table(
        "broadcast",
        sa.Column("id", Id, nullable=False),
        sa.Column("place_id", Id, sa.ForeignKey("place.id"), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("attachment_id", Id, sa.ForeignKey("attachment.id"), nullable=True),
        sa.Column("buttons", Json, nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("made_by", Id, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("made_channel", sa.String(length=16), nullable=False),
        sa.Column("made_chat", sa.String(length=128), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("confirmed_at", UtcDateTime(), nullable=True),
        sa.Column("second_by", Id, sa.ForeignKey("person.id"), nullable=True),
        sa.Column("started_at", UtcDateTime(), nullable=True),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.Column("total", sa.Integer(), server_default="0", nullable=False),
        sa.Column("up_to", Id, server_default="0", nullable=False),
        sa.Column("shown_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_broadcast_state", "broadcast", ["state"])
    op.create_table(
        "broadcast_answer",
        sa.Column("broadcast_id", Id, sa.ForeignKey("broadcast.id"), nullable=False),
        sa.Column("person_id", Id, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("answer", sa.String(length=8), nullable=False),
        sa.Column("case_id", Id, sa.ForeignKey("case_.id"), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("broadcast_id", "person_id"),
    )
    _reference("outgoing", "broadcast_id", "broadcast")
    op.create_index("ix_outgoing_broadcast", "outgoing", ["broadcast_id", "person_id", "state"],
                    sqlite_where=COPIES, postgresql_where=COPIES)  # fmt: skip


def _commissions() -> None:
    op.create_table(
        "commission",
        sa.Column("id", Id, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("person_id", Id, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("chat", sa.String(length=128), nullable=False),
        sa.Column("data", Json, nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("claimed_until", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("done_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_commission_waiting", "commission", ["id"], sqlite_where=WAITING, postgresql_where=WAITING)


def _kept_searches() -> None:
    op.create_table(
        "kept_search",
        sa.Column("id", Id, nullable=False),
        sa.Column("person_id", Id, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("data", Json, nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_kept_search_made", "kept_search", ["made_at"])
