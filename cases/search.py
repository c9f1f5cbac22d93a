"""What somebody who leads looks for among the cases of their places: the filter, where they may look, as conditions."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, union

from cases import privacy
from cases.context import Actor, Context
from cases.places import PlaceTree
from cases.privacy import NAME_LENGTH
from cases.states import OPEN, UNDER_WAY, State
from storage.models import IS_UNDER_WAY, Case, Person, Place

RUNNING = (State.NEW, State.ASSIGNED, State.WORKING)  # a deadline runs, and somebody is to keep it
WITHOUT_STEWARD = frozenset({State.NEW, State.REVIEW, State.POOL})
LEADING = ("coordinator", "admin")
EARLIEST, LATEST = date(1970, 1, 2), date(9998, 12, 30)  # days whose midnight exists in every zone
_AS_NOW = func.coalesce(Person.merged_into, Person.id)  # who somebody is now: their cases went with them
FLAGS = ("late", "unassigned", "mine", "urgent", "emergency")


@dataclass(frozen=True, slots=True)
class Filter:
    """What is looked for; all of it must hold. `since` and `until` are days of the desk's zone, both included.

    `reporter` is the beginning of a name, `phone` the last digits of a number.
    """

    late: bool = False
    unassigned: bool = False
    mine: bool = False
    urgent: bool = False
    emergency: bool = False
    kind: str = ""  # issue, wish
    category: str = ""
    place_id: int | None = None
    states: frozenset[State] = frozenset()
    since: date | None = None
    until: date | None = None
    words: str = ""
    reporter: str = ""
    phone: str = ""

    @property
    def wanted_states(self) -> frozenset[State] | None:
        """The states that can be meant, None for any; only open ones where it is asked what is one's own."""
        asked = [self.states] if self.states else []
        asked += [frozenset(RUNNING)] if self.late else []
        asked += [WITHOUT_STEWARD] if self.unassigned else []
        asked += [OPEN] if self.mine and not self.states else []
        return frozenset.intersection(*asked) if asked else None

    @property
    def by_deadline(self) -> bool:
        """Whether the nearest deadline comes first, as of what is under way or one's own; else the newest does."""
        states = self.wanted_states
        return not self.looks_at_contacts and states is not None and states <= (OPEN if self.mine else UNDER_WAY)

    @property
    def looks_at_contacts(self) -> bool:
        """Whether somebody is looked for by who they are."""
        return bool(self.reporter or self.phone)

    def view(self, **flags: bool) -> "Filter":
        """Return the same filter in another view: late, unassigned, mine, or none of them."""
        late, unassigned, mine = (flags.get(flag, False) for flag in FLAGS[:3])
        return replace(self, states=frozenset(), late=late, unassigned=unassigned, mine=mine)

    def to_data(self) -> dict[str, Any]:
        """Return it as plain JSON, without what is not asked for."""
        data: dict[str, Any] = {flag: True for flag in FLAGS if getattr(self, flag)}
        data |= {name: value for name in _PLAIN if (value := getattr(self, name))}
        data |= {name: day.isoformat() for name in ("since", "until") if (day := getattr(self, name))}
        return data | ({"states": sorted(self.states)} if self.states else {})


_PLAIN = ("kind", "category", "place_id", "words", "reporter", "phone")


def from_data(data: dict[str, Any]) -> Filter:
    """Return the filter that `to_data` wrote."""
    states = frozenset(State(name) for name in data.get("states", ()))
    told: dict[str, Any] = {name: data[name] for name in (*FLAGS, *_PLAIN) if name in data}
    told |= {name: date.fromisoformat(data[name]) for name in ("since", "until") if name in data}
    return Filter(states=states, **told)


def led_places(tree: PlaceTree, actor: Actor, roles: tuple[str, ...] = LEADING) -> tuple[int, ...]:
    """Return the places where somebody holds one of the roles; what lies in another of them is left out."""
    held = dict.fromkeys(role.place_id for role in actor.roles if role.role in roles and tree.find(role.place_id))
    return tuple(one for one in held if not any(other != one and tree.covers(other, one) for other in held))


def narrowed(tree: PlaceTree, roots: tuple[int, ...], place_id: int | None) -> tuple[int, ...]:
    """Return what of the places `roots` lies in `place_id`: nothing where it is outside of them."""
    if place_id is None:
        return roots
    if any(tree.covers(root, place_id) for root in roots):
        return (place_id,)
    return tuple(root for root in roots if tree.covers(place_id, root))


def is_everywhere(tree: PlaceTree, roots: tuple[int, ...]) -> bool:
    """Tell whether nothing lies outside of the places."""
    return all(node.parent_id is not None or node.id in roots for node in tree)


def lies_in(tree: PlaceTree, roots: tuple[int, ...]) -> Select[int]:
    """Return the places in `roots`, by the path that the database keeps: one condition, however many there are."""
    paths = ("/" + "/".join(str(node.id) for node in reversed(tree.ancestors(root))) + "/" for root in roots)
    return select(Place.id).where(or_(false(), *(Place.path.like(f"{path}%") for path in paths)))


def without_index(column: Any) -> Any:
    """Return the column so that SQLite uses no index for a condition on it: which one serves is chosen by us."""
    return column.concat("") if column.type.python_type is str else column + 0


def moments(context: Context, asked: Filter) -> tuple[datetime | None, datetime | None]:
    """Return from when and until when (excluded) the cases were reported."""
    zone = context.rules.deadlines.zone

    def midnight(day: date) -> datetime:
        within = min(max(day, EARLIEST), LATEST)
        return datetime.combine(within, time(), zone).astimezone(UTC)

    end = midnight(min(asked.until, LATEST) + timedelta(days=1)) if asked.until else None
    return (midnight(asked.since) if asked.since else None), end


def period(context: Context, asked: Filter) -> list[ColumnElement[bool]]:
    """Return the condition on when it was reported."""
    start, end = moments(context, asked)
    return [*([Case.created_at >= start] if start else []), *([Case.created_at < end] if end else [])]


def on_state(context: Context, asked: Filter, state: Any) -> list[ColumnElement[bool]]:
    """Return the conditions on where the case stands, on the column `state`."""
    found: list[ColumnElement[bool]] = []
    if (states := asked.wanted_states) is not None:
        found.append(state.in_(sorted(states)))
        if states <= UNDER_WAY:
            found.append(and_(IS_UNDER_WAY))
    return [*found, *([Case.resolve_by <= context.now] if asked.late else [])]


def of(actor: Actor, states: frozenset[State]) -> ColumnElement[bool]:
    """Return the condition that the actor has the case or is answerable for it."""
    columns = (Case.steward_id, Case.answerable_id)
    each = (select(Case.id).where(col == actor.person_id, Case.state.in_(sorted(states))) for col in columns)
    return Case.id.in_(union(*each))


def on_the_rest(context: Context, actor: Actor, asked: Filter) -> list[ColumnElement[bool]]:
    """Return the conditions for which there is no index; what is kept from a reader is not found by what it says."""
    found: list[ColumnElement[bool]] = []
    if (asked.words or asked.looks_at_contacts) and actor.person_id is not None:
        found += not_kept(context, actor.person_id)
    if asked.urgent:
        found.append(Case.urgent.is_(True))
    if asked.emergency:
        found.append(Case.emergency.is_(True))
    if asked.kind:
        found.append(Case.kind == asked.kind)
    if asked.words:
        found.append(Case.words.icontains(asked.words, autoescape=True))
    return found


def reporters(context: Context, asked: Filter, most: int, looked_at: int) -> list[int]:
    """Return the people whose name begins so, or whose number ends so: at most so many, the newest first.

    Names are found by their index. Numbers are looked for among the newest `looked_at` people: no index serves an end.
    """
    if asked.reporter:
        named = select(_AS_NOW).where(begins(context, asked.reporter)).order_by(Person.id.desc())
        return list(dict.fromkeys(context.session.scalars(named.limit(most))))
    newest = (
        select(Person.id, _AS_NOW.label("now"), Person.phone).order_by(Person.id.desc()).limit(looked_at).subquery()
    )
    digits = func.replace(func.replace(newest.c.phone, " ", ""), "-", "")
    ending = select(newest.c.now).where(digits.like(f"%{asked.phone}")).order_by(newest.c.id.desc())
    return list(dict.fromkeys(context.session.scalars(ending.limit(most))))


def has_more_people(context: Context, count: int) -> bool:
    """Tell whether there are more people than so many."""
    return context.session.scalar(select(Person.id).order_by(Person.id.desc()).offset(count).limit(1)) is not None


def begins(context: Context, name: str) -> ColumnElement[bool]:
    """Return the condition that each database answers by its index on names."""
    if context.session.get_bind().dialect.name == "sqlite":
        return and_(Person.name >= name, Person.name < name + "\U0010ffff")
    return Person.name.startswith(name, autoescape=True)


def not_kept(context: Context, person_id: int) -> list[ColumnElement[bool]]:
    """Return the condition that leaves out private matters whose words and people are kept from the reader.

    It is `cases.privacy.is_kept_from` for a question: those of the reader's own building, and those that name them.
    """
    rules = context.rules
    around = (node for home in privacy.homes_of(context, person_id) for node in rules.tree.ancestors(home))
    buildings = tuple({node.id for node in around if node.kind == "building"})
    private = [category.key for category in rules.settings.categories if category.private]
    kept: list[ColumnElement[bool]] = []
    if buildings:
        there = lies_in(rules.tree, buildings)
        kept.append(Case.place_id.in_(there))
        kept.append(Case.reporter_id.in_(select(_AS_NOW).where(Person.home_id.in_(there))))
    names = (name.strip() for name in privacy.names_of(context, person_id))
    kept += [Case.words.icontains(name, autoescape=True) for name in names if len(name) >= NAME_LENGTH]
    if not kept or not private:
        return []
    return [or_(Case.reporter_id == person_id, Case.category.not_in(private), ~or_(*kept))]
