"""派单: who gets a case, and who is answerable while nobody has it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import chain

from sqlalchemy import bindparam, exists, select, update

from cases import pool, privacy
from cases.context import CLOCK, Context, actor_of, reach_of
from cases.given import Given
from cases.life import RETURNS_BEFORE_RULING, Step, act, let_go_by
from cases.states import Action
from cases.turns import GIVEN, in_turn, places
from storage.models import Case, Identity, Person, Role
from storage.prepared import Prepared
from storage.upsert import table_of

MOST_OFFERS = 2  # not accepted in time: so often offered to another, then an admin decides


@dataclass(frozen=True, slots=True)
class Holder:
    """A person who holds a role at a place that covers the case."""

    person_id: int
    role: str
    partner: str | None
    place_id: int
    title: str
    away: bool
    waited_since: float  # epoch seconds of the last case given, 0 for never


_IS_REACHED = exists().where(Identity.person_id == Role.person_id, Identity.unreachable.is_(None))


@cache
def _held_by(roles: tuple[str, ...], depth: int) -> Prepared:
    """Return the query for who holds one of the roles at so many places, and whether some platform reaches them."""
    return Prepared(
        select(
            Role.person_id, Role.role, Role.partner, Role.place_id, Role.title, Person.away_until, Role.assigned_at,
            _IS_REACHED,
        )
        .join(Person, Person.id == Role.person_id)
        .where(Role.place_id.in_([bindparam(f"place{number}") for number in range(depth)]), Role.role.in_(roles))
    )  # fmt: skip


def holders(context: Context, place_id: int, *roles: str, reachable: bool = False) -> list[Holder]:
    """Return who holds one of the roles for the place: by role, then the nearest, then who waited longest for a case.

    With `reachable`, only those whom some platform lets us write to.
    """
    above = context.rules.tree.ancestors(place_id)
    rank = {node.id: depth for depth, node in enumerate(above)}
    rows = _held_by(roles, len(above)).all(context.session, **places(above))
    found = [
        Holder(
            person, role, partner, place, title,
            away=away_until is not None and away_until > context.now,
            waited_since=assigned_at.timestamp() if assigned_at else 0,
        )
        for person, role, partner, place, title, away_until, assigned_at, reached in rows
        if reached or not reachable
    ]  # fmt: skip
    given: dict[int, int] = context.known.get(GIVEN, {})
    return sorted(found, key=lambda h: (
        roles.index(h.role), rank[h.place_id], given.get(h.person_id, 0), h.waited_since, h.person_id
    ))  # fmt: skip


def nearest(context: Context, place_id: int, role: str) -> list[int]:
    """Return who holds `role` at the nearest place, from this one upwards, at which somebody does."""
    found = holders(context, place_id, role)
    return [holder.person_id for holder in found if holder.place_id == found[0].place_id]


def stewards_for(context: Context, case: Case) -> Iterator[int]:
    """Yield the stewards who may take the case, the best first: partner type, then nearness, then longest wait.

    Who is away is passed over; a cover they have named, who is a steward here too, takes their turn. Who has as many
    open cases as their role allows gets no more. Whether somebody is here is looked up when it is their turn.
    """
    category = context.rules.category(case)
    told: set[int] = set()
    for turn in in_turn(context, case.place_id, ("steward",), tuple(category.partners)):
        if not pool.fits(category, turn.partner, turn.skills or ()):
            continue
        if turn.cap is not None and pool.load_of(context, turn.person_id) >= turn.cap:
            continue
        person = _who_takes_it(context, turn.person_id, case.place_id)
        if person is not None and person not in told:
            told.add(person)
            yield person


def _who_takes_it(context: Context, person_id: int, place_id: int) -> int | None:
    """Return whose turn it is when it is this person's: theirs, or their cover's, or nobody's."""
    here, reached = _presence(context, person_id)
    if here or not reached:
        return person_id if reached else None
    cover_id = reach_of(context, person_id).cover_id
    if cover_id is None or _presence(context, cover_id) != (True, True):
        return None
    roles, covers = actor_of(context, cover_id).roles, context.rules.tree.covers
    return cover_id if any(role.role == "steward" and covers(role.place_id, place_id) for role in roles) else None


def _presence(context: Context, person_id: int) -> tuple[bool, bool]:
    """Return whether somebody is here, and whether some platform reaches them."""
    reach = reach_of(context, person_id)
    return reach.away_until is None or reach.away_until <= context.now, bool(reach.addresses)


def answerable_for(context: Context, case: Case, *, ruling: bool = False) -> int:
    """Return who answers for a case that no steward has: the nearest coordinator, for a ruling the nearest admin.

    Nobody answers for their own, nor for a private matter of their building, while there is anybody else. Raises
    LookupError where the place has neither; `redsteward check` refuses such a configuration.
    """
    order = ("admin", "coordinator") if ruling else ("coordinator", "admin")
    for people in _who_could_answer(context, case.place_id, order):
        if (chosen := privacy.first(context, case, people)) is not None:
            return chosen
    anybody = next(chain.from_iterable(_who_could_answer(context, case.place_id, order)), None)
    if anybody is None:
        raise LookupError(f"place {case.place_id}: nobody is coordinator or admin here or above")
    return anybody


def _who_could_answer(context: Context, place_id: int, order: tuple[str, ...]) -> Iterator[Iterable[int]]:
    """Yield the leaders who are here, then those who are away, or must be phoned, or lead elsewhere: all but nobody."""

    def around() -> Iterator[int]:
        return (turn.person_id for turn in in_turn(context, place_id, order))

    yield (person for person in around() if _presence(context, person) == (True, True))
    yield (person for person in around() if _presence(context, person)[1])
    yield around()
    yield context.session.scalars(select(Role.person_id).where(Role.role == "admin").order_by(Role.id))


def route(context: Context, case: Case) -> Step | None:
    """Give a new case to the best steward, or offer it where its kind is pooled.

    None when there is nobody to give it to, or when it needs a ruling.
    """
    if case.returns > RETURNS_BEFORE_RULING or case.kind == "wish":  # who gets a wish, people decide
        return None
    if context.rules.category(case).pool and not case.emergency and case.returns == 0:
        return act(context, case, Action.OFFER, CLOCK)
    best = _best(context, case)
    return assign(context, case, best) if best is not None else None


def offer_again(context: Context, case: Case) -> Step:
    """Take a case from a steward who has not accepted in time: to another, or for an admin to decide."""
    best = _best(context, case) if case.offers < MOST_OFFERS and case.kind != "wish" else None
    taken_from = {"from": case.steward_id}
    if best is None:
        answerable = answerable_for(context, case, ruling=True)
        return act(context, case, Action.RULING, CLOCK, Given(answerable_id=answerable, data=taken_from))
    note_assigned(context, best)
    return act(context, case, Action.REOFFER, CLOCK, Given(steward_id=best, data=taken_from))


def another(context: Context, case: Case) -> int | None:
    """Return the best steward for the case but who has it or has given it back; None where there is none."""
    return _best(context, case)


def _best(context: Context, case: Case) -> int | None:
    passed_over = {*let_go_by(context, case), case.steward_id}
    return privacy.first(context, case, (person for person in stewards_for(context, case) if person not in passed_over))


def choices(context: Context, case: Case) -> list[Holder]:
    """Return to whom people may give the case: the stewards of its place, the nearest first, who is away last."""
    around: dict[int, Holder] = {}
    for holder in holders(context, case.place_id, "steward"):
        if holder.person_id != case.steward_id:
            around.setdefault(holder.person_id, holder)
    allowed = privacy.preferred(context, case, around)
    return sorted((around[person] for person in allowed), key=lambda holder: holder.away)


def assign(context: Context, case: Case, person_id: int) -> Step:
    """Give the case to a steward by the dispatch itself."""
    note_assigned(context, person_id)
    return act(context, case, Action.ASSIGN, CLOCK, Given(steward_id=person_id))


def note_assigned(context: Context, person_id: int) -> None:
    """Send the person to the end of the queue; `write_assigned` keeps it at the end of the transaction."""
    given: dict[int, int] = context.known.setdefault(GIVEN, {})
    given[person_id] = given.get(person_id, 0) + 1


_TURNS_OF = (Role.person_id == bindparam("person"), Role.role == "steward")
_GIVEN_TO = Prepared(
    update(table_of(Role))
    .where(Role.id.in_(select(Role.id).where(*_TURNS_OF).order_by(Role.id).with_for_update()))
    .values(assigned_at=bindparam("now"))
)  # fmt: skip


def write_assigned(context: Context) -> None:
    """Keep who was given a case: last of all, and locked in one order, so that two transactions never cross."""
    given: dict[int, int] = context.known.pop(GIVEN, {})
    for person in sorted(given):
        _GIVEN_TO.run(context.session, person=person, now=context.now)
