"""Who can be played: one resident, and everybody with a role in `config.yaml`."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.channels.web import Pane, Persona
from cases.settings import PersonSettings, Settings
from storage.models import Identity, Person
from storage.upsert import insert_or_ignore

CHANNEL = "web"
RESIDENT = Persona("resident", "张阿姨", "resident")
_PANES: tuple[Pane, ...] = ("steward", "coordinator", "admin")


def personas_of(settings: Settings) -> dict[str, Persona]:
    """Return the personas by key; somebody with several roles sits where the first of them belongs."""
    staff = [_persona(person) for person in settings.people if person.roles]
    return {persona.key: persona for persona in (RESIDENT, *staff)}


def connect(session: Session, personas: Iterable[Persona], now: datetime) -> None:
    """Give each persona their identity on the web chat; people of `config.yaml` are in the database already."""
    for persona in personas:
        person = session.scalar(select(Person).where(Person.key == persona.key))
        if person is None:
            person = Person(key=persona.key, name=persona.name, home_detail="", created_at=now)
            session.add(person)
            session.flush()
        row = {"person_id": person.id, "channel": CHANNEL, "user": persona.user, "chat": persona.user}
        insert_or_ignore(session, Identity, row)


def speak(session: Session, personas: Mapping[str, Persona], language: str) -> None:
    """Have the desk talk to all personas in a language."""
    users = [persona.user for persona in personas.values()]
    people = select(Identity.person_id).where(Identity.channel == CHANNEL, Identity.user.in_(users))
    session.execute(update(Person).where(Person.id.in_(people)).values(language=language))


def _persona(person: PersonSettings) -> Persona:
    first = person.roles[0]
    pane: Pane = next((pane for pane in _PANES if pane == first.role), "admin")
    return Persona(person.key, person.name, pane, first.title)
