"""Which state of what every process keeps in memory holds now: places, settings.

Whoever changes one of them calls `moved` in the same transaction; every process compares `stamps` with those that its
own copy was made of. A stamp is random, not counted: what was rolled back never looks like what came instead.
"""

import secrets

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.admin_models import Revision
from storage.prepared import Prepared
from storage.upsert import insert_or_update

PLACES = "places"
CONFIG = "config"  # config.yaml is to be read again

_KNOWN = "stamps"  # in `Session.info`, see `within`
_STAMPS = Prepared(select(Revision.name, Revision.stamp).order_by(Revision.name))


def moved(session: Session, name: str) -> None:
    """Let every process read `name` again, from the COMMIT on.

    Whoever calls it first, and reads what is to be changed afterwards, changes it alone: others wait here until then.
    """
    insert_or_update(session, Revision, {"name": name, "stamp": secrets.token_hex(8)}, ("name",))
    session.info.pop(_KNOWN, None)


def stamps(session: Session) -> list[tuple[str, str]]:
    """Return the stamps that hold in this transaction, by name; they are read once, and again after `moved`."""
    found: list[tuple[str, str]] | None = session.info.get(_KNOWN)
    if found is None:
        found = [(name, stamp) for name, stamp in _STAMPS.all(session)]
        session.info[_KNOWN] = found
    return found
