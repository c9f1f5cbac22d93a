"""A lease: one process at a time has it, renews it, and loses it some time after it died. PostgreSQL only.

All moments are the database's, so the machines' clocks need not agree.
"""

from sqlalchemy import text
from sqlalchemy.orm import Session

_TAKE = text(
    "INSERT INTO lease (name, holder, until)"
    " VALUES (:name, :holder, clock_timestamp() + :seconds * interval '1 second')"
    " ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until"
    " WHERE lease.holder = excluded.holder OR lease.until <= clock_timestamp() RETURNING name"
)
_RENEW = text(
    "UPDATE lease SET until = clock_timestamp() + :seconds * interval '1 second'"
    " WHERE name = :name AND holder = :holder AND until > clock_timestamp() RETURNING name"
)
_GIVE_UP = text("DELETE FROM lease WHERE name = :name AND holder = :holder")


def take(session: Session, name: str, holder: str, seconds: float) -> bool:
    """Take the lease for so long, or prolong it; False where another has it."""
    return session.execute(_TAKE, {"name": name, "holder": holder, "seconds": seconds}).first() is not None


def renew(session: Session, name: str, holder: str, seconds: float) -> bool:
    """Prolong the lease; False where it has run out, even if nobody has taken it since."""
    return session.execute(_RENEW, {"name": name, "holder": holder, "seconds": seconds}).first() is not None


def give_up(session: Session, name: str, holder: str) -> None:
    """Let the next one have it at once."""
    session.execute(_GIVE_UP, {"name": name, "holder": holder})
