"""群发: a warning to everybody at a place and below, from its draft to the last copy, and what people answer.

A copy is a row of the outbox, written some people at a time with `up_to` in the same transaction: so a restart goes on
where it stopped, and two processes never write the same copies.
"""

from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import Session

from cases import audit
from cases.context import Actor, Context
from cases.dispatch import holders
from cases.places import PlaceTree
from cases.refusal import Refused, Why
from storage.admin_models import Broadcast, BroadcastAnswer
from storage.message_models import Outgoing
from storage.models import Person, Place, Role
from storage.people import all_of
from storage.upsert import insert_or_ignore

STRIDE = 300  # numbers of people looked through in one transaction, each of whom may get a copy
EVERYBODY = 2**62  # `up_to` once every copy is written
DRAFT_LASTS = timedelta(hours=12)  # older, it is to be written anew: the weather has changed
SECOND_WITHIN = timedelta(hours=2)  # a second admin agrees to what is true now
LASTS = timedelta(hours=12)  # a copy that cannot be sent for so long is no warning any more
KEPT_IN_VIEW = 20  # of the latest warnings, among which an admin's own are looked for


class Stage(StrEnum):
    """How far a warning is."""

    DRAFT = "draft"
    SECOND = "second"  # waits for a second admin
    SENDING = "sending"
    STOPPING = "stopping"  # what is on its way arrives, the rest is dropped
    STOPPED = "stopped"
    DONE = "done"
    CANCELLED = "cancelled"  # by who made it
    REFUSED = "refused"  # by the second admin


UNDER_WAY = (Stage.DRAFT, Stage.SECOND, Stage.SENDING, Stage.STOPPING)  # not over yet
BEGUN = (Stage.SENDING, Stage.STOPPING, Stage.STOPPED, Stage.DONE)


def may_warn(context: Context, actor: Actor, place_id: int) -> bool:
    """Tell whether the person is admin of the place or of one above it."""
    return any(r.role == "admin" and context.rules.tree.covers(r.place_id, place_id) for r in actor.roles)


def count(context: Context, place_id: int) -> int:
    """Return how many people a warning to the place is for."""
    everybody = select(func.count()).select_from(Person).where(*_is_for(context.rules.tree, place_id))
    return context.session.scalar(everybody) or 0


def needs_second(context: Context, people: int) -> bool:
    """Tell whether so many people are too many for one admin's word."""
    return people > context.rules.settings.broadcast.second_admin_above


def seconds(context: Context, warning: Broadcast) -> list[int]:
    """Return the admins who may agree to it, the nearest first: not who made it, and only whom we can ask."""
    found = holders(context, warning.place_id, "admin", reachable=True)
    return list(dict.fromkeys(each.person_id for each in found if each.person_id != warning.made_by))


def make(
    context: Context, actor: Actor, place_id: int, words: str, photo: int | None, channel: str, chat: str
) -> Broadcast:
    """Keep a draft; `photo` is an attachment's id, its progress will be shown in `chat`. Raises Refused(NOT_YOURS)."""
    if actor.person_id is None or not may_warn(context, actor, place_id):
        raise Refused(Why.NOT_YOURS)
    draft = Broadcast(
        place_id=place_id, words=words, attachment_id=photo, buttons=["safe", "help"], state=Stage.DRAFT,
        made_by=actor.person_id, made_channel=channel, made_chat=chat, created_at=context.now, total=0, up_to=0,
    )  # fmt: skip
    context.session.add(draft)
    context.session.flush()
    return draft


def load(context: Context, number: int) -> Broadcast:
    """Return a warning, locked until the end of the transaction. Raises Refused(NOT_FOUND)."""
    found = context.session.get(Broadcast, number, with_for_update=True)
    if found is None:
        raise Refused(Why.NOT_FOUND)
    return found


def draft_of(context: Context, number: int, actor: Actor) -> Broadcast:
    """Return the person's own draft, to be changed. Raises Refused."""
    draft = load(context, number)
    if draft.made_by != actor.person_id or not may_warn(context, actor, draft.place_id):
        raise Refused(Why.NOT_YOURS)
    if draft.state != Stage.DRAFT:
        raise Refused(Why.WRONG_STATE)
    if draft.created_at + DRAFT_LASTS < context.now:
        raise Refused(Why.TOO_LATE)
    return draft


def confirm(context: Context, draft: Broadcast, actor: Actor) -> None:
    """Send it, or ask a second admin first. Raises Refused; NO_ROOM where there is no second admin to ask."""
    people = count(context, draft.place_id)
    asks = needs_second(context, people)
    if asks and not seconds(context, draft):
        raise Refused(Why.NO_ROOM)
    draft.confirmed_at, draft.total = context.now, people
    if asks:
        draft.state = Stage.SECOND
    else:
        _start(context, draft)
    _write_down(context, draft, actor, "made")


def decide(context: Context, number: int, actor: Actor, *, agreed: bool) -> Broadcast:
    """A second admin agrees, and it is sent, or does not. Raises Refused."""
    warning = load(context, number)
    if not may_warn(context, actor, warning.place_id) or warning.made_by == actor.person_id:
        raise Refused(Why.NOT_YOURS)
    if warning.state != Stage.SECOND:
        raise Refused(Why.WRONG_STATE)
    if (warning.confirmed_at or warning.created_at) + SECOND_WITHIN < context.now:
        raise Refused(Why.TOO_LATE)
    warning.second_by = actor.person_id
    if agreed:
        warning.total = count(context, warning.place_id)
        _start(context, warning)
    else:
        warning.state, warning.finished_at = Stage.REFUSED, context.now
    _write_down(context, warning, actor, "confirmed" if agreed else "refused")
    return warning


def cancel(context: Context, number: int, actor: Actor) -> Broadcast:
    """Its maker thinks better of it before it is sent. Raises Refused."""
    warning = load(context, number)
    if warning.made_by != actor.person_id:
        raise Refused(Why.NOT_YOURS)
    if warning.state not in (Stage.DRAFT, Stage.SECOND):
        raise Refused(Why.WRONG_STATE)
    warning.state, warning.finished_at = Stage.CANCELLED, context.now
    return warning


def stop(context: Context, number: int, actor: Actor) -> Broadcast:
    """Send no more copies than are on their way. Raises Refused."""
    warning = load(context, number)
    if not may_warn(context, actor, warning.place_id):
        raise Refused(Why.NOT_YOURS)
    if warning.state != Stage.SENDING:
        raise Refused(Why.WRONG_STATE)
    warning.state = Stage.STOPPING
    _write_down(context, warning, actor, "stopped")
    return warning


def finish(context: Context, warning: Broadcast) -> None:
    """Nothing of it is to be sent any more."""
    warning.state = Stage.DONE if warning.state == Stage.SENDING else Stage.STOPPED
    warning.finished_at = context.now


def under_way(session: Session) -> Sequence[int]:
    """Return the warnings that are being sent or stopped, the oldest first."""
    moving = select(Broadcast.id).where(Broadcast.state.in_((Stage.SENDING, Stage.STOPPING))).order_by(Broadcast.id)
    return session.scalars(moving).all()


def claim(session: Session, number: int) -> Broadcast | None:
    """Take a warning under way for this transaction; None where it is over, or another process has it."""
    moving = Broadcast.state.in_((Stage.SENDING, Stage.STOPPING))
    return session.scalar(select(Broadcast).where(Broadcast.id == number, moving).with_for_update(skip_locked=True))


def next_people(context: Context, warning: Broadcast) -> Sequence[int]:
    """Return the next people who get a copy, and note how far this is; `up_to` says when it was the last of them."""
    session, after = context.session, warning.up_to
    warning.up_to = after + STRIDE
    stretch = (Person.id > after, Person.id <= warning.up_to)
    # Who was joined to somebody else meanwhile may have a copy already, under their former number.
    has = exists().where(Outgoing.broadcast_id == warning.id, Outgoing.person_id == Person.id)
    mine = (*stretch, *_is_for(context.rules.tree, warning.place_id), or_(Person.linked.is_(False), ~has))
    people = session.scalars(select(Person.id).where(*mine).order_by(Person.id)).all()
    if (session.scalar(select(func.max(Person.id))) or 0) <= warning.up_to:
        warning.up_to = EVERYBODY
    return people


def latest(context: Context, actor: Actor, most: int) -> list[Broadcast]:
    """Return the newest warnings that were sent where this admin leads."""
    newest = select(Broadcast).where(Broadcast.state.in_(BEGUN)).order_by(Broadcast.id.desc()).limit(KEPT_IN_VIEW)
    mine = [found for found in context.session.scalars(newest) if may_warn(context, actor, found.place_id)]
    return mine[:most]


def got(session: Session, number: int, person_id: int) -> bool:
    """Tell whether somebody is among those whom the warning is sent to."""
    people = all_of(session, person_id)
    copy = exists().where(Outgoing.broadcast_id == number, Outgoing.person_id.in_(people))
    return bool(session.scalar(select(copy)))


def answer(context: Context, number: int, person_id: int, what: str) -> BroadcastAnswer:
    """Note what somebody answers, "safe" or "help"; the last word counts."""
    key = {"broadcast_id": number, "person_id": person_id}
    insert_or_ignore(context.session, BroadcastAnswer, {**key, "answer": what, "at": context.now})
    found = context.session.get_one(BroadcastAnswer, key, with_for_update=True)
    found.answer, found.at = what, context.now
    return found


def _start(context: Context, warning: Broadcast) -> None:
    warning.state, warning.started_at = Stage.SENDING, context.now


def _is_for(tree: PlaceTree, place_id: int) -> tuple[ColumnElement[bool], ...]:
    """Return who gets a warning: whoever lives at the place or below, and whoever has a role there.

    Who has joined two channels is one person, wherever they said that they live.
    """
    path = "".join(f"{node.id}/" for node in reversed(tree.ancestors(place_id)))
    below = select(Place.id).where(Place.path.startswith(f"/{path}"))
    with_role = select(Role.person_id).where(Role.place_id.in_(below))
    also = select(Person.merged_into).where(Person.merged_into.is_not(None), Person.home_id.in_(below))
    theirs = or_(Person.home_id.in_(below), Person.id.in_(with_role), Person.id.in_(also))
    return Person.merged_into.is_(None), theirs


def _write_down(context: Context, warning: Broadcast, actor: Actor, what: str) -> None:
    place, people = warning.place_id, warning.total
    audit.record(context, actor, f"broadcast.{what}", place_id=place, broadcast=warning.id, people=people)
