"""Who can be played: two residents, and everybody with a role in `config.yaml`."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.channels.web import Pane, Persona
from bot.demo.groups import BUILDING, CHANNEL, Group, chats_of, groups_of, tie
from cases.settings import PersonSettings, Settings
from storage.models import Identity, Person, Place
from storage.upsert import insert_or_ignore

RESIDENT = Persona("resident", "张阿姨", "resident")
NEIGHBOUR = Persona("neighbour", "李叔", "resident")
HOMES = {RESIDENT.key: BUILDING.place, NEIGHBOUR.key: BUILDING.place}  # the desk knows them already
_PANES: tuple[Pane, ...] = ("steward", "coordinator", "admin")


def personas_of(settings: Settings) -> dict[str, Persona]:
    """Return the personas by key; somebody with several roles sits where the first of them belongs."""
    groups = groups_of(settings)
    shared = tuple(group.chat for group in groups if group.kind == "building")
    residents = [replace(persona, groups=shared) for persona in (RESIDENT, NEIGHBOUR)]
    staff = [_persona(person, groups) for person in settings.people if person.roles]
    return {persona.key: persona for persona in (*residents, *staff)}


def connect(session: Session, personas: Iterable[Persona], now: datetime) -> None:
    """Give each persona their identity on the web chat, and tie the groups.

    People of `config.yaml` are in the database already.
    """
    played = tuple(personas)
    for persona in played:
        person = session.scalar(select(Person).where(Person.key == persona.key)) or _newcomer(session, persona, now)
        row = {"person_id": person.id, "channel": CHANNEL, "user": persona.user, "chat": persona.user}
        insert_or_ignore(session, Identity, row)
    tie(session, played, now)


def speak(session: Session, personas: Mapping[str, Persona], language: str) -> None:
    """Have the desk talk to all personas in a language."""
    users = [persona.user for persona in personas.values()]
    people = select(Identity.person_id).where(Identity.channel == CHANNEL, Identity.user.in_(users))
    session.execute(update(Person).where(Person.id.in_(people)).values(language=language))


def _newcomer(session: Session, persona: Persona, now: datetime) -> Person:
    home = session.scalar(select(Place.id).where(Place.key == HOMES.get(persona.key)))
    person = Person(key=persona.key, name=persona.name, home_id=home, home_detail="", created_at=now)
    session.add(person)
    session.flush()
    return person


def _persona(person: PersonSettings, groups: Iterable[Group]) -> Persona:
    first = person.roles[0]
    pane: Pane = next((pane for pane in _PANES if pane == first.role), "admin")
    return Persona(person.key, person.name, pane, first.title, chats_of(person, pane, groups))
