"""/places: the tree of places by one message, and every change to it by words or buttons. For admins of the place."""

from collections.abc import Callable

from cases import place_changes
from cases.place_register import PlaceRefused, Trouble
from cases.places import PlaceNode
from handlers.admin import place_card, place_words, place_write
from handlers.clean import clean
from handlers.command import ADMINS, Command
from handlers.message import Choice, Message
from handlers.pages import number_of
from handlers.talk import Talk
from handlers.texts import N_

HOW_TO = N_("Write it like: {example}")
EXAMPLES = {
    "add": N_("/places add 19号楼 in 丰美小区"),
    "name": N_("/places rename 3号楼 to 三栋"),
    "move": N_("/places move 19号楼 to 丰美小区"),
    "remove": N_("/places remove 19号楼"),
    "aka": N_("/places alias 3号楼: 老三栋, 红楼"),
    "hours": N_("/places hours 丰美小区: 8:30-17:30"),
    "where": N_("/places position 3号楼: 30.25, 120.16"),
}


def command(talk: Talk, argument: str) -> None:
    """Show the places, one of them, or change it as the words say."""
    place_write.end(talk)
    asked = place_words.read(clean(argument))
    if not argument:
        talk.say(place_card.top(talk))
    elif asked is not None:
        _change(talk, asked)
    elif (node := place_write.one_of_own(talk, argument)) is not None:
        talk.say(place_card.card(talk, node))


def press(talk: Talk, verb: str, which: str = "", page: str = "") -> None:
    """Carry out a button; the rights are those of this moment."""
    action = PRESSES.get(verb)
    if action is None:
        talk.toast(talk.t("This button is not known. Please write what you need."))
        return
    if verb == "leave":
        place_write.end(talk)
        talk.reply(talk.t("Cancelled. Nothing was changed."))
        return
    node = talk.rules.tree.find(number_of(which))
    if node is not None and not place_changes.may(talk.context, talk.actor, node.id):
        talk.toast(talk.t(place_write.TROUBLES[Trouble.NOT_YOURS]))
    elif node is None or node.closed:
        talk.toast(talk.t(place_write.TROUBLES[Trouble.GONE]))
    else:
        action(talk, node, number_of(page))


def _change(talk: Talk, asked: place_words.Asked) -> None:
    """Do what a verb says where all it needs is there, else ask for the rest."""
    told = asked.second if asked.verb == "add" else asked.first
    if asked.verb == "add" and asked.first and not told:
        talk.reply(talk.t(HOW_TO).format(example=talk.t(EXAMPLES["add"])))
        return
    if not told:
        talk.reply(talk.t(HOW_TO).format(example=talk.t(EXAMPLES[asked.verb])))
        return
    node = place_write.one_of_own(talk, told)
    rest = asked.first if asked.verb == "add" else asked.second
    if node is None:
        return
    if asked.verb == "remove":
        talk.say(_really(talk, node))
    elif rest:
        place_write.carry_out(talk, asked.verb, node, rest)
    else:
        place_write.ask(talk, asked.verb, node)


def _at(talk: Talk, node: PlaceNode, page: int) -> None:
    talk.redraw(place_card.card(talk, node, page))


def _asking(step: str) -> Callable[[Talk, PlaceNode, int], None]:
    return lambda talk, node, _page: place_write.ask(talk, step, node)


def _really(talk: Talk, node: PlaceNode) -> Message:
    t = talk.t
    text = t("Remove {place}? Its ended cases stay where they are found today.")
    rows = (
        (Choice(t("Remove it"), f"place:really:{node.id}", "danger"), Choice(t("‹ Back"), f"place:at:{node.id}:0")),
    )
    return Message(text.format(place=talk.rules.tree.label(node.id)), choices=rows, card=place_card.CARD)


def _remove(talk: Talk, node: PlaceNode, _page: int) -> None:
    if found := place_changes.burden(talk.context, node.id):
        place_write.refused(talk, PlaceRefused(Trouble.HANGS, burden=found), node)
    else:
        talk.redraw(_really(talk, node))


def _removed(talk: Talk, node: PlaceNode, _page: int) -> None:
    try:
        with talk.session.begin_nested():
            place_changes.remove(talk.context, talk.actor, node.id)
    except PlaceRefused as refusal:
        place_write.refused(talk, refusal, node)
        return
    place_write.reread(talk)
    text = talk.t("{place} is removed.").format(place=talk.rules.tree.label(node.id))
    above = talk.rules.tree.find(node.parent_id) if node.parent_id is not None else None
    if above is not None and place_changes.may(talk.context, talk.actor, above.id):
        talk.redraw(place_card.card(talk, above, said=text))
    else:
        talk.redraw(Message(text, card=place_card.CARD))


PRESSES: dict[str, Callable[[Talk, PlaceNode, int], None]] = {
    "at": _at,
    "change": lambda talk, node, _page: talk.redraw(place_card.changes(talk, node)),
    "add": _asking("add"),
    "name": _asking("name"),
    "aka": _asking("aka"),
    "where": _asking("where"),
    "hours": _asking("hours"),
    "move": _asking("move"),
    "remove": _remove,
    "really": _removed,
    "leave": lambda talk, node, _page: None,
}

COMMANDS = (
    Command("places", command, N_("places: see, add, change them: /places 3号楼"),
            ("地点", "地点管理", "places"), ("地点", "地点管理"), roles=ADMINS),
)  # fmt: skip
