"""Whose turn it is: who holds a role for a place, in the order in which they get a case."""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Integer, bindparam, case, select

from cases.context import Context
from cases.places import PlaceNode
from storage.models import Role
from storage.prepared import Prepared

GIVEN = "given"  # in `Context.known`: how many cases each person was given in this transaction
FEW, ALL = 4, 1_000_000  # so many are read at first: there may be a hundred, and most often the first one gets it


class Turn(NamedTuple):
    """A role as the choice of who gets a case sees it."""

    person_id: int
    partner: str | None
    skills: Sequence[str] | None
    cap: int | None


@cache
def _queue(roles: tuple[str, ...], partners: tuple[str, ...], places: int) -> Prepared:
    """Return the query for the first `most` holders of roles, of these partner types (none given: of any).

    The columns behind those of a `Turn` say which role, partner type and place it is, the first counting as 0.
    """
    here = [bindparam(f"place{number}", type_=Integer) for number in range(places)]
    wanted: list[tuple[Any, Sequence[Any]]] = [(Role.role, roles), (Role.partner, partners), (Role.place_id, here)]
    ranks = [
        case(*((column == value, number) for number, value in enumerate(values))).label(f"rank_{column.key}")
        for column, values in wanted if len(values) > 1
    ]  # fmt: skip
    columns = (getattr(Role, name) for name in Turn._fields)
    return Prepared(
        select(*columns, *ranks)
        .where(*(column.in_(values) for column, values in wanted if values))
        .order_by(*ranks, Role.assigned_at.nulls_first(), Role.person_id)
        .limit(bindparam("most", type_=Integer))
    )


def in_turn(
    context: Context, place_id: int, roles: tuple[str, ...], partners: tuple[str, ...] = ()
) -> Iterator[Turn]:  # fmt: skip
    """Yield who holds one of the roles for the place: by role, partner type, nearness, then the longest wait."""
    above = context.rules.tree.ancestors(place_id)
    query, where = _queue(roles, partners, len(above)), places(above)
    given: dict[int, int] = context.known.get(GIVEN, {})
    rows = query.all(context.session, most=ALL if given else FEW, **where)
    if given:  # not written yet: they go behind whoever stands where they do
        rows.sort(key=lambda row: (row[len(Turn._fields) :], given.get(row[0], 0)))
    elif len(rows) == FEW:
        yield from (Turn(*row[: len(Turn._fields)]) for row in rows)
        seen = [_who(row) for row in rows]  # who is first may have changed meanwhile, where others write as well
        rows = [row for row in query.all(context.session, most=ALL, **where) if _who(row) not in seen]
    yield from (Turn(*row[: len(Turn._fields)]) for row in rows)


def _who(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the person and for which role, partner type and place they stand there."""
    return row[0], *row[len(Turn._fields) :]


def places(above: Sequence[PlaceNode]) -> dict[str, int]:
    """Return the places as the values of a query that has `place0`, `place1` and so on."""
    return {f"place{number}": node.id for number, node in enumerate(above)}
