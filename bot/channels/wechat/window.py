"""When the platform lets us write to a person of ourselves, kept in the database, for all processes.

Words open five messages within 48 hours; a tap on the menu, a follow, a scan open three within one minute. Consent to a
notice is good for one, whenever.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, bindparam, case, insert, or_, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ClauseElement

from bot.channels.wechat import limits
from bot.channels.wechat.parse import CHANNEL, Grant, Opens
from storage.message_models import ChatWindow, NoticeGrant
from storage.prepared import Prepared
from storage.upsert import insert_of, table_of


def _opens(how: Opens) -> Prepared:
    until, left, other = f"{how}_until", f"{how}_left", "tapped_left" if how == "said" else "said_left"
    table = table_of(ChatWindow)

    def build(kind: str) -> ClauseElement:
        row = insert_of(kind)(table).values({name: bindparam(name) for name in ("channel", "chat", until, left, other)})
        column, told = table.c[until], row.excluded
        changed: ClauseElement = row.on_conflict_do_update(
            index_elements=["channel", "chat"], set_={until: told[until], left: told[left]},
            where=or_(column.is_(None), column < told[until]),
        )  # fmt: skip
        return changed

    return Prepared(build)


_OPENED: dict[Opens, Prepared] = {"said": _opens("said"), "tapped": _opens("tapped")}


def opened(session: Session, chat: str, how: Opens, at: datetime) -> None:
    """Note that a person opened a window at that moment. A callback that is repeated opens nothing anew."""
    span, messages = (limits.SAID, limits.SAID_MESSAGES) if how == "said" else (limits.TAPPED, limits.TAPPED_MESSAGES)
    other = "tapped" if how == "said" else "said"
    row = {"channel": CHANNEL, "chat": chat, f"{how}_until": at + span, f"{how}_left": messages, f"{other}_left": 0}
    _OPENED[how].run(session, **row)


_ROWS = table_of(ChatWindow)
_HERE = (_ROWS.c.channel == CHANNEL, _ROWS.c.chat == bindparam("chat"))
_SOON = bindparam("soon", type_=_ROWS.c.said_until.type)
_TAPPED = and_(_ROWS.c.tapped_until > _SOON, _ROWS.c.tapped_left > 0)
_SAID = and_(_ROWS.c.said_until > _SOON, _ROWS.c.said_left > 0)
_WHICH = Prepared(select(_TAPPED).where(*_HERE, or_(_TAPPED, _SAID)).with_for_update())
_LEFT = Prepared(
    select(case((_SAID, _ROWS.c.said_left), else_=0) + case((_TAPPED, _ROWS.c.tapped_left), else_=0)).where(*_HERE)
)  # fmt: skip


def _counted(how: Opens, change: int) -> Prepared:
    left = _ROWS.c[f"{how}_left"]
    return Prepared(update(_ROWS).where(*_HERE).values({left: left + change}))


_SPENT: dict[Opens, Prepared] = {"said": _counted("said", -1), "tapped": _counted("tapped", -1)}
_BACK: dict[Opens, Prepared] = {"said": _counted("said", 1), "tapped": _counted("tapped", 1)}


def spend(session: Session, chat: str, now: datetime) -> Opens | None:
    """Take one message out of a window that is open; None where none is. The one that closes sooner goes first."""
    tapped = _WHICH.scalar(session, chat=chat, soon=now + limits.WINDOW_SPARE)
    if tapped is None:
        return None
    which: Opens = "tapped" if tapped else "said"
    _SPENT[which].run(session, chat=chat)
    return which


def left(session: Session, chat: str, now: datetime) -> int:
    """Return how many messages may still be sent by now."""
    return _LEFT.scalar(session, chat=chat, soon=now + limits.WINDOW_SPARE) or 0


def give_back(session: Session, chat: str, which: Opens) -> None:
    """Put back a message that was not sent."""
    _BACK[which].run(session, chat=chat)


def closed(session: Session, chat: str) -> None:
    """Note that the platform says that no window is open."""
    session.execute(update(_ROWS).where(*_of(chat)).values(tapped_left=0, said_left=0))


def granted(session: Session, chat: str, grants: Sequence[Grant], now: datetime) -> None:
    """Keep each consent to one notice; a refusal takes back what was agreed to before."""
    for grant in grants:
        if grant.accepted:
            row = {"channel": CHANNEL, "chat": chat, "template": grant.template, "granted_at": now}
            session.execute(insert(table_of(NoticeGrant)).values(**row))
        else:
            mine = _unspent(chat, grant.template)
            session.execute(update(NoticeGrant).where(mine).values(spent_at=now))


def spend_grant(session: Session, chat: str, template: str, now: datetime) -> int | None:
    """Spend the oldest consent to a notice; return its number, None where there is none."""
    oldest = select(NoticeGrant.id).where(_unspent(chat, template)).order_by(NoticeGrant.id).limit(1)
    number = session.scalar(oldest.with_for_update(skip_locked=True))
    if number is not None:
        session.execute(update(NoticeGrant).where(NoticeGrant.id == number).values(spent_at=now))
    return number


def give_grant_back(session: Session, number: int) -> None:
    """Note that a consent was not used after all."""
    session.execute(update(NoticeGrant).where(NoticeGrant.id == number).values(spent_at=None))


def _of(chat: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return _ROWS.c.channel == CHANNEL, _ROWS.c.chat == chat


def _unspent(chat: str, template: str) -> ColumnElement[bool]:
    return and_(
        NoticeGrant.channel == CHANNEL, NoticeGrant.chat == chat, NoticeGrant.template == template,
        NoticeGrant.spent_at.is_(None),
    )  # fmt: skip
