"""Writes what is said into the outbox."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, and_, bindparam, case, insert, not_, or_, select, text
from sqlalchemy.orm import Session

from handlers.priority import WARNING
from storage.message_models import CardMessage, Outgoing
from storage.prepared import Prepared
from storage.types import UtcDateTime
from storage.upsert import table_of

Row = dict[str, Any]

_COLUMNS = (
    "channel", "chat", "person_id", "case_id", "lane", "card", "payload", "priority", "created_at", "not_before",
    "state", "error", "expires_at", "broadcast_id", "attempts", "answers",
    "said", "matters",
)  # fmt: skip
_TABLE = table_of(Outgoing)
_VALUES: dict[str, Any] = {name: bindparam(name) for name in _COLUMNS}
_SEND = Prepared(insert(_TABLE).values(_VALUES))


class Leased(NamedTuple):
    """A row that is this process's own to send from the beginning."""

    id: int
    row: Row
    message: str | None  # that shows its card


def _send_leased() -> Prepared:
    """Return the INSERT of a row with its lease, if nothing else waits in its chat: the order stays as it is said."""
    other = _TABLE.alias("other")
    here: dict[str, BindParameter[Any]] = {name: bindparam(f"here_{name}") for name in ("channel", "chat", "lane")}
    waiting = select(other.c.id).where(
        *(other.c[name] == value for name, value in here.items()), text("other.state = 'pending'")
    )
    free = or_(here["lane"] > 0, not_(waiting.exists()))
    until = case((free, bindparam("until", type_=UtcDateTime)))
    shown = select(CardMessage.message).where(and_(
        CardMessage.channel == here["channel"], CardMessage.chat == here["chat"],
        CardMessage.card == bindparam("here_card"),
    ))  # fmt: skip
    row = insert(_TABLE).values({**_VALUES, "claimed_until": until})
    # Not "claimed_until IS NOT NULL": SQLite 3.40 says so of every row here.
    return Prepared(row.returning(_TABLE.c.id, _TABLE.c.claimed_until, shown.scalar_subquery()))


_SEND_LEASED = _send_leased()


def write(session: Session, rows: Sequence[Row], lease: datetime | None) -> list[Leased]:
    """Write rows in the order in which things were said; those that can go at once are leased until `lease`, if given.

    Returns the leased ones.
    """
    found: list[Leased] = []
    others: list[Row] = []
    for row in rows:
        if lease is None or not _goes_at_once(row):
            others.append(row)
            continue
        _write_plain(session, others)
        others = []
        here = {f"here_{name}": row[name] for name in ("channel", "chat", "lane", "card")}
        told = _SEND_LEASED.first(session, **row, **here, until=lease)
        if told is not None and told[1] is not None:
            found.append(Leased(told[0], row, told[2]))
    _write_plain(session, others)
    return found


def _write_plain(session: Session, rows: Sequence[Row]) -> None:
    if rows:
        _SEND.run_many(session, rows)


def _goes_at_once(row: Row) -> bool:
    """Tell whether nothing has to be waited for: no file, no moment, no response that it may be, no other warnings."""
    return (
        row["state"] == "pending" and row["not_before"] == row["created_at"] and row["answers"] is None
        and row["priority"] != WARNING and not row["payload"].get("attachments")
    )  # fmt: skip
