"""A text of several messages of which not all may be sent: its beginning says how to get the rest, which is kept."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from bot.channels.base import Delivery
from bot.channels.wechat.parse import CHANNEL
from handlers.rest import keep_back, keep_copy
from storage.message_models import Outgoing


def to_come(payload: Mapping[str, Any]) -> int:
    """Return how many parts of the text come after this one."""
    return int(payload.get("parts", 1)) - int(payload.get("part", 0)) - 1


def beginning(delivery: Delivery, hint: str) -> Delivery:
    """Return the part with the hint at its end; the planner has left room for that."""
    words = f"{delivery.payload['text']['content']}\n{hint}"
    return replace(delivery, payload={**delivery.payload, "text": {"content": words}})


def keep_rest(session: Session, delivery: Delivery, now: datetime) -> None:
    """Keep what comes after this part until it is asked for."""
    keep_back(session, _later(session, delivery, now), delivery.chat, now)


def keep_all(session: Session, delivery: Delivery, now: datetime) -> None:
    """Keep all of a text of which a notice said a few words."""
    keep_copy(session, delivery.id, now)
    keep_rest(session, delivery, now)


def _later(session: Session, delivery: Delivery, now: datetime) -> list[int]:
    waiting = select(Outgoing.id, Outgoing.payload).where(
        Outgoing.channel == CHANNEL, Outgoing.chat == delivery.chat, Outgoing.state == "pending",
        Outgoing.id > delivery.id, or_(Outgoing.claimed_until.is_(None), Outgoing.claimed_until <= now),
    )  # fmt: skip
    rows = session.execute(waiting.order_by(Outgoing.id))
    return [number for number, payload in rows if payload.get("whole") == delivery.payload["whole"]]
