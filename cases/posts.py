"""Who holds which role where, as admins change it: given, changed, taken at their place and below, all in the audit.

What is given or changed here is no longer `config.yaml`'s: the next start leaves it as it is. What is taken here
neither the file nor a table that is imported gives again (`RemovedRole`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import delete, insert, select

from cases import audit, leaving
from cases.context import CLOCK, Actor, Context, actor_of
from cases.refusal import Refused, Why
from storage.admin_models import RemovedRole
from storage.models import Person, Role
from storage.upsert import insert_or_ignore, table_of

ROLES = ("steward", "coordinator", "admin")


@dataclass(frozen=True, slots=True)
class Post:
    """What somebody is to do, where. A steward has a partner type."""

    role: str
    place_id: int
    partner: str | None = None
    title: str = ""
    promise: str = ""
    cap: int | None = None
    skills: tuple[str, ...] = ()


def may_manage(context: Context, actor: Actor, place_id: int) -> bool:
    """Tell whether the person is admin of the place or of one above it: then they may give and take any role there."""
    return any(held.role == "admin" and context.rules.tree.covers(held.place_id, place_id) for held in actor.roles)


def find(context: Context, person_id: int, post: Post) -> Role | None:
    """Return the role as the person holds it, whatever its title."""
    mine = (Role.person_id == person_id, Role.place_id == post.place_id, Role.role == post.role)
    return context.session.scalar(select(Role).where(*mine))


def load(context: Context, role_id: int) -> Role:
    """Return a role, locked until the end of the transaction. Raises Refused(NOT_FOUND).

    An admin's comes with those of the other admins, in the order of their numbers: who takes the one and who takes the
    other would else each hold what the other waits for.
    """
    known = context.session.get(Role, role_id)
    if known is not None and known.role == "admin":
        _other_admins(context, known, lock=True)
    found = context.session.get(Role, role_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise Refused(Why.NOT_FOUND)
    return found


def give(context: Context, giver: Actor, person_id: int, post: Post) -> Role:
    """Give somebody a role. Raises Refused: NOT_YOURS, or WRONG_STATE where they hold it already."""
    if giver.person_id is None or not may_manage(context, giver, post.place_id):
        raise Refused(Why.NOT_YOURS)
    if post.role not in ROLES or (post.role == "steward") != (post.partner is not None):
        raise ValueError(f"a {post.role} with the partner type {post.partner}")
    if find(context, person_id, post) is not None:
        raise Refused(Why.WRONG_STATE)
    role = Role(person_id=person_id, given_by=giver.person_id, **_columns(post))
    context.session.add(role)
    context.session.execute(delete(RemovedRole).where(*_taken(role)))
    context.session.flush()
    _forget(context, person_id)
    _write_down(context, giver, role, "given")
    return role


@dataclass(frozen=True, slots=True)
class TakenIn:
    """How many roles of a table were given, changed, and left out because they were taken in chat before."""

    given: int
    changed: int
    left_out: int


def take_in(context: Context, wanted: Sequence[tuple[int, Post]]) -> TakenIn:
    """Give or change the roles of a table, by nobody's word but its own; what is not said of one stays as it is.

    All at once, for a table may have thousands; an entry of the audit each, as if an admin had given them.
    """
    session = context.session
    held = {(one.person_id, one.place_id, one.role): one for one in session.scalars(select(Role))}
    merged = select(Person.id, Person.merged_into).where(Person.merged_into.is_not(None))
    now = {row.id: row.merged_into for row in session.execute(merged)}
    taken = {
        (now.get(one.person_id, one.person_id), one.place_id, one.role) for one in session.scalars(select(RemovedRole))
    }
    fresh: list[dict[str, Any]] = []
    changed = left_out = 0
    for person, post in wanted:
        role, told = held.get((person, post.place_id, post.role)), _columns(post)
        if role is not None:
            changed += _amend(context, role, told)
        elif (person, post.place_id, post.role) in taken:
            left_out += 1
        else:
            fresh.append({"person_id": person, **told})
    if fresh:
        session.execute(insert(table_of(Role)), fresh)
    for row in fresh:
        _forget(context, row["person_id"])
        _write_down(context, CLOCK, Role(**row), "given")
    return TakenIn(len(fresh), changed, left_out)


def _columns(post: Post) -> dict[str, Any]:
    return {field.name: getattr(post, field.name) for field in fields(post)} | {"skills": list(post.skills)}


def _amend(context: Context, role: Role, told: dict[str, Any]) -> bool:
    """Change what a table says otherwise of a role; tell whether it does."""
    news = {
        name: told[name] for name in ("partner", "title", "cap", "skills")
        if told[name] and (getattr(role, name) or None) != told[name]
    }  # fmt: skip
    if news:
        for name, value in news.items():
            setattr(role, name, value)
        _forget(context, role.person_id)
        _write_down(context, CLOCK, role, "changed", changed=sorted(news))
    return bool(news)


def change(context: Context, giver: Actor, role: Role, **values: Any) -> None:
    """Change partner, title, promise, cap or skills of a role loaded with `load`. Raises Refused(NOT_YOURS)."""
    if giver.person_id is None or not may_manage(context, giver, role.place_id):
        raise Refused(Why.NOT_YOURS)
    for name, value in values.items():
        if name not in ("partner", "title", "promise", "cap", "skills"):
            raise ValueError(f"{name} of a role does not change")
        setattr(role, name, value)
    role.given_by = giver.person_id
    context.session.flush()
    _forget(context, role.person_id)
    _write_down(context, giver, role, "changed", changed=sorted(values))


def take(context: Context, taker: Actor, role: Role) -> None:
    """Take a role loaded with `load`; what the person had in hand by it is to be handed on (`cases.leaving`).

    Raises Refused: NOT_YOURS, or LAST_ADMIN where nobody would be admin of the place any more.
    """
    if taker.person_id is None or not may_manage(context, taker, role.place_id):
        raise Refused(Why.NOT_YOURS)
    if role.role == "admin":
        _not_the_last(context, role)
        if not may_manage(context, actor_of(context, taker.person_id), role.place_id):  # taken while we waited
            raise Refused(Why.NOT_YOURS)
    key = {"person_id": role.person_id, "place_id": role.place_id, "role": role.role}
    insert_or_ignore(context.session, RemovedRole, {**key, "removed_by": taker.person_id, "at": context.now})
    _write_down(context, taker, role, "taken")
    context.session.delete(role)
    context.session.flush()
    _forget(context, role.person_id)
    leaving.begin(context.session, role.person_id, taker.person_id, context.now)


def is_last_admin(context: Context, role: Role) -> bool:
    """Tell whether nobody else is admin of the place or above it."""
    return role.role == "admin" and not _other_admins(context, role, lock=False)


def _not_the_last(context: Context, role: Role) -> None:
    """Two who take each other's role at once do so one after the other: both lock the same rows in the same order."""
    if not _other_admins(context, role, lock=True):
        raise Refused(Why.LAST_ADMIN)


def _other_admins(context: Context, role: Role, *, lock: bool) -> list[int]:
    above = [node.id for node in context.rules.tree.ancestors(role.place_id)]
    admins = select(Role.id, Role.person_id).where(Role.role == "admin", Role.place_id.in_(above)).order_by(Role.id)
    rows = context.session.execute(admins.with_for_update() if lock else admins).all()
    return [row.id for row in rows if row.id != role.id]


def _taken(role: Role) -> tuple[Any, ...]:
    return (
        RemovedRole.person_id == role.person_id, RemovedRole.place_id == role.place_id, RemovedRole.role == role.role,
    )  # fmt: skip


def _forget(context: Context, person_id: int) -> None:
    """What was looked up of who may do what is no longer true."""
    for key in [key for key in context.known if isinstance(key, tuple) and key[0] == "ladder"]:
        del context.known[key]
    context.known.pop(("actor", person_id), None)


def _write_down(context: Context, actor: Actor, role: Role, what: str, **facts: Any) -> None:
    told = {"role": role.role, **({"partner": role.partner} if role.partner else {}), **facts}
    audit.record(context, actor, f"role.{what}", place_id=role.place_id, person_id=role.person_id, **told)
