"""How several processes divide what a platform lets all of them send, and keep each chat's pause. PostgreSQL only.

What the shares add up to is never more than the whole: who wants more waits until others have less. All moments are the
database's, so the machines' clocks need not agree.
"""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import bindparam, text
from sqlalchemy.orm import Session

GRACE = 3.0  # seconds a share counts longer than its holder uses it: for calls that were just made
PAUSES_KEPT = "1 minute"

_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended('share:' || :channel, 0))")
_FORGET = text("DELETE FROM send_share WHERE channel = :channel AND until <= clock_timestamp()")
_FORGET_PAUSES = text(
    f"DELETE FROM chat_pause WHERE channel = :channel AND free_at < clock_timestamp() - interval '{PAUSES_KEPT}'"  # noqa: S608
)
_OTHERS = text("SELECT holder, share FROM send_share WHERE channel = :channel AND holder <> :holder")
_NOTE = text(
    "INSERT INTO send_share (channel, holder, share, until, held_until) VALUES (:channel, :holder, :share,"
    " clock_timestamp() + :seconds * interval '1 second', clock_timestamp() + :held * interval '1 second')"
    " ON CONFLICT (channel, holder) DO UPDATE"
    " SET share = excluded.share, until = excluded.until, held_until = excluded.held_until"
)
_HELD = text(
    "SELECT extract(epoch FROM max(held_until) - clock_timestamp()) FROM send_share"
    " WHERE channel = :channel AND holder <> :holder"
)
_GIVE_UP = text(
    "UPDATE send_share SET until = least(until, clock_timestamp() + :seconds * interval '1 second')"
    " WHERE holder = :holder"
)
_PAUSE = text(
    "INSERT INTO chat_pause (channel, chat, free_at)"
    " VALUES (:channel, :chat, clock_timestamp() + :seconds * interval '1 second')"
    " ON CONFLICT (channel, chat) DO UPDATE SET free_at = greatest(chat_pause.free_at, excluded.free_at)"
)
_PAUSES = text(
    "SELECT channel, chat, extract(epoch FROM free_at - clock_timestamp()) FROM chat_pause"
    " WHERE (channel, chat) IN :chats AND free_at > clock_timestamp()"
).bindparams(bindparam("chats", expanding=True))


@dataclass(frozen=True, slots=True)
class Use:
    """What a process makes of a channel: `limit` is what it keeps to, `in_use` what counts at the platform.

    `held`: seconds for which the platform has told it to send nothing, None: it has not.
    """

    limit: int
    in_use: int
    held: float | None = None


@dataclass(frozen=True, slots=True)
class Granted:
    """What a process may make use of; `held`: seconds for which the platform has told another to send nothing."""

    share: int
    held: float


def ask(session: Session, channel: str, holder: str, whole: int, use: Use, seconds: float) -> Granted:
    """Note what a process uses, and return what it may use for the next `seconds`.

    One that must have less keeps its claim until it says, by the next asking, that it does use less.
    """
    here = {"channel": channel, "holder": holder}
    session.execute(_ONE_AT_A_TIME, {"channel": channel})
    session.execute(_FORGET, {"channel": channel})
    others = {str(row[0]): int(row[1]) for row in session.execute(_OTHERS, here)}
    share = min(_fair(whole, holder, others), max(0, whole - sum(others.values())))
    noted = max(share, use.limit, use.in_use)
    session.execute(_NOTE, {**here, "share": noted, "seconds": seconds + GRACE, "held": use.held})
    return Granted(share, float(session.execute(_HELD, here).scalar() or 0.0))


def give_up(session: Session, holder: str) -> None:
    """Leave the shares to others, as soon as the last calls no longer count."""
    session.execute(_GIVE_UP, {"holder": holder, "seconds": GRACE})


def forget_pauses(session: Session, channel: str) -> None:
    """Remove the pauses of chats that are long over."""
    session.execute(_ONE_AT_A_TIME, {"channel": channel})
    session.execute(_FORGET_PAUSES, {"channel": channel})


def pause(session: Session, channel: str, chat: str, seconds: float) -> None:
    """Note that a chat takes nothing for so long."""
    session.execute(_PAUSE, {"channel": channel, "chat": chat, "seconds": seconds})


def pauses(session: Session, chats: Collection[tuple[str, str]]) -> dict[tuple[str, str], float]:
    """Return for how many seconds these chats (channel, chat) take nothing more; those that do are not in it."""
    if not chats:
        return {}
    rows = session.execute(_PAUSES, {"chats": list(chats)})
    return {(str(row[0]), str(row[1])): float(row[2]) for row in rows}


def _fair(whole: int, holder: str, others: Collection[str]) -> int:
    """Return an equal part; what cannot be divided goes to the first ones."""
    all_of_us = sorted([holder, *others])
    part, rest = divmod(whole, len(all_of_us))
    return part + (all_of_us.index(holder) < rest)
