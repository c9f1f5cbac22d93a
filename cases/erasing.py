"""忘记我: who somebody is goes at once, their traces a few at a time; each step is a short transaction of its own.

Where they were stands in the row of `erasure` until what went there is removed. Cases that are still open go on
without their name, and are emptied when they are over.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import reduce

from sqlalchemy import ColumnElement, and_, delete, exists, func, insert, or_, select, true, update

from cases import anonymising, audit, jobs
from cases.context import Actor, Context
from cases.hands import in_hand
from cases.settings import Settings
from cases.states import OPEN, Action
from cases.traces import OF_RESIDENTS
from storage.admin_models import AuditEntry, KeptSearch, PlannedLeave
from storage.channel_models import CardCode, ChatSent
from storage.link_models import Joining, LinkCode
from storage.message_models import (
    Attachment,
    CardMessage,
    ChatWindow,
    Commission,
    Dialogue,
    InboxEntry,
    NoticeGrant,
    Offered,
    Outgoing,
    WebLine,
)
from storage.models import HAS_WORDS, Case, Follower, HistoryEntry, Identity, Person, Rating
from storage.people import all_of, roles_of
from storage.privacy_models import Erasure

SOME = 200  # rows in one transaction
CASES = 20  # cases in one: each has a story, cards and photos
WINDOW = 2000  # rows of what went out that are looked at in one
AGAIN = timedelta(hours=6)  # until their open cases are looked at again
ON_ITS_WAY = timedelta(minutes=5)  # until what is still being sent to them is looked at again
WAITED_LONG = timedelta(days=2)  # no row waits longer, see `bot.outrows.GIVE_UP`
UNSEEN = {"synchronize_session": False}
NOTHING = anonymising.NOTHING_SAID
SENT = "kept.sent"  # the mark up to which what went out is empty anyway, see `cases.retention`
WEB = "web"  # the channel that keeps lines
NAMING = {WEB: ("{user}:",), "wechat": ("m:{user}:", "e:{user}:")}
"""How the keys of updates begin that name who wrote; those of the other channels are numbers or hashes."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What hinders somebody from being forgotten, and which of their cases are open."""

    has_role: bool
    in_hand: tuple[int, ...]
    open_cases: tuple[int, ...]

    @property
    def hinders(self) -> bool:
        """Tell whether something must be handed on first."""
        return self.has_role or bool(self.in_hand)


def standing(context: Context, person_id: int) -> Standing:
    """Return how somebody stands who asks to be forgotten."""
    session, everybody = context.session, all_of(context.session, person_id)
    keys = session.scalars(select(Person.key).where(Person.id.in_(everybody)))
    named = any(key in _keys(context.rules.settings) for key in keys)
    held = tuple(case.id for person in everybody for case in session.scalars(in_hand(person)))
    mine = select(Case.id).where(Case.reporter_id.in_(everybody), Case.state.in_(OPEN)).order_by(Case.id)
    has_role = any(roles_of(session, person) for person in everybody) or named
    return Standing(has_role, held, tuple(session.scalars(mine)))


def _keys(settings: Settings) -> set[str]:
    return {person.key for person in settings.people}


def forget(context: Context, actor: Actor, veil: Callable[[str, str], str]) -> None:
    """Remove who somebody is, and note that the rest is to follow. Nothing may hinder it (`standing`).

    Of their open cases the words are still needed: `veil` takes names and numbers out of words, given the name.
    """
    assert actor.person_id is not None  # noqa: S101 - a person asks
    session, me = context.session, actor.person_id
    everybody = all_of(session, me)
    identities = session.scalars(select(Identity).where(Identity.person_id.in_(everybody))).all()
    addresses = [[one.channel, one.user, one.chat] for one in identities]
    people = session.scalars(select(Person).where(Person.id.in_(everybody))).all()
    for case in session.scalars(select(Case).where(Case.reporter_id.in_(everybody), Case.state.in_(OPEN))):
        case.words = reduce(veil, (person.name for person in people), case.words)
        case.beneficiary, case.reporter_chat = "", ""
    for channel, _user, chat in addresses:
        _drop_waiting(context, channel, chat)
    for person in people:
        _empty(person, context)
    session.flush()
    _delete(context, everybody, [identity.id for identity in identities])
    row = {"person_id": me, "asked_at": context.now, "step": STEPS[0][0], "up_to": jobs.mark(context, SENT),
           "addresses": addresses, "look_at": context.now}  # fmt: skip
    session.execute(insert(Erasure), row)
    audit.record(context, actor, "forgotten", person_id=me)
    context.known.clear()


def _empty(person: Person, context: Context) -> None:
    """Take out of a row who it was. Whom somebody was joined to stays: the traces of all of them are still to go."""
    person.key, person.name, person.phone, person.language = None, "", None, None
    person.home_id, person.home_detail, person.away_until, person.cover_id = None, "", None, None
    person.told_at = person.consent_at = None
    person.linked = False
    person.forgotten_at = context.now


def _delete(context: Context, everybody: Sequence[int], identities: Sequence[int]) -> None:
    """Take away what is theirs alone; also that they were once joined with somebody whom they have parted from.

    Wrong codes stay for their day, by number alone: who is forgotten could else go on guessing.
    """
    session = context.session
    for table in (Identity, Dialogue, KeptSearch, Follower, Commission, PlannedLeave):
        session.execute(delete(table).where(table.person_id.in_(everybody)), execution_options=UNSEEN)
    joined = or_(Joining.person_id.in_(everybody), Joining.joined_id.in_(everybody))
    session.execute(delete(Joining).where(joined), execution_options=UNSEEN)
    session.execute(delete(LinkCode).where(LinkCode.identity_id.in_(identities)), execution_options=UNSEEN)


def due(context: Context) -> int | None:
    """Return the number of an erasure that is to go on now."""
    waiting = select(Erasure.id).where(Erasure.done_at.is_(None), Erasure.look_at <= context.now)
    return context.session.scalar(waiting.order_by(Erasure.look_at).limit(1))


def go_on(context: Context, number: int) -> bool:
    """Remove the next traces; False where there is nothing to do now, or another process works on it."""
    mine = select(Erasure).where(Erasure.id == number, Erasure.done_at.is_(None), Erasure.look_at <= context.now)
    erasure = context.session.scalar(mine.with_for_update(skip_locked=True))
    if erasure is None:
        return False
    step = dict(STEPS)[erasure.step]
    if step(context, erasure):
        return True
    names = [name for name, _step in STEPS]
    if erasure.look_at <= context.now and erasure.done_at is None:
        erasure.step = names[min(names.index(erasure.step) + 1, len(names) - 1)]
    return True


def _drop_waiting(context: Context, channel: str, chat: str) -> None:
    here = (Outgoing.channel == channel, Outgoing.chat == chat, Outgoing.state == "pending")
    values = {"state": "dropped", "done_at": context.now, "error": "no longer kept", **NOTHING}
    context.session.execute(update(Outgoing).where(*here).values(**values), execution_options=UNSEEN)


def _lines(context: Context, erasure: Erasure) -> bool:
    """Lines of their web chat. What comes after they asked is somebody new."""
    chats = [chat for channel, _user, chat in erasure.addresses if channel == WEB]
    theirs = select(WebLine.id).where(WebLine.chat.in_(chats), WebLine.at <= erasure.asked_at)
    found = context.session.scalars(theirs.order_by(WebLine.id).limit(SOME)).all()
    if found:
        context.session.execute(delete(WebLine).where(WebLine.id.in_(found)), execution_options=UNSEEN)
    return bool(found)


def _keys_and_cards(context: Context, erasure: Erasure) -> bool:
    """Keys of updates that name them, and what hangs on their chats: cards, numbers in place of buttons, consents."""
    before = erasure.asked_at
    for channel, user, chat in erasure.addresses:
        for table, older in (
            (CardMessage, true()), (CardCode, true()), (Offered, Offered.at <= before),
            (NoticeGrant, NoticeGrant.granted_at <= before),
        ):  # fmt: skip
            here = and_(table.channel == channel, table.chat == chat, older)
            context.session.execute(delete(table).where(here), execution_options=UNSEEN)
        for begins in NAMING.get(channel, ()):
            named = InboxEntry.key.startswith(begins.format(user=user), autoescape=True)
            theirs = and_(InboxEntry.channel == channel, named, InboxEntry.received_at <= before)
            context.session.execute(delete(InboxEntry).where(theirs), execution_options=UNSEEN)
    return False


def _words(context: Context, erasure: Erasure) -> bool:
    """What they said in cases of others and in their own; of an open case of theirs all but the telling stays."""
    mine = _everybody(context, erasure)
    own_and_open = and_(Case.reporter_id.in_(mine), Case.state.in_(OPEN))
    needed = exists().where(Case.id == HistoryEntry.case_id, own_and_open)
    theirs = (
        select(HistoryEntry.id)
        .where(HistoryEntry.actor_id.in_(mine), HAS_WORDS, HistoryEntry.action.in_(OF_RESIDENTS),
               or_(HistoryEntry.action == Action.FILE, ~needed))
        .order_by(HistoryEntry.id).limit(SOME)
    )  # fmt: skip
    found = context.session.scalars(theirs).all()
    if found:
        anonymising.empty(context, HistoryEntry.id.in_(found))
    return bool(found)


def _ratings(context: Context, erasure: Erasure) -> bool:
    theirs = update(Rating).where(Rating.person_id.in_(_everybody(context, erasure)))
    context.session.execute(theirs.values(words="", outcome=""), execution_options=UNSEEN)
    return False


def _files(context: Context, erasure: Erasure) -> bool:
    """What they sent, but what hangs on a case that is open."""
    mine = _everybody(context, erasure)
    mine_open = and_(Case.id == Attachment.case_id, Case.state.in_(OPEN), Case.reporter_id.in_(mine))
    kept = or_(Attachment.path.is_not(None), Attachment.state == "waiting")
    theirs = select(Attachment.id).where(Attachment.person_id.in_(mine), kept, ~exists().where(mine_open))
    found = context.session.scalars(theirs.order_by(Attachment.id).limit(SOME)).all()
    if found:
        anonymising.discard(context, Attachment.id.in_(found))
    return bool(found)


def _sent(context: Context, erasure: Erasure) -> bool:
    """What went out to them: in windows over the numbers of the rows, because nothing finds them by person."""
    last = context.session.scalar(select(func.max(Outgoing.id))) or 0
    to = min(erasure.up_to + WINDOW, last)
    window = and_(Outgoing.id > erasure.up_to, Outgoing.id <= to, Outgoing.created_at <= erasure.asked_at)
    here = [and_(Outgoing.channel == channel, Outgoing.chat == chat) for channel, _user, chat in erasure.addresses]
    private = and_(window, or_(*here)) if here else None
    if private is not None and _is_on_its_way(context, private):
        erasure.look_at = context.now + ON_ITS_WAY
        return False
    theirs = and_(window, Outgoing.person_id.in_(_everybody(context, erasure)), Outgoing.state != "pending")
    context.session.execute(update(Outgoing).where(theirs).values(**NOTHING), execution_options=UNSEEN)
    if private is not None:
        nowhere = update(Outgoing).where(private, Outgoing.state != "pending")
        context.session.execute(nowhere.values(**NOTHING, chat="", error=None), execution_options=UNSEEN)
    erasure.up_to = to
    return to < last


def _is_on_its_way(context: Context, private: ColumnElement[bool]) -> bool:
    waiting = and_(private, Outgoing.state == "pending", Outgoing.created_at > context.now - WAITED_LONG)
    return context.session.scalar(select(Outgoing.id).where(waiting).limit(1)) is not None


def _audit(context: Context, erasure: Erasure) -> bool:
    """Reasons that were given by them and about them."""
    for column in (AuditEntry.actor_id, AuditEntry.person_id):
        theirs = update(AuditEntry).where(column.in_(_everybody(context, erasure)), AuditEntry.words != "")
        context.session.execute(theirs.values(words=""), execution_options=UNSEEN)
    return False


def _cases(context: Context, erasure: Erasure) -> bool:
    """Their cases that are over; while one is open the rest waits. Where they were is not needed any more."""
    _leave_chats(context, erasure)
    erasure.addresses = []
    mine = _everybody(context, erasure)
    theirs = select(Case).where(Case.reporter_id.in_(mine), Case.anonymised_at.is_(None))
    over = theirs.where(Case.state.not_in(OPEN)).order_by(Case.id).limit(CASES).with_for_update(skip_locked=True)
    found = context.session.scalars(over).all()
    if found:
        anonymising.empty_many(context, found, keep_reporter=True)
        return True
    still = context.session.scalars(theirs.with_only_columns(Case.id)).all()
    if still:
        told = and_(Outgoing.case_id.in_(still), Outgoing.state != "pending", Outgoing.created_at <= erasure.asked_at)
        context.session.execute(update(Outgoing).where(told).values(**NOTHING), execution_options=UNSEEN)
        erasure.look_at = context.now + AGAIN
    else:
        erasure.done_at = context.now
    return False


def _leave_chats(context: Context, erasure: Erasure) -> None:
    """How often and until when a platform lets us write to their chats: not where they are somebody new by now."""
    for channel, user, chat in erasure.addresses:
        somebody = exists().where(Identity.channel == channel, Identity.user == user)
        for table in (ChatWindow, ChatSent):
            here = and_(table.channel == channel, table.chat == chat, ~somebody)
            context.session.execute(delete(table).where(here), execution_options=UNSEEN)


def _everybody(context: Context, erasure: Erasure) -> list[int]:
    """Return under which numbers they acted, who was joined to them included."""
    return all_of(context.session, erasure.person_id)


Step = Callable[[Context, Erasure], bool]

STEPS: tuple[tuple[str, Step], ...] = (
    ("lines", _lines), ("keys", _keys_and_cards), ("words", _words), ("ratings", _ratings), ("files", _files),
    ("audit", _audit), ("sent", _sent), ("cases", _cases),
)  # fmt: skip
"""What is removed, in this order. A step returns whether it has to go on, and may put off the rest."""
