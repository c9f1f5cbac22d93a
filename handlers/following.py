"""我也遇到: following a case, and joining two that are the same."""

from itertools import islice

from sqlalchemy import select

from cases import filing, leading, life
from cases.context import CLOCK, parties
from cases.given import Given
from cases.life import Step
from cases.likeness import near
from cases.refusal import Refused, Why
from cases.states import Action, Party
from handlers import words
from handlers.announce import announce
from handlers.mask import mask
from handlers.message import Choice, Message
from handlers.pages import number_of
from handlers.talk import Talk
from storage.models import IS_UNDER_WAY, Case

OFFERED = 8  # cases to join with


def follow(talk: Talk, case: Case, _argument: str) -> None:
    """Say "me too" on a card of a group, or near one's own home."""
    if not _is_near(talk, case):
        raise Refused(Why.NOT_YOURS)
    join(talk, case)
    talk.toast(talk.t("Noted: you follow {case}.").format(case=words.headline(talk.rules, case, talk.t)))


def _is_near(talk: Talk, case: Case) -> bool:
    if talk.in_group:
        return (case.group_channel, case.group_chat) == (talk.inbound.channel, talk.inbound.chat)
    return talk.person.home_id is not None and case.place_id in near(talk.rules.tree, talk.person.home_id)


def join(talk: Talk, case: Case) -> None:
    """Follow: hear every step, and make the case more urgent from so many followers on."""
    step = life.act(talk.context, case, Action.FOLLOW, talk.actor)
    count = len(filing.followers(talk.context, case))
    steps = [step]
    many = count >= talk.rules.settings.me_too.urgent_from
    if many and not case.urgent and not leading.was_eased(talk.context, case):
        steps.append(life.act(talk.context, case, Action.HASTEN, CLOCK, Given(data={"followers": count})))
    announce(talk, steps)


def unfollow(talk: Talk, case: Case, _argument: str) -> None:
    """Follow it no more."""
    step = life.act(talk.context, case, Action.UNFOLLOW, talk.actor)
    talk.toast(talk.t("You do not hear of it any more."))
    announce(talk, [step])


def choose(talk: Talk, case: Case, _argument: str) -> None:
    """Show the open cases of the same kind around, to join this one with."""
    life.require(talk.context, case, Action.MERGE, talk.actor)
    if talk.rules.category(case).private:
        raise Refused(Why.PRIVATE)
    newest = (
        select(Case).where(Case.category == case.category, Case.kind == case.kind, Case.id != case.id,
                           IS_UNDER_WAY)
        .order_by(Case.id.desc()).limit(OFFERED * 4)
    )  # fmt: skip
    led = {Party.COORDINATOR, Party.ADMIN}
    leads = (other for other in talk.session.scalars(newest) if parties(talk.context, other, talk.actor) & led)
    found = list(islice(leads, OFFERED))
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
    steps = unite(talk, case, life.load(talk.context, number))
    title = words.headline(talk.rules, case, talk.t)
    text = talk.t("Joined to #{number}.").format(number=number)
    talk.redraw(Message(text, title=title, card=f"more:{case.id}"), case_id=case.id)
    for step in steps:
        announce(talk, [step])


def unite(talk: Talk, case: Case, into: Case) -> list[Step]:
    """Join one case to another. Raises Refused; what is private has no followers, so it is never joined."""
    life.require(talk.context, case, Action.MERGE, talk.actor)
    if talk.rules.category(case).private or talk.rules.category(into).private:
        raise Refused(Why.PRIVATE)
    return filing.merge(talk.context, case, into, talk.actor)


def _line(talk: Talk, case: Case) -> str:
    shown = mask(case.words).replace("\n", " ")[:20]
    return f"#{case.id} {talk.rules.tree.short(case.place_id)} · {shown}"
