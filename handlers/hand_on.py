"""转派 and 派单: choosing who gets a case, by button."""

from collections.abc import Sequence

from cases import dispatch, life
from cases.given import Given
from cases.life import Step
from cases.refusal import Refused, Why
from cases.states import Action
from handlers import words
from handlers.announce import announce
from handlers.message import Choice, Message, Rows
from handlers.pages import number_of, page_of, turn
from handlers.talk import Talk
from storage.models import Case

PER_PAGE = 8


def choose(talk: Talk, case: Case, argument: str) -> None:
    """Show who could take the case."""
    t, found = talk.t, suitable(talk, case)
    people, page, pages = page_of(found, number_of(argument), PER_PAGE)
    more = turn(page, pages, f"c:transfer:{case.id}:{{page}}", t)
    text = t("Who should take it?") if found else t("There is no other steward here.")
    message = question(talk, case, people, text, more)
    if argument:
        talk.redraw(message, case_id=case.id)
    else:
        talk.say(message, case_id=case.id)


def suitable(talk: Talk, case: Case) -> list[dispatch.Holder]:
    """Return who could take the case instead, the nearest first. Raises Refused where it cannot be handed on now."""
    life.require(talk.context, case, _action(case), talk.actor)
    return dispatch.choices(talk.context, case)


def question(talk: Talk, case: Case, people: Sequence[dispatch.Holder], text: str, more: Rows = ()) -> Message:
    """Return the question who should take it, with these people as buttons."""
    rows = [(Choice(_label(talk, holder), f"c:to:{case.id}:{holder.person_id}"),) for holder in people]
    leave = (Choice(talk.t("Never mind"), f"c:leave:{case.id}"),)
    title = words.headline(talk.rules, case, talk.t)
    return Message(text, title=title, choices=(*rows, *more, leave), card=_key(case))


def leave(talk: Talk, case: Case, _argument: str) -> None:
    """Leave the case where it is."""
    talk.redraw(Message(talk.t("Left as it was."), card=_key(case)), case_id=case.id)


def give(talk: Talk, case: Case, argument: str) -> None:
    """Give the case to the person whose button was pressed."""
    step = hand(talk, case, number_of(argument))
    talk.toast(talk.t("Handed on."))
    title = words.headline(talk.rules, case, talk.t)
    talk.redraw(Message(words.who(talk, case, talk.t), title=title, card=_key(case)), case_id=case.id)
    announce(talk, [step])


def hand(talk: Talk, case: Case, target: int) -> Step:
    """Give the case to a steward of its place. Raises Refused."""
    found = suitable(talk, case)
    if target == case.steward_id:
        raise Refused(Why.WRONG_STATE)
    if not any(holder.person_id == target for holder in found):
        raise Refused(Why.NOT_A_STEWARD)
    dispatch.note_assigned(talk.context, target)
    return life.act(talk.context, case, _action(case), talk.actor, Given(steward_id=target))


def _key(case: Case) -> str:
    return f"hand:{case.id}"


def _action(case: Case) -> Action:
    return Action.ASSIGN if case.steward_id is None else Action.TRANSFER


def _label(talk: Talk, holder: dispatch.Holder) -> str:
    """Return the name with its title; of who is away also until when."""
    name, until = words.name_of(talk, holder.person_id, talk.t), talk.reach(holder.person_id).away_until
    label = f"{name} · {holder.title}" if holder.title else name
    if not holder.away or until is None:
        return label
    return talk.t("{name} (away until {time})").format(name=label, time=words.time(talk, until, talk.t))
