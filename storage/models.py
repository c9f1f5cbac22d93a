"""The tables. What each column is for is said here; how rows change is said in `cases`.

Conditions of indexes are said for SQLite alone: said for PostgreSQL too, each start would load that dialect. Its
migrations have the same, and a test holds them together.

Times are UTC (`UtcDateTime`). The state of a case is the last entry of its history; `case` repeats it for look-ups.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy import Identity as Sequence
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, Id

FIRST_CASE_NUMBER = 1001
UNDER_WAY = "('new', 'review', 'assigned', 'pool', 'working', 'waiting')"  # states in which a deadline can be missed
GIVEN_UP = "('rejected', 'withdrawn', 'merged')"  # ended without being done
OVER = "('closed', 'rejected', 'withdrawn', 'merged')"
PRESSING_SORTED = ("created_at", "id", "category", "place_id")  # so that an index answers what is mostly asked of them
KEPT = f"anonymised_at IS NULL AND state IN {OVER}"  # over, and still leading to somebody


# Literal conditions for queries: a database does not see that a bound value is the one its partial index is made for.
IS_UNDER_WAY = text(f"case_.state IN {UNDER_WAY}")
IS_GIVEN_UP = text(f"case_.state IN {GIVEN_UP}")
IS_EMERGENCY, IS_URGENT = text("case_.emergency"), text("case_.urgent")
IS_WISH = text("case_.kind = 'wish'")
IS_KEPT = text(f"case_.anonymised_at IS NULL AND case_.state IN {OVER}")
HAS_WORDS = text("history.words <> ''")


class Place(Base):
    """A node of the tree street › community › estate or grid › building › unit."""

    __tablename__ = "place"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)  # from config.yaml, e.g. "fengmei-3-2"; in poster links
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"))
    path: Mapped[str] = mapped_column(String(200), index=True)  # ids from the root: "/1/4/9/"; "and below" is a prefix
    kind: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(80))
    number: Mapped[int | None]  # of a building or unit, for "3-2-501"
    aliases: Mapped[list[Any]]
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    working_hours: Mapped[list[Any] | None]  # ["8:30", "17:30"] as an admin set them; None: as config.yaml says
    lunch: Mapped[list[Any] | None]
    edited_at: Mapped[datetime | None]  # by an admin: from then on config.yaml no longer changes it
    closed_at: Mapped[datetime | None]  # no longer offered to anybody; cases still hang on it
    told: Mapped[dict[str, Any] | None]  # what config.yaml said of it at the last start; None: it never named it


class Person(Base):
    """One human, on however many channels."""

    __tablename__ = "person"
    __table_args__ = (
        Index("ix_person_name", "name"),  # on PostgreSQL with text_pattern_ops
        Index(
            "ix_person_merged",
            "merged_into",
            sqlite_where=text("merged_into IS NOT NULL"),
        ),
        Index(
            "ix_person_cover",
            "cover_id",
            sqlite_where=text("cover_id IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    key: Mapped[str | None] = mapped_column(String(64), unique=True)  # of people named in config.yaml
    name: Mapped[str] = mapped_column(String(80))
    language: Mapped[str | None] = mapped_column(String(8))  # own choice; None: the desk's default
    phone: Mapped[str | None] = mapped_column(String(32))
    home_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"))
    home_detail: Mapped[str] = mapped_column(String(80), default="", server_default="")  # door number below the place
    created_at: Mapped[datetime]
    away_until: Mapped[datetime | None]  # nothing new is given to them until then
    cover_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # who stands in while they are away
    told_at: Mapped[datetime | None]  # when they were told that something is kept about them, and where to read what
    consent_at: Mapped[datetime | None]  # when they went on after that
    forgotten_at: Mapped[datetime | None]  # they asked to be forgotten: nothing of who they are is left
    linked: Mapped[bool] = mapped_column(default=False, server_default=false())  # other people were joined to them
    # Who they are part of since they joined two channels (/link); never somebody who is part of another themselves.
    merged_into: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class Identity(Base):
    """A person on one channel."""

    __tablename__ = "identity"
    __table_args__ = (UniqueConstraint("channel", "user"), Index("ix_identity_person", "person_id"))

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    channel: Mapped[str] = mapped_column(String(16))
    user: Mapped[str] = mapped_column(String(128))
    chat: Mapped[str] = mapped_column(String(128))  # the private chat with this person
    last_seen_at: Mapped[datetime | None]  # None: never wrote to us, a platform may refuse the first word
    unreachable: Mapped[str | None] = mapped_column(String(120))  # why the platform refuses, None while it does not
    own_person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # whose it was before it was joined


class Role(Base):
    """What a person may do at a place and below it."""

    __tablename__ = "role"
    __table_args__ = (UniqueConstraint("person_id", "place_id", "role"), Index("ix_role_place", "place_id", "role"))

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
    role: Mapped[str] = mapped_column(String(16))  # steward, coordinator, admin
    partner: Mapped[str | None] = mapped_column(String(32))  # partner type of a steward
    title: Mapped[str] = mapped_column(String(80), default="", server_default="")
    promise: Mapped[str] = mapped_column(String(200), default="", server_default="")
    assigned_at: Mapped[datetime | None]  # who waited longest for a case gets the next one
    cap: Mapped[int | None]  # so many open cases at the most; None: any number
    skills: Mapped[list[Any] | None]  # what the steward can do, as the kinds of matters ask for it
    given_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # by an admin in chat; None: by config.yaml


class Case(Base):
    """One thing a resident asked for. Its id is the number people see."""

    __tablename__ = "case_"
    __table_args__ = (
        Index("ix_case_reporter", "reporter_id", "id"),
        Index("ix_case_steward", "steward_id", "state"),
        Index("ix_case_answerable", "answerable_id", "state"),
        Index("ix_case_place", "place_id", "state"),
        Index("ix_case_place_created", "place_id", "created_at", "id", "category"),
        Index(
            "ix_case_given_up",
            "state",
            "created_at",
            "id",
            sqlite_where=text(f"state IN {GIVEN_UP}"),
        ),
        Index(
            "ix_case_emergency",
            *PRESSING_SORTED,
            sqlite_where=text("emergency"),
        ),
        Index("ix_case_urgent", *PRESSING_SORTED, sqlite_where=text("urgent")),
        Index("ix_case_look", "look_at", "id"),
        Index("ix_case_created", "created_at", "id"),
        Index(
            "ix_case_due",
            "resolve_by",
            sqlite_where=text(f"state IN {UNDER_WAY}"),
        ),
        Index(
            "ix_case_reporter_open",
            "reporter_id",
            sqlite_where=text(f"state IN {UNDER_WAY}"),
        ),
        Index(
            "ix_case_near",
            "category",
            "place_id",
            "id",
            sqlite_where=text(f"state IN {UNDER_WAY}"),
        ),
        Index("ix_case_keep", "changed_at", "id", sqlite_where=text(KEPT)),
        Index("ix_case_wish", "state", "id", sqlite_where=text("kind = 'wish'")),
        CheckConstraint(
            "look_at IS NOT NULL OR state IN ('closed', 'rejected', 'withdrawn', 'merged')", name="open_has_next_moment"
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Id, Sequence(start=FIRST_CASE_NUMBER), primary_key=True)
    draft: Mapped[str] = mapped_column(String(24), unique=True)  # the draft it came from: filed at most once
    kind: Mapped[str] = mapped_column(String(8))  # issue, wish
    category: Mapped[str] = mapped_column(String(48))
    state: Mapped[str] = mapped_column(String(12))
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
    place_detail: Mapped[str] = mapped_column(String(80), default="", server_default="")
    words: Mapped[str] = mapped_column(Text)
    emergency: Mapped[bool] = mapped_column(default=False)
    reporter_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    reporter_channel: Mapped[str] = mapped_column(String(16))
    reporter_chat: Mapped[str] = mapped_column(String(128))
    steward_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    answerable_id: Mapped[int] = mapped_column(ForeignKey("person.id"))  # invariant 3: never nobody
    returns: Mapped[int] = mapped_column(default=0)
    reopened: Mapped[int] = mapped_column(default=0)
    urgent: Mapped[bool] = mapped_column(default=False, server_default=false())  # less time than its kind has
    offers: Mapped[int] = mapped_column(default=0, server_default="0")  # how often it was not accepted in time
    rung: Mapped[int] = mapped_column(default=0, server_default="0")  # how many rungs know of the missed deadline
    tell_at: Mapped[datetime | None]  # when a missed deadline is told to the next rung
    accept_by: Mapped[datetime]
    respond_by: Mapped[datetime | None]  # by when somebody was first to accept or claim it; another offer leaves it
    responded_at: Mapped[datetime | None]  # when somebody first did
    resolve_by: Mapped[datetime]
    due_from: Mapped[datetime | None]  # what `resolve_by` counts from: report or reopening, moved on by waiting
    look_kind: Mapped[str | None] = mapped_column(String(16))  # what the clock does when it looks at the case next
    look_at: Mapped[datetime | None]  # invariant 3: an open case has a next moment, held by the CHECK above
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
    late: Mapped[bool] = mapped_column(default=False, server_default=false())  # once done after its deadline: for good
    late_place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"))  # the highest told of a missed deadline
    urged_at: Mapped[datetime | None]
    waiting_since: Mapped[datetime | None]
    waiting_for: Mapped[str | None] = mapped_column(String(12))  # resident, third_party
    visibility: Mapped[str | None] = mapped_column(String(12))  # of a wish: name, anonymous, coordinator
    beneficiary: Mapped[str] = mapped_column(String(80), default="", server_default="")  # for whom, where for another
    consent: Mapped[bool | None]  # whether the person it is for agrees (代报)
    publish: Mapped[bool | None]  # whether the fulfilled wish may be shown
    wish_by: Mapped[datetime | None]  # by when the wisher hopes for it
    people_wanted: Mapped[int] = mapped_column(default=1, server_default="1")  # to fulfil it; 0: whoever can
    widened: Mapped[int] = mapped_column(default=0, server_default="0")  # how many rungs wider it is offered
    group_channel: Mapped[str | None] = mapped_column(String(16))  # the group it was told in
    group_chat: Mapped[str | None] = mapped_column(String(128))
    merged_into: Mapped[int | None] = mapped_column(ForeignKey("case_.id"))
    wanted_by: Mapped[datetime | None]  # the later date that the steward asks for, until somebody decides
    anonymised_at: Mapped[datetime | None]  # nothing in it leads to a person any more
    unreached_at: Mapped[datetime | None]  # who handles it was told last that its resident was not reached


class Claim(Base):
    """Somebody who has claimed a case (认领), alone or with others; the first leads it."""

    __tablename__ = "claim"
    __table_args__ = (Index("ix_claim_person", "person_id"),)

    case_id: Mapped[int] = mapped_column(ForeignKey("case_.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    at: Mapped[datetime]
    note: Mapped[str] = mapped_column(String(200), default="", server_default="")  # what they bring: "我出轮椅"


class CoHandler(Base):
    """Somebody who works on a case with its lead (协办)."""

    __tablename__ = "co_handler"
    __table_args__ = (Index("ix_co_handler_person", "person_id"),)

    case_id: Mapped[int] = mapped_column(ForeignKey("case_.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    added_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]


class Follower(Base):
    """A resident who said "me too" on somebody's case (关注)."""

    __tablename__ = "follower"
    __table_args__ = (Index("ix_follower_person", "person_id"),)

    case_id: Mapped[int] = mapped_column(ForeignKey("case_.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    at: Mapped[datetime]


class HistoryEntry(Base):
    """Who did what when. Append-only: triggers refuse DELETE, and every UPDATE but the one that empties `words`.

    With them it may put the step of a resident to nobody (`cases.traces`), for cases that are over for long.
    """

    __tablename__ = "history"
    __table_args__ = (
        Index("ix_history_case", "case_id", "id"),
        Index("ix_history_words", "actor_id", "id", sqlite_where=text("words <> ''")),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case_.id"))
    at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # None: the clock or the dispatch
    action: Mapped[str] = mapped_column(String(16))
    from_state: Mapped[str | None] = mapped_column(String(12))
    to_state: Mapped[str] = mapped_column(String(12))
    words: Mapped[str] = mapped_column(Text, default="", server_default="")
    data: Mapped[dict[str, Any]]


class Rating(Base):
    """One question "is it solved, how was it", and its answer."""

    __tablename__ = "rating"
    __table_args__ = (
        UniqueConstraint("case_id", "round", "person_id"),
        Index("ix_rating_person", "person_id"),
        Index(
            "ix_rating_call",
            "caller_id",
            sqlite_where=text("called_at IS NULL"),
        ),
        Index("ix_rating_steward", "steward_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case_.id"))
    round: Mapped[int]  # one more with every reopening
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    steward_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # answerable when the question went out
    asked_at: Mapped[datetime]
    asked_times: Mapped[int] = mapped_column(default=1)
    solved: Mapped[bool | None]
    stars: Mapped[int | None]
    tags: Mapped[list[Any]]
    words: Mapped[str] = mapped_column(Text, default="", server_default="")
    answered_at: Mapped[datetime | None]
    caller_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # who calls the resident back
    called_at: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(Text, default="", server_default="")  # of the call, in the caller's words
    reply: Mapped[str] = mapped_column(Text, default="", server_default="")  # the steward's answer to a low mark
    replied_at: Mapped[datetime | None]
