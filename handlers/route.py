"""Decides which conversation a message or a press belongs to."""

from sqlalchemy import select

from cases.refusal import Refused
from cases.states import State
from handlers import case_press, commands, home, report, work
from handlers.clean import clean, has_words
from handlers.talk import Talk
from storage.models import Case


def route(talk: Talk) -> None:
    """Deal with one update; nothing that a person says is left without an answer."""
    inbound = talk.inbound
    if inbound.reach is not None:
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


def too_fast(talk: Talk) -> None:
    """Tell somebody who floods the desk, once, that what comes now is not taken in."""
    talk.reply(talk.t("You write very fast. What comes now is not read; please go on in a minute."))


def _converse(talk: Talk) -> None:
    """Go on with the dialogue this person is in, or take what was said as a report."""
    standing = talk.standing
    if standing is not None and standing.kind == work.KIND:
        _go_on_with_case(talk)
    elif standing is not None and standing.kind == report.KIND:
        report.hear(talk)
    elif standing is not None and standing.kind == home.KIND and home.heard(talk):
        return
    elif (waiting := _waiting_case(talk)) is not None:
        _answer_or_report(talk, waiting)
    else:
        report.begin(talk, _kept(talk))


def _go_on_with_case(talk: Talk) -> None:
    assert talk.standing is not None  # noqa: S101 - the caller checked it
    number = int(talk.standing.data["case"])
    try:
        work.hear(talk)
    except Refused as refusal:
        talk.end()
        case_press.refused(talk, number, refusal.why)


def _waiting_case(talk: Talk) -> int | None:
    """Return the newest case of this person whose steward waits for an answer."""
    return talk.session.scalar(
        select(Case.id)
        .where(Case.reporter_id == talk.person.person_id, Case.state == State.WAITING)
        .order_by(Case.id.desc())
        .limit(1)
    )


def _answer_or_report(talk: Talk, number: int) -> None:
    """A steward waits for an answer: words that name no trouble are it; else ask which is meant."""
    meant = talk.rules.understander.read(clean(talk.inbound.text), talk.person.home_id)
    if meant.category is None or meant.place_only:
        talk.begin(work.KIND, "answer", {"case": number, "words": "", "files": []})
        _go_on_with_case(talk)
        return
    report.keep_for_later(talk, number)


def _press(talk: Talk, data: str) -> None:
    match data.split(":"):
        case ["r", draft_id, verb, *rest]:
            report.press(talk, draft_id, verb, rest[0] if rest else "")
        case ["c", verb, number, *rest] if _is_number(number):
            case_press.press(talk, verb, int(number), rest[0] if rest else "")
        case ["h", verb, *rest]:
            home.press(talk, verb, rest[0] if rest else "")
        case ["l" | "m" | "g" as kind, word, *rest]:
            commands.pressed(talk, kind, word, rest[0] if rest else "")
        case _:
            talk.toast(talk.t("This button is not known. Please write what you need."))
    talk.toast()


def _is_number(text: str) -> bool:
    """Tell whether it can be a case's number: digits, and not more than the database holds."""
    return text.isascii() and text.isdecimal() and len(text) <= 15


def _in_group(talk: Talk) -> None:
    """In a group the bot only speaks when spoken to, and leads to the private chat: there nothing is overheard."""
    said = talk.inbound.text.strip()
    if talk.inbound.mentioned or said.startswith("/report"):
        talk.reply(talk.t("Please tap my name and write to me in private: then your words stay between us."))


def _said_something(talk: Talk) -> bool:
    inbound = talk.inbound
    words = clean(inbound.text)
    return bool(has_words(words) or inbound.files or inbound.location or inbound.phone)


def _kept(talk: Talk) -> str:
    """Return the words of a report that was left lying too long; they are not lost."""
    return str(talk.lapsed.data.get("words", "")) if talk.lapsed and talk.lapsed.kind == report.KIND else ""

