"""The tables of privacy: who asked to be forgotten, and which files are still to be removed from the disk.

Times are UTC (`UtcDateTime`).
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, Id


class Erasure(Base):
    """Somebody who asked to be forgotten: how far their traces are removed. A row, so that no crash forgets it."""

    __tablename__ = "erasure"
    __table_args__ = (Index("ix_erasure_look", "look_at", sqlite_where=text("done_at IS NULL")),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime]
    step: Mapped[str] = mapped_column(String(16))  # what is removed next, see `cases.erasing`
    up_to: Mapped[int] = mapped_column(Id, default=0, server_default="0")  # of what goes out: the last row looked at
    addresses: Mapped[list[Any]]  # [channel, user, chat] of where they were; empty when what went there is gone
    look_at: Mapped[datetime]  # not before: some of it waits until their open cases are over
    done_at: Mapped[datetime | None]


class GoneFile(Base):
    """A file that no row names any more: removed from the disk after the commit that says so."""

    __tablename__ = "gone_file"
    __table_args__ = (Index("ix_gone_file_due", "due_at"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    path: Mapped[str] = mapped_column(String(120))  # below data/attachments
    due_at: Mapped[datetime]  # later than now where it may just be on its way to the disk
