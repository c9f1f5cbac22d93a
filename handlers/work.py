"""What needs words or photos on a case: the steward's result, question and reason; the resident's addition and answer.

The dialogue's kind is `case`; its step is one of `PURPOSES`. One message with words does it; photos of an album arrive
one by one, so they are collected until the button is pressed.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from cases import life
from cases.given import Given
from cases.refusal import Refused, Why
from handlers import files, proof, rating
from handlers.announce import announce
from handlers.clean import clean, cut, has_words
from handlers.files import FILES_PER_STEP
from handlers.message import Choice, Message, Rows
from handlers.purposes import PURPOSES
from handlers.talk import Talk
from handlers.task_card import task_card
from storage.models import Case

KIND = "case"
COLLECTS_FOR = timedelta(hours=2)  # then what is written is no longer taken for this case
MAX_WORDS = 2000  # characters of one step; more is a letter, not a word on a case


def show_card(talk: Talk, case: Case, _argument: str) -> None:
    """Show the card of a case anew, for whom it concerns."""
    if not life.concerns(talk.context, case, talk.actor):
        raise Refused(Why.NOT_YOURS)
    card = task_card(talk, case, talk.person.person_id, talk.t)
    talk.say(card, case_id=case.id)


def asks(step: str) -> Callable[[Talk, Case, str], None]:
    """Return the press that asks for the words of a step."""
    return lambda talk, case, _argument: ask(talk, case, step)


def ask(talk: Talk, case: Case, step: str, data: dict[str, Any] | None = None) -> None:
    """Ask for the words of a step, refusing before anything is asked for in vain; some words take only a tap."""
    purpose = PURPOSES[step]
    purpose.may(talk, case)
    text, rows = talk.t(purpose.ask), _usual(talk, case, step)
    if step == "done" and talk.rules.category(case).photo:
        text, rows = talk.t("Please send a photo of the result, with a few words if you like."), ()
    talk.begin(KIND, step, {"case": case.id, "words": "", "files": [], **(data or {})}, COLLECTS_FOR)
    leave = (Choice(talk.t("Never mind"), f"c:stop:{case.id}"),)
    talk.say(Message(f"#{case.id}: {text}", choices=(*rows, leave), card=_ask_key(case)), case_id=case.id)


def say_usual(talk: Talk, case: Case, argument: str) -> None:
    """Take one of the usual words of a step, and the photos already sent."""
    step, _, number = argument.partition("-")
    purpose = PURPOSES.get(step)
    if purpose is None or not purpose.usual or (step == "extend" and not _is_about(talk, case, step)):
        raise Refused(Why.WRONG_STATE)
    place = int(number) if number.isascii() and number.isdecimal() and len(number) < 3 else 0
    words = purpose.usual[place if place < len(purpose.usual) else 0]
    files = list(talk.standing.data.get("files", [])) if talk.standing and _is_about(talk, case, step) else []
    _carry_out(talk, case, step, Given(talk.t(words), tuple(files)))


def finish(talk: Talk, case: Case, argument: str) -> None:
    """Carry out what an album and its words were sent for."""
    if argument not in PURPOSES or not _is_about(talk, case, argument):
        raise Refused(Why.WRONG_STATE)
    _attempt(talk, case, argument)


def stop(talk: Talk, case: Case, _argument: str) -> None:
    """Leave the dialogue of this case; nothing is changed."""
    if _is_about(talk, case):
        talk.end()
    talk.redraw(Message(talk.t("Left as it was."), card=_ask_key(case)))


def hear(talk: Talk) -> None:
    """Take a message that belongs to the dialogue of a case."""
    assert talk.standing is not None  # noqa: S101 - the router only comes here with a dialogue
    data = talk.standing.data
    case = life.load(talk.context, data["case"])
    if talk.standing.step == "comment":
        rating.comment(talk, case, clean(talk.inbound.text), files.take_files(talk))
        return
    data["files"] = (data.get("files", []) + files.take_files(talk))[:FILES_PER_STEP]
    said, shortened = cut(_said(talk), MAX_WORDS)
    data["words"] = f"{data.get('words', '')}\n{said}".strip()
    if shortened:
        talk.reply(talk.t("That is a long text: the first {count} characters are kept.").format(count=MAX_WORDS))
    talk.save()
    if talk.inbound.album is not None:
        _offer_finish(talk, case, talk.standing.step, len(data["files"]))
    else:
        _attempt(talk, case, talk.standing.step)


def _said(talk: Talk) -> str:
    """Return the words of the message; a location counts as words, as coordinates that any map finds."""
    said, location = clean(talk.inbound.text), talk.inbound.location
    return f"{said}\n{location[0]:.5f}, {location[1]:.5f}".strip() if location else said


def _attempt(talk: Talk, case: Case, step: str) -> None:
    """Carry out the step if all it needs is there, else ask for the rest."""
    assert talk.standing is not None  # noqa: S101 - callers checked it
    t, data = talk.t, talk.standing.data
    purpose = PURPOSES[step]
    photo_missing = step == "done" and _lacks_photo(talk, case, data.get("files", []))
    words_missing = not has_words(data.get("words", "")) and (purpose.needs_words or not data.get("files"))
    if photo_missing:
        talk.reply(t("This kind of matter needs a photo of the result. Please send one."))
    elif words_missing and purpose.usual:
        talk.say(Message(t(purpose.ask), choices=_usual(talk, case, step), card=_ask_key(case)))
    elif words_missing:
        talk.reply(t("Please say it in a few words."))
    else:
        _carry_out(talk, case, step, Given(data.get("words", ""), tuple(data.get("files", []))))


def _lacks_photo(talk: Talk, case: Case, ids: list[int]) -> bool:
    return talk.rules.category(case).photo and not proof.has_photo(talk.session, ids)


def _carry_out(talk: Talk, case: Case, step: str, given: Given) -> None:
    purpose = PURPOSES[step]
    steps = purpose.carry_out(talk, case, given)
    if _is_about(talk, case):
        talk.end()
    talk.redraw(Message(talk.t(purpose.thanks), card=_ask_key(case)), case_id=case.id)
    announce(talk, steps)


def _offer_finish(talk: Talk, case: Case, step: str, count: int) -> None:
    t = talk.t
    text = t("{count} photos so far. Press when you have sent them all.").format(count=count)
    rows = ((Choice(t("That is all"), f"c:finish:{case.id}:{step}", "primary"),),)
    talk.redraw(Message(text, choices=rows, card=_ask_key(case)), case_id=case.id)


def _usual(talk: Talk, case: Case, step: str) -> Rows:
    return tuple(
        (Choice(talk.t(words), f"c:say:{case.id}:{step}-{n}"),) for n, words in enumerate(PURPOSES[step].usual)
    )


def _is_about(talk: Talk, case: Case, step: str | None = None) -> bool:
    """Tell whether the dialogue is about this case, and at this step."""
    standing = talk.standing
    about = standing is not None and standing.kind == KIND and standing.data.get("case") == case.id
    return about and (step is None or (standing is not None and standing.step == step))


def _ask_key(case: Case) -> str:
    return f"ask:{case.id}"
