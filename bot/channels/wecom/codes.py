"""The codes (`response_code`) with which a card may be changed, once each: kept for whichever process changes it."""

import re
from datetime import datetime

from sqlalchemy import and_, delete
from sqlalchemy.orm import Session

from bot.channels.wecom.limits import CODE_LASTS, CODE_SPARE
from bot.channels.wecom.parse import CHANNEL
from bot.clock import Clock
from storage.channel_models import CardCode
from storage.engine import Store
from storage.upsert import insert_or_update

_KEY = re.compile(r"[0-9A-Za-z_:-]{1,48}")  # of a card, as a task_id can hold it with @ for the colon


class Codes:
    """Keeps the newest code of each card in each chat."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def keep(self, chat: str, card: str, code: str) -> None:
        """Keep the code that a sending gave."""
        await self._store.write(lambda session: self.note(session, chat, card, code))

    def note(self, session: Session, chat: str, card: str, code: str) -> None:
        """Keep the code that a press gave, in its transaction: what was pressed last is what changes."""
        _keep(session, chat, card, code, self._clock.now())

    async def take(self, chat: str, card: str) -> str | None:
        """Return the code of a card and forget it: it works once. None: there is none, or it is too old."""
        now = self._clock.now()
        here = and_(CardCode.channel == CHANNEL, CardCode.chat == chat, CardCode.card == card)

        def take(session: Session) -> str | None:
            row = session.execute(delete(CardCode).where(here).returning(CardCode.code, CardCode.until)).first()
            return row.code if row is not None and row.until > now else None

        return await self._store.write(take)


def task_id(card: str | None, row: int, planned_at: datetime | None, attempt: int = 0) -> str:
    """Return the id of one sending of a card: the same when that sending is repeated, never again for another.

    Behind the first @ stands the key of the card, so that a press of any age tells which it was.
    """
    moment = int(planned_at.timestamp() * 1000) if planned_at is not None else 0
    sending = f"{row:x}-{moment:x}" + (f"-{attempt}" if attempt else "")
    return f"{sending}@{card.replace(':', '@')}" if card and _KEY.fullmatch(card) else sending


def card_of(told: str) -> str | None:
    """Return the key of the card that a task_id names."""
    key = told.partition("@")[2].replace("@", ":")
    return key if _KEY.fullmatch(key) else None


def _keep(session: Session, chat: str, card: str, code: str, now: datetime) -> None:
    until = now + CODE_LASTS - CODE_SPARE
    row = {"channel": CHANNEL, "chat": chat, "card": card, "code": code, "until": until}
    insert_or_update(session, CardCode, row, ("channel", "chat", "card"))
