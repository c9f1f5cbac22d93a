"""The rows of the outbox: which are due, and what becomes of them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Integer, Select, and_, bindparam, delete, exists, or_, select, text, update
from sqlalchemy.orm import Session, aliased

from bot import outfiles
from bot.attachments import Files
from bot.channels.base import Delivered, Delivery, Later, Moved, Outcome, Refused, StoredFile
from bot.passing_on import pass_on
from handlers.message import Planner
from handlers.offers import OFFER
from handlers.priority import EMERGENCY, NOTICE, WARNING
from handlers.sending import Leased
from handlers.talk import HEARD
from storage.faults import hit
from storage.message_models import CardMessage, Dialogue, GroupChat, Outgoing
from storage.models import Case, Identity
from storage.prepared import Prepared, insert_or_update
from storage.record import record
from storage.types import UtcDateTime
from storage.upsert import insert_or_ignore, table_of

LEASE = timedelta(seconds=60)  # who waits longer for a turn, or sends a large file over a slow line, renews it
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0  # seconds between tries, doubled each time; the pace bounds how many at once
GIVE_UP = timedelta(days=2)  # what is older is no news to anybody; it counts as not reached
REASON = 200  # characters of a reason that are kept
HELD_UP = timedelta(minutes=15)  # planned by day and late: it does not know that it is night now

_PENDING = text("outgoing.state = 'pending'")  # literal, so that both databases use the partial indexes
ANSWERS, WARNINGS, NOTICES = range(3)  # emergencies count among the answers
RANKS = (Outgoing.priority < WARNING, Outgoing.priority == WARNING, Outgoing.priority >= NOTICE)
"""Which rows are which of the three."""

_TABLE = table_of(Outgoing)
_ONE = _TABLE.c.id == bindparam("number")
_CLAIM = Prepared(update(_TABLE).where(_ONE).values(claimed_until=bindparam("until")))
_END = Prepared(update(_TABLE).where(_ONE).values({name: bindparam(name) for name in ("state", "done_at", "error")}))
_SHOW = insert_or_update(table_of(CardMessage), ("channel", "chat", "card"), "message")


@record
class Claimed:
    """A row on its way out."""

    channel: str
    delivery: Delivery
    attempts: int
    lane: int
    created_at: datetime
    priority: int
    until: datetime  # of the lease


class Due(NamedTuple):
    """A row that is due, with the message that shows its card."""

    id: int
    channel: str
    chat: str
    lane: int
    priority: int
    person_id: int | None
    card: str | None
    payload: dict[str, Any]
    created_at: datetime
    expires_at: datetime | None
    attempts: int
    message: str | None


def claim(
    session: Session, channels: Sequence[str], now: datetime, limit: int = 100, files: Files | None = None,
    busy: Collection[int] = (), notices: int = 100, morning: datetime | None = None, warnings: int = 100,
) -> list[Claimed]:  # fmt: skip
    """Claim rows that are due: the first of each chat's queue, and those beside it (lanes 1 and 2).

    At most `limit` emergencies and answers, `warnings` to everybody and `notices`. With `morning`, it is night: what
    was held up for long and can wait, waits until then. `busy` are rows that this process has in hand, whatever
    has become of their lease.
    """
    rooms = ((ANSWERS, limit), (WARNINGS, warnings), (NOTICES, notices))
    found = [row for rank, room in rooms if room > 0 for row in _due(session, channels, rank, now, room, busy)]
    rows = _one_a_chat(found)
    over = [row for row in rows if row.expires_at is not None and row.expires_at <= now]
    for row in over:
        _END.run(session, number=row.id, state="dropped", done_at=now, error="no longer true")
    rows = [row for row in rows if row not in over] if over else rows
    if morning is not None:
        held_up = [row for row in rows if row.priority >= NOTICE and now - row.created_at > HELD_UP]
        _put_off(session, held_up, morning)
        rows = [row for row in rows if row not in held_up]
    ready = outfiles.put_off(session, rows, now)
    until = now + LEASE
    if ready:
        _CLAIM.run_many(session, [{"number": row.id, "until": until} for row in ready])
        hit("outbox.in_claim")
    return [_claimed(session, row, files, until) for row in ready]


def _due(
    session: Session, channels: Sequence[str], rank: int, now: datetime, room: int, busy: Collection[int]
) -> list[Due]:
    """Return the rows of a rank that are due and not in hand, the most urgent first."""
    query = _prepared(tuple(channels), rank)
    rows = query.all(session, now=now, room=room)
    if any(row[0] in busy for row in rows):  # seldom: in hand, and yet its lease is over or was taken back
        rows = [row for row in query.all(session, now=now, room=room + len(busy)) if row[0] not in busy]
    return [Due._make(row) for row in rows[:room]]


@cache
def _prepared(channels: tuple[str, ...], rank: int) -> Prepared:
    return Prepared(due_rows(channels, rank))


def due_rows(channels: Sequence[str], rank: int) -> Select[Any]:
    """Return the query for the first `room` rows of a rank that are due at `now`, the most urgent first."""
    # The index on rank and number gives the order, so that few rows are read however many wait. SQLite would rather
    # look for the channel, which nearly every row has: an expression keeps it from that.
    channel, now = Outgoing.channel.concat(""), bindparam("now", type_=UtcDateTime)
    shown = select(CardMessage.message).where(
        CardMessage.channel == Outgoing.channel, CardMessage.chat == Outgoing.chat, CardMessage.card == Outgoing.card
    )
    columns, room = (getattr(Outgoing, name) for name in Due._fields[:-1]), bindparam("room", type_=Integer)
    return select(*columns, shown.scalar_subquery()).where(
        _PENDING, RANKS[rank], channel.in_(channels), Outgoing.not_before <= now,
        or_(Outgoing.claimed_until.is_(None), Outgoing.claimed_until <= now),
        or_(Outgoing.lane > 0, ~_behind_another(now)),
    ).order_by(Outgoing.priority, Outgoing.id).limit(room).with_for_update(skip_locked=True)  # fmt: skip


def mark_sent(session: Session, sent: Sequence[tuple[Claimed, str | None]], now: datetime) -> None:
    """Write down that these were sent, each with the id of its message: what nearly all deliveries come to."""
    in_order = sorted(sent, key=lambda one: one[0].delivery.id)  # two processes never wait for each other
    end = {"state": "sent", "done_at": now, "error": None}
    _END.run_many(session, [{"number": claimed.delivery.id, **end} for claimed, _message in in_order])
    cards = [
        {"channel": claimed.channel, "chat": claimed.delivery.chat, "card": claimed.delivery.card, "message": message}
        for claimed, message in in_order
        if claimed.delivery.card and message and message != claimed.delivery.message
    ]
    if cards:
        _SHOW.run_many(session, cards)
    hit("outbox.in_mark")


def book(
    session: Session, claimed: Claimed, outcome: Outcome, now: datetime, planners: Mapping[str, Planner] | None = None
) -> None:  # fmt: skip
    """Write down how a delivery went, and what follows from it; `planners` plan what is to be said elsewhere."""
    channel, delivery = claimed.channel, claimed.delivery
    match outcome:
        case Delivered(message):
            mark_sent(session, [(claimed, message)], now)
            return
        case Later(reason, _, _) if now - claimed.created_at > GIVE_UP:
            _set(session, [delivery.id], state="not_reached", done_at=now, error=f"given up: {reason}"[:REASON])
        case Later(reason, seconds, _):
            pause = seconds if seconds is not None else min(FIRST_PAUSE * 2 ** min(claimed.attempts, 10), LONGEST_PAUSE)
            _set(session, [delivery.id], not_before=now + timedelta(seconds=pause), claimed_until=None,
                 attempts=claimed.attempts + 1, error=reason[:REASON])  # fmt: skip
        case Refused(reason, beside=True):
            _set(session, [delivery.id], state="dropped", done_at=now, error=reason[:REASON])
        case Refused(reason, gone, elsewhere):
            if gone:
                _note_unreachable(session, channel, delivery.chat, reason)
            if (gone or elsewhere) and pass_on(session, delivery.id, planners or {}, reason[:REASON], now):
                return
            _set(session, [delivery.id], state="not_reached", done_at=now, error=reason[:REASON])
        case Moved(chat):
            move_chat(session, channel, delivery.chat, chat)
    hit("outbox.in_mark")


def renew(session: Session, claimed: Claimed, now: datetime) -> Claimed | None:
    """Prolong the lease of a row that takes long; None where it has run out and is another's."""
    mine = (Outgoing.id == claimed.delivery.id, Outgoing.claimed_until == claimed.until, _PENDING)
    renewed = update(Outgoing).where(*mine).values(claimed_until=now + LEASE).returning(Outgoing.id)
    found = session.scalar(renewed)
    hit("outbox.in_renewal")
    return None if found is None else replace(claimed, until=now + LEASE)


def put_off(session: Session, number: int, until: datetime) -> None:
    """Give a row back that cannot be sent before `until`."""
    _set(session, [number], not_before=until, claimed_until=None)


def release(session: Session, ids: Sequence[int]) -> None:
    """Give rows back that were claimed and not sent."""
    _set(session, ids, claimed_until=None)


def release_all(session: Session) -> None:
    """Give back whatever a former process had claimed."""
    session.execute(update(Outgoing).where(_PENDING, Outgoing.claimed_until.is_not(None)).values(claimed_until=None))


def move_chat(session: Session, channel: str, old: str, new: str) -> None:
    """Follow a group that has a new id, with all that names the old one.

    Its messages are numbered anew there: no card can be edited any more, and what was said cannot be answered.
    """
    waiting = and_(Outgoing.channel == channel, Outgoing.chat == old, Outgoing.state == "pending")
    session.execute(update(Outgoing).where(waiting).values(chat=new, claimed_until=None))
    cards = delete(CardMessage).where(CardMessage.channel == channel, CardMessage.chat == old)
    _move_offers(session, channel, old, new, session.scalars(cards.returning(CardMessage.card)).all())
    _move_rows(session, GroupChat, channel, old, new)
    _move_rows(session, Dialogue, channel, old, new)
    told = and_(Case.group_channel == channel, Case.group_chat == old)
    session.execute(update(Case).where(told).values(group_chat=new))


def _move_offers(session: Session, channel: str, old: str, new: str, cards: Sequence[str]) -> None:
    """Where an offer stands is known by the row that sent it."""
    cases = [int(card.removeprefix(OFFER)) for card in cards if card.startswith(OFFER)]
    sent = and_(Outgoing.channel == channel, Outgoing.chat == old, Outgoing.case_id.in_(cases))
    session.execute(update(Outgoing).where(sent).values(chat=new))


def _move_rows(session: Session, model: type[GroupChat | Dialogue], channel: str, old: str, new: str) -> None:
    """Move rows that have the chat in their key; one that is there already was written after the move, and stays."""
    table = table_of(model)
    rows = session.execute(
        delete(table).where(table.c.channel == channel, table.c.chat == old).returning(table)
    ).mappings().all()  # fmt: skip
    for row in rows:
        kept = {"data": {key: value for key, value in row["data"].items() if key != HEARD}} if "data" in row else {}
        insert_or_ignore(session, model, {**row, **kept, "chat": new})


def leased(row: Leased, until: datetime) -> Claimed:
    """Return a row that was written with its lease as if it had been claimed just now."""
    told = row.row
    delivery = Delivery(
        row.id, told["chat"], told["payload"], person_id=told["person_id"], card=told["card"], message=row.message,
        planned_at=told["created_at"],
    )  # fmt: skip
    return Claimed(told["channel"], delivery, 0, told["lane"], told["created_at"], told["priority"], until)


def _claimed(session: Session, row: Due, files: Files | None, until: datetime) -> Claimed:
    delivery = _delivery(session, row, files)
    return Claimed(row.channel, delivery, row.attempts, row.lane, row.created_at, row.priority, until)


def _behind_another(now: ColumnElement[datetime]) -> Any:
    """Return the condition that another row of the same chat comes first, or is on its way.

    Rows go in the order in which they were written. An emergency and a warning to everybody wait only for their like,
    and nobody waits for a warning: its turn may be thousands of others away.
    """
    other = aliased(Outgoing, name="other")
    like = Outgoing.priority == other.priority
    ordinary = and_(Outgoing.priority.not_in((EMERGENCY, WARNING)), other.priority != WARNING)
    first = and_(other.id < Outgoing.id, or_(like, ordinary))
    on_its_way = and_(other.id != Outgoing.id, other.claimed_until > now)
    return exists().where(
        other.channel == Outgoing.channel, other.chat == Outgoing.chat, other.lane == Outgoing.lane,
        text("other.state = 'pending'"), or_(first, on_its_way),
    )  # fmt: skip


def _one_a_chat(rows: Sequence[Due]) -> list[Due]:
    """Return the rows without a second one for the same chat: an emergency may stand beside the row it overtakes."""
    found: dict[tuple[str, str, int], Due] = {}
    for row in rows:
        found.setdefault((row.channel, row.chat, row.id if row.lane else 0), row)
    return list(found.values())


def _delivery(session: Session, row: Due, files: Files | None) -> Delivery:
    return Delivery(
        row.id, row.chat, row.payload, person_id=row.person_id, card=row.card, message=row.message,
        files=_files(session, row, files), planned_at=row.created_at,
    )  # fmt: skip


def _files(session: Session, row: Due, files: Files | None) -> tuple[StoredFile, ...]:
    ids = row.payload.get("attachments") or []
    if not ids or files is None:
        return ()
    found = files.load_files(session, ids)
    return tuple(found[key] for key in ids if key in found)


def _put_off(session: Session, rows: Sequence[Due], until: datetime) -> None:
    _set(session, [row.id for row in rows], not_before=until)


def _set(session: Session, ids: Sequence[int], **values: Any) -> None:
    if ids:
        session.execute(update(Outgoing).where(Outgoing.id.in_(ids)).values(**values))


def _note_unreachable(session: Session, channel: str, chat: str, reason: str) -> None:
    here = and_(Identity.channel == channel, Identity.chat == chat)
    session.execute(update(Identity).where(here).values(unreachable=reason[:120]))
