"""Writing a warning: where it goes and what it says, until it stands there as everybody will read it.

The dialogue (kind `warn`) only waits for a place or words; the draft is a row, and its buttons know it by number.
"""

from collections.abc import Callable
from typing import Any

from cases import broadcasts
from cases.broadcasts import Stage
from cases.refusal import Refused, Why
from handlers import files
from handlers.admin import warn_card, warn_news
from handlers.clean import clean, has_words
from handlers.draft import PLACE_DETAIL
from handlers.message import Choice, Message, Rows
from handlers.pages import grid, page_of, turn
from handlers.talk import Standing, Talk
from handlers.when import moment
from storage.admin_models import Broadcast

KIND = "warn"
CARD = "warn"
LATEST = 3  # warnings shown with the question where the next one goes
PER_PAGE = 24
MOST_UNITS = 800
"""Characters as platforms count them (UTF-16 units): a caption holds 1024 (Telegram, Bot API "sendPhoto"), so that
words, photo and buttons are one message for everybody."""


def command(talk: Talk, argument: str) -> None:
    """Ask where, or take the place that stands behind the command."""
    end(talk)
    if not argument:
        talk.begin(KIND, "place")
        talk.say(_where(talk))
    elif (place_id := _place_in(talk, argument)) is not None:
        take_place(talk, place_id)
    else:
        talk.begin(KIND, "place")
        _no_such_place(talk, argument)


def heard(talk: Talk) -> bool:
    """Take a message as the place or the words; False when it is something else."""
    assert talk.standing is not None  # noqa: S101 - the router only comes here with a dialogue
    number = talk.standing.data.get("warning", 0)
    try:
        return _take(talk, talk.standing)
    except Refused as refusal:  # the draft is too old by now, or the role is gone
        talk.end()
        warn_news.refused(talk, number, refusal.why)
        return True


def _take(talk: Talk, standing: Standing) -> bool:
    said = clean(talk.inbound.text)
    if standing.step == "words":
        _hear_words(talk, standing.data, said)
        return True
    if standing.step == "card" and talk.inbound.album is not None and talk.inbound.album == standing.data.get("album"):
        talk.reply(talk.t("One photo goes with a warning, the first one."))
        return True
    meant = talk.rules.understander.read(said)
    if standing.step != "place" or not meant.place_only:
        talk.end()
        return False
    if meant.place_id is not None:
        take_place(talk, meant.place_id)
    else:
        _no_such_place(talk, meant.unknown_place or said)
    return True


def _place_in(talk: Talk, text: str) -> int | None:
    return talk.rules.understander.read(clean(text)).place_id


def _no_such_place(talk: Talk, said: str) -> None:
    talk.reply(talk.t("There is no {place} here.").format(place=said[:PLACE_DETAIL]))
    talk.say(_where(talk))


def _own_places(talk: Talk) -> list[int]:
    return list(dict.fromkeys(role.place_id for role in talk.actor.roles if role.role == "admin"))


def _where(talk: Talk) -> Message:
    """Return the question where it goes, with what was sent last."""
    t, tree = talk.t, talk.rules.tree
    rows: Rows = grid([Choice(tree.label(place), f"b:at:{place}", "primary") for place in _own_places(talk)], 1)
    sent = [(Choice(_known_by(talk, warning), f"b:see:{warning.id}"),)
            for warning in broadcasts.latest(talk.context, talk.actor, LATEST)]  # fmt: skip
    text = t("To whom does the warning go? Tap the place, or write it: building 3")
    text += "\n" + t("Below are the last ones: tap one to see who has it.") if sent else ""
    more = (Choice(t("Only a part of it"), "b:places:0"),)
    return Message(text, title=t("A warning to everybody"), choices=(*rows, more, *sent), card=CARD)


def _known_by(talk: Talk, warning: Broadcast) -> str:
    at = moment(warning.started_at or warning.created_at, talk.context.now, talk.rules.deadlines.zone, talk.t)
    return f"{at} · {talk.rules.tree.label(warning.place_id)} · {talk.t(warn_card.STAGES[Stage(warning.state)])}"


def show_places(talk: Talk, page: int) -> None:
    """Show the estates and buildings where the admin leads, and wait for one. Raises Refused(NOT_YOURS)."""
    tree, mine = talk.rules.tree, _own_places(talk)
    if not mine:
        raise Refused(Why.NOT_YOURS)
    if talk.standing is None or talk.standing.kind != KIND:
        talk.begin(KIND, "place")
    below = [
        node for node in (*tree.estates(), *tree.buildings()) if any(tree.covers(place, node.id) for place in mine)
    ]
    nodes, page, pages = page_of(below, page, PER_PAGE)
    choices = grid([Choice(tree.label(node.id), f"b:at:{node.id}") for node in nodes], 2)
    rows = (*choices, *turn(page, pages, "b:places:{page}", talk.t))
    talk.redraw(Message(talk.t("To which part? Tap it, or write it."), choices=rows, card=CARD))


def take_place(talk: Talk, place_id: int) -> None:
    """Go on with the words, or with the draft whose place is changed."""
    if talk.rules.tree.offered(place_id) is None or not broadcasts.may_warn(talk.context, talk.actor, place_id):
        warn_news.answer(talk, talk.t("Only an admin of that place can do this."))
        return
    number = talk.standing.data.get("warning") if talk.standing is not None and talk.standing.kind == KIND else None
    if number is not None:
        draft = broadcasts.draft_of(talk.context, number, talk.actor)
        draft.place_id = place_id
        _show_draft(talk, draft)
        return
    talk.begin(KIND, "words", {"place": place_id})
    text = talk.t("To everybody in {place}. Write the warning in one message; a photo may go with it.")
    leave = (Choice(talk.t("Cancel"), "b:leave"),)
    talk.say(Message(text.format(place=talk.rules.tree.label(place_id)), choices=(leave,)))


def _hear_words(talk: Talk, data: dict[str, Any], said: str) -> None:
    """Take words and photo; one that comes without the other is waited for, or replaces what the draft has."""
    t = talk.t
    if any(file.kind != "photo" for file in talk.inbound.files):
        talk.reply(t("Only words and a photo can go to everybody."))
        return
    if (units := len(said.encode("utf-16-le")) // 2) > MOST_UNITS:
        text = t("That is too long: {count} characters. Please say it in {most}: then everybody reads it to the end.")
        talk.reply(text.format(count=units, most=MOST_UNITS))
        return
    photos = files.take_files(talk)
    if not photos and not has_words(said):  # a place, a number
        talk.reply(t("Only words and a photo can go to everybody."))
        return
    photo = photos[0] if photos else data.get("photo")
    if "warning" in data:
        draft = broadcasts.draft_of(talk.context, data["warning"], talk.actor)
        draft.words = said if has_words(said) else draft.words
        draft.attachment_id = photo if photo is not None else draft.attachment_id
        _show_draft(talk, draft)
    elif has_words(said):
        here = (talk.inbound.channel, talk.inbound.chat)
        _show_draft(talk, broadcasts.make(talk.context, talk.actor, data["place"], said, photo, *here))
    else:
        talk.begin(KIND, "words", {**data, "photo": photo})
        talk.reply(t("Got the photo. Now write the words."))


def _show_draft(talk: Talk, draft: Broadcast) -> None:
    """Show it as everybody will read it, and ask."""
    talk.session.flush()
    talk.begin(KIND, "card", {"warning": draft.id, "album": talk.inbound.album})
    talk.say(warn_card.as_read(talk, draft, talk.t))
    talk.say(_question(talk, draft))


def _question(talk: Talk, draft: Broadcast) -> Message:
    return warn_card.draft(talk, draft, broadcasts.count(talk.context, draft.place_id), talk.t)


def ask_words(talk: Talk, number: int) -> None:
    """Ask for other words, or another photo."""
    broadcasts.draft_of(talk.context, number, talk.actor)
    talk.begin(KIND, "words", {"warning": number})
    talk.reply(talk.t("Write it anew, or send another photo."))


def ask_place(talk: Talk, number: int) -> None:
    """Ask for another place."""
    broadcasts.draft_of(talk.context, number, talk.actor)
    talk.begin(KIND, "place", {"warning": number})
    talk.say(_where(talk))


def drop_photo(talk: Talk, number: int) -> None:
    """Leave the photo out."""
    draft = broadcasts.draft_of(talk.context, number, talk.actor)
    draft.attachment_id = None
    _show_draft(talk, draft)


def toggle(name: str) -> Callable[[Talk, int], None]:
    """Return the press that puts an answer under the warning, or takes it away."""

    def carry_out(talk: Talk, number: int) -> None:
        draft = broadcasts.draft_of(talk.context, number, talk.actor)
        draft.buttons = [each for each in warn_card.ANSWERS if (each in draft.buttons) != (each == name)]
        talk.redraw(_question(talk, draft))

    return carry_out


def end(talk: Talk) -> None:
    """Wait for nothing more."""
    if talk.standing is not None and talk.standing.kind == KIND:
        talk.end()


def leave(talk: Talk, _number: int) -> None:
    """Leave the dialogue; nothing is sent."""
    end(talk)
    talk.reply(talk.t("Cancelled. Nothing was sent."))
