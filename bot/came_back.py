"""A message that a platform took and did not deliver: it leads where a refusal at once would have led."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from bot import outrows
from bot.channels.base import Delivery, Refused
from bot.metrics import SENT
from bot.outrows import Claimed
from handlers.message import Planner
from storage.message_models import Outgoing


def came_back(
    session: Session, number: int, outcome: Refused, now: datetime, planners: Mapping[str, Planner]
) -> None:  # fmt: skip
    """Hand what counted as sent to another identity of the person, or book it as not reached."""
    row = session.get_one(Outgoing, number)
    delivery = Delivery(row.id, row.chat, row.payload, person_id=row.person_id, card=row.card)
    claimed = Claimed(row.channel, delivery, row.attempts, row.lane, row.created_at, row.priority, now)
    outrows.book(session, claimed, outcome, now, planners)
    SENT.labels(row.channel, "came_back").inc()
