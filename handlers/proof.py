"""The photos and other files of a case or a step, as a message takes them."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from storage.message_models import Attachment

Shown = tuple[tuple[int, ...], tuple[int, ...]]
"""Ids of the photos, ids of the other files."""


def of_case(session: Session, case_id: int, limit: int) -> Shown:
    """Return what hangs on a case, the oldest first."""
    return _split(session, Attachment.case_id == case_id, limit)


def of_step(session: Session, ids: Sequence[int]) -> Shown:
    """Return what came with one step."""
    return _split(session, Attachment.id.in_(ids), len(ids)) if ids else ((), ())


def has_photo(session: Session, ids: Sequence[int]) -> bool:
    """Tell whether there is a photo among them: a voice proves no repair."""
    return bool(of_step(session, ids)[0])


def _split(session: Session, which: ColumnElement[bool], limit: int) -> Shown:
    wanted = select(Attachment.id, Attachment.kind).where(which, Attachment.state != "refused")
    rows = session.execute(wanted.order_by(Attachment.id).limit(limit)).all()
    photos = tuple(row.id for row in rows if row.kind == "photo")
    return photos, tuple(row.id for row in rows if row.kind != "photo")
