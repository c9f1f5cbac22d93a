"""Brings the places and people of `config.yaml` into the database, and the tree out of it."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from cases.context import Rules
from cases.deadlines import deadlines
from cases.places import PlaceNode, PlaceTree
from cases.settings import PersonSettings, PlaceSettings, Settings
from cases.understand import Understander
from storage.message_models import GroupChat
from storage.models import Identity, Person, Place, Role
from storage.upsert import insert_or_ignore, insert_or_update

TELEGRAM, WECOM = "telegram", "wecom"
ROBOT = "robot:"  # before the key of a place: the chat of its group robot, see `bot.channels.wecom.plan`


def sync(session: Session, settings: Settings, now: datetime) -> Rules:
    """Write what the file says and return the rules.

    Places and people that the file no longer names stay, cases may hang on them; but nobody keeps a role that it does
    not give.
    """
    _places(session, settings)
    tree = PlaceTree(_nodes(session))
    for person in settings.people:
        _person(session, person, tree, now)
    _robots(session, settings, tree, now)
    named = [person.key for person in settings.people]
    gone = select(Person.id).where(Person.key.is_not(None), Person.key.not_in(named))
    session.execute(delete(Role).where(Role.person_id.in_(gone)))
    return Rules(
        settings,
        tree,
        deadlines(settings, tree),
        Understander(settings.issues, tree),
        Understander(settings.wishes, tree),
    )


def _places(session: Session, settings: Settings) -> None:
    known = {place.key: place for place in session.scalars(select(Place))}
    for told, parent_key in settings.walk_places():
        parent = known[parent_key] if parent_key else None
        place = known.get(told.key) or Place(key=told.key, path="")
        _fill(place, told, parent)
        if told.key not in known:
            session.add(place)
            session.flush()
            known[told.key] = place
        place.path = f"{parent.path if parent else '/'}{place.id}/"


def _fill(place: Place, told: PlaceSettings, parent: Place | None) -> None:
    place.parent_id = parent.id if parent else None
    place.kind, place.name, place.number = told.kind, told.name, told.number
    place.aliases, place.latitude, place.longitude = list(told.aliases), told.latitude, told.longitude


def _nodes(session: Session) -> Iterator[PlaceNode]:
    session.flush()
    for place in session.scalars(select(Place).order_by(Place.id)):
        yield PlaceNode(
            place.id, place.key, place.parent_id, place.kind, place.name, place.number, tuple(place.aliases),
            place.latitude, place.longitude,
        )  # fmt: skip


def _person(session: Session, told: PersonSettings, tree: PlaceTree, now: datetime) -> None:
    person = session.scalar(select(Person).where(Person.key == told.key))
    if person is None:
        person = Person(key=told.key, name=told.name, created_at=now, home_detail="")
        session.add(person)
    person.name, person.phone = told.name, told.phone or person.phone
    person.language = person.language or told.language
    session.flush()
    _roles(session, person.id, told, tree)
    _connect(session, person.id, TELEGRAM, None if told.telegram is None else str(told.telegram))
    _connect(session, person.id, WECOM, told.wecom.lower() if told.wecom else None)
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


def _roles(session: Session, person_id: int, told: PersonSettings, tree: PlaceTree) -> None:
    """Write the roles; one that the file no longer gives is taken away."""
    held = {(r.place_id, r.role): r for r in session.scalars(select(Role).where(Role.person_id == person_id))}
    wanted = set()
    for role in told.roles:
        place = tree.by_key(role.at)
        assert place is not None  # noqa: S101 - `bot.mistakes` refused unknown places
        wanted.add((place.id, role.role))
        row = held.get((place.id, role.role)) or Role(person_id=person_id, place_id=place.id, role=role.role)
        row.partner, row.title, row.promise = role.partner, role.title, role.promise
        row.cap, row.skills = role.cap, list(role.skills)
        session.add(row)
    gone = [row.id for key, row in held.items() if key not in wanted]
    if gone:
        session.execute(delete(Role).where(Role.id.in_(gone)))
    session.flush()
