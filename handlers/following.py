"""我也遇到: following a case, and joining two that are the same."""

from itertools import islice

from sqlalchemy import exists, select

from cases import filing, life
from cases.context import at_hand, parties
from cases.life import Step
from cases.likeness import near
from cases.refusal import Refused, Why
from cases.states import LEADERS, MOVES, UNDER_WAY, Action, Party, State
from handlers import words
from handlers.announce import announce
from handlers.follow_card import follow_card
from handlers.mask import mask
from handlers.message import Choice, Message
from handlers.pages import number_of
from handlers.talk import Talk
from storage.models import IS_UNDER_WAY, Case, HistoryEntry

OFFERED = 8  # cases to join with


def follow(talk: Talk, case: Case, _argument: str) -> None:
    """Say "me too" on a card of a group, near one's own home, or about what one has followed before."""
    if _follows(talk, case):
        talk.toast(talk.t("You follow it already."))
        return
    if not (_is_near(talk, case) or _has_left(talk, case)):
        raise Refused(Why.NOT_YOURS)
    if State(case.state) not in MOVES[Action.FOLLOW].sources:
        talk.toast(_what_became_of(talk, case))
        return
    join(talk, case)
    talk.toast(talk.t("Noted: you follow {case}.").format(case=words.headline(talk.rules, case, talk.t)))
    if not talk.in_group:
        _show(talk, case, follows=True)


def join(talk: Talk, case: Case) -> None:
    """Follow: hear every step, and make the case more urgent from so many followers on."""
    announce(talk, filing.follow(talk.context, case, talk.actor))


def unfollow(talk: Talk, case: Case, _argument: str) -> None:
    """Follow it no more. Of a case that was joined with another, that one is shown: it is what is followed now."""
    last = filing.joined_to(talk.context, case)
    if not _follows(talk, last):
        talk.toast(talk.t("You do not follow it."))
    elif last is not case:
        talk.toast(_what_became_of(talk, case))
        _show(talk, last, follows=True)
    else:
        step = life.act(talk.context, case, Action.UNFOLLOW, talk.actor)
        talk.toast(talk.t("You do not hear of it any more."))
        _show(talk, case, follows=False)
        announce(talk, [step])


def _what_became_of(talk: Talk, case: Case) -> str:
    last = filing.joined_to(talk.context, case)
    if last is not case:
        return talk.t("#{number} was joined to #{other}.").format(number=case.id, other=last.id)
    return talk.t("#{number}: {state}").format(number=case.id, state=words.state(case, talk.t))


def _follows(talk: Talk, case: Case) -> bool:
    return Party.FOLLOWER in at_hand(talk.context, case, talk.actor)


def _is_near(talk: Talk, case: Case) -> bool:
    if talk.in_group:
        return (case.group_channel, case.group_chat) == (talk.inbound.channel, talk.inbound.chat)
    return talk.person.home_id is not None and case.place_id in near(talk.rules.tree, talk.person.home_id)


def _has_left(talk: Talk, case: Case) -> bool:
    left = (HistoryEntry.action == Action.UNFOLLOW, HistoryEntry.actor_id.in_(talk.all_of(talk.person.person_id)))
    return bool(talk.session.scalar(select(exists().where(HistoryEntry.case_id == case.id, *left))))


def _show(talk: Talk, case: Case, *, follows: bool) -> None:
    talk.redraw(follow_card(talk.rules, case, talk.t, follows=follows), case_id=case.id)


def choose(talk: Talk, case: Case, _argument: str) -> None:
    """Show the open cases of the same kind around, to join this one with."""
    life.require(talk.context, case, Action.MERGE, talk.actor)
    if words.is_private(talk.rules, case):
        raise Refused(Why.PRIVATE)
    newest = (
        select(Case).where(Case.category == case.category, Case.kind == case.kind, Case.id != case.id,
                           IS_UNDER_WAY)
        .order_by(Case.id.desc()).limit(OFFERED * 4)
    )  # fmt: skip
    found = list(islice((other for other in talk.session.scalars(newest) if _may_join(talk, other)), OFFERED))
    rows = [(Choice(_line(talk, other), f"c:mergeto:{case.id}:{other.id}"),) for other in found]
    leave = (Choice(talk.t("Never mind"), f"c:less:{case.id}"),)
    text = talk.t("Which case is the same? This one is joined to it.") if found else talk.t("There is no other one.")
    title = words.headline(talk.rules, case, talk.t)
    talk.redraw(Message(text, title=title, choices=(*rows, leave), card=f"more:{case.id}"), case_id=case.id)


def merge(talk: Talk, case: Case, argument: str) -> None:
    """Join the case to another one; whoever told or follows it follows the other."""
    number = number_of(argument)
    if number == case.id:
        raise Refused(Why.WRONG_STATE)
    into = life.load(talk.context, number)  # locked together with `case` already
    steps = unite(talk, case, into)
    if steps:
        _answer(talk, case, talk.t("Joined to #{number}.").format(number=into.id))
    for step in steps:
        announce(talk, [step])


def unite(talk: Talk, case: Case, into: Case) -> list[Step]:
    """Join one case to another; nothing where one of them is over meanwhile, which is said.

    Raises Refused; what is private has no followers, so it is never joined.
    """
    if not all(_leads(talk, each) for each in (case, into)):
        raise Refused(Why.NOT_YOURS)
    if any(words.is_private(talk.rules, each) for each in (case, into)):
        raise Refused(Why.PRIVATE)
    return [] if _is_over(talk, case, into) else filing.merge(talk.context, case, into, talk.actor)


def _leads(talk: Talk, case: Case) -> bool:
    return bool(parties(talk.context, case, talk.actor) & LEADERS)


def _may_join(talk: Talk, case: Case) -> bool:
    """Tell whether the reader leads where the case is, and no resident would read what is private."""
    return _leads(talk, case) and not words.is_private(talk.rules, case)


def _is_over(talk: Talk, case: Case, into: Case) -> bool:
    """Tell whether one of the two is over meanwhile, and say so: another leader may have joined them the other way."""
    over = next((each for each in (case, into) if State(each.state) not in UNDER_WAY), None)
    if over is None:
        return False
    if case.merged_into == into.id:
        text = talk.t("Joined to #{number}.").format(number=into.id)
    else:
        text = talk.t("#{number}: {state}. Nothing more was joined.")
        text = text.format(number=over.id, state=words.state(over, talk.t))
    _answer(talk, case, text)
    return True


def _answer(talk: Talk, case: Case, text: str) -> None:
    talk.toast(text)
    title = words.headline(talk.rules, case, talk.t)
    talk.redraw(Message(text, title=title, card=f"more:{case.id}"), case_id=case.id)


def _line(talk: Talk, case: Case) -> str:
    shown = mask(case.words).replace("\n", " ")[:20]
    return f"#{case.id} {talk.rules.tree.short(case.place_id)} · {shown}"
