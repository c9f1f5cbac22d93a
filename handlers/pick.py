"""Choosing a kind or a place for a draft, by button."""

from handlers import words
from handlers.draft import Telling, alarm, card_key
from handlers.message import Choice, Message, Rows
from handlers.pages import grid, number_of, page_of, turn
from handlers.talk import Talk

KINDS_PER_PAGE = 20
PLACES_PER_PAGE = 24


def show_kinds(talk: Talk, telling: Telling, argument: str) -> None:
    """Show the kinds of trouble on the draft's card."""
    t = talk.t
    kinds, page, pages = page_of(talk.rules.settings.issues, number_of(argument), KINDS_PER_PAGE)
    choices = [Choice(words.category_name(kind, t), f"r:{telling.id}:cat:{kind.key}") for kind in kinds]
    rows = (*grid(choices, 2), *turn(page, pages, f"r:{telling.id}:kinds:{{page}}", t), _back(talk, telling))
    talk.redraw(Message(t("What kind of matter is it?"), choices=rows, card=card_key(telling.id)))


def show_places(talk: Talk, telling: Telling, argument: str) -> None:
    """Show the buildings on the draft's card; a place can be typed as well."""
    _let_type(talk, telling)
    rows = (*place_rows(talk, f"r:{telling.id}", number_of(argument)), *_write(talk, telling), _back(talk, telling))
    text = talk.t("Where is it? Choose a building, or write it: 3-2-501")
    talk.redraw(Message(text, choices=rows, card=card_key(telling.id)))


def ask_place(talk: Talk, telling: Telling) -> None:
    """Ask for the place of a draft that has none."""
    t = talk.t
    text = t("Where is it? Choose a building, or write it: 3-2-501")
    if telling.unknown_place:
        text = t("There is no {place} here.").format(place=telling.unknown_place) + "\n" + text
    text = alarm(talk, telling) + text
    rows = (*place_rows(talk, f"r:{telling.id}", 0), *_write(talk, telling))
    talk.say(Message(text, choices=rows, card=card_key(telling.id)))


def place_rows(talk: Talk, prefix: str, page: int) -> Rows:
    """Return the buildings as buttons `prefix:at:ID`, with a row to turn the page by `prefix:places:N`."""
    nodes, page, pages = page_of(talk.rules.tree.buildings(), page, PLACES_PER_PAGE)
    choices = [Choice(talk.rules.tree.short(node.id), f"{prefix}:at:{node.id}") for node in nodes]
    whole = [Choice(talk.rules.tree.label(node.id), f"{prefix}:at:{node.id}") for node in talk.rules.tree.estates()]
    return (*grid(choices, 3), *grid(whole, 2), *turn(page, pages, f"{prefix}:places:{{page}}", talk.t))


def _let_type(talk: Talk, telling: Telling) -> None:
    talk.begin("report", "place", telling.data())


def _write(talk: Talk, telling: Telling) -> Rows:
    """In a group: the button that opens the field to type the place; in private one just types."""
    return ((Choice(talk.t("Write it"), f"r:{telling.id}:write"),),) if talk.in_group else ()


def _back(talk: Talk, telling: Telling) -> tuple[Choice, ...]:
    return (Choice(talk.t("‹ Back to the report"), f"r:{telling.id}:card"),)
