"""Codes that join two channels: six digits, valid for ten minutes, shown in one and typed in the other.

A million codes are few. So few may be tried: five wrong ones an hour by one identity, by all together twenty in ten
minutes, which is as long as a code is valid, and a hundred a day. Then nothing is compared for a while.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import delete, func, select, update

from cases.context import Context
from storage.link_models import LinkCode, LinkGuess

DIGITS = 6
LASTS = timedelta(minutes=10)
WRONG_BY_ONE, ONE_WAITS = 5, timedelta(hours=1)
WRONG_BY_ALL = ((20, LASTS), (100, timedelta(days=1)))  # so many within so long
SHOWN_TO_ONE = 5  # codes in an hour
VALID_AT_ONCE = 500  # codes of all; each that is typed is compared with all of them


class Wrong(StrEnum):
    """Why a code leads to nobody."""

    UNKNOWN = "unknown"  # never shown, used, or too old: which of them nobody is told
    TOO_MANY = "too_many"  # wrong ones, by this identity
    BUSY = "busy"  # too many wrong ones by everybody, or too many codes at once
    OWN = "own"  # typed where it was shown


@dataclass(frozen=True, slots=True)
class Shown:
    """A code for somebody: its digits are known now and never again."""

    digits: str


def show(context: Context, identity_id: int) -> Shown | Wrong:
    """Make a code for an identity; the one before is no longer valid."""
    session, now = context.session, context.now
    session.execute(delete(LinkCode).where(LinkCode.expires_at < now - ONE_WAITS))
    mine = (LinkCode.identity_id == identity_id, LinkCode.made_at > now - ONE_WAITS)
    if (session.scalar(select(func.count()).select_from(LinkCode).where(*mine)) or 0) >= SHOWN_TO_ONE:
        return Wrong.TOO_MANY
    valid = select(func.count()).select_from(LinkCode).where(LinkCode.expires_at > now)
    if (session.scalar(valid) or 0) >= VALID_AT_ONCE:
        return Wrong.BUSY
    still = (LinkCode.identity_id == identity_id, LinkCode.ended_at.is_(None))
    session.execute(update(LinkCode).where(*still).values(ended_at=now))
    digits, salt = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}", secrets.token_hex(16)
    session.add(
        LinkCode(identity_id=identity_id, salt=salt, digest=_digest(salt, digits), made_at=now, expires_at=now + LASTS)
    )
    session.flush()
    return Shown(digits)


def typed(context: Context, identity_id: int, digits: str) -> LinkCode | Wrong:
    """Return the code that an identity has typed: from now on it is theirs alone, to be confirmed."""
    if (refused := _too_often(context, identity_id)) is not None:
        return refused
    found = _find(context, digits)
    if found is None or found.typed_by not in (None, identity_id):
        context.session.add(LinkGuess(identity_id=identity_id, at=context.now))
        context.session.flush()
        return Wrong.UNKNOWN
    if found.identity_id == identity_id:
        return Wrong.OWN
    found.typed_by = identity_id
    context.session.flush()
    return found


def confirmed(context: Context, number: int, identity_id: int) -> LinkCode | None:
    """Return a code that this identity has typed and that still holds, and end it; it is used once."""
    found = context.session.get(LinkCode, number, with_for_update=True, populate_existing=True)
    if found is None or found.typed_by != identity_id or found.ended_at is not None:
        return None
    found.ended_at = context.now
    context.session.flush()
    return found if found.expires_at > context.now else None


def _too_often(context: Context, identity_id: int) -> Wrong | None:
    session, now = context.session, context.now
    session.execute(delete(LinkGuess).where(LinkGuess.at <= now - WRONG_BY_ALL[-1][1]))
    count = select(func.count()).select_from(LinkGuess)
    mine = count.where(LinkGuess.identity_id == identity_id, LinkGuess.at > now - ONE_WAITS)
    if (session.scalar(mine) or 0) >= WRONG_BY_ONE:
        return Wrong.TOO_MANY
    many = any((session.scalar(count.where(LinkGuess.at > now - time)) or 0) >= most for most, time in WRONG_BY_ALL)
    return Wrong.BUSY if many else None


def _find(context: Context, digits: str) -> LinkCode | None:
    """Return the valid code with these digits; all are compared, so that the time taken tells nothing."""
    valid = (LinkCode.expires_at > context.now, LinkCode.ended_at.is_(None))
    codes = context.session.scalars(select(LinkCode).where(*valid).order_by(LinkCode.id).with_for_update()).all()
    found = [code for code in codes if hmac.compare_digest(code.digest, _digest(code.salt, digits))]
    return found[0] if found else None


def _digest(salt: str, digits: str) -> str:
    return hashlib.sha256(f"{salt}:{digits}".encode()).hexdigest()
