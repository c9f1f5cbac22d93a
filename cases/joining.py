"""关联 and 取消关联: two people who are one human become one person, and part again.

Whoever is named in `config.yaml` stays, else who holds a role, else who was there first. The other keeps their row,
with `merged_into`; their identities remember in `own_person_id` whose they were. History keeps the numbers it has.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import exists, select, update

from cases import audit, joined_rows
from cases.context import Actor, Context
from cases.refusal import Refused, Why
from cases.states import HELD
from storage import people
from storage.link_models import Joining
from storage.models import Case, Identity, Person, Role

FILLED = "filled"  # in `Joining.moved`: which choices were taken over because they were not known
CHOICES = ("language", "phone", "home_id", "consent_at")  # of a person, taken over where they are missing
ROLE_OF_WORK = "steward"


@dataclass(frozen=True, slots=True)
class Part:
    """Somebody who was joined: who they were, and the chats they came with."""

    person_id: int
    identities: tuple[Identity, ...]


def join(context: Context, one_id: int, other_id: int) -> Joining:
    """Make two people one; return what was joined to whom. What goes along is said in `cases.joined_rows`.

    Raises Refused: BUSY where an update of theirs is being dealt with, WRONG_STATE where they are one already or one
    was joined to somebody meanwhile, OTHER_KIND where config.yaml names both.
    """
    one, other = _locked(context, one_id, other_id)
    if one.id == other.id or one.merged_into is not None or other.merged_into is not None:
        raise Refused(Why.WRONG_STATE)
    if one.key is not None and other.key is not None:
        raise Refused(Why.OTHER_KIND)
    stays, goes = _in_order(context, one, other)
    # Of who goes no role is the file's; of who stays the next start would take what it did not give.
    theirs = (Role.person_id == goes.id, Role.given_by.is_(None))
    context.session.execute(update(Role).where(*theirs).values(given_by=goes.id))
    moved = joined_rows.move(context.session, goes.id, stays.id)
    moved[FILLED] = _fill(context, stays, goes)
    _point(context, goes.id, stays.id)
    stays.linked, goes.linked, goes.merged_into = True, False, stays.id
    row = Joining(person_id=stays.id, joined_id=goes.id, at=context.now, moved=moved)
    context.session.add(row)
    context.session.flush()
    _forget(context)
    audit.record(context, Actor(stays.id), "link", person_id=goes.id)
    return row


def parts(context: Context, person_id: int) -> list[Part]:
    """Return who was joined to a person, the first first."""
    theirs = select(Identity).where(Identity.person_id == person_id, Identity.own_person_id.is_not(None))
    found: dict[int, list[Identity]] = {}
    for identity in context.session.scalars(theirs.order_by(Identity.id)):
        found.setdefault(identity.own_person_id or 0, []).append(identity)
    return [Part(person, tuple(identities)) for person, identities in found.items()]


def part(context: Context, person_id: int, leaving_id: int) -> Person:
    """Part somebody who was joined; return who left.

    What they brought goes with them, as far as it is still there; so do cases that were filed through their chats
    since, and tasks that only their roles allow. Raises Refused: WRONG_STATE where they are not joined, BUSY as `join`.
    """
    stays, goes = _locked(context, person_id, leaving_id)
    if goes.merged_into != stays.id:
        raise Refused(Why.WRONG_STATE)
    session = context.session
    mine = select(Joining).where(Joining.person_id == stays.id, Joining.parted_at.is_(None)).order_by(Joining.id)
    active = list(session.scalars(mine))
    joining = next(each for each in reversed(active) if each.joined_id == goes.id)
    goes.merged_into = None
    session.flush()
    came_before = [each.moved for each in active if each.id < joining.id]
    joined_rows.move_back(session, joining.moved, came_before, stays.id, goes.id)
    _take_chats(context, stays.id, goes.id)
    session.flush()
    theirs = session.scalars(select(Case.id).where(Case.reporter_id == goes.id).order_by(Case.id)).all()
    joined_rows.exchange_answers(session, theirs, stays.id, goes.id)
    _take_work(context, stays.id, goes.id)
    _empty(stays, goes, joining.moved[FILLED])
    joining.parted_at = context.now
    session.flush()
    stays.linked = bool(session.scalar(select(exists().where(Person.merged_into == stays.id))))
    session.flush()
    _forget(context)
    audit.record(context, Actor(stays.id), "unlink", person_id=goes.id)
    return goes


def _forget(context: Context) -> None:
    """Whatever was looked up of either is no longer so."""
    context.session.flush()
    context.session.expire_all()
    context.known.clear()


def _locked(context: Context, one_id: int, other_id: int) -> tuple[Person, Person]:
    """Return both, locked, with the turns of all their identities. Raises Refused(BUSY).

    The lowest number first. A lock that leaves the key alone, so that nobody who writes a reference to them waits.
    """
    session, both = context.session, {one_id, other_id}
    columns = select(Identity.channel, Identity.user).where(Identity.person_id.in_(both))
    if not people.take_turns(session, [(row.channel, row.user) for row in session.execute(columns)]):
        raise Refused(Why.BUSY)
    rows = select(Person).where(Person.id.in_(both)).order_by(Person.id).with_for_update(key_share=True)
    found = {person.id: person for person in session.scalars(rows.execution_options(populate_existing=True))}
    return found[one_id], found[other_id]


def _in_order(context: Context, one: Person, other: Person) -> tuple[Person, Person]:
    """Return who stays, and who becomes part of them."""
    held = set(context.session.scalars(select(Role.person_id).where(Role.person_id.in_((one.id, other.id)))))
    stays, goes = sorted((one, other), key=lambda each: (each.key is None, each.id not in held, each.id))
    return stays, goes


def _fill(context: Context, stays: Person, goes: Person) -> list[str]:
    """Take over choices where they are missing, and that somebody is away; return which were taken over."""
    names = [name for name in CHOICES if getattr(stays, name) is None and getattr(goes, name) is not None]
    for name in names:
        setattr(stays, name, getattr(goes, name))
    if "home_id" in names:
        stays.home_detail = goes.home_detail
    away = max((each.away_until for each in (stays, goes) if each.away_until), default=None)
    if away is not None and away != stays.away_until:
        stays.away_until, stays.cover_id = away, goes.cover_id
        names.append("away_until")
    if stays.cover_id in (stays.id, goes.id):  # nobody stands in for themselves
        stays.cover_id = None
    context.session.flush()
    return names


def _empty(stays: Person, goes: Person, filled: Sequence[str]) -> None:
    """Take back what was taken over and has not been changed since; that they were told of it stays."""
    for name in filled:
        if name != "consent_at" and getattr(stays, name) == getattr(goes, name):
            setattr(stays, name, None)
            if name == "home_id":
                stays.home_detail = ""
            if name == "away_until":
                stays.cover_id = None


def _point(context: Context, goes: int, stays: int) -> None:
    """Point everything that says who somebody is now at who stays: no chains."""
    session = context.session
    own = update(Identity).where(Identity.person_id == goes, Identity.own_person_id.is_(None))
    session.execute(own.values(own_person_id=goes))
    session.execute(update(Identity).where(Identity.person_id == goes).values(person_id=stays))
    session.execute(update(Person).where(Person.merged_into == goes).values(merged_into=stays))
    active = (Joining.person_id == goes, Joining.parted_at.is_(None))
    session.execute(update(Joining).where(*active).values(person_id=stays))


def _take_chats(context: Context, stays: int, goes: int) -> None:
    """Give back the chats of who leaves, with what was filed through them."""
    session = context.session
    theirs = select(Identity).where(Identity.person_id == stays, Identity.own_person_id == goes).order_by(Identity.id)
    for identity in session.scalars(theirs).all():
        identity.person_id, identity.own_person_id = goes, None
        joined_rows.take_chat(session, identity.channel, identity.chat, stays, goes)
    session.flush()


def _take_work(context: Context, stays: int, goes: int) -> None:
    """Give who leaves the tasks that are theirs by role: of those in hand, what the other has no role for any more."""
    for case in context.session.scalars(
        select(Case).where(Case.steward_id == stays, Case.state.in_(HELD)).order_by(Case.id).with_for_update()
    ).all():
        if not _has_role(context, stays, case) and _has_role(context, goes, case):
            case.steward_id = goes
            case.answerable_id = goes if case.answerable_id == stays else case.answerable_id
    context.session.flush()


def _has_role(context: Context, person_id: int, case: Case) -> bool:
    roles = people.roles_of(context.session, person_id)
    covers = context.rules.tree.covers
    return any(held.role == ROLE_OF_WORK and covers(held.place_id, case.place_id) for held in roles)
