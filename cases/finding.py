"""Finds the cases of a filter at a cost that does not grow with their number.

Which index leads is chosen here. A building's cases are sorted out by place; among those of a whole street the newest
(of emergencies and urgent ones: of these) are walked through until enough are found. What no index serves is looked for
among so many cases at the most, and the answer says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select

from cases import search
from cases.context import Actor, Context
from cases.search import Filter, without_index
from cases.states import OPEN, State
from storage.models import IS_EMERGENCY, IS_GIVEN_UP, IS_UNDER_WAY, IS_URGENT, Case

COUNTED = 1000  # found cases are counted up to here, and a list ends here
FEW = 100_000  # cases of a place: so many are sorted out by their place; of more the newest are walked through
LOOKED_AT = 80_000  # cases that are walked through
READ = 16_000  # cases whose words are searched
LOOKED_AT_OF_A_PLACE = 6_000  # its cases lie far apart in the table, each costs more
PEOPLE = 200  # of one name
PEOPLE_LOOKED_AT = 200_000  # for the end of a number
BEGINNING, END = datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)

GIVEN_UP = frozenset({State.REJECTED, State.WITHDRAWN, State.MERGED})

Condition = ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Found:
    """What was found: the numbers in order, and whether there are more.

    Where not all were looked at: among how many of the newest cases, or of the newest people of that name or at all.
    """

    ids: tuple[int, ...] = ()
    more: bool = False
    looked_at: int | None = None
    people: int | None = None


@dataclass(frozen=True, slots=True)
class _Way:
    """How it is found: conditions that an index serves, all others, the order, and how many may be looked at."""

    led: list[Condition]
    rest: list[Condition]
    most: int | None = None
    by_deadline: bool = False
    people: int | None = None
    order: tuple[Any, ...] = field(default=(Case.created_at.desc(), Case.id.desc()))


def find(context: Context, actor: Actor, asked: Filter, roots: tuple[int, ...]) -> Found:
    """Return what lies in the places `roots`; one's own is found wherever it is, unless a place is asked for."""
    way = _way(context, actor, asked, roots)
    rest, cut = way.rest, None
    if way.most is not None and way.rest and (edge := _edge(context, way)) is not None:
        rest, cut = [*way.rest, edge], way.most
    ids = context.session.scalars(
        select(Case.id).where(*way.led, *rest).order_by(*way.order).limit(COUNTED + 1)
    ).all()  # fmt: skip
    more = len(ids) > COUNTED
    return Found(tuple(ids[:COUNTED]), more, None if more else cut, way.people)


def _way(context: Context, actor: Actor, asked: Filter, roots: tuple[int, ...]) -> _Way:
    states = asked.wanted_states
    if asked.looks_at_contacts:
        return _of_people(context, actor, asked, roots)
    if asked.mine and states is not None:
        return _mine(context, actor, asked, roots)
    tree = context.rules.tree
    everywhere = search.is_everywhere(tree, roots)
    if _presses(asked) and not asked.by_deadline and not (states is not None and states <= GIVEN_UP):
        return _newest(context, actor, asked, roots, everywhere=everywhere, few=None)
    few = None if everywhere else _few(context, asked, roots)
    if asked.by_deadline:
        return _under_way(context, actor, asked, roots, everywhere=everywhere, few=few is not None)
    if states is not None and states <= GIVEN_UP:
        return _given_up(context, actor, asked, roots, everywhere=everywhere, few=few is not None)
    return _newest(context, actor, asked, roots, everywhere=everywhere, few=few)


def _presses(asked: Filter) -> bool:
    """Tell whether an index of few cases leads, of emergencies or urgent ones: it knows their places, too."""
    return asked.emergency or asked.urgent


def newest_first(context: Context, actor: Actor, asked: Filter, roots: tuple[int, ...]) -> list[Condition]:
    """Return all conditions of a filter, made for walking through from the newest case to the oldest.

    Of what is one's own only what lies in the places counts.
    """
    if asked.mine:
        way = _mine(context, actor, asked, roots)
        return [*way.led, *way.rest, *_apart(context, roots)]
    everywhere = search.is_everywhere(context.rules.tree, roots)
    few = None if everywhere or _presses(asked) else _few(context, asked, roots)
    way = _newest(context, actor, asked, roots, everywhere=everywhere, few=few)
    return [*way.led, *way.rest]


def _newest(
    context: Context, actor: Actor, asked: Filter, roots: tuple[int, ...], *, everywhere: bool, few: int | None
) -> _Way:  # fmt: skip
    if few is not None:
        return _of_places(context, actor, asked, roots, few)
    pressing = [
        and_(told) for told, is_asked in ((IS_EMERGENCY, asked.emergency), (IS_URGENT, asked.urgent)) if is_asked
    ]
    led = [*pressing, *search.period(context, asked)]
    rest = [
        *_kind(asked),
        *search.on_state(context, asked, without_index(Case.state)),
        *search.on_the_rest(context, actor, replace(asked, emergency=False, urgent=False)),
    ]
    return _Way(led, [*rest, *([] if everywhere else _apart(context, roots))], READ if asked.words else LOOKED_AT)


def _of_people(context: Context, actor: Actor, asked: Filter, roots: tuple[int, ...]) -> _Way:
    people = search.reporters(context, asked, PEOPLE + 1, PEOPLE_LOOKED_AT)
    cut = PEOPLE if len(people) > PEOPLE else None
    if asked.phone and search.has_more_people(context, PEOPLE_LOOKED_AT):
        cut = PEOPLE_LOOKED_AT
    rest = [*_apart(context, roots), *_kind(asked), *search.period(context, asked)]
    rest += [*search.on_state(context, asked, without_index(Case.state)), *search.on_the_rest(context, actor, asked)]
    return _Way([Case.reporter_id.in_(people[:PEOPLE])], rest, people=cut)


def _mine(context: Context, actor: Actor, asked: Filter, roots: tuple[int, ...]) -> _Way:
    states = asked.wanted_states or OPEN
    rest = [
        *([] if asked.place_id is None else _apart(context, roots)),
        *_kind(asked),
        *search.on_the_rest(context, actor, asked),
    ]
    rest += [*([Case.resolve_by <= context.now] if asked.late else []), *search.period(context, asked)]
    order = (Case.resolve_by, Case.id) if asked.by_deadline else (Case.created_at.desc(), Case.id.desc())
    return _Way([search.of(actor, states)], rest, by_deadline=asked.by_deadline, order=order)


def _under_way(
    context: Context, actor: Actor, asked: Filter, roots: tuple[int, ...], *, everywhere: bool, few: bool
) -> _Way:  # fmt: skip
    """Few of all cases are under way: those of a place by place and state, all of them by their deadline."""
    rest = [*_kind(asked), *search.period(context, asked), *search.on_the_rest(context, actor, asked)]
    order = (Case.resolve_by, Case.id)
    if few:
        within = Case.place_id.in_(search.lies_in(context.rules.tree, roots))
        led = [within, *search.on_state(context, asked, Case.state)]
        return _Way(led, rest, by_deadline=True, order=order)
    led = [and_(IS_UNDER_WAY), Case.resolve_by <= (context.now if asked.late else END)]
    rest += search.on_state(context, asked, without_index(Case.state))
    rest += [] if everywhere else _apart(context, roots)
    return _Way(led, rest, LOOKED_AT, by_deadline=True, order=order)


def _given_up(
    context: Context, actor: Actor, asked: Filter, roots: tuple[int, ...], *, everywhere: bool, few: bool
) -> _Way:  # fmt: skip
    """As few as what is under way: those of a place by place and state, all of them by when they were reported."""
    rest = [*_kind(asked), *search.on_the_rest(context, actor, asked)]
    if few:
        within = Case.place_id.in_(search.lies_in(context.rules.tree, roots))
        return _Way([within, *search.on_state(context, asked, Case.state)], [*rest, *search.period(context, asked)])
    led = [and_(IS_GIVEN_UP), *search.on_state(context, asked, Case.state), *search.period(context, asked)]
    return _Way(led, [*rest, *([] if everywhere else _apart(context, roots))], LOOKED_AT)


def _of_places(context: Context, actor: Actor, asked: Filter, roots: tuple[int, ...], count: int) -> _Way:
    """The index on place, time and kind answers all but what is asked beside."""
    within = Case.place_id.in_(search.lies_in(context.rules.tree, roots))
    start, end = search.moments(context, asked)
    led = [within, Case.created_at >= (start or BEGINNING), Case.created_at < (end or END)]
    led += [Case.category == asked.category] if asked.category else []
    rest = [*search.on_state(context, asked, without_index(Case.state)), *search.on_the_rest(context, actor, asked)]
    return _Way(led, rest, LOOKED_AT_OF_A_PLACE if count > LOOKED_AT_OF_A_PLACE else None)


def _few(context: Context, asked: Filter, roots: tuple[int, ...]) -> int | None:
    """Return how many cases lie in the places, None where there are too many to be sorted out by place."""
    within = Case.place_id.in_(search.lies_in(context.rules.tree, roots))
    some = select(Case.id).where(within, *search.period(context, asked)).limit(FEW + 1).subquery()
    count = context.session.scalar(select(func.count()).select_from(some)) or 0
    return count if count <= FEW else None


def _kind(asked: Filter) -> list[Condition]:
    return [without_index(Case.category) == asked.category] if asked.category else []


def _apart(context: Context, roots: tuple[int, ...]) -> list[Condition]:
    return [without_index(Case.place_id).in_(search.lies_in(context.rules.tree, roots))]


def _edge(context: Context, way: _Way) -> Condition | None:
    """Return the condition that ends the walk after so many cases, None where there are not so many."""
    column = Case.resolve_by if way.by_deadline else Case.created_at
    last: Select[datetime] = select(column).where(*way.led).order_by(*way.order).offset(way.most).limit(1)
    moment = context.session.scalar(last)
    if moment is None:
        return None
    return Case.resolve_by <= moment if way.by_deadline else Case.created_at >= moment


def load(context: Context, ids: Sequence[int]) -> list[Case]:
    """Return these cases in this order."""
    found = {case.id: case for case in context.session.scalars(select(Case).where(Case.id.in_(ids)))}
    return [found[number] for number in ids if number in found]
