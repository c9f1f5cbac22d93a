"""The tables of administration: who did what beside the cases, invitations, roles taken away, warnings, what holds now.

Times are UTC (`UtcDateTime`).
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, Id


class AuditEntry(Base):
    """A look at contact details, an export, a change of roles, a command with effect.

    Append-only: triggers refuse DELETE, and every UPDATE but the one that empties `words`.
    """

    __tablename__ = "audit"
    __table_args__ = (
        Index("ix_audit_place", "place_id", "id"),
        Index("ix_audit_case", "case_id", "id"),
        Index("ix_audit_actor", "actor_id", "id"),
        Index("ix_audit_person", "person_id", "id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    action: Mapped[str] = mapped_column(String(24))
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"))  # whose admins may read it; None: the root's
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case_.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # whom it was about
    words: Mapped[str] = mapped_column(Text, default="", server_default="")  # the reason given
    data: Mapped[dict[str, Any]]


class Invitation(Base):
    """A one-time link that gives a role; only the hash of its token is kept."""

    __tablename__ = "invitation"
    __table_args__ = (Index("ix_invitation_place", "place_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)  # SHA-256, hex
    role: Mapped[str] = mapped_column(String(16))
    partner: Mapped[str | None] = mapped_column(String(32))
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
    title: Mapped[str] = mapped_column(String(80), default="", server_default="")
    made_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class RemovedRole(Base):
    """A role that an admin took away in chat: neither the next start nor an import gives it again, only a chat does."""

    __tablename__ = "removed_role"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"), primary_key=True)
    role: Mapped[str] = mapped_column(String(16), primary_key=True)
    removed_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]


class Departure(Base):
    """Somebody a role was taken from: what they had in hand is handed on, some cases at a time."""

    __tablename__ = "departure"
    __table_args__ = (
        Index(
            "ix_departure_open",
            "id",
            sqlite_where=text("done_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    taken_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # None: by config.yaml
    made_at: Mapped[datetime]
    up_to: Mapped[int] = mapped_column(Id, default=0, server_default="0")  # the last case that was looked at
    handed: Mapped[int] = mapped_column(default=0, server_default="0")  # cases that were handed on
    done_at: Mapped[datetime | None]


class PlannedLeave(Base):
    """Somebody is to be away from a moment on (`person.away_until` holds from now on). Gone once it has begun."""

    __tablename__ = "planned_leave"
    __table_args__ = (Index("ix_planned_leave_begins", "begins_at"), Index("ix_planned_leave_person", "person_id"))

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    begins_at: Mapped[datetime]
    until: Mapped[datetime]
    cover_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # who stands in
    noted_by: Mapped[int] = mapped_column(ForeignKey("person.id"))  # at whose word the cases are handed on then
    begun_at: Mapped[datetime | None]  # the leave has begun, what is in hand is being handed on
    up_to: Mapped[int] = mapped_column(Id, default=0, server_default="0")  # the last case that was looked at
    handed: Mapped[int] = mapped_column(default=0, server_default="0")  # cases that were handed on


class Broadcast(Base):
    """A warning to everybody at a place and below. Its copies are rows of `outgoing`: they say who was reached."""

    __tablename__ = "broadcast"
    __table_args__ = (Index("ix_broadcast_state", "state"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
    words: Mapped[str] = mapped_column(Text)
    attachment_id: Mapped[int | None] = mapped_column(ForeignKey("attachment.id"))
    buttons: Mapped[list[Any]]  # answers that are offered: "safe", "help"
    # draft, second (to be confirmed by another), sending, stopping, stopped, done; cancelled, refused (by the second)
    state: Mapped[str] = mapped_column(String(12))
    made_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    made_channel: Mapped[str] = mapped_column(String(16))  # where its progress is shown
    made_chat: Mapped[str] = mapped_column(String(128))
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    second_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    total: Mapped[int] = mapped_column(default=0, server_default="0")  # people it is for, counted when it was confirmed
    up_to: Mapped[int] = mapped_column(Id, default=0, server_default="0")  # the last person whose copy is in the outbox
    shown_at: Mapped[datetime | None]  # when its progress was shown last


class BroadcastAnswer(Base):
    """What somebody answered to a warning."""

    __tablename__ = "broadcast_answer"
    __table_args__ = (Index("ix_broadcast_answer_person", "person_id"),)

    broadcast_id: Mapped[int] = mapped_column(ForeignKey("broadcast.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    answer: Mapped[str] = mapped_column(String(8))  # safe, help
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case_.id"))  # the emergency it became
    at: Mapped[datetime]


class KeptSearch(Base):
    """What somebody searches for, where it is too long for a button: kept while the list's pages are turned."""

    __tablename__ = "kept_search"
    __table_args__ = (Index("ix_kept_search_made", "made_at"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))  # nobody else's presses are answered with it
    data: Mapped[dict[str, Any]]
    made_at: Mapped[datetime]


class Revision(Base):
    """Which state of something that processes keep in memory holds, see `storage.revision`."""

    __tablename__ = "revision"

    name: Mapped[str] = mapped_column(String(16), primary_key=True)  # places, config
    stamp: Mapped[str] = mapped_column(String(16))
