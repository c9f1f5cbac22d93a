"""The tables that channels keep for themselves, shared by all processes: tokens, codes, counts."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base


class ChatSent(Base):
    """How many calls went to a chat lately, where a platform drops what is too much without a word."""

    __tablename__ = "chat_sent"

    channel: Mapped[str] = mapped_column(String(16), primary_key=True)
    chat: Mapped[str] = mapped_column(String(128), primary_key=True)
    spans: Mapped[dict[str, Any]]  # number of a span of time: calls in it


class CardCode(Base):
    """What lets us change a card once more: a platform gives it with a sending or a press, for a while."""

    __tablename__ = "card_code"
    __table_args__ = (Index("ix_card_code_card", "card"),)

    channel: Mapped[str] = mapped_column(String(16), primary_key=True)
    chat: Mapped[str] = mapped_column(String(128), primary_key=True)
    card: Mapped[str] = mapped_column(String(48), primary_key=True)
    code: Mapped[str] = mapped_column(Text)
    until: Mapped[datetime]


class AccessToken(Base):
    """The access token of a platform, shared by all processes; whoever fetches a new one has claimed the row."""

    __tablename__ = "access_token"

    channel: Mapped[str] = mapped_column(String(16), primary_key=True)
    account: Mapped[str] = mapped_column(String(32))  # fingerprint of the account whose token it is
    token: Mapped[str | None] = mapped_column(Text)  # None: none yet, or refused
    expires_at: Mapped[datetime | None]
    claimed_until: Mapped[datetime | None]
