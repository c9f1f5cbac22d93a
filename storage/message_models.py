"""The tables of what comes in and goes out: dialogues, updates, files, calls to the platforms, what runs once a period.

Times are UTC (`UtcDateTime`).
"""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    ForeignKey,
    Index,
    String,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from storage.admin_models import Broadcast
from storage.base import Base, Id
from storage.types import JsonOrNull

UPDATE_KEY = 160  # characters of an update's key; a platform's own are far shorter
BESIDE, LATE = 1, 2  # lanes of the outbox: at once (answers to a press); what has waited long for its files


class Dialogue(Base):
    """Where one person stands in one chat."""

    __tablename__ = "dialogue"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    channel: Mapped[str] = mapped_column(String(16), primary_key=True)
    chat: Mapped[str] = mapped_column(String(128), primary_key=True)
    kind: Mapped[str] = mapped_column(String(24))
    step: Mapped[str] = mapped_column(String(24))
    version: Mapped[int]
    data: Mapped[dict[str, Any]]
    expires_at: Mapped[datetime]


class GroupChat(Base):
    """A group that an admin has tied to a place: its building group, or the task group of its stewards."""

    __tablename__ = "group_chat"
    __table_args__ = (Index("ix_group_chat_place", "place_id"),)

    channel: Mapped[str] = mapped_column(String(16), primary_key=True)
    chat: Mapped[str] = mapped_column(String(128), primary_key=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
    kind: Mapped[str] = mapped_column(String(8))  # building, task
    bound_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    bound_at: Mapped[datetime]
    lost_at: Mapped[datetime | None]  # the bot was thrown out
    language: Mapped[str | None] = mapped_column(String(8))  # of what is said in it; None: the desk's
    write_only: Mapped[bool] = mapped_column(default=False, server_default=false())  # nothing can be pressed or said


class InboxEntry(Base):
    """An update that was dealt with; its key makes a repeat harmless."""

    __tablename__ = "inbox"

    channel: Mapped[str] = mapped_column(String(16), primary_key=True)
    key: Mapped[str] = mapped_column(String(UPDATE_KEY), primary_key=True)
    received_at: Mapped[datetime] = mapped_column(index=True)


class Attachment(Base):
    """A photo, voice or file. `path` is None until its bytes are here."""

    __tablename__ = "attachment"
    __table_args__ = (
        Index("ix_attachment_case", "case_id"),
        Index("ix_attachment_person", "person_id"),
        Index(
            "ix_attachment_kept",
            "created_at",
            "id",
            sqlite_where=text("path IS NOT NULL"),
        ),
        Index(
            "ix_attachment_made",
            "created_at",
            "id",
            sqlite_where=text("channel = 'made' AND path IS NOT NULL"),
        ),
        Index(
            "ix_attachment_fetch",
            "retry_at",
            sqlite_where=text("state = 'waiting'"),
        ),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    token: Mapped[str] = mapped_column(String(43), unique=True)  # random; names it to the web, grants nothing by itself
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case_.id"))
    history_id: Mapped[int | None] = mapped_column(ForeignKey("history.id"))  # the step it belongs to
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # who sent it; None: not yet met
    kind: Mapped[str] = mapped_column(String(8))  # photo, voice, video, file
    state: Mapped[str] = mapped_column(String(8))  # waiting (to be fetched), ready, refused
    channel: Mapped[str] = mapped_column(String(16))
    remote: Mapped[str | None] = mapped_column(String(255))  # the platform's file id
    path: Mapped[str | None] = mapped_column(String(120))  # below data/attachments
    mime: Mapped[str | None] = mapped_column(String(80))
    size: Mapped[int | None]  # bytes
    name: Mapped[str | None] = mapped_column(String(120))  # of a file that we made: what people see it called
    error: Mapped[str | None] = mapped_column(String(120))
    attempts: Mapped[int] = mapped_column(default=0)
    retry_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Outgoing(Base):
    """One call to a platform, planned by its channel, sent in order per chat."""

    __tablename__ = "outgoing"
    __table_args__ = (
        Index(
            "ix_outgoing_next",
            "priority",
            "id",
            sqlite_where=text("state = 'pending'"),
        ),
        Index(
            "ix_outgoing_lane",
            "channel",
            "chat",
            "lane",
            "id",
            sqlite_where=text("state = 'pending'"),
        ),
        Index("ix_outgoing_case", "case_id"),
        Index(
            "ix_outgoing_missed",
            "id",
            sqlite_where=text("matters AND state = 'not_reached'"),
        ),
        Index(
            "ix_outgoing_broadcast",
            "broadcast_id",
            "person_id",
            "state",
            sqlite_where=text("broadcast_id IS NOT NULL"),
        ),
        Index(
            "ix_outgoing_answers",
            "channel",
            "answers",
            sqlite_where=text("answers IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    channel: Mapped[str] = mapped_column(String(16))
    chat: Mapped[str] = mapped_column(String(128))
    lane: Mapped[int] = mapped_column(default=0)  # 0: in order within the chat; else BESIDE or LATE
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case_.id"))
    broadcast_id: Mapped[int | None] = mapped_column(ForeignKey(Broadcast.id))  # the warning it is a copy of
    card: Mapped[str | None] = mapped_column(String(48))  # the card this call makes or changes
    payload: Mapped[dict[str, Any]]  # the channel's own words for the call
    said: Mapped[dict[str, Any] | None] = mapped_column(JsonOrNull)  # to a person whom another channel reaches as well
    matters: Mapped[bool | None]  # who handles the case hears of it when it does not arrive, once; then it is false
    # sent, not_reached, dropped, elsewhere (handed to another identity of the person)
    state: Mapped[str] = mapped_column(String(12), default="pending", server_default="pending")
    priority: Mapped[int] = mapped_column(default=5)  # 0 first
    created_at: Mapped[datetime]
    not_before: Mapped[datetime]
    expires_at: Mapped[datetime | None]  # from then on it is no longer true, and is not sent
    claimed_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None] = mapped_column(String(200))
    done_at: Mapped[datetime | None]
    # Key of the update it may be the response to; of what was sent: how the platform names it in a receipt.
    answers: Mapped[str | None] = mapped_column(String(UPDATE_KEY))


class CardMessage(Base):
    """The message that shows a card in a chat, so that it can be edited in place."""

    __tablename__ = "card"
    __table_args__ = (Index("ix_card_card", "card"),)

    channel: Mapped[str] = mapped_column(String(16), primary_key=True)
    chat: Mapped[str] = mapped_column(String(128), primary_key=True)
    card: Mapped[str] = mapped_column(String(48), primary_key=True)
    message: Mapped[str] = mapped_column(String(64))  # the platform's message id


class Offered(Base):
    """What the numbers stand for that a chat without buttons may answer with."""

    __tablename__ = "offered"

    channel: Mapped[str] = mapped_column(String(16), primary_key=True)
    chat: Mapped[str] = mapped_column(String(128), primary_key=True)
    choices: Mapped[dict[str, Any]]  # number: [button data, label]
    at: Mapped[datetime]


class ChatWindow(Base):
    """Until when, and how often, a platform lets us write to a chat of ourselves."""

    __tablename__ = "chat_window"

    channel: Mapped[str] = mapped_column(String(16), primary_key=True)
    chat: Mapped[str] = mapped_column(String(128), primary_key=True)
    said_until: Mapped[datetime | None]  # opened by words
    said_left: Mapped[int] = mapped_column(default=0, server_default="0")
    tapped_until: Mapped[datetime | None]  # opened by a tap on the menu, by following, by scanning
    tapped_left: Mapped[int] = mapped_column(default=0, server_default="0")


class NoticeGrant(Base):
    """One later notice that a person has agreed to."""

    __tablename__ = "notice_grant"
    __table_args__ = (
        Index(
            "ix_notice_grant_unspent",
            "channel",
            "chat",
            "template",
            "id",
            sqlite_where=text("spent_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    channel: Mapped[str] = mapped_column(String(16))
    chat: Mapped[str] = mapped_column(String(128))
    template: Mapped[str] = mapped_column(String(64))
    granted_at: Mapped[datetime]
    spent_at: Mapped[datetime | None]


class WebLine(Base):
    """A line of a web chat, kept so that a reload shows the conversation."""

    __tablename__ = "web_line"
    __table_args__ = (Index("ix_web_line_chat", "chat", "id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    chat: Mapped[str] = mapped_column(String(128))
    outgoing_id: Mapped[int | None] = mapped_column(
        Id, unique=True
    )  # the outbox row it came from: a repeat is harmless
    said: Mapped[str | None] = mapped_column(String(UPDATE_KEY), unique=True)  # the inbox key of what the person said
    mine: Mapped[bool]  # said by the person
    body: Mapped[dict[str, Any]]
    at: Mapped[datetime]


class JobRun(Base):
    """A daily or weekly job in one period: done once, on however many processes."""

    __tablename__ = "job_run"

    job: Mapped[str] = mapped_column(String(24), primary_key=True)
    period: Mapped[str] = mapped_column(String(16), primary_key=True)  # "2026-09-30", "2026-W40"
    up_to: Mapped[int] = mapped_column(Id, default=0)  # the last person served; the rest follow
    done_at: Mapped[datetime | None]


class Commission(Base):
    """Something that takes longer than an answer may, and is made outside any transaction: a picture, a sheet."""

    __tablename__ = "commission"
    __table_args__ = (
        Index(
            "ix_commission_waiting",
            "id",
            sqlite_where=text("state = 'waiting'"),
        ),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))  # which maker
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))  # who gets it
    channel: Mapped[str] = mapped_column(String(16))
    chat: Mapped[str] = mapped_column(String(128))
    data: Mapped[dict[str, Any]]  # the maker's own: what is wanted
    state: Mapped[str] = mapped_column(String(8))  # waiting, done, failed
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    claimed_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
