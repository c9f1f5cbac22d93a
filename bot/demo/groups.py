"""The groups of the demo: the residents of a building, and the stewards of its estate."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.channels.web import Pane, Persona
from bot.channels.web.groups import PREFIX
from cases.settings import PersonSettings, Settings
from storage.message_models import GroupChat
from storage.models import Place
from storage.upsert import insert_or_ignore

CHANNEL = "web"


@dataclass(frozen=True, slots=True)
class Group:
    """A chat that personas share, tied to a place of the example."""

    chat: str
    place: str
    kind: Literal["building", "task"]


BUILDING = Group(f"{PREFIX}fengmei-5", "fengmei-5", "building")
TASKS = Group(f"{PREFIX}tasks", "fengmei", "task")
GROUPS = (BUILDING, TASKS)


def groups_of(settings: Settings) -> tuple[Group, ...]:
    """Return the groups whose places there are."""
    places = {place.key for place, _ in settings.walk_places()}
    return tuple(group for group in GROUPS if group.place in places)


def chats_of(person: PersonSettings, pane: Pane, groups: Iterable[Group]) -> tuple[str, ...]:
    """Return the groups somebody with a role is in: stewards the one of tasks, who leads a building that building's."""
    leads = {role.at for role in person.roles if role.role == "coordinator"}
    return tuple(
        group.chat for group in groups
        if (pane == "steward" if group.kind == "task" else group.place in leads)
    )  # fmt: skip


def tie(session: Session, personas: Iterable[Persona], now: datetime) -> None:
    """Tie the groups that personas are in to their places."""
    used = {chat for persona in personas for chat in persona.groups}
    for group in GROUPS:
        place = session.scalar(select(Place.id).where(Place.key == group.place))
        if group.chat in used and place is not None:
            row = {"channel": CHANNEL, "chat": group.chat, "place_id": place, "kind": group.kind, "bound_at": now}
            insert_or_ignore(session, GroupChat, row)
