"""群众上报: from a sentence (or a photo, a voice, a location) to a filed case in two actions.

The dialogue's kind is `report`. What is known is never asked: `advance` looks for the first thing missing and asks for
it, else it shows the card.
"""

import re
from collections.abc import Sequence
from typing import Any

from cases import filing, life
from cases.given import Given
from cases.refusal import Refused
from handlers import draft, files, groups, me_too, pick, report_take, wishing
from handlers.announce import announce
from handlers.clean import clean, has_words
from handlers.draft import Telling
from handlers.files import FILES_PER_STEP
from handlers.message import Choice, Message
from handlers.pages import number_of
from handlers.purposes import PURPOSES, answering
from handlers.report_steps import KIND, advance, keep, led_to_private, submit
from handlers.talk import Talk

DRAFT_ID = re.compile("[0-9a-f]{12}")


def ask_wish(talk: Talk) -> None:
    """Begin a wish step by step."""
    telling = _fresh(talk, wish=True)
    keep(talk, telling, "words")
    talk.question(talk.t("What do you wish for? Write it as you would say it."))


def ask_words(talk: Talk) -> None:
    """Begin step by step with the question what is the matter; an open draft is shown again instead."""
    if talk.standing is not None and talk.standing.kind == KIND and talk.standing.data.get("words"):
        advance(talk, draft.from_data(talk.standing.data))
        return
    telling = _fresh(talk)
    talk.begin(KIND, "words", telling.data())
    talk.question(talk.t("What is the matter? Say it in your own words, or send a photo. For example: "
                         "the lift in building 3 unit 2 is out of order"))  # fmt: skip


def _fresh(talk: Talk, *, wish: bool = False) -> Telling:
    """Return an empty report; in a building's group the building is known."""
    telling = Telling(draft.new_id(talk.inbound), wish=wish)
    bound = groups.bound_to(talk) if talk.in_group else None
    if bound is not None and talk.rules.tree.get(bound.place_id).kind in ("building", "unit"):
        telling.group_place = bound.place_id
    return telling


def begin(talk: Talk, argument_words: str | None = None, *, wish: bool = False) -> None:
    """Take what was just said (or `argument_words`, what stood behind /report) as a new report.

    What was told so long ago that the dialogue has lapsed is not lost: it comes along, and is said to.
    """
    telling = _fresh(talk, wish=wish)
    if talk.lapsed is not None and talk.lapsed.kind == KIND and talk.lapsed.data.get("words"):
        telling.words, telling.files = talk.lapsed.data["words"], list(talk.lapsed.data.get("files", []))
        talk.reply(talk.t("What you wrote earlier and did not submit is here as well."))
    report_take.take(talk, telling, argument_words)
    advance(talk, telling)


def keep_for_later(talk: Talk, numbers: Sequence[int]) -> None:
    """Keep what was said as a draft, and ask whether it is the answer that somebody waits for, and to which case."""
    telling = Telling(draft.new_id(talk.inbound), album=talk.inbound.album)
    report_take.take(talk, telling)
    keep(talk, telling, "which_case")
    t = talk.t
    answer = t("My answer on #{number}")
    rows = [(Choice(answer.format(number=n), f"r:{telling.id}:reply:{n}", "primary"),) for n in numbers]
    text = draft.alarm(talk, telling) + t("Is this the answer you were asked for, or a new matter?")
    talk.say(Message(text, choices=(*rows, (Choice(t("A new matter"), f"r:{telling.id}:card"),))))


def resume(talk: Talk) -> None:
    """Go on with the draft that waited while something else was talked about."""
    if talk.standing is None or talk.standing.kind != KIND:
        return
    telling = draft.from_data(talk.standing.data)
    if telling.place_id is None:
        telling.place_id, telling.place_detail = talk.person.home_id, talk.person.home_detail
    advance(talk, telling)


def hear(talk: Talk) -> None:
    """Take a message in the middle of a report."""
    assert talk.standing is not None  # noqa: S101 - the router only comes here with a dialogue
    telling = draft.from_data(talk.standing.data)
    step = talk.standing.step
    if report_take.same_album(talk, telling):
        report_take.take_files(talk, telling)
        keep(talk, telling, step)
        if step == "card":
            talk.redraw(draft.show(talk, telling))
        return
    if step == "which":
        _say_more(talk, telling)
        return
    if step == wishing.STEP and not _is_emergency(talk):
        wishing.hear_beneficiary(talk, telling)
        return
    if step in ("card", "place") and not telling.goes_on and report_take.sounds_like_another(talk, telling):
        _ask_which(talk, telling)
        return
    report_take.take(talk, telling)
    advance(talk, telling)


def _is_emergency(talk: Talk) -> bool:
    return talk.rules.understander.read(clean(talk.inbound.text), talk.person.home_id).emergency


def press(talk: Talk, draft_id: str, verb: str, argument: str) -> None:
    """Carry out a button of the draft's card, however old the card is."""
    if not DRAFT_ID.fullmatch(draft_id):
        talk.toast(talk.t("This button is not known. Please write what you need."))
        return
    talk.fetch_draft(draft_id)
    standing = talk.standing
    if standing is None or standing.kind != KIND or standing.data.get("id") != draft_id:
        _stale(talk, draft_id)
        return
    telling = draft.from_data(standing.data)
    action = PRESSES.get(verb)
    if action is None:
        talk.toast(talk.t("This button is not known. Please write what you need."))
        return
    try:
        action(talk, telling, argument)
    except Refused:
        talk.toast(talk.t("The steward does not wait for an answer any more."))
    talk.toast()


def _ask_which(talk: Talk, telling: Telling) -> None:
    said = {"text": clean(talk.inbound.text), "files": files.take_files(talk), "album": talk.inbound.album}
    talk.begin(KIND, "which", {**telling.data(), "said": said, "said_id": draft.new_id(talk.inbound)})
    _which(talk, telling, said)


def _say_more(talk: Talk, telling: Telling) -> None:
    """Add to what was said while it is not clear yet where it belongs, and ask again."""
    assert talk.standing is not None  # noqa: S101 - see `hear`
    said = _said(talk)
    said["text"] = f"{said['text']}\n{clean(talk.inbound.text)}".strip()
    said["files"] = (said["files"] + files.take_files(talk))[:FILES_PER_STEP]
    talk.standing.data["said"] = said
    talk.save()
    if talk.inbound.album is None or talk.inbound.album != said.get("album"):
        _which(talk, telling, said)


def _which(talk: Talk, telling: Telling, said: dict[str, Any]) -> None:
    t = talk.t
    fresh = Telling("", category=telling.category)
    draft.take_words(talk, fresh, said["text"])
    text = draft.alarm(talk, fresh) + t("Does this belong to the same matter, or is it a new one?")
    talk.say(Message(text, choices=(
        (Choice(t("Same matter"), f"r:{telling.id}:same", "primary"),),
        (Choice(t("A new matter"), f"r:{telling.id}:another"),),
    )))  # fmt: skip


def _stale(talk: Talk, draft_id: str) -> None:
    """Answer the button of a draft that is no more with what became of it, and refresh its card.

    In a group it may be somebody else's: then nothing of it changes, and only the presser reads why.
    """
    t, key = talk.t, draft.card_key(draft_id)
    case = filing.filed(talk.context, draft_id)
    if case is not None and (talk.in_group or case.reporter_id == talk.person.person_id):
        talk.toast(t("Already filed as #{number}.").format(number=case.id))
    elif talk.in_group:
        talk.toast(t("This card is not yours, or it is too old. To report something, write to me."))
    else:
        text = t("This report is no longer open. Just write it again.")
        talk.toast(text)
        if case is None:
            talk.redraw(Message(text, card=key))


def _cancel(talk: Talk, telling: Telling, _argument: str) -> None:
    talk.end()
    text = talk.t("Cancelled. Nothing was filed.")
    talk.redraw(Message(text, card=draft.card_key(telling.id)))


def _more(talk: Talk, telling: Telling, _argument: str) -> None:
    keep(talk, telling, "more")
    talk.question(talk.t("Send photos or write what you want to add."))


def _write_place(talk: Talk, telling: Telling, _argument: str) -> None:
    """In a group the place is typed as an answer: what is written beside that does not reach the desk."""
    keep(talk, telling, "place")
    talk.question(talk.t("Where is it? Write building and unit, like 3-2."))


def _set_kind(talk: Talk, telling: Telling, argument: str) -> None:
    if talk.rules.settings.has_category(argument):
        telling.category = argument
        # An emergency stays one only where the new kind knows emergencies.
        telling.emergency = telling.emergency and talk.rules.settings.category(argument).emergency is not None
    _redraw(talk, telling)


def _set_place(talk: Talk, telling: Telling, argument: str) -> None:
    node = talk.rules.tree.offered(int(argument)) if argument.isascii() and argument.isdecimal() else None
    if node is not None:
        telling.place_id, telling.place_detail, telling.unknown_place = node.id, "", ""
    _redraw(talk, telling)


def _redraw(talk: Talk, telling: Telling) -> None:
    """Show the draft on the message whose button was pressed; without a place or words, ask on."""
    if telling.place_id is None or not has_words(telling.words):
        advance(talk, telling)
    elif not led_to_private(talk, telling):
        keep(talk, telling, "card")
        talk.redraw(draft.show(talk, telling))


def _same(talk: Talk, telling: Telling, _argument: str) -> None:
    if talk.standing is None or talk.standing.step != "which":
        advance(talk, telling)
        return
    said = _said(talk)
    draft.take_words(talk, telling, said["text"])
    telling.files = (telling.files + said["files"])[:FILES_PER_STEP]
    advance(talk, telling)


def _another(talk: Talk, telling: Telling, argument: str) -> None:
    """File the first report as it stands, and begin the second with what was said."""
    standing, said = talk.standing, _said(talk)
    if standing is None or standing.step != "which":
        advance(talk, telling)
        return
    fresh = Telling(str(standing.data.get("said_id")), files=list(said["files"]))
    submit(talk, telling, argument)
    draft.take_words(talk, fresh, said["text"])
    if fresh.place_id is None:
        fresh.place_id, fresh.place_detail = talk.person.home_id, talk.person.home_detail
    advance(talk, fresh)


def _reply(talk: Talk, telling: Telling, argument: str) -> None:
    """What was said is the answer that a steward waits for, or whoever vets a wish."""
    case = life.load(talk.context, number_of(argument))
    purpose = PURPOSES[answering(case)]
    steps = purpose.carry_out(talk, case, Given(telling.words, tuple(telling.files)))
    talk.end()
    announce(talk, steps)
    talk.reply(talk.t(purpose.thanks))


def _said(talk: Talk) -> dict[str, Any]:
    kept: dict[str, Any] | None = talk.standing.data.get("said") if talk.standing else None
    return kept or {"text": "", "files": []}


PRESSES = {
    "submit": submit,
    "cancel": _cancel,
    "more": _more,
    "kinds": pick.show_kinds,
    "places": pick.show_places,
    "write": _write_place,
    "cat": _set_kind,
    "at": _set_place,
    "card": lambda talk, telling, _argument: _redraw(talk, telling),
    "for": wishing.ask_for_whom,
    "agrees": wishing.take_consent,
    "see": wishing.ask_who_reads,
    "by": wishing.ask_by,
    "people": wishing.ask_people,
    "aswish": wishing.as_wish,
    "asreport": wishing.as_report,
    "follow": me_too.follow,
    "same": _same,
    "another": _another,
    "reply": _reply,
}
