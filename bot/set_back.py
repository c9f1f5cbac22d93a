"""What waits is told when it may go by the clock: where that was set back, all of it would wait for as long.

Found by rows that were written in the future. They are due as long after now as they were after their making.
"""

from datetime import datetime, timedelta

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from bot import fetcher, outrows, workshop
from storage.message_models import Attachment, Commission, Outgoing

SKEW = timedelta(seconds=60)  # that the clocks of several machines may differ without being set

_PENDING = text("outgoing.state = 'pending'")
_WAITING = text("attachment.state = 'waiting'")
_ORDERED = text("commission.state = 'waiting'")
UNSEEN = {"synchronize_session": False}


def set_back(session: Session, now: datetime) -> int:
    """Let nothing wait for the time by which the clock was set back; return how many messages would have."""
    ahead = select(Outgoing.id, Outgoing.created_at, Outgoing.not_before)
    rows = session.execute(ahead.where(_PENDING, Outgoing.created_at > now + SKEW)).all()
    for row in rows:
        due = now + max(timedelta(), row.not_before - row.created_at)
        here = update(Outgoing).where(Outgoing.id == row.id, _PENDING)
        session.execute(here.values(created_at=now, not_before=due), execution_options=UNSEEN)
    # A lease is at its full length at the most: whoever has it may still be alive.
    sent_by, fetched_by, made_by = now + outrows.LEASE, now + fetcher.LONGEST_BACKOFF, now + workshop.LEASE
    for changed in (
        update(Outgoing).where(_PENDING, Outgoing.claimed_until > sent_by + SKEW).values(claimed_until=sent_by),
        update(Attachment).where(_WAITING, Attachment.created_at > now + SKEW).values(created_at=now, retry_at=now),
        update(Attachment).where(_WAITING, Attachment.retry_at > fetched_by + fetcher.LEASE + SKEW)
        .values(retry_at=now + fetcher.LEASE),
        update(Commission).where(_ORDERED, Commission.claimed_until > made_by + SKEW).values(claimed_until=made_by),
    ):  # fmt: skip
        session.execute(changed, execution_options=UNSEEN)
    return len(rows)
