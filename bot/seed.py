"""Brings the places and people of `config.yaml` into the database, and the tree out of it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from bot.seed_places import write_places
from cases import audit, leaving
from cases.context import Rules
from cases.deadlines import deadlines
from cases.locate import Locator
from cases.place_rows import read_tree
from cases.places import PlaceTree
from cases.settings import PersonSettings, Settings
from cases.understand import Understander
from storage.admin_models import RemovedRole
from storage.message_models import GroupChat
from storage.models import Identity, Person, Role
from storage.revision import PLACES, moved
from storage.upsert import insert_or_ignore, insert_or_update

log = structlog.get_logger(__name__)

TELEGRAM, WECOM = "telegram", "wecom"
ROBOT = "robot:"  # before the key of a place: the chat of its group robot, see `bot.channels.wecom.plan`


def sync(session: Session, settings: Settings, now: datetime) -> Rules:
    """Write what the file says and return the rules that follow."""
    write(session, settings, now)
    return rules_of(session, settings)


def write(session: Session, settings: Settings, now: datetime) -> None:
    """Write what the file says.

    Places and people that the file no longer names stay, cases may hang on them; but nobody keeps a role that it no
    longer gives. Roles given, changed or taken in chat are left as they are there.
    """
    moved(session, PLACES)  # first: two processes that start at once do this one after the other
    write_places(session, settings)
    tree = read_tree(session)
    named = [person.key for person in settings.people]
    here = _here(session, named)
    told = [(person, _person(session, person, now, here)) for person in settings.people]
    session.flush()  # what is theirs needs their ids
    for each, person in told:
        _belongings(session, each, person, tree, now, here)
    session.flush()
    _robots(session, settings, tree, now)
    gone = select(Person.id).where(Person.key.is_not(None), Person.key.not_in(named))
    _take(session, session.scalars(select(Role).where(Role.person_id.in_(gone), Role.given_by.is_(None))).all(), now)
    session.execute(delete(RemovedRole).where(RemovedRole.person_id.in_(gone)))


def rules_of(session: Session, settings: Settings) -> Rules:
    """Return the rules that follow from the settings and the places as they are in the database."""
    tree = read_tree(session)
    locator = Locator(tree)
    return Rules(
        settings,
        tree,
        deadlines(settings, tree),
        Understander(settings.issues, tree, locator),
        Understander(settings.wishes, tree, locator),
    )


@dataclass(frozen=True, slots=True)
class _Here:
    """Who is in the database already, with accounts and roles: read at once, as a start waits for it."""

    people: dict[str, Person]
    accounts: dict[tuple[int, str], set[str]]  # by person and channel, without those they joined to theirs themselves
    roles: dict[int, list[Role]]
    removed: dict[int, list[RemovedRole]]


def _here(session: Session, keys: Sequence[str]) -> _Here:
    people = {str(person.key): person for person in session.scalars(select(Person).where(Person.key.in_(keys)))}
    ids = [person.id for person in people.values()]
    here = _Here(people, defaultdict(set), defaultdict(list), defaultdict(list))
    account = select(Identity.person_id, Identity.channel, Identity.user)
    for row in session.execute(account.where(Identity.person_id.in_(ids), Identity.own_person_id.is_(None))):
        here.accounts[row.person_id, row.channel].add(row.user)
    for role in session.scalars(select(Role).where(Role.person_id.in_(ids))):
        here.roles[role.person_id].append(role)
    for taken in session.scalars(select(RemovedRole).where(RemovedRole.person_id.in_(ids))):
        here.removed[taken.person_id].append(taken)
    return here


def _person(session: Session, told: PersonSettings, now: datetime, here: _Here) -> Person:
    person = here.people.get(told.key)
    if person is None:
        person = Person(key=told.key, name=told.name, created_at=now, home_detail="")
        session.add(person)
    person.name, person.phone = told.name, told.phone or person.phone
    person.language = person.language or told.language
    return person


def _belongings(
    session: Session, told: PersonSettings, person: Person, tree: PlaceTree, now: datetime, here: _Here
) -> None:  # fmt: skip
    """Write the roles, the accounts and the home of a person."""
    _roles(session, person.id, told, tree, now, here)
    accounts = ((TELEGRAM, str(told.telegram or "")), (WECOM, (told.wecom or "").lower()))
    for channel, user in accounts:
        if here.accounts.get((person.id, channel), set()) != ({user} if user else set()):
            _connect(session, person.id, channel, user or None)
    home = tree.by_key(told.home) if told.home else None
    if home is not None and person.home_id is None:
        person.home_id = home.id


def _robots(session: Session, settings: Settings, tree: PlaceTree, now: datetime) -> None:
    """Write the groups in which WeCom's robots speak, as task groups that only read, and no others."""
    told = settings.channels.wecom.robots if settings.channels.wecom.enabled else ()
    chats = {f"{ROBOT}{robot.place}": tree.by_key(robot.place) for robot in told}
    gone = (GroupChat.channel == WECOM, GroupChat.write_only, GroupChat.chat.not_in(list(chats)))
    session.execute(delete(GroupChat).where(*gone))
    for chat, place in chats.items():
        if place is not None:
            row = {"channel": WECOM, "chat": chat, "place_id": place.id, "kind": "task", "bound_at": now,
                   "write_only": True}  # fmt: skip
            insert_or_update(session, GroupChat, row, ("channel", "chat"))


def _connect(session: Session, person_id: int, channel: str, user: str | None) -> None:
    """Give the person the account the file names on a channel, and no other.

    Whoever asked for their number with /id is already there as somebody we do not know: the account moves. Accounts
    that they have joined to theirs themselves (/link) are no business of the file.
    """
    theirs = (Identity.person_id == person_id, Identity.channel == channel, Identity.own_person_id.is_(None))
    session.execute(delete(Identity).where(*theirs, Identity.user != user) if user else delete(Identity).where(*theirs))
    if user is not None:
        row = {"person_id": person_id, "channel": channel, "user": user, "chat": user}
        if not insert_or_ignore(session, Identity, row):
            here = (Identity.channel == channel, Identity.user == user)
            session.execute(update(Identity).where(*here).values(person_id=person_id, own_person_id=None))


def _roles(
    session: Session, person_id: int, told: PersonSettings, tree: PlaceTree, now: datetime, here: _Here
) -> None:  # fmt: skip
    """Write the roles; one that the file no longer gives is taken away."""
    held = {(r.place_id, r.role): r for r in here.roles.get(person_id, ())}
    taken = here.removed.get(person_id, ())
    removed = {(each.place_id, each.role) for each in taken}
    wanted = set()
    for role in told.roles:
        place = tree.by_key(role.at)
        if place is None:  # `bot.mistakes` refused unknown ones: this one an admin took out in chat
            log.warning("role_at_removed_place", place=role.at, person=told.key)
            continue
        wanted.add((place.id, role.role))
        row = held.get((place.id, role.role)) or Role(person_id=person_id, place_id=place.id, role=role.role)
        if row.given_by is not None or (place.id, role.role) in removed:
            continue
        row.partner, row.title, row.promise = role.partner, role.title, role.promise
        row.cap, row.skills = role.cap, list(role.skills)
        session.add(row)
    _take(session, [row for key, row in held.items() if key not in wanted and row.given_by is None], now)
    for each in taken:
        if (each.place_id, each.role) not in wanted:  # a file that names it again gives it again
            session.delete(each)


def _take(session: Session, roles: Sequence[Role], now: datetime) -> None:
    """Take these roles; what their holders have in hand is handed on by the clock."""
    if not roles:
        return
    for role in roles:
        entry = {
            "at": now, "actor_id": None, "action": "role.taken", "place_id": role.place_id, "case_id": None,
            "person_id": role.person_id, "words": "", "data": {"role": role.role, "by": "config.yaml"},
        }  # fmt: skip
        session.execute(insert(audit.AUDIT), entry)
        session.delete(role)
    session.flush()
    for person in sorted({role.person_id for role in roles}):
        leaving.begin(session, person, None, now)
