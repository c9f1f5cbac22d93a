"""A place as an admin sees it: what it is, what hangs on it, what lies in it; one message walks the whole tree."""

from collections.abc import Sequence

from sqlalchemy import func, select

from cases import place_changes
from cases.deadlines import sessions_of
from cases.hours import spell
from cases.place_settings import LEVEL
from cases.places import PlaceNode
from handlers.message import Choice, Message, Rows
from handlers.pages import grid, page_of, turn
from handlers.talk import Talk
from handlers.texts import N_, Translate
from storage.message_models import GroupChat

CARD = "places"
PER_PAGE = 12
COLUMNS = 3

KINDS = {
    "street": N_("Street"),
    "community": N_("Community"),
    "estate": N_("Estate"),
    "grid": N_("Grid"),
    "building": N_("Building"),
    "unit": N_("Unit"),
}


def top(talk: Talk) -> Message:
    """Return the places where the admin leads."""
    tree = talk.rules.tree
    led = dict.fromkeys(role.place_id for role in talk.actor.roles if role.role == "admin")
    nodes = [tree.get(place) for place in led if (found := tree.find(place)) is not None and not found.closed]
    text = talk.t("Tap a place to see it, or write: /places 3号楼")
    return Message(text, title=talk.t("Places"), choices=_down(nodes, 1), card=CARD)


def card(talk: Talk, node: PlaceNode, page: int = 0, said: str = "") -> Message:
    """Return a place with a page of what lies in it; `said` stands above."""
    t, tree = talk.t, talk.rules.tree
    children, page, pages = page_of(tree.children(node.id), page, PER_PAGE)
    lines = ([said, ""] if said else []) + _facts(talk, node, t)
    rows = [*_down(children, COLUMNS), *turn(page, pages, f"place:at:{node.id}:{{page}}", t)]
    above = node.parent_id
    more = [Choice(t("Change"), f"place:change:{node.id}")]
    if LEVEL[node.kind] < LEVEL["unit"]:
        more.insert(0, Choice(t("Add a place here"), f"place:add:{node.id}"))
    if above is not None and place_changes.may(talk.context, talk.actor, above):
        rows.append((Choice(f"↑ {tree.get(above).name}", f"place:at:{above}:0"),))
    rows.append(tuple(more))
    return Message("\n".join(lines), title=tree.label(node.id), choices=tuple(rows), card=CARD)


def changes(talk: Talk, node: PlaceNode) -> Message:
    """Return what can be changed about a place."""
    t, number = talk.t, node.id
    offered = [
        Choice(t("Name"), f"place:name:{number}"), Choice(t("Other names"), f"place:aka:{number}"),
        Choice(t("Position on the map"), f"place:where:{number}"), Choice(t("Working hours"), f"place:hours:{number}"),
        Choice(t("Move it"), f"place:move:{number}"), Choice(t("Remove it"), f"place:remove:{number}", "danger"),
    ]  # fmt: skip
    rows = (*grid(offered, 2), (Choice(t("‹ Back"), f"place:at:{number}:0"),))
    title = talk.rules.tree.label(number)
    return Message(t("What is to be changed?"), title=title, choices=rows, card=CARD)


def choose(nodes: Sequence[PlaceNode], talk: Talk, text: str) -> Message:
    """Return a question which of these places is meant."""
    tree = talk.rules.tree
    rows = tuple((Choice(tree.label(node.id), f"place:at:{node.id}:0"),) for node in nodes)
    return Message(text, choices=rows, card=CARD)


def _down(nodes: Sequence[PlaceNode], columns: int) -> Rows:
    return grid([Choice(node.name, f"place:at:{node.id}:0") for node in nodes], columns)


def _facts(talk: Talk, node: PlaceNode, t: Translate) -> list[str]:
    kind = t(KINDS[node.kind])
    lines = [t("{kind}, number {number}").format(kind=kind, number=node.number) if node.number else kind]
    if node.aliases:
        lines.append(t("Also called: {names}").format(names=" · ".join(node.aliases)))
    lines.append(_position(node, t))
    lines.append(_hours(talk, node, t))
    groups = talk.session.scalar(select(func.count()).where(GroupChat.place_id == node.id)) or 0
    lines.append(t("Groups tied to it: {count}").format(count=groups))
    people = place_changes.with_roles(talk.context, node.id)
    lines.append(t("People with a role, here and below: {count}").format(count=people))
    cases = place_changes.open_cases(talk.context, node.id)
    shown = str(cases) if cases < place_changes.MANY else f"{place_changes.MANY}+"
    lines.append(t("Open cases, here and below: {count}").format(count=shown))
    lines.append(t("In files it is called {key}.").format(key=node.key))
    return lines


def _position(node: PlaceNode, t: Translate) -> str:
    if node.latitude is None or node.longitude is None:
        return t("Not on the map yet.")
    return t("On the map: {latitude}, {longitude}").format(latitude=node.latitude, longitude=node.longitude)


def _hours(talk: Talk, node: PlaceNode, t: Translate) -> str:
    times = talk.rules.settings.times
    hours = " · ".join(map(spell, sessions_of(talk.rules.tree.ancestors(node.id), times)))
    own = node.working_hours is not None or node.lunch is not None
    text = t("Working hours, its own: {hours}") if own else t("Working hours, as above it: {hours}")
    return text.format(hours=hours)
