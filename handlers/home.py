"""Where somebody lives: asked once, set by a building's poster, or by one tap after a report."""

from handlers import pick, report
from handlers.clean import clean
from handlers.draft import PLACE_DETAIL
from handlers.message import Choice, Message
from handlers.pages import number_of
from handlers.talk import Talk

KIND = "home"
CARD = "home"
POSTER = "p_"  # a poster's deep link: /start p_fengmei-3


def welcome(talk: Talk, payload: str) -> None:
    """Greet; take the place from a poster's link, else ask a resident for it once."""
    place = talk.rules.tree.by_key(payload.removeprefix(POSTER)) if payload.startswith(POSTER) else None
    if place is not None:
        _set(talk, place.id, "")
    _greet(talk)
    if place is not None:
        talk.reply(_noted(talk, place.id, ""))
    if place is None and talk.person.home_id is None and not talk.actor.roles:
        ask(talk)


def ask(talk: Talk) -> None:
    """Ask where the person lives."""
    talk.begin(KIND, "ask")
    talk.say(_question(talk, 0))


def heard(talk: Talk) -> bool:
    """Take a message as the answer; False when it is something else, which then is a report."""
    meant = talk.rules.understander.read(clean(talk.inbound.text), talk.person.home_id)
    talk.end()
    if not meant.place_only:
        return False
    if meant.place_id is None:
        unknown = meant.unknown_place or clean(talk.inbound.text)[:PLACE_DETAIL]
        talk.reply(talk.t("There is no {place} here.").format(place=unknown))
        ask(talk)
        return True
    detail = meant.place_detail[:PLACE_DETAIL]
    _set(talk, meant.place_id, detail)
    talk.reply(_noted(talk, meant.place_id, detail))
    report.resume(talk)
    return True


def press(talk: Talk, verb: str, argument: str) -> None:
    """Take a building's button, turn the page, or leave it open."""
    number = number_of(argument)
    if verb == "at" and talk.rules.tree.offered(number):
        _set(talk, number, "")
        asked = talk.standing is not None and talk.standing.kind == KIND
        if asked:
            talk.end()
        talk.toast(_noted(talk, number, ""))
        if asked:
            talk.redraw(Message(_noted(talk, number, ""), card=CARD))
            report.resume(talk)
    elif verb == "places":
        talk.redraw(_question(talk, number))
    else:
        if talk.standing is not None and talk.standing.kind == KIND:
            talk.end()
        talk.redraw(Message(talk.t("All right. Just write what is the matter."), card=CARD))


def _question(talk: Talk, page: int) -> Message:
    rows = (*pick.place_rows(talk, "h", page), (Choice(talk.t("Not now"), "h:skip"),))
    text = talk.t("Which building do you live in? Tap it, or write it: 3-2-501. It is asked only once.")
    return Message(text, choices=rows, card=CARD)


def _greet(talk: Talk) -> None:
    t = talk.t
    text = t("I am {desk}. Write what is the matter, or send a photo. A steward looks after it; you hear every step.")
    rows: list[tuple[Choice, ...]] = [(Choice(t("Report"), "m:report", "primary"), Choice(t("My cases"), "m:mine"))]
    if talk.actor.roles:
        rows.append((Choice(t("My tasks"), "m:tasks"),))
    talk.say(Message(text.format(desk=talk.rules.settings.desk.name), title=t("Hello!"), choices=tuple(rows)))


def _set(talk: Talk, place_id: int, detail: str) -> None:
    talk.move_home(place_id, detail)


def _noted(talk: Talk, place_id: int, detail: str) -> str:
    place = talk.rules.tree.label(place_id) + detail
    return talk.t("Noted: you live in {place}.").format(place=place)
