"""Places changed in chat: by an admin, at and below their place, each change in the audit."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import ColumnElement, Select, TextClause, func, select

from cases import audit
from cases.context import Actor, Context
from cases.hours import Window
from cases.place_register import PlaceRefused, PlaceRegister, Trouble
from storage.admin_models import Invitation
from storage.message_models import GroupChat
from storage.models import IS_UNDER_WAY, Case, Person, Place, Role

MANY = 1000  # things on a place are counted up to here


@dataclass(frozen=True, slots=True)
class Burden:
    """What hangs on a place itself, each counted up to `MANY`. Ended cases stay with it when it is removed."""

    children: int = 0
    cases: int = 0  # under way, or done and not rated yet
    people: int = 0  # who live there
    roles: int = 0
    groups: int = 0
    robots: int = 0  # of groups, as config.yaml names them
    invitations: int = 0

    def __bool__(self) -> bool:
        return any(getattr(self, one.name) for one in fields(self))


def may(context: Context, actor: Actor, place_id: int) -> bool:
    """Tell whether the actor is admin of the place, there or above."""
    covers = context.rules.tree.covers
    return any(role.role == "admin" and covers(role.place_id, place_id) for role in actor.roles)


def add(context: Context, actor: Actor, parent_id: int, kind: str, name: str, number: int | None) -> int:
    """Add a place and return its id. Raises PlaceRefused."""
    register = _open(context, actor, parent_id)
    place = register.add(register.get(parent_id), kind, name, number)
    register.write()
    _note(context, actor, "place.add", place, kind=kind, name=name, number=number)
    return place.id


def rename(context: Context, actor: Actor, place_id: int, name: str, number: int | None) -> None:
    """Give a place another name, and the number that goes with it. Raises PlaceRefused."""
    before: dict[str, Any] = {}

    def change(register: PlaceRegister, place: Place) -> None:
        before.update(name=place.name, number=place.number)
        register.rename(place, name, number)

    _change(context, actor, place_id, "place.rename", change, before=before, name=name, number=number)


def move(context: Context, actor: Actor, place_id: int, parent_id: int) -> None:
    """Let a place lie in another, with all below it; the admins of both read of it. Raises PlaceRefused."""
    register = _open(context, actor, place_id)
    if not may(context, actor, parent_id):
        raise PlaceRefused(Trouble.NOT_YOURS)
    place, parent = register.get(place_id), register.get(parent_id)
    left = register.parent(place)
    register.move(place, parent)
    register.write()
    facts = {"name": place.name, "from": left.id if left else None, "to": parent.id}
    _note(context, actor, "place.move", place, **facts)
    if left is not None:
        _note(context, actor, "place.move", left, **facts)


def set_aliases(context: Context, actor: Actor, place_id: int, aliases: Sequence[str]) -> None:
    """Set the other names of a place. Raises PlaceRefused."""
    _change(context, actor, place_id, "place.aliases", lambda register, place: register.set_aliases(place, aliases),
            aliases=list(aliases))  # fmt: skip


def set_position(
    context: Context, actor: Actor, place_id: int, latitude: float | None, longitude: float | None
) -> None:
    """Set where a place is, in degrees; None: nobody knows. Raises PlaceRefused."""
    _change(context, actor, place_id, "place.position",
            lambda register, place: register.set_position(place, latitude, longitude),
            latitude=latitude, longitude=longitude)  # fmt: skip


def set_hours(
    context: Context, actor: Actor, place_id: int, work: Window | None, lunch: Window | tuple[()] | None
) -> None:
    """Set the working hours and lunch of a place and what lies in it; None: as above. Raises PlaceRefused."""
    times = context.rules.settings.times
    _change(context, actor, place_id, "place.hours",
            lambda register, place: register.set_hours(place, work, lunch, times),
            hours=[f"{edge:%H:%M}" for edge in (*(work or ()), *(lunch or ()))])  # fmt: skip


def remove(context: Context, actor: Actor, place_id: int) -> None:
    """Take a place out of the tree: only where nothing hangs on it. Raises PlaceRefused with what does."""
    register = _open(context, actor, place_id)
    place = register.get(place_id)
    if found := burden(context, place_id):
        raise PlaceRefused(Trouble.HANGS, burden=found)
    left = register.parent(place)
    register.close(place)
    register.write()
    _note(context, actor, "place.remove", left or place, name=place.name, removed=place.id)


def burden(context: Context, place_id: int) -> Burden:
    """Return what hangs on a place."""
    now = context.now
    groups = (GroupChat.place_id == place_id, GroupChat.lost_at.is_(None))  # of one that threw us out nothing is left
    invited = (Invitation.used_at.is_(None), Invitation.revoked_at.is_(None), Invitation.expires_at > now)
    return Burden(
        children=_count(context, Place.parent_id == place_id, Place.closed_at.is_(None)),
        cases=_count(context, Case.place_id == place_id, IS_UNDER_WAY)
        + _count(context, Case.place_id == place_id, Case.state == "resolved"),
        people=_count(context, Person.home_id == place_id, Person.merged_into.is_(None)),
        roles=_count(context, Role.place_id == place_id),
        groups=_count(context, *groups, GroupChat.write_only.is_(False)),
        robots=_count(context, *groups, GroupChat.write_only.is_(True)),
        invitations=_count(context, Invitation.place_id == place_id, *invited),
    )


def open_cases(context: Context, place_id: int) -> int:
    """Return how many cases are open at a place and below, up to `MANY`."""
    path = select(Place.path).where(Place.id == place_id).scalar_subquery()
    below = select(Place.id).where(Place.path.startswith(path))
    return _count(context, Case.place_id.in_(below), IS_UNDER_WAY)


def with_roles(context: Context, place_id: int) -> int:
    """Return how many people have a role at a place or below."""
    path = select(Place.path).where(Place.id == place_id).scalar_subquery()
    there = select(func.count(Role.person_id.distinct())).join(Place, Place.id == Role.place_id)
    return context.session.scalar(there.where(Place.path.startswith(path))) or 0


def _count(context: Context, *where: ColumnElement[bool] | TextClause) -> int:
    some: Select[int] = select(1).where(*where).limit(MANY)
    return context.session.scalar(select(func.count()).select_from(some.subquery())) or 0


def _open(context: Context, actor: Actor, place_id: int) -> PlaceRegister:
    """Open the register for somebody who may change this place. Raises PlaceRefused."""
    if context.rules.tree.find(place_id) is None:
        raise PlaceRefused(Trouble.GONE)
    if not may(context, actor, place_id):
        raise PlaceRefused(Trouble.NOT_YOURS)
    return PlaceRegister(context.session, context.now)


def _change(
    context: Context, actor: Actor, place_id: int, action: str, change: Callable[[PlaceRegister, Place], None],
    **facts: Any,
) -> None:  # fmt: skip
    register = _open(context, actor, place_id)
    place = register.get(place_id)
    change(register, place)
    register.write()
    _note(context, actor, action, place, **facts)


def _note(context: Context, actor: Actor, action: str, place: Place, **facts: Any) -> None:
    audit.record(context, actor, action, place_id=place.id, **facts)
