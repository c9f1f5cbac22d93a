"""Decides which conversation a message or a press belongs to."""

from sqlalchemy import select

from cases.effects import RESIDENT
from cases.refusal import Refused
from cases.states import State
from handlers import away, case_press, commands, groups, home, report, work
from handlers.admin import warn, warn_write
from handlers.clean import clean, has_words
from handlers.message import Message
from handlers.report_steps import KIND
from handlers.talk import Talk
from storage.models import Case

WAITING_SHOWN = 4  # cases offered when it is asked which one an answer is for
RESIDENTS_STEPS = ("add", "answer", "comment")


def route(talk: Talk) -> None:
    """Deal with one update; nothing that a person says is left without an answer."""
    inbound = talk.inbound
    if inbound.reach is not None:
        if inbound.group:
            groups.noted(talk)
        return  # the inbox has noted it; there is nobody to answer, or nothing to say yet
    if inbound.press is not None:
        _press(talk, inbound.press.data)
    elif inbound.group:
        _in_group(talk)
    elif inbound.edited:
        talk.reply(talk.t("I cannot follow a changed message. Please send what is new as a message of its own."))
    elif inbound.unknown is not None or not _said_something(talk):
        talk.reply(talk.t("I can read words, photos, voice and locations. What is the matter?"))
    elif not commands.heard(talk):
        _converse(talk)


def too_fast(talk: Talk, *, aloud: bool) -> None:
    """Tell somebody who floods the desk, once `aloud`, that what comes now is not taken in."""
    text = talk.t("You write very fast. What comes now is not read; please go on in a minute.")
    talk.toast(text)
    if aloud:
        talk.reply(text)


def _converse(talk: Talk) -> None:
    """Go on with the dialogue this person is in, or take what was said as a report."""
    standing = talk.standing
    if standing is not None and standing.kind == work.KIND and not _cries_for_help(talk):
        _go_on_with_case(talk)
    elif standing is not None and standing.kind == KIND:
        report.hear(talk)
    elif standing is not None and standing.kind == home.KIND and home.heard(talk):
        return
    elif standing is not None and standing.kind == warn_write.KIND:
        if not warn_write.heard(talk):
            _converse(talk)
    elif waiting := _waiting_cases(talk):
        _answer_or_report(talk, waiting)
    else:
        report.begin(talk)


def _go_on_with_case(talk: Talk) -> None:
    assert talk.standing is not None  # noqa: S101 - the caller checked it
    number = int(talk.standing.data["case"])
    try:
        work.hear(talk)
    except Refused as refusal:
        talk.end()
        case_press.refused(talk, number, refusal.why)


def _cries_for_help(talk: Talk) -> bool:
    """Tell whether an emergency of another kind is told in the middle of a case: then it is a report of its own.

    What is written to a call for help belongs to it, whatever it sounds like.
    """
    assert talk.standing is not None  # noqa: S101 - the caller checked it
    if talk.standing.data.get("help"):
        return False
    meant = talk.rules.understander.read(clean(talk.inbound.text), talk.person.home_id)
    if not meant.emergency or talk.standing.step not in RESIDENTS_STEPS:
        return False
    case = talk.session.get(Case, talk.standing.data["case"])
    if case is not None and case.category == meant.category and talk.standing.step != "comment":
        return False
    talk.end()
    return True


def _waiting_cases(talk: Talk) -> list[int]:
    """Return the newest cases of this person whose stewards wait for an answer."""
    newest = (
        select(Case.id)
        .where(Case.reporter_id == talk.person.person_id, Case.state == State.WAITING, Case.waiting_for == RESIDENT)
        .order_by(Case.id.desc())
        .limit(WAITING_SHOWN)
    )
    return list(talk.session.scalars(newest))


def _answer_or_report(talk: Talk, numbers: list[int]) -> None:
    """A steward waits for an answer: words that name no trouble are it; else, or where several wait, ask."""
    meant = talk.rules.understander.read(clean(talk.inbound.text), talk.person.home_id)
    if meant.emergency:
        report.begin(talk)
    elif len(numbers) == 1 and (meant.category is None or meant.place_only):
        talk.begin(work.KIND, "answer", {"case": numbers[0], "words": "", "files": []})
        _go_on_with_case(talk)
    else:
        report.keep_for_later(talk, numbers)


def _press(talk: Talk, data: str) -> None:
    match data.split(":"):
        case ["r", draft_id, verb, *rest]:
            report.press(talk, draft_id, verb, rest[0] if rest else "")
        case ["c", verb, number, *rest] if _is_number(number):
            case_press.press(talk, verb, int(number), rest[0] if rest else "")
        case ["h", verb, *rest]:
            home.press(talk, verb, rest[0] if rest else "")
        case ["a", verb, *rest]:
            away.press(talk, verb, rest[0] if rest else "")
        case ["b", verb, *rest]:
            warn.press(talk, verb, rest[0] if rest else "")
        case ["l" | "m" | "g" as kind, word, *rest]:
            commands.pressed(talk, kind, word, rest[0] if rest else "")
        case _:
            talk.toast(talk.t("This button is not known. Please write what you need."))
    talk.toast()


def _is_number(text: str) -> bool:
    """Tell whether it can be a case's number: digits, and not more than the database holds."""
    return text.isascii() and text.isdecimal() and len(text) <= 15


def _in_group(talk: Talk) -> None:
    """In a group the bot hears what is said to it: its name, an answer to it, a command."""
    inbound = talk.inbound
    said = clean(inbound.text)
    if inbound.edited or not (inbound.mentioned or said.startswith("/")):
        return
    name = said[1:].partition(" ")[0].partition("@")[0].lower() if said.startswith("/") else ""
    if name and name not in commands.IN_GROUPS:
        if inbound.mentioned:
            talk.reply(talk.t("Please tap my name and write to me in private: then your words stay between us."))
    elif name:
        commands.heard(talk)
    elif not _said_something(talk):
        talk.say(Message(talk.t("What is the matter? Answer this message."), force_reply=True))
    elif talk.standing is not None and talk.standing.kind == KIND:
        report.hear(talk)
    else:
        report.begin(talk)


def _said_something(talk: Talk) -> bool:
    inbound = talk.inbound
    words = clean(inbound.text)
    return bool(has_words(words) or inbound.files or inbound.location or inbound.phone)
