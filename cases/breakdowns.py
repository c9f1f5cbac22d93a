"""The figures apart: by place, kind of matter, steward, partner type; by day, week or month; late ones by rung.

A private matter is not to be found out by a figure. A kind, steward or partner type whose few cases are all private is
folded into "others", together with as much else as it needs not to stand there alone.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Literal

from sqlalchemy import case, literal, select

from cases import figures, search
from cases.context import Context
from cases.figures import FEW, Present, Tally
from cases.places import PlaceTree
from cases.search import Filter
from storage.models import Case, Role

By = Literal["place", "category", "steward", "partner"]
ROWS = 10  # of a breakdown, the largest; the rest is one row
DAYS = 14  # a period of so many days is shown by day
WEEKS = 100  # one of so many days by week, a longer one by month


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a breakdown. `key` is a place, a kind, a person, a partner type; None: none. `others`: all the rest."""

    key: Any
    tally: Tally
    others: int = 0  # how many rows are folded into it


@dataclass(frozen=True, slots=True)
class Span:
    """Some days of a period, both included, with their figures."""

    since: date
    until: date
    tally: Tally


def apart(context: Context, asked: Filter, roots: tuple[int, ...], by: By) -> list[Row]:
    """Return the figures by place, kind, steward or partner type, the most cases first."""
    found = _APART[by](context, asked, roots)
    return folded(found, private=by != "place")


def _by_place(context: Context, asked: Filter, roots: tuple[int, ...]) -> Mapping[Any, Tally]:
    tree = context.rules.tree
    parts = parts_of(tree, roots)
    found: defaultdict[Any, Tally] = defaultdict(Tally)
    for place, tally in figures.by(context, asked, roots, Case.place_id).items():
        found[_part(tree, parts, place)] += tally
    return found


def _by_category(context: Context, asked: Filter, roots: tuple[int, ...]) -> Mapping[Any, Tally]:
    """What the settings no longer know counts as what it is taken for everywhere."""
    found: defaultdict[Any, Tally] = defaultdict(Tally)
    for key, tally in figures.by(context, asked, roots, Case.category).items():
        found[context.rules.settings.category(key).key] += tally
    return found


def _by_steward(context: Context, asked: Filter, roots: tuple[int, ...]) -> Mapping[Any, Tally]:
    return figures.by(context, asked, roots, Case.steward_id)


def _by_partner(context: Context, asked: Filter, roots: tuple[int, ...]) -> Mapping[Any, Tally]:
    """Whoever has several types has that of the role which the place of the case lies in."""
    held: defaultdict[int, list[tuple[int, str | None]]] = defaultdict(list)
    roles = select(Role.person_id, Role.place_id, Role.partner).where(Role.role == "steward").order_by(Role.id)
    for row in context.session.execute(roles):
        held[row.person_id].append((row.place_id, row.partner))
    several = [person for person, theirs in held.items() if len({partner for _, partner in theirs}) > 1]
    where = case((Case.steward_id.in_(several), Case.place_id)) if several else literal(0)
    found: defaultdict[Any, Tally] = defaultdict(Tally)
    for (person, place), tally in figures.by_both(context, asked, roots, Case.steward_id, where).items():
        theirs = held.get(person, [])
        near = [role for role in theirs if place and context.rules.tree.covers(role[0], place)] or theirs
        found[near[0][1] if near else None] += tally
    return found


_APART: Mapping[By, Callable[[Context, Filter, tuple[int, ...]], Mapping[Any, Tally]]] = {
    "place": _by_place,
    "category": _by_category,
    "steward": _by_steward,
    "partner": _by_partner,
}


def folded(found: Mapping[Any, Tally], *, private: bool, most: int = ROWS) -> list[Row]:
    """Return the largest rows and one for the rest; with `private`, no few cases that are all private stand alone."""
    rows = [Row(key, tally) for key, tally in found.items() if tally.reported]
    rows.sort(key=lambda row: (-row.tally.reported, str(row.key)))
    hidden = [row for row in rows if private and _tells(row.tally)]
    shown = [row for row in rows if row not in hidden]
    if len(shown) > most + 1 or (hidden and len(shown) > most):
        shown, hidden = shown[:most], [*shown[most:], *hidden]
    others = sum((row.tally for row in hidden), Tally())
    while shown and hidden and _tells(others):
        row = shown.pop()
        hidden.append(row)
        others += row.tally
    return [*shown, Row(None, others, len(hidden))] if hidden else shown


def _tells(tally: Tally) -> bool:
    """Tell whether the figures are those of a few private matters and nothing else."""
    return tally.private == tally.reported < FEW


def parts_of(tree: PlaceTree, roots: tuple[int, ...]) -> tuple[int, ...]:
    """Return the places into which others are divided: what lies in the only one, or else they themselves."""
    parts = roots
    while len(parts) == 1 and (below := tree.children(parts[0])):
        parts = tuple(node.id for node in below)
    return parts


def _part(tree: PlaceTree, parts: Sequence[int], place: int) -> int:
    """Return the part that a place lies in, itself where it lies above them."""
    return next((node.id for node in tree.ancestors(place) if node.id in parts), place)


def whole_and_course(context: Context, asked: Filter, roots: tuple[int, ...]) -> tuple[Tally, list[Span]]:
    """Return the figures of all of a period and their course, in one pass where the period has both ends."""
    spans = course(context, asked, roots)
    return sum((span.tally for span in spans), Tally()) if spans else figures.count(context, asked, roots), spans


def course(context: Context, asked: Filter, roots: tuple[int, ...]) -> list[Span]:
    """Return the figures day by day, week by week or month by month, up to today; nothing without both ends."""
    if asked.since is None or asked.until is None:
        return []
    today = context.now.astimezone(context.rules.deadlines.zone).date()
    spans = _spans(asked.since, min(asked.until, today), (asked.until - asked.since).days + 1)
    if not spans:
        return []
    ends = (search.moments(context, replace(asked, until=until))[1] for _, until in spans)
    number = case(*((Case.created_at < end, at) for at, end in enumerate(ends)))
    found = figures.by(context, replace(asked, until=spans[-1][1]), roots, number)
    return [Span(since, until, found.get(at, Tally())) for at, (since, until) in enumerate(spans)]


def _spans(since: date, until: date, days: int) -> list[tuple[date, date]]:
    """Return the days, weeks or months that a period has, the first and the last as far as they lie in it."""
    found = []
    while since <= until:
        end = since if days <= DAYS else _end_of_week(since) if days <= WEEKS else _end_of_month(since)
        found.append((since, min(end, until)))
        since = end + timedelta(days=1)
    return found


def _end_of_week(day: date) -> date:
    return day + timedelta(days=6 - day.weekday())


def _end_of_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def late_by_rung(context: Context, asked: Filter, roots: tuple[int, ...]) -> dict[str, int]:
    """Return how many missed their deadline, by the kind of the highest place that was told of one; "": nobody was."""
    found: defaultdict[str, int] = defaultdict(int)
    for place, tally in figures.by(context, asked, roots, Case.late_place_id).items():
        node = context.rules.tree.find(place) if place is not None else None
        if tally.late:
            found[node.kind if node else ""] += tally.late
    return dict(found)


def marks(context: Context, asked: Filter, roots: tuple[int, ...]) -> dict[int | None, Tally]:
    """Return the figures by the stars given since the last reopening, None for none: `confirmed` counts them."""
    return figures.by(context, asked, roots, Present.stars)
