"""The response to a callback: the first answer to it, which the outbox leaves alone for a while.

It is marked sent after it was given. Whoever is killed in between leaves a row that WeChat's repetition of the callback
still finds; when that does not come either, the outbox sends it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, or_, select, text, update
from sqlalchemy.orm import Session

from bot.channels.wechat.parse import CHANNEL
from storage.message_models import Outgoing
from storage.prepared import Prepared
from storage.upsert import table_of


@dataclass(frozen=True, slots=True)
class Held:
    """An answer that waits to be given."""

    row: int
    text: str


def _waits(table: Any) -> tuple[Any, ...]:
    now = bindparam("now", type_=table.c.claimed_until.type)
    return text("outgoing.state = 'pending'"), or_(table.c.claimed_until.is_(None), table.c.claimed_until <= now)


_ROWS = table_of(Outgoing)
_HELD = Prepared(
    select(_ROWS.c.id, _ROWS.c.payload)
    .where(*_waits(_ROWS), _ROWS.c.channel == CHANNEL, _ROWS.c.answers == bindparam("key"))
    .order_by(_ROWS.c.id).limit(1)
)  # fmt: skip
_GIVEN = Prepared(
    update(_ROWS).where(_ROWS.c.id == bindparam("row"), *_waits(_ROWS))
    .values(state="sent", done_at=bindparam("done")).returning(_ROWS.c.chat)
)  # fmt: skip
_BEHIND = Prepared(
    select(_ROWS.c.id).where(_ROWS.c.channel == CHANNEL, _ROWS.c.chat == bindparam("chat"), *_waits(_ROWS)).limit(1)
)


def held(session: Session, key: str, now: datetime) -> Held | None:
    """Return the answer to this callback that was not given yet."""
    found = _HELD.first(session, key=key, now=now)
    return None if found is None else Held(found[0], _text(found[1]))


def given(session: Session, row: int, now: datetime) -> bool:
    """Note that the answer was given; where the outbox has it in hand by now, it is left alone.

    Returns whether more waits behind it in that chat.
    """
    chat = _GIVEN.scalar(session, row=row, now=now, done=now)
    return chat is not None and _BEHIND.first(session, chat=chat, now=now) is not None


def _text(payload: dict[str, Any]) -> str:
    return str(payload["text"]["content"])
