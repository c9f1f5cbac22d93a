"""The buttons about people and their roles, `s:<verb>:<number>`: looked up by verb, the rights at each press."""

from collections.abc import Callable

from handlers.admin import away_for, people, removal
from handlers.talk import Talk

PRESSES: dict[str, Callable[[Talk, str, str], None]] = {
    "list": people.turn_page,
    "card": people.show_card,
    "leaves": removal.leaves,
    "take": removal.ask_take,
    "all": removal.ask_all,
    "gone": removal.take,
    "allgone": removal.take_all,
    "away": away_for.ask,
    "days": away_for.take_days,
    "cover": away_for.take_cover,
    "back": away_for.back,
    "hand": away_for.hand,
}


def press(talk: Talk, verb: str, number: str, more: str = "") -> None:
    """Carry out a button."""
    action = PRESSES.get(verb)
    if action is None:
        talk.toast(talk.t("This button is not known. Please write what you need."))
    else:
        action(talk, number, more)
