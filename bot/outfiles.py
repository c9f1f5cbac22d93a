"""A message waits for the files that go with it: one with words for a minute, one without for as long as it takes."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from sqlalchemy import update
from sqlalchemy.orm import Session

from bot.attachments import state_of
from storage.message_models import LATE, Outgoing

FILES_MAY_TAKE = timedelta(seconds=60)  # then words go out without the photo, and other messages before one alone
LOOK_AGAIN = timedelta(seconds=1)  # at the files of a message
LOOK_AGAIN_LATE = timedelta(seconds=10)  # at one that has waited long: the fetcher tries for a day


class Due(Protocol):
    """What of a row matters here."""

    @property
    def id(self) -> int:
        """Its number."""

    @property
    def payload(self) -> dict[str, Any]:
        """What its channel planned."""

    @property
    def created_at(self) -> datetime:
        """When it was planned."""


Row = TypeVar("Row", bound=Due)


def put_off(session: Session, rows: Sequence[Row], now: datetime) -> list[Row]:
    """Put off the rows that wait for their files; return the others.

    What is nothing but files is worth nothing without them: after a minute it steps out of the chat's queue.
    """
    waiting = [row for row in rows if _waits(session, row, now)]
    late = [row for row in waiting if _is_late(row, now)]  # each of them says nothing else
    soon = [row for row in waiting if row not in late]
    if soon:
        _set(session, soon, not_before=now + LOOK_AGAIN)
    if late:
        _set(session, late, not_before=now + LOOK_AGAIN_LATE, lane=LATE)
    return [row for row in rows if row not in waiting] if waiting else list(rows)


def _waits(session: Session, row: Due, now: datetime) -> bool:
    ids = row.payload.get("attachments") or []
    if not ids or (_is_late(row, now) and _has_words(row.payload)):
        return False
    return "waiting" in state_of(session, ids).values()


def _is_late(row: Due, now: datetime) -> bool:
    return now - row.created_at > FILES_MAY_TAKE


def _has_words(payload: Mapping[str, Any]) -> bool:
    """Tell whether it says something by itself, in the payload of any channel."""
    said = (payload.get(name) for name in ("text", "title", "choices"))
    return any(said) or bool(payload.get("params", {}).get("caption"))


def _set(session: Session, rows: Sequence[Due], **values: Any) -> None:
    session.execute(update(Outgoing).where(Outgoing.id.in_([row.id for row in rows])).values(**values))
