"""The response to a callback: the first answer to it, which the outbox leaves alone for a while.

It is marked sent after it was given. Whoever is killed in between leaves a row that WeChat's repetition of the callback
still finds; when that does not come either, the outbox sends it.
"""

from collections.abc import Mapping, Sequence
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
    """An answer that waits to be given; whether `more` may wait behind it in that chat."""

    key: str  # of the callback
    text: str
    more: bool


def _waits(table: Any) -> tuple[Any, ...]:
    now = bindparam("now", type_=table.c.claimed_until.type)
    return text("outgoing.state = 'pending'"), or_(table.c.claimed_until.is_(None), table.c.claimed_until <= now)


_ROWS = table_of(Outgoing)
_OF = (_ROWS.c.channel == CHANNEL, _ROWS.c.answers == bindparam("key"))
_HELD = Prepared(select(_ROWS.c.payload).where(*_waits(_ROWS), *_OF))
_GIVEN = Prepared(update(_ROWS).where(*_waits(_ROWS), *_OF).values(state="sent", done_at=bindparam("done")))


def planned(key: str, payload: Mapping[str, Any], *, more: bool) -> Held:
    """Return the answer to this callback as it was planned."""
    return Held(key, str(payload["text"]["content"]), more)


def held(session: Session, key: str, now: datetime) -> Held | None:
    """Return the answer to this callback that was not given yet."""
    payload = _HELD.scalar(session, key=key, now=now)
    return None if payload is None else planned(key, payload, more=True)


def given(session: Session, keys: Sequence[str], now: datetime) -> None:
    """Note that these answers were given; what the outbox has in hand by now is left alone."""
    in_order = sorted(keys)  # two processes never wait for each other
    _GIVEN.run_many(session, [{"key": key, "now": now, "done": now} for key in in_order])
