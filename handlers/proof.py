"""The photos and other files of a case or a step, as a message takes them."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, select
from sqlalchemy.orm import Session

from cases.states import Action
from storage.message_models import Attachment
from storage.models import HistoryEntry
from storage.prepared import Prepared

Shown = tuple[tuple[int, ...], tuple[int, ...]]
"""Ids of the photos, ids of the other files."""

_OF_CASE = Prepared(
    select(Attachment.id, Attachment.kind)
    .where(Attachment.case_id == bindparam("case"), Attachment.state != "refused")
    .order_by(Attachment.id).limit(bindparam("most"))
)  # fmt: skip
ALBUM = 10  # photos shown at once to who does not handle the case; as many as one album of Telegram holds


def of_case(session: Session, case_id: int, limit: int) -> Shown:
    """Return what hangs on a case, the oldest first."""
    return _by_kind(_OF_CASE.all(session, case=case_id, most=limit))


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
    return _by_kind(session.execute(wanted.order_by(Attachment.id).limit(limit)).all())


def _by_kind(rows: Iterable[Sequence[Any]]) -> Shown:
    found = list(rows)
    photos = tuple(number for number, kind in found if kind == "photo")
    return photos, tuple(number for number, kind in found if kind != "photo")
