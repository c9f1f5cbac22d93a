"""Decides which conversation a message or a press belongs to."""

from cases import life
from cases.life import Given
from cases.refusal import Refused
from cases.states import Action
from handlers import report, words
from handlers.announce import announce
from handlers.message import Message
from handlers.talk import Talk
from handlers.task_card import task_card


def route(talk: Talk) -> None:
    """Deal with one update; nothing that a person says is left without an answer."""
    if talk.inbound.press is not None:
        _press(talk, talk.inbound.press.data)
    elif talk.inbound.unknown is not None or not _said_something(talk):
        talk.say(Message(talk.t("I can read words, photos, voice and locations. What is the matter?")))
    elif talk.inbound.text.startswith("/"):
        _command(talk, talk.inbound.text.split()[0])
    elif talk.standing is not None and talk.standing.kind == report.KIND:
        report.hear(talk)
    else:
        report.begin(talk, _kept(talk))


def _said_something(talk: Talk) -> bool:
    inbound = talk.inbound
    return bool(inbound.text.strip() or inbound.files or inbound.location)


def _kept(talk: Talk) -> str:
    """Return the words of a report that was left lying too long; they are not lost."""
    return str(talk.lapsed.data.get("words", "")) if talk.lapsed and talk.lapsed.kind == report.KIND else ""


def _command(talk: Talk, command: str) -> None:
    match command:
        case "/report" | "/start":
            report.ask_words(talk)
        case "/cancel":
            talk.end()
            talk.say(Message(talk.t("Cancelled. Nothing was filed.")))
        case "/id":
            talk.say(Message(talk.t("Your number here: {number}").format(number=talk.inbound.user)))
        case _:
            talk.say(Message(talk.t("I do not know {command}. Write what is the matter, or /report.").format(
                command=command[:40])))  # fmt: skip


def _press(talk: Talk, data: str) -> None:
    match data.split(":"):
        case ["r", draft_id, verb, *rest]:
            report.press(talk, draft_id, verb, rest[0] if rest else "")
        case ["c", verb, number, *_] if number.isdecimal() and verb in CASE_PRESSES:
            _act(talk, int(number), CASE_PRESSES[verb])
        case _:
            talk.toast(talk.t("This button is not known. Please write what you need."))


CASE_PRESSES = {
    "accept": Action.ACCEPT,
    "urge": Action.URGE,
    "withdraw": Action.WITHDRAW,
    "unsolved": Action.UNSOLVED,
}
"""Presses that need nothing but the press."""


def _act(talk: Talk, number: int, action: Action) -> None:
    """Carry out a press on a case; one that no longer fits is answered with what is true now."""
    try:
        case = life.load(talk.context, number)
        step = life.act(talk.context, case, action, talk.actor, Given())
    except Refused:
        _refused(talk, number)
        return
    talk.toast(talk.t("Done."))
    announce(talk, [step])


def _refused(talk: Talk, number: int) -> None:
    t = talk.t
    try:
        case = life.load(talk.context, number)
    except Refused:
        talk.toast(t("There is no such case."))
        return
    involved = {case.reporter_id, case.steward_id, case.answerable_id}
    if talk.person.person_id not in involved:
        talk.toast(t("This is not yours to do."))
        return
    who = words.name_of(talk, case.steward_id, t)
    talk.toast(t("{case}: {state} ({name})").format(
        case=words.headline(talk.rules, case, t), state=words.state(case, t), name=who))  # fmt: skip
    if case.reporter_id != talk.person.person_id:
        talk.redraw(task_card(talk, case, talk.person.person_id, t))
