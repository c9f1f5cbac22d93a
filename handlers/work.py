"""What needs words or photos on a case: the steward's result, question and reason; the resident's addition and answer.

The dialogue's kind is `case`; its step says what the words are for. One message with words does it; photos of an album
arrive one by one, so they are collected until the button is pressed.
"""

from dataclasses import dataclass
from datetime import timedelta

from cases import filing, life
from cases.life import Given
from cases.refusal import Refused, Why
from cases.states import Action
from handlers import files, proof, rating
from handlers.announce import announce
from handlers.clean import clean, cut, has_words
from handlers.files import FILES_PER_STEP
from handlers.message import Choice, Message, Rows
from handlers.talk import Talk
from handlers.task_card import task_card
from handlers.texts import N_
from storage.models import Case

KIND = "case"
COLLECTS_FOR = timedelta(hours=2)  # then what is written is no longer taken for this case
MAX_WORDS = 2000  # characters of one step; more is a letter, not a word on a case

RESULTS = (N_("Repaired"), N_("Dealt with"), N_("Explained to the resident"))
REASONS = (N_("Not my trade"), N_("Not my place"), N_("I cannot make it in time"))


@dataclass(frozen=True, slots=True)
class Purpose:
    """What words are collected for."""

    action: Action
    thanks: str
    needs_words: bool = True


PURPOSES = {
    "return": Purpose(Action.RETURN, N_("Returned.")),
    "ask": Purpose(Action.ASK, N_("The resident has been asked.")),
    "done": Purpose(Action.RESOLVE, N_("Done. The resident has been told.")),
    "add": Purpose(Action.SUPPLEMENT, N_("Added to the case."), needs_words=False),
    "answer": Purpose(Action.ANSWER, N_("Passed on to the steward. Thank you!"), needs_words=False),
}


def show_card(talk: Talk, case: Case, _argument: str) -> None:
    """Show the card of a case anew, for whom it concerns."""
    if not life.concerns(talk.context, case, talk.actor):
        raise Refused(Why.NOT_YOURS)
    card = task_card(talk, case, talk.person.person_id, talk.t)
    talk.say(card, case_id=case.id)


def ask_result(talk: Talk, case: Case, _argument: str) -> None:
    """Ask the steward for the result: a photo where the kind wants one, words by one tap else."""
    _require(talk, case, Action.RESOLVE)
    if talk.rules.category(case).photo:
        text = talk.t("Please send a photo of the result, with a few words if you like.")
        _collect(talk, case, "done", text, ())
    else:
        _collect(talk, case, "done", talk.t("What was done? Tap, or write it."), _results(talk, case))


def ask_question(talk: Talk, case: Case, _argument: str) -> None:
    """Ask the steward for the question to the resident."""
    _require(talk, case, Action.ASK)
    _collect(talk, case, "ask", talk.t("Write your question to the resident."), ())


def ask_reason(talk: Talk, case: Case, _argument: str) -> None:
    """Ask the steward why the case is given back."""
    _require(talk, case, Action.RETURN)
    t = talk.t
    rows = tuple((Choice(t(reason), f"c:back:{case.id}:{n}"),) for n, reason in enumerate(REASONS))
    _collect(talk, case, "return", t("Why do you return it? Tap, or write it."), rows)


def ask_addition(talk: Talk, case: Case, _argument: str) -> None:
    """Ask for more words or photos."""
    _require(talk, case, Action.SUPPLEMENT)
    _collect(talk, case, "add", talk.t("Send photos or write what you want to add."), ())


def ask_answer(talk: Talk, case: Case, _argument: str) -> None:
    """Ask the resident for the answer to the steward's question."""
    _require(talk, case, Action.ANSWER)
    _collect(talk, case, "answer", talk.t("Write your answer, or send a photo."), ())


def give_back_for(talk: Talk, case: Case, argument: str) -> None:
    """Give the case back for one of the usual reasons."""
    _carry_out(talk, case, "return", Given(talk.t(_nth(REASONS, argument))))


def quick_result(talk: Talk, case: Case, argument: str) -> None:
    """Finish the case with one of the usual words, and the photos already sent."""
    _carry_out(talk, case, "done", Given(talk.t(_nth(RESULTS, argument)), tuple(_collected(talk, case))))


def finish(talk: Talk, case: Case, argument: str) -> None:
    """Carry out what an album and its words were sent for."""
    if not _is_about(talk, case) or talk.standing is None or talk.standing.step != argument or argument not in PURPOSES:
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
    elif words_missing and step == "done":
        talk.say(Message(t("What was done? Tap, or write it."), choices=_results(talk, case), card=_ask_key(case)))
    elif words_missing:
        talk.reply(t("Please say it in a few words."))
    else:
        _carry_out(talk, case, step, Given(data.get("words", ""), tuple(data.get("files", []))))


def _lacks_photo(talk: Talk, case: Case, ids: list[int]) -> bool:
    return talk.rules.category(case).photo and not proof.has_photo(talk.session, ids)


def _carry_out(talk: Talk, case: Case, step: str, given: Given) -> None:
    purpose = PURPOSES[step]
    if purpose.action is Action.RETURN:
        steps = filing.give_back(talk.context, case, talk.actor, given.words)
    else:
        steps = [life.act(talk.context, case, purpose.action, talk.actor, given)]
    if _is_about(talk, case):
        talk.end()
    talk.redraw(Message(talk.t(purpose.thanks), card=_ask_key(case)), case_id=case.id)
    announce(talk, steps)


def _collect(talk: Talk, case: Case, step: str, text: str, rows: Rows) -> None:
    """Begin to collect words and photos for a step of a case."""
    talk.begin(KIND, step, {"case": case.id, "words": "", "files": []}, COLLECTS_FOR)
    leave = (Choice(talk.t("Never mind"), f"c:stop:{case.id}"),)
    talk.say(Message(f"#{case.id}: {text}", choices=(*rows, leave), card=_ask_key(case)), case_id=case.id)


def _offer_finish(talk: Talk, case: Case, step: str, count: int) -> None:
    t = talk.t
    text = t("{count} photos so far. Press when you have sent them all.").format(count=count)
    rows = ((Choice(t("That is all"), f"c:finish:{case.id}:{step}", "primary"),),)
    talk.redraw(Message(text, choices=rows, card=_ask_key(case)), case_id=case.id)


def _results(talk: Talk, case: Case) -> Rows:
    return tuple((Choice(talk.t(result), f"c:quick:{case.id}:{n}"),) for n, result in enumerate(RESULTS))


def _collected(talk: Talk, case: Case) -> list[int]:
    return list(talk.standing.data.get("files", [])) if talk.standing is not None and _is_about(talk, case) else []


def _is_about(talk: Talk, case: Case) -> bool:
    """Tell whether the dialogue is about this case."""
    standing = talk.standing
    return standing is not None and standing.kind == KIND and standing.data.get("case") == case.id


def _require(talk: Talk, case: Case, action: Action) -> None:
    """Refuse before anything is asked for in vain."""
    life.require(talk.context, case, action, talk.actor)


def _ask_key(case: Case) -> str:
    return f"ask:{case.id}"


def _nth(texts: tuple[str, ...], argument: str) -> str:
    place = int(argument) if argument.isdecimal() else 0
    return texts[place] if place < len(texts) else texts[0]
