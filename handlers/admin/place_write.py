"""A place is changed by a question and its answer. The dialogue (kind `place`) knows the place and what is asked."""

from collections.abc import Callable
from dataclasses import replace

from cases import place_changes
from cases.place_names import kind_of, meant, nearest, number_in
from cases.place_register import MOST_ALIASES, PlaceRefused, Trouble
from cases.place_rows import read_tree
from cases.places import PlaceNode
from handlers.admin import place_card, place_words
from handlers.clean import clean, has_words
from handlers.message import Choice, Message
from handlers.talk import Talk
from handlers.texts import N_

KIND = "place"
SHOWN = 40  # characters of what somebody wrote, repeated in an answer

QUESTIONS = {
    "add": N_("What is the new place in {place} called? For example: {example}"),
    "name": N_("What is {place} to be called?"),
    "aka": N_("What else do people call {place}? Write all names, with commas between them; a dash (-) for none."),
    "where": N_("Where is {place}? Send the location, or write it: 30.25, 120.16. A dash (-) takes it off the map."),
    "hours": N_("When does {place} work? 8:30-17:30, with lunch: 8:30-17:30 12:00-14:00, or: as above"),
    "move": N_("In what does {place} lie? Write the place: 丰美小区"),
}
TROUBLES = {
    Trouble.NOT_YOURS: N_("Only an admin of that place can do this."),
    Trouble.GONE: N_("There is no such place any more."),
    Trouble.KIND: N_(
        "A {kind} cannot lie in a {above}. The order is street, community, estate or grid, building, unit."
    ),
    Trouble.BELOW_ITSELF: N_("A place cannot lie in itself or in something that lies in it. Choose another place."),
    Trouble.NAME: N_("A name has 1 to 80 characters. Write a shorter one."),
    Trouble.NAME_TAKEN: N_("There is a “{name}” there already. Choose another name."),
    Trouble.NUMBER: N_("A number is from 1 to 9999. Write another name."),
    Trouble.NUMBER_TAKEN: N_("Number {number} is taken there, by {name}. Choose another name."),
    Trouble.ALIASES: N_("At most 20 other names of at most 40 characters. Write fewer or shorter ones."),
    Trouble.POSITION: N_("Latitude is from -90 to 90, longitude from -180 to 180. Write it like 30.25, 120.16"),
    Trouble.HOURS: N_("Lunch must lie within the working hours. Write both: 8:30-17:30 12:00-14:00"),
    Trouble.HANGS: N_("{place} cannot be removed yet. On it hang: {what}. {remedy}"),
}
BURDENS = {
    "children": N_("places in it: {count}"),
    "cases": N_("open cases: {count}"),
    "people": N_("people who live there: {count}"),
    "roles": N_("roles: {count}"),
    "groups": N_("groups: {count}"),
    "robots": N_("group robots: {count}"),
    "invitations": N_("open invitations: {count}"),
}
REMEDIES = {
    "children": N_("Remove or move what lies in it first."),
    "cases": N_("Bring its cases to an end first: /cases"),
    "people": N_("Residents choose another home with /home."),
    "roles": N_("Take the roles away or give them elsewhere first."),
    "groups": N_("Write /unbind in each group first."),
    "robots": N_("Have its group robot taken out of config.yaml first."),
    "invitations": N_("Revoke the invitations first."),
}


def ask(talk: Talk, step: str, node: PlaceNode) -> None:
    """Ask for what is to be changed, and wait for it."""
    t = talk.t
    talk.begin(KIND, step, {"place": node.id})
    text = t(QUESTIONS[step]).format(place=talk.rules.tree.label(node.id), example=_example(talk, node))
    leave = (Choice(t("Cancel"), "place:leave"),)
    if step == "where":
        talk.say(Message(text, ask="location", ask_label=t("Send where I am")))
    else:
        talk.say(Message(text, choices=(leave,)))


def heard(talk: Talk) -> bool:
    """Take a message as the answer; False when it is something else, an emergency or a file."""
    assert talk.standing is not None  # noqa: S101 - the router only comes here with a dialogue
    said, step = clean(talk.inbound.text), talk.standing.step
    here = talk.inbound.location if step == "where" else None
    node = talk.rules.tree.find(talk.standing.data["place"])
    if node is None or talk.inbound.files or not (said or here) or talk.rules.understander.read(said).emergency:
        talk.end()
        return False
    if here is not None:
        said = f"{here[0]}, {here[1]}"
    carry_out(talk, step, node, said)
    return True


def carry_out(talk: Talk, step: str, node: PlaceNode, said: str) -> None:
    """Make a change, and show the place as it is now; what cannot be is told, and the question stays open."""
    mark = len(talk.tray)
    try:
        with talk.session.begin_nested():
            changed = ACTIONS[step](talk, node, said)
    except PlaceRefused as refusal:
        del talk.tray[mark:]
        refused(talk, refusal, node)
        return
    if changed is not None:
        end(talk)
        reread(talk)
        talk.say(place_card.card(talk, talk.rules.tree.get(changed), said=talk.t("Done.")))


def refused(talk: Talk, refusal: PlaceRefused, node: PlaceNode) -> None:
    """Say why something cannot be, and what to do."""
    t, facts = talk.t, dict(refusal.facts)
    for key in ("kind", "above"):
        if key in facts:
            facts[key] = t(place_card.KINDS[facts[key]])
    if refusal.trouble == Trouble.HANGS:
        counts = {name: count for name in BURDENS if (count := getattr(facts["burden"], name))}
        what = " · ".join(t(BURDENS[name]).format(count=count) for name, count in counts.items())
        remedy = " ".join(t(REMEDIES[name]) for name in counts)
        facts = {"place": talk.rules.tree.label(node.id), "what": what, "remedy": remedy}
    text = t(TROUBLES[refusal.trouble]).format(**facts)
    if talk.inbound.press is not None:
        talk.toast(text, alert=True)
    else:
        talk.reply(text)


def end(talk: Talk) -> None:
    """Wait for nothing more."""
    if talk.standing is not None and talk.standing.kind == KIND:
        talk.end()


def reread(talk: Talk) -> None:
    """See the places as they are after the change; everybody else does so from the COMMIT on."""
    rules = replace(talk.rules, tree=read_tree(talk.session))
    talk.context = replace(talk.context, rules=rules)


def own(talk: Talk) -> list[PlaceNode]:
    """Return the places the admin may change."""
    tree = talk.rules.tree
    led = [role.place_id for role in talk.actor.roles if role.role == "admin"]
    return [node for node in tree if any(tree.covers(place, node.id) for place in led)]


def one_of_own(talk: Talk, words: str) -> PlaceNode | None:
    """Return the one place of theirs that is called so; else say what there is, as buttons."""
    tree, among = talk.rules.tree, own(talk)
    found = meant(tree, words, among)
    if not found and (read := talk.rules.understander.read(words)).place_only and read.place_id is not None:
        found = [node for node in among if node.id == read.place_id]
    if len(found) == 1:
        return found[0]
    if found:
        talk.say(place_card.choose(found[: place_card.PER_PAGE], talk, talk.t("Which of them?")))
        return None
    close = nearest(tree, words, among)
    text = talk.t("There is no {place} where you lead.").format(place=words[:SHOWN])
    if close:
        text += " " + talk.t("Did you mean one of these?")
    talk.say(place_card.choose(close, talk, text))
    return None


def _add(talk: Talk, node: PlaceNode, said: str) -> int | None:
    kind = kind_of(said, node.kind)
    if kind is None:
        raise PlaceRefused(Trouble.KIND, kind="unit", above=node.kind)
    if not has_words(said):
        raise PlaceRefused(Trouble.NAME)
    number = number_in(said) if kind in ("building", "unit") else None
    return place_changes.add(talk.context, talk.actor, node.id, kind, said, number)


def _name(talk: Talk, node: PlaceNode, said: str) -> int | None:
    if not has_words(said):
        raise PlaceRefused(Trouble.NAME)
    number = number_in(said) if node.kind in ("building", "unit") else None
    place_changes.rename(talk.context, talk.actor, node.id, said, number or node.number)
    return node.id


def _aka(talk: Talk, node: PlaceNode, said: str) -> int | None:
    told = [] if said == "-" else place_words.names(said)
    if len(told) > MOST_ALIASES:
        raise PlaceRefused(Trouble.ALIASES)
    place_changes.set_aliases(talk.context, talk.actor, node.id, told)
    return node.id


def _where(talk: Talk, node: PlaceNode, said: str) -> int | None:
    at = (None, None) if said == "-" else place_words.degrees(said)
    if at is None:
        raise PlaceRefused(Trouble.POSITION)
    place_changes.set_position(talk.context, talk.actor, node.id, *at)
    return node.id


def _hours(talk: Talk, node: PlaceNode, said: str) -> int | None:
    try:
        told = place_words.hours(said)
    except ValueError:
        told = None
    if told is None:
        talk.reply(talk.t("I do not understand these hours. Write: 8:30-17:30, with lunch: 8:30-17:30 12:00-14:00"))
        return None
    place_changes.set_hours(talk.context, talk.actor, node.id, *told)
    return node.id


def _move(talk: Talk, node: PlaceNode, said: str) -> int | None:
    parent = one_of_own(talk, said) if has_words(said) else None
    if parent is None:
        return None
    place_changes.move(talk.context, talk.actor, node.id, parent.id)
    return node.id


ACTIONS: dict[str, Callable[[Talk, PlaceNode, str], int | None]] = {
    "add": _add, "name": _name, "aka": _aka, "where": _where, "hours": _hours, "move": _move,
}  # fmt: skip


def _example(talk: Talk, node: PlaceNode) -> str:
    """Return what a place there may be called: the number after the highest, or a name."""
    numbers = [child.number for child in talk.rules.tree.children(node.id) if child.number]
    last = max(numbers, default=0) + 1
    names = {"street": "红光社区", "community": "东区", "building": f"{last}单元"}
    return names.get(node.kind, f"{last}号楼")
