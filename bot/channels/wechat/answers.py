"""The response to a callback: the first answer to it, which the outbox leaves alone for a while.

It is marked sent after it was given. Whoever is killed in between leaves a row that WeChat's repetition of the callback
still finds; when that does not come either, the outbox sends it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from bot.channels.wechat.parse import CHANNEL
from storage.message_models import Outgoing


@dataclass(frozen=True, slots=True)
class Held:
    """An answer that waits to be given."""

    row: int
    text: str


def held(session: Session, key: str, now: datetime) -> Held | None:
    """Return the answer to this callback that was not given yet."""
    waits = select(Outgoing.id, Outgoing.payload).where(
        *_waits(now), Outgoing.channel == CHANNEL, Outgoing.answers == key
    )
    found = session.execute(waits.order_by(Outgoing.id).limit(1)).first()
    return None if found is None else Held(found[0], _text(found[1]))


def given(session: Session, row: int, now: datetime) -> bool:
    """Note that the answer was given; where the outbox has it in hand by now, it is left alone.

    Returns whether more waits behind it in that chat.
    """
    mine = update(Outgoing).where(Outgoing.id == row, *_waits(now)).values(state="sent", done_at=now)
    chat = session.scalar(mine.returning(Outgoing.chat))
    behind = select(Outgoing.id).where(Outgoing.channel == CHANNEL, Outgoing.chat == chat, *_waits(now))
    return chat is not None and session.scalar(behind.limit(1)) is not None


def _waits(now: datetime) -> tuple[Any, ...]:
    free = or_(Outgoing.claimed_until.is_(None), Outgoing.claimed_until <= now)
    return Outgoing.state == "pending", free


def _text(payload: dict[str, Any]) -> str:
    return str(payload["text"]["content"])
