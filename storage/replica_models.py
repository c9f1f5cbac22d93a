"""The tables by which several processes on one PostgreSQL share what there is only once. SQLite has one process.

Times are those of the database, not of the machines: their clocks may differ.
"""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base


class LeaseRow(Base):
    """What one process does at a time, and which one does it; it says again and again that it is still there."""

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(String(24), primary_key=True)
    holder: Mapped[str] = mapped_column(String(32))
    until: Mapped[datetime]


class SendShare(Base):
    """How much of a platform's calls in a span one process may make: those of all together are what it allows."""

    __tablename__ = "send_share"

    channel: Mapped[str] = mapped_column(String(16), primary_key=True)
    holder: Mapped[str] = mapped_column(String(32), primary_key=True)
    share: Mapped[int]
    until: Mapped[datetime]
    held_until: Mapped[datetime | None]  # the platform throttles all of us until then


class ChatPause(Base):
    """When a chat takes the next call, whichever process made the last one. Of use for a minute, then removed."""

    __tablename__ = "chat_pause"

    channel: Mapped[str] = mapped_column(String(16), primary_key=True)
    chat: Mapped[str] = mapped_column(String(128), primary_key=True)
    free_at: Mapped[datetime]
