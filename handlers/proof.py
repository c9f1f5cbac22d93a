"""The photos and other files of a case or a step, as a message takes them."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from cases.states import Action
from storage.message_models import Attachment
from storage.models import HistoryEntry

Shown = tuple[tuple[int, ...], tuple[int, ...]]
"""Ids of the photos, ids of the other files."""

ALBUM = 10  # photos shown at once to who does not handle the case; as many as one album of Telegram holds


def of_case(session: Session, case_id: int, limit: int) -> Shown:
    """Return what hangs on a case, the oldest first."""
    return _split(session, Attachment.case_id == case_id, limit)


def of_step(session: Session, ids: Sequence[int]) -> Shown:
    """Return what came with one step."""
    return _split(session, Attachment.id.in_(ids), len(ids)) if ids else ((), ())


def told_with(session: Session, case_id: int) -> tuple[int, ...]:
    """Return the photos that came with the telling of a case; what was sent later may be meant for few."""
    return _photos_of(session, case_id, Action.FILE)


def of_result(session: Session, case_id: int) -> tuple[int, ...]:
    """Return the photos of the newest result."""
    return _photos_of(session, case_id, Action.RESOLVE)


def _photos_of(session: Session, case_id: int, action: Action) -> tuple[int, ...]:
    newest = (
        select(HistoryEntry.id).where(HistoryEntry.case_id == case_id, HistoryEntry.action == action)
        .order_by(HistoryEntry.id.desc()).limit(1)
    )  # fmt: skip
    theirs = and_(
        Attachment.case_id == case_id, Attachment.history_id == newest.scalar_subquery(), Attachment.kind == "photo"
    )
    return _split(session, theirs, ALBUM)[0]


def has_photo(session: Session, ids: Sequence[int]) -> bool:
    """Tell whether there is a photo among them: a voice proves no repair."""
    return bool(of_step(session, ids)[0])


def _split(session: Session, which: ColumnElement[bool], limit: int) -> Shown:
    wanted = select(Attachment.id, Attachment.kind).where(which, Attachment.state != "refused")
    rows = session.execute(wanted.order_by(Attachment.id).limit(limit)).all()
    photos = tuple(row.id for row in rows if row.kind == "photo")
    return photos, tuple(row.id for row in rows if row.kind != "photo")
