"""What whoever leads does to a case, by command or by button: carried out, told to everybody concerned, answered."""

from cases import leading, leaving, life, own_cases
from cases.given import Given
from cases.states import Action
from handlers import ticks, words
from handlers.announce import announce
from handlers.message import Message
from handlers.priority import EMERGENCY, NOTICE
from handlers.talk import Talk
from handlers.task_card import task_card
from handlers.texts import Translate
from storage.models import Case


def escalate(talk: Talk, case: Case, said: str) -> None:
    """催办/升级: tell the holders of the case and the next rung now; `said` goes with it. For whoever leads there."""
    holders = ticks.holders(talk, case, case.steward_id or case.answerable_id)
    step = leading.escalate(talk.context, case, talk.actor, holders, said)
    announce(talk, [step])
    told: list[int] = (step.given.data or {})["told"]
    for person in told:
        _show(talk, case, person, said)
    names = talk.t(", ").join(words.name_of(talk, person, talk.t) for person in told)
    answer(talk, case, talk.t("Told: {names}.").format(names=names))


def _show(talk: Talk, case: Case, person: int, said: str) -> None:
    def say(t: Translate) -> Message:
        asks = t("⬆ {name} asks you to see to it: {words}") if said else t("⬆ {name} asks you to see to it.")
        return task_card(talk, case, person, t, alert=asks.format(name=talk.person.name, words=said))

    talk.tell(person, say, case_id=case.id, priority=EMERGENCY if case.emergency else NOTICE)


def hasten(talk: Talk, case: Case, _argument: str) -> None:
    """加急: from now on the case has a share of the time that is left."""
    step = life.act(talk.context, case, Action.HASTEN, talk.actor)
    announce(talk, [step])
    answer(talk, case, talk.t("It is urgent now. The deadlines have changed."))


def ease(talk: Talk, case: Case, _argument: str) -> None:
    """普通: the case has the whole time of its kind again."""
    step = life.act(talk.context, case, Action.EASE, talk.actor)
    announce(talk, [step])
    answer(talk, case, talk.t("It is not urgent any more. The deadlines have changed."))


def decline(talk: Talk, case: Case, said: str) -> None:
    """驳回: the resident reads why, and where to turn instead; whoever had it in hand hears as well."""
    announce(talk, [life.act(talk.context, case, Action.DECLINE, talk.actor, Given(said))])
    answer(talk, case, talk.t("Declined, with your words."))


def reopen(talk: Talk, case: Case, said: str) -> None:
    """重开: for admins alone; `said` is read by the resident and the steward."""
    steps = own_cases.reopen(talk.context, case, talk.actor, said, talk.t(words.OWN_CASE))
    announce(talk, [*steps, *leaving.settle(talk.context, case)])
    answer(talk, case, talk.t("It is open again."))


def note(talk: Talk, case: Case, said: str) -> None:
    """备注: what staff alone may read."""
    announce(talk, [life.act(talk.context, case, Action.NOTE, talk.actor, Given(said))])
    answer(talk, case, talk.t("Noted, for staff only."))


def answer(talk: Talk, case: Case, text: str) -> None:
    """Answer what was done: a press in place of its menu, a command with the card as the case stands now."""
    title = words.headline(talk.rules, case, talk.t)
    if talk.inbound.press is not None:
        talk.redraw(Message(text, title=title, card=f"more:{case.id}"), case_id=case.id)
    elif life.handles(talk.context, case, talk.actor):
        card = task_card(talk, case, talk.person.person_id, talk.t, alert=text)
        talk.say(card, case_id=case.id)
    else:
        talk.say(Message(text, title=title), case_id=case.id)
