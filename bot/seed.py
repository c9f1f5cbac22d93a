"""Brings the places and people of `config.yaml` into the database, and the tree out of it."""

from datetime import datetime

import structlog
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from bot.seed_places import write_places
from cases.context import Rules
from cases.deadlines import deadlines
from cases.place_rows import read_tree
from cases.places import PlaceTree
from cases.settings import PersonSettings, Settings
from cases.understand import Understander
from storage.models import Identity, Person, Role
from storage.revision import PLACES, moved
from storage.upsert import insert_or_ignore

log = structlog.get_logger(__name__)

TELEGRAM = "telegram"


def sync(session: Session, settings: Settings, now: datetime) -> Rules:
    """Write what the file says and return the rules.

    Places and people that the file no longer names stay, cases may hang on them; but nobody keeps a role that it does
    not give.
    """
    moved(session, PLACES)  # first: two processes that start at once do this one after the other
    write_places(session, settings)
    tree = read_tree(session)
    for person in settings.people:
        _person(session, person, tree, now)
    named = [person.key for person in settings.people]
    gone = select(Person.id).where(Person.key.is_not(None), Person.key.not_in(named))
    session.execute(delete(Role).where(Role.person_id.in_(gone)))
    return rules_of(session, settings)


def rules_of(session: Session, settings: Settings) -> Rules:
    """Return the rules that follow from the settings and the places as they are in the database."""
    tree = read_tree(session)
    return Rules(
        settings,
        tree,
        deadlines(settings, tree),
        Understander(settings.issues, tree),
        Understander(settings.wishes, tree),
    )


def _person(session: Session, told: PersonSettings, tree: PlaceTree, now: datetime) -> None:
    person = session.scalar(select(Person).where(Person.key == told.key))
    if person is None:
        person = Person(key=told.key, name=told.name, created_at=now, home_detail="")
        session.add(person)
    person.name, person.phone = told.name, told.phone or person.phone
    person.language = person.language or told.language
    session.flush()
    _roles(session, person.id, told, tree)
    _connect(session, person.id, told.telegram)
    home = tree.by_key(told.home) if told.home else None
    if home is not None and person.home_id is None:
        person.home_id = home.id


def _connect(session: Session, person_id: int, telegram: int | None) -> None:
    """Give the person the Telegram account the file names, and no other.

    Whoever asked for their number with /id is already there as somebody we do not know: the account moves.
    """
    user = str(telegram) if telegram is not None else None
    theirs = (Identity.person_id == person_id, Identity.channel == TELEGRAM)
    session.execute(delete(Identity).where(*theirs, Identity.user != user) if user else delete(Identity).where(*theirs))
    if user is not None:
        row = {"person_id": person_id, "channel": TELEGRAM, "user": user, "chat": user}
        if not insert_or_ignore(session, Identity, row):
            here = (Identity.channel == TELEGRAM, Identity.user == user)
            session.execute(update(Identity).where(*here).values(person_id=person_id))


def _roles(session: Session, person_id: int, told: PersonSettings, tree: PlaceTree) -> None:
    """Write the roles; one that the file no longer gives is taken away."""
    held = {(r.place_id, r.role): r for r in session.scalars(select(Role).where(Role.person_id == person_id))}
    wanted = set()
    for role in told.roles:
        place = tree.by_key(role.at)
        if place is None:  # `bot.mistakes` refused unknown ones: this one an admin took out in chat
            log.warning("role_at_removed_place", place=role.at, person=told.key)
            continue
        wanted.add((place.id, role.role))
        row = held.get((place.id, role.role)) or Role(person_id=person_id, place_id=place.id, role=role.role)
        row.partner, row.title, row.promise = role.partner, role.title, role.promise
        row.cap, row.skills = role.cap, list(role.skills)
        session.add(row)
    gone = [row.id for key, row in held.items() if key not in wanted]
    if gone:
        session.execute(delete(Role).where(Role.id.in_(gone)))
    session.flush()
