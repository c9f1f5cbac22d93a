"""Look-ups of people: who wrote, how somebody is reached."""

from collections.abc import Collection
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import and_, bindparam, exists, func, insert, select, update
from sqlalchemy.orm import Session, aliased

from storage.message_models import Dialogue
from storage.models import Identity, Person, Role
from storage.prepared import Prepared
from storage.record import record
from storage.upsert import table_of


@record
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
    told_at: datetime | None = None
    consent_at: datetime | None = None
    linked: bool = False
    has_roles: bool = True  # False: there is none to look for
    several: bool = False  # they have another identity, too


_OTHER = aliased(Identity)
_FIND = Prepared(
    select(
        Identity.id, Identity.unreachable, Identity.last_seen_at, Person.id, Person.name, Person.language,
        Person.phone, Person.home_id, Person.home_detail, Person.told_at, Person.consent_at, Person.linked,
        exists().where(Role.person_id == Person.id),
        exists().where(_OTHER.person_id == Identity.person_id, _OTHER.id != Identity.id),
        Dialogue.kind, Dialogue.step, Dialogue.version, Dialogue.data, Dialogue.expires_at,
    )
    .join(Person, Person.id == Identity.person_id)
    .outerjoin(Dialogue, and_(
        Dialogue.person_id == Person.id, Dialogue.channel == bindparam("channel"), Dialogue.chat == bindparam("chat"),
    ))
    .where(Identity.channel == bindparam("channel"), Identity.user == bindparam("user"))
)  # fmt: skip
SEEN_AGAIN = timedelta(minutes=1)
_LOCK = func.hashtextextended(bindparam("who"), 0)
_TURN = Prepared(select(func.pg_advisory_xact_lock(_LOCK)))
_TRY_TURN = Prepared(select(func.pg_try_advisory_xact_lock(_LOCK)))
_SEEN = Prepared(
    update(table_of(Identity)).where(Identity.id == bindparam("identity"))
    .values(last_seen_at=bindparam("now"), unreachable=None)
)  # fmt: skip

_PERSON, _IDENTITY = table_of(Person), table_of(Identity)
_NEW_PERSON = Prepared(
    insert(_PERSON)
    .values(name=bindparam("name"), created_at=bindparam("now"), home_detail="", linked=False)
    .returning(_PERSON.c.id)
)
_NEW_IDENTITY = Prepared(
    insert(_IDENTITY).values({
        "person_id": bindparam("person"), "channel": bindparam("channel"), "user": bindparam("user"),
        "chat": bindparam("chat"), "last_seen_at": bindparam("now"),
    }).returning(_IDENTITY.c.id)
)  # fmt: skip


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
    row = _FIND.first(session, channel=channel, user=user, chat=chat)
    if row is None:
        return None
    ident, unreachable, seen, person, name, language, phone, home, detail, told, consent, linked, *more = row
    roles, several, *dialogue = more
    talk = (dialogue[0], dialogue[1], dialogue[2], dialogue[3], dialogue[4]) if dialogue[0] is not None else None
    return Found(
        ident, person, name, language, phone, home, detail, unreachable, seen, talk, told, consent, bool(linked), roles,
        several,
    )  # fmt: skip


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
    return all(_TRY_TURN.scalar(session, who=name) for name in names)


def _wait_for_turn(session: Session, who: str) -> None:
    """Take PostgreSQL's advisory lock on a person until the end of the transaction.

    A row lock in the joined query would not do: after waiting it re-reads only the locked row, so the dialogue beside
    it would be the one from before. It also covers people who have no row yet.
    """
    if _takes_turns(session):
        _TURN.first(session, who=who)


def create(session: Session, channel: str, user: str, chat: str, name: str, now: datetime) -> Found:
    """Make a new person with their first identity."""
    person: int = _NEW_PERSON.scalar(session, name=name, now=now)
    identity: int = _NEW_IDENTITY.scalar(session, person=person, channel=channel, user=user, chat=chat, now=now)
    return Found(identity, person, name, None, None, None, "", None, now, None, has_roles=False)


def seen(session: Session, found: Found, now: datetime) -> None:
    """Note that the person wrote: whoever writes can be reached again.

    Somebody with one identity is noted once in `SEEN_AGAIN`; who has several, always: they are reached by the latest.
    """
    last = found.last_seen_at
    lately = last is not None and timedelta(0) <= now - last < SEEN_AGAIN
    if not lately or found.several or found.unreachable is not None:
        _SEEN.run(session, identity=found.identity_id, now=now)


@cache
def _change(columns: tuple[str, ...]) -> Prepared:
    values: dict[str, Any] = {name: bindparam(name) for name in columns}
    return Prepared(update(_PERSON).where(_PERSON.c.id == bindparam("person")).values(values))


def change(session: Session, person_id: int, **values: Any) -> None:
    """Change columns of a person."""
    _change(tuple(values)).run(session, person=person_id, **values)


def lost(session: Session, found: Found, why: str) -> None:
    """Note that the platform no longer lets us write to the person here."""
    session.execute(update(Identity).where(Identity.id == found.identity_id).values(unreachable=why))


def language_of(session: Session, person_id: int) -> str | None:
    """Return the language somebody chose; None: the desk's."""
    return session.scalar(select(Person.language).where(Person.id == person_id))


@record
class HeldRole:
    """What a person may do, and where."""

    person_id: int
    role: str
    place_id: int
    partner: str | None
    title: str
    promise: str
    skills: list[str] | None


_ROLES = Prepared(
    select(Role.person_id, Role.role, Role.place_id, Role.partner, Role.title, Role.promise, Role.skills)
    .where(Role.person_id == bindparam("person")).order_by(Role.id)
)  # fmt: skip


def roles_of(session: Session, person: int) -> list[HeldRole]:
    """Return what a person may do, and where."""
    return [HeldRole(*row) for row in _ROLES.all(session, person=person)]


@record
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


_MERGED = Prepared(select(Person.merged_into).where(Person.id == bindparam("person")))


def now(session: Session, person_id: int) -> int:
    """Return who somebody is now: themselves, or whom they were joined to."""
    merged: int | None = _MERGED.scalar(session, person=person_id)
    return person_id if merged is None else merged


def all_of(session: Session, person_id: int) -> list[int]:
    """Return under which numbers a person has acted: their own first, then of who was joined to them."""
    joined = select(Person.id).where(Person.merged_into == person_id).order_by(Person.id)
    return [person_id, *session.scalars(joined)]


_REACH = Prepared(
    select(
        Person.id, Person.name, Person.language, Person.phone, Person.away_until, Person.cover_id, Person.home_id,
        Person.merged_into, Identity.channel, Identity.chat,
    )
    .outerjoin(Identity, and_(Identity.person_id == Person.id, Identity.unreachable.is_(None)))
    .where(Person.id == bindparam("person"))
    .order_by(Identity.last_seen_at.desc().nulls_last(), Identity.id)
)  # fmt: skip


def reach(session: Session, people: Collection[int]) -> dict[int, Reach]:
    """Return how these people can be reached now; no addresses where no platform lets us. Raises LookupError."""
    return {person: _reach(session, person) for person in people}


def _reach(session: Session, person: int) -> Reach:
    rows = _REACH.all(session, person=person)
    if not rows:
        raise LookupError(f"no person {person}")
    number, name, language, phone, away_until, cover, home, merged_into, _channel, _chat = rows[0]
    addresses = tuple((row[8], row[9]) for row in rows if row[8] is not None)
    return Reach(number, name, language, phone, addresses, away_until, cover, home, merged_into)
