"""Look-ups of people: who wrote, how somebody is reached."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, insert, select, update
from sqlalchemy.orm import Session

from storage.message_models import Dialogue
from storage.models import Identity, Person, Role


@dataclass(frozen=True, slots=True)
class Found:
    """A person as the inbox needs them: one row of one joined query."""

    identity_id: int
    person_id: int
    name: str
    language: str | None
    phone: str | None
    home_id: int | None
    home_detail: str
    unreachable: str | None
    last_seen_at: datetime | None
    dialogue: tuple[str, str, int, dict[str, Any], datetime] | None  # kind, step, version, data, expires_at
    linked: bool = False


def find(session: Session, channel: str, user: str, chat: str) -> Found | None:
    """Return the person behind `(channel, user)` with their dialogue in `chat`.

    What one person does is dealt with one after the other, on PostgreSQL too, on whatever channel.
    """
    _wait_for_turn(session, turn_of(channel, user))
    found = _find(session, channel, user, chat)
    if found is not None and found.linked and _takes_turns(session):
        _wait_for_turn(session, f"person:{found.person_id}")
        found = _find(session, channel, user, chat)  # as it is now, after waiting
    return found


def _find(session: Session, channel: str, user: str, chat: str) -> Found | None:
    row = session.execute(
        select(
            Identity.id, Identity.unreachable, Identity.last_seen_at, Person.id, Person.name, Person.language,
            Person.phone, Person.home_id, Person.home_detail, Dialogue.kind, Dialogue.step, Dialogue.version,
            Dialogue.data, Dialogue.expires_at, Person.linked,
        )
        .join(Person, Person.id == Identity.person_id)
        .outerjoin(
            Dialogue, and_(Dialogue.person_id == Person.id, Dialogue.channel == channel, Dialogue.chat == chat)
        )
        .where(Identity.channel == channel, Identity.user == user)
    ).one_or_none()  # fmt: skip
    if row is None:
        return None
    ident, unreachable, seen, person, name, language, phone, home, detail, *dialogue, linked = row
    talk = (dialogue[0], dialogue[1], dialogue[2], dialogue[3], dialogue[4]) if dialogue[0] is not None else None
    return Found(ident, person, name, language, phone, home, detail, unreachable, seen, talk, linked)


def turn_of(channel: str, user: str) -> str:
    """Return the name of the lock that updates of an identity take in turn."""
    return f"{channel}:{user}"


def _takes_turns(session: Session) -> bool:
    """Tell whether there is more than one writer, so that turns must be taken."""
    return session.get_bind().dialect.name == "postgresql"


def take_turns(session: Session, identities: Collection[tuple[str, str]]) -> bool:
    """Take the turns of these identities (channel, user) until the end of the transaction, if nobody has one now.

    Whoever waited for them while holding their own could wait for ever, for one who does the same the other way round.
    """
    if not _takes_turns(session):
        return True
    names = sorted(turn_of(channel, user) for channel, user in identities)
    return all(session.scalar(select(func.pg_try_advisory_xact_lock(_lock_number(name)))) for name in names)


def _lock_number(name: str) -> Any:
    return func.hashtextextended(name, 0)


def _wait_for_turn(session: Session, who: str) -> None:
    """Take PostgreSQL's advisory lock on a person until the end of the transaction.

    A row lock in the joined query would not do: after waiting it re-reads only the locked row, so the dialogue beside
    it would be the one from before. It also covers people who have no row yet.
    """
    if _takes_turns(session):
        session.execute(select(func.pg_advisory_xact_lock(_lock_number(who))))


def create(session: Session, channel: str, user: str, chat: str, name: str, now: datetime) -> Found:
    """Make a new person with their first identity."""
    person: int = session.execute(insert(Person).values(name=name, created_at=now).returning(Person.id)).scalar_one()
    identity: int = session.execute(
        insert(Identity)
        .values(person_id=person, channel=channel, user=user, chat=chat, last_seen_at=now)
        .returning(Identity.id)
    ).scalar_one()
    return Found(identity, person, name, None, None, None, "", None, now, None)


def seen(session: Session, found: Found, now: datetime) -> None:
    """Note that the person wrote: whoever writes can be reached again."""
    session.execute(update(Identity).where(Identity.id == found.identity_id).values(last_seen_at=now, unreachable=None))


def lost(session: Session, found: Found, why: str) -> None:
    """Note that the platform no longer lets us write to the person here."""
    session.execute(update(Identity).where(Identity.id == found.identity_id).values(unreachable=why))


def language_of(session: Session, person_id: int) -> str | None:
    """Return the language somebody chose; None: the desk's."""
    return session.scalar(select(Person.language).where(Person.id == person_id))


def roles_of(session: Session, people: Collection[int]) -> Sequence[Role]:
    """Return what these people may do, and where."""
    return session.scalars(select(Role).where(Role.person_id.in_(people)).order_by(Role.id)).all()


@dataclass(frozen=True, slots=True)
class Reach:
    """How to write to a person: language (None: the desk's) and their identities, the latest used first."""

    person_id: int
    name: str
    language: str | None
    phone: str | None
    addresses: tuple[tuple[str, str], ...]  # channel, chat
    away_until: datetime | None = None
    cover_id: int | None = None  # who stands in until then
    home_id: int | None = None
    merged_into: int | None = None  # who they are part of, since two channels were joined


def now(session: Session, person_id: int) -> int:
    """Return who somebody is now: themselves, or whom they were joined to."""
    merged = session.scalar(select(Person.merged_into).where(Person.id == person_id))
    return person_id if merged is None else merged


def all_of(session: Session, person_id: int) -> list[int]:
    """Return under which numbers a person has acted: their own first, then of who was joined to them."""
    joined = select(Person.id).where(Person.merged_into == person_id).order_by(Person.id)
    return [person_id, *session.scalars(joined)]


def reach(session: Session, people: Collection[int]) -> dict[int, Reach]:
    """Return how these people can be reached now; no addresses where no platform lets us. Raises LookupError."""
    rows = session.execute(
        select(
            Person.id,
            Person.name,
            Person.language,
            Person.phone,
            Person.away_until,
            Person.cover_id,
            Person.home_id,
            Person.merged_into,
            Identity.channel,
            Identity.chat,
        )
        .outerjoin(Identity, and_(Identity.person_id == Person.id, Identity.unreachable.is_(None)))
        .where(Person.id.in_(people))
        .order_by(Identity.last_seen_at.desc().nulls_last(), Identity.id)
    ).all()
    found: dict[int, Reach] = {}
    for row in rows:
        known = found.get(row.id) or Reach(
            row.id, row.name, row.language, row.phone, (), row.away_until, row.cover_id, row.home_id, row.merged_into
        )  # fmt: skip
        address = ((row.channel, row.chat),) if row.channel is not None else ()
        found[row.id] = replace(known, addresses=known.addresses + address)
    if missing := set(people) - set(found):
        raise LookupError(f"no person {min(missing)}")
    return found
