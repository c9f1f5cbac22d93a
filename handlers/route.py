"""Decides which conversation a message or a press belongs to."""

from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import bindparam, select

from cases.effects import RESIDENT
from cases.refusal import Refused
from cases.wishes import says_wish
from handlers import away, case_press, commands, groups, home, link, personal, phone, report, work
from handlers.admin import place_write, presses, warn_write
from handlers.clean import clean, has_words
from handlers.purposes import answering
from handlers.report_steps import KIND
from handlers.talk import Talk
from storage.models import IS_UNDER_WAY, Case
from storage.prepared import Prepared

WAITING_SHOWN = 4  # cases offered when it is asked which one an answer is for
_WAITING = Prepared(
    select(Case.id)
    .where(Case.reporter_id == bindparam("person"), IS_UNDER_WAY, Case.waiting_for == RESIDENT)
    .order_by(Case.id.desc()).limit(WAITING_SHOWN)
)  # fmt: skip
PRESSED_IN_GROUPS = ("r:", "c:")  # the rest shows what is nobody else's
ASKED = {home.KIND: home.heard, link.KIND: link.heard}  # what says False is something else than the answer
ONES_OWN: Mapping[str, Callable[[Talk, str, str], None]] = {
    "h": home.press,
    "j": link.press,
    "a": away.press,
    "y": personal.press,
}
"""Buttons about oneself, by their letter."""
RESIDENTS_STEPS = ("add", "answer", "explain", "comment")


def route(talk: Talk) -> None:
    """Deal with one update; nothing that a person says is left without an answer."""
    inbound = talk.inbound
    personal.introduce(talk)
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
    elif inbound.phone:
        phone.shared(talk)
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
    elif standing is not None and standing.kind in ASKED and ASKED[standing.kind](talk):
        return
    elif standing is not None and standing.kind == warn_write.KIND:
        if not warn_write.heard(talk):
            _converse(talk)
    elif standing is not None and standing.kind == place_write.KIND:
        if not place_write.heard(talk):
            _converse(talk)
    elif waiting := _waiting_cases(talk):
        _answer_or_report(talk, waiting)
    elif not phone.heard(talk):
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


def _waiting_cases(talk: Talk) -> Sequence[Case]:
    """Return the newest cases of this person on which their answer is waited for."""
    numbers = _WAITING.all(talk.session, person=talk.person.person_id)
    return [talk.session.get_one(Case, number) for (number,) in numbers]


def _answer_or_report(talk: Talk, cases: Sequence[Case]) -> None:
    """An answer is waited for: words that name no trouble and no wish are it; else, or to several questions, ask."""
    said = clean(talk.inbound.text)
    meant = talk.rules.understander.read(said, talk.person.home_id)
    another = (meant.category is not None and not meant.place_only) or says_wish(talk.rules, said)
    if meant.emergency:
        report.begin(talk)
    elif len(cases) == 1 and not another:
        talk.begin(work.KIND, answering(cases[0]), {"case": cases[0].id, "words": "", "files": []})
        _go_on_with_case(talk)
    else:
        report.keep_for_later(talk, [case.id for case in cases])


def _press(talk: Talk, data: str) -> None:
    if talk.in_group and not data.startswith(PRESSED_IN_GROUPS):
        talk.toast(talk.t("Please do that in private: tap my name."))
        return
    match data.split(":"):
        case ["r", draft_id, verb, *rest]:
            report.press(talk, draft_id, verb, rest[0] if rest else "")
        case ["c", verb, number, *rest] if _is_number(number):
            case_press.press(talk, verb, int(number), rest[0] if rest else "")
        case [letter, verb, *rest] if letter in ONES_OWN:
            ONES_OWN[letter](talk, verb, rest[0] if rest else "")
        case ["l" | "m" | "g" as kind, word, *rest]:
            commands.pressed(talk, kind, word, rest[0] if rest else "")
        case [letter, *rest]:
            if not presses.pressed(talk, letter, rest):
                talk.toast(talk.t("This button is not known. Please write what you need."))
    talk.toast()


def _is_number(text: str) -> bool:
    """Tell whether it can be a case's number: digits, and not more than the database holds."""
    return text.isascii() and text.isdecimal() and len(text) <= 15


def _in_group(talk: Talk) -> None:
    """In a group the bot hears what is said to it: its name, an answer to it, a command."""
    inbound = talk.inbound
    said = clean(inbound.text)
    if inbound.edited or not (inbound.mentioned or said.startswith("/") or _goes_with_album(talk)):
        return
    if said.startswith("/"):
        _command_in_group(talk, commands.name_of(said))
    elif commands.ends(said):
        commands.heard(talk)
    elif not _said_something(talk):
        talk.question(talk.t("What is the matter?"))
    elif talk.standing is not None and talk.standing.kind == KIND:
        report.hear(talk)
    else:
        report.begin(talk)


def _command_in_group(talk: Talk, name: str) -> None:
    """Carry out a command that makes sense before everybody; one that may be another bot's is left alone."""
    if name in commands.IN_GROUPS or (name == "cancel" and talk.standing is not None):
        commands.heard(talk)
    elif talk.inbound.mentioned:
        talk.reply(talk.t("Please tap my name and write to me in private: then your words stay between us."))


def _goes_with_album(talk: Talk) -> bool:
    """Tell whether it is one more photo of the album that the draft was told with: only the first names the bot."""
    standing, album = talk.standing, talk.inbound.album
    return album is not None and standing is not None and standing.kind == KIND and standing.data.get("album") == album


def _said_something(talk: Talk) -> bool:
    inbound = talk.inbound
    words = clean(inbound.text)
    return bool(has_words(words) or inbound.files or inbound.location or inbound.phone)
