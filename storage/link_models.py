"""The tables of joining two channels: codes that are shown, wrong ones that were typed, what was joined.

Times are UTC (`UtcDateTime`).
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, Id


class LinkCode(Base):
    """A code that somebody was shown, to be typed in their other channel. Only its salted hash is kept."""

    __tablename__ = "link_code"
    __table_args__ = (Index("ix_link_code_expires", "expires_at"), Index("ix_link_code_identity", "identity_id"))

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    identity_id: Mapped[int] = mapped_column(Id)  # where it was shown; no reference, an identity may be taken away
    salt: Mapped[str] = mapped_column(String(32))
    digest: Mapped[str] = mapped_column(String(64))  # SHA-256 of salt and code, hex
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    typed_by: Mapped[int | None] = mapped_column(Id)  # the identity that typed it first; no other may
    ended_at: Mapped[datetime | None]  # used, or no longer wanted


class LinkGuess(Base):
    """A code that somebody typed and that was none."""

    __tablename__ = "link_guess"
    __table_args__ = (Index("ix_link_guess_at", "at"), Index("ix_link_guess_identity", "identity_id", "at"))

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    identity_id: Mapped[int] = mapped_column(Id)
    at: Mapped[datetime]


class Joining(Base):
    """Two people who turned out to be one, and what went from one to the other: enough to part them again."""

    __tablename__ = "joining"
    __table_args__ = (Index("ix_joining_person", "person_id"), Index("ix_joining_joined", "joined_id"))

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))  # who they are now
    joined_id: Mapped[int] = mapped_column(ForeignKey("person.id"))  # who became part of them
    at: Mapped[datetime]
    moved: Mapped[dict[str, Any]]  # by table and column the numbers of rows, see `cases.joined_rows`
    parted_at: Mapped[datetime | None]
