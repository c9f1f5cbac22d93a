"""交接: what somebody has in hand is handed on once they no longer hold the role for it.

A row of `departure` says whose, and how far it has come; each transaction looks at the next cases by number, so that
many of them hold nobody up, and a restart goes on where it stopped. From the moment the role is gone its holder can do
nothing more (`cases.context.parties`), so what waits for its turn is safe.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, or_, select, text
from sqlalchemy.orm import Session

from cases import dispatch, filing, hands, pool, rungs
from cases.context import CLOCK, Actor, Context, RoleAt, actor_of
from cases.given import Given
from cases.life import RETURNS_BEFORE_RULING, Step, act
from cases.states import HELD, OPEN, Action, State
from storage.admin_models import Departure
from storage.models import Case, Claim, CoHandler, Person, Rating, Role

AT_ONCE = 50  # cases in one transaction: each is told to several people in it
AFTERWARDS = timedelta(minutes=2)  # then once more: a transaction that had begun before may have given them a case
LEADING = ("coordinator", "admin")
IS_OPEN = text("departure.done_at IS NULL")  # literal, so that both databases use the partial index


def begin(session: Session, person_id: int, taken_by: int | None, now: datetime) -> Departure:
    """Have what the person has in hand handed on; where that is under way already, it begins anew."""
    session.execute(select(Person.id).where(Person.id == person_id).with_for_update())
    known = session.scalar(select(Departure).where(Departure.person_id == person_id, IS_OPEN).with_for_update())
    if known is None:
        known = Departure(person_id=person_id, taken_by=taken_by, made_at=now, up_to=0, handed=0)
        session.add(known)
    known.up_to, known.made_at = 0, now
    known.taken_by = taken_by if taken_by is not None else known.taken_by
    session.flush()
    return known


def is_due(session: Session, now: datetime) -> bool:
    """Tell whether there is something left to do now."""
    due = or_(Departure.up_to >= 0, Departure.made_at <= now - AFTERWARDS)
    return session.scalar(select(Departure.id).where(IS_OPEN, due).limit(1)) is not None


def claim(context: Context) -> Departure | None:
    """Take the next departure that has something left to do, for this transaction; other processes take others."""
    due = or_(Departure.up_to >= 0, Departure.made_at <= context.now - AFTERWARDS)
    first = select(Departure).where(IS_OPEN, due).order_by(Departure.id).limit(1)
    return context.session.scalar(first.with_for_update(skip_locked=True))


def go_on(context: Context, departure: Departure) -> list[tuple[Case, list[Step]]]:
    """Hand on the next cases; return what was done to each.

    In the last look, some time afterwards, `up_to` is negative: -1 less the number of the case.
    """
    last_look = departure.up_to < 0
    actor = actor_of(context, departure.person_id)
    cases = _next(context, departure.person_id, -departure.up_to - 1 if last_look else departure.up_to)
    done = [(case, hand_on(context, case, actor)) for case in cases]
    departure.handed += sum(bool(steps) for _case, steps in done)
    if len(cases) == AT_ONCE:
        departure.up_to = -cases[-1].id - 1 if last_look else cases[-1].id
    elif last_look:
        departure.done_at = context.now
    else:
        departure.up_to = -1
        _end_covers(context, actor)
    context.session.flush()
    return [(case, steps) for case, steps in done if steps]


def settle(context: Context, case: Case) -> list[Step]:
    """Hand on a case that was opened again as far as those who had it are no longer there."""
    people = sorted({case.answerable_id, *hands.at_work(context, case)})
    return [step for person in people for step in hand_on(context, case, actor_of(context, person))]


def hand_on(context: Context, case: Case, person: Actor) -> list[Step]:
    """Take from the person what they are to the case without holding a role for it; return the steps.

    A task goes to another steward as a new case would, a claim is given back. What nobody can take goes to whoever
    leads there, as does what the person answered for, and a call they were to make.
    """
    steps: list[Step] = []
    if State(case.state) in HELD and not _serves(context, case, person):
        steps += _drop_help(context, case, person)
        steps += _give_up(context, case, person)
    if case.answerable_id == person.person_id and not _answers(context, case, person):
        steps += _entrust(context, case)
    return steps + _pass_call_on(context, case, person)


def _serves(context: Context, case: Case, person: Actor) -> bool:
    """Tell whether the person is steward of a place that covers the case; what they claimed may lie beside theirs."""
    tree = context.rules.tree
    places = [held.place_id for held in person.roles if held.role == "steward"]
    if any(tree.covers(place, case.place_id) for place in places):
        return True
    claimed = bool(places) and context.session.get(Claim, (case.id, person.person_id)) is not None
    return claimed and any(tree.covers(pool.area(context, case), place) for place in places)


def _leads(context: Context, case: Case, person: Actor) -> bool:
    covers = context.rules.tree.covers
    return any(held.role in LEADING and covers(held.place_id, case.place_id) for held in person.roles)


def _answers(context: Context, case: Case, person: Actor) -> bool:
    if case.steward_id == person.person_id and _serves(context, case, person):
        return True
    return State(case.state) not in OPEN or _leads(context, case, person)


def _drop_help(context: Context, case: Case, person: Actor) -> list[Step]:
    if context.session.get(CoHandler, (case.id, person.person_id)) is None:
        return []
    return [act(context, case, Action.DROP_HELPER, CLOCK, Given(person_id=person.person_id))]


def _give_up(context: Context, case: Case, person: Actor) -> list[Step]:
    if context.session.get(Claim, (case.id, person.person_id)) is not None:
        # In their name: whoever claimed with them hears it as if they had given it back themselves.
        claimer = Actor(person.person_id, (*person.roles, RoleAt("steward", case.place_id)))
        return filing.give_back_claim(context, case, claimer)
    if case.steward_id != person.person_id:
        return []
    answerable = dispatch.answerable_for(context, case, ruling=case.returns > RETURNS_BEFORE_RULING)
    given = Given(answerable_id=answerable, data={"from": person.person_id})
    steps = [act(context, case, Action.RELIEVE, CLOCK, given)]
    if (assigned := dispatch.route(context, case)) is not None:
        steps.append(assigned)
    return steps


def _entrust(context: Context, case: Case) -> list[Step]:
    answerable = dispatch.answerable_for(context, case, ruling=case.returns > RETURNS_BEFORE_RULING)
    if answerable == case.answerable_id:  # there is nobody else in the whole desk
        return []
    given = Given(answerable_id=answerable, person_id=answerable, data={"from": case.answerable_id})
    return [act(context, case, Action.ENTRUST, CLOCK, given)]


def _pass_call_on(context: Context, case: Case, person: Actor) -> list[Step]:
    """A resident who is to be called back after a low mark is called by the next who leads there."""
    if _leads(context, case, person):
        return []
    mine = (Rating.case_id == case.id, Rating.caller_id == person.person_id, Rating.called_at.is_(None))
    waiting = context.session.scalar(select(Rating).where(*mine))
    if waiting is None:
        return []
    others = [each for each in rungs.deciders(context, case, waiting.steward_id) if each != person.person_id]
    if not others:
        return []
    waiting.caller_id = others[0]
    facts = {"from": person.person_id, "call": True}
    return [act(context, case, Action.ENTRUST, CLOCK, Given(person_id=others[0], data=facts))]


def _next(context: Context, person_id: int, after: int) -> list[Case]:
    """Return the next cases by number that the person may have to do with, locked."""
    ids: set[int] = set()
    for numbers in _look_ups(person_id):
        ids.update(context.session.scalars(numbers.where(Case.id > after).order_by(Case.id).limit(AT_ONCE)))
    chosen = sorted(ids)[:AT_ONCE]
    rows = select(Case).where(Case.id.in_(chosen)).order_by(Case.id).with_for_update()
    return list(context.session.scalars(rows.execution_options(populate_existing=True)))


def _look_ups(person_id: int) -> Iterable[Select[int]]:
    """Yield the queries for the numbers of these cases, each with an index of its own."""
    open_ = Case.state.in_(sorted(OPEN))
    conditions: tuple[tuple[ColumnElement[bool], ...], ...] = (
        (Case.steward_id == person_id, Case.state.in_(HELD)), (Case.answerable_id == person_id, open_),
    )  # fmt: skip
    for condition in conditions:
        yield select(Case.id).where(*condition)
    for table in (Claim, CoHandler):
        yield select(Case.id).join(table, table.case_id == Case.id).where(
            table.person_id == person_id, Case.state.in_(HELD)
        )  # fmt: skip
    yield select(Case.id).join(Rating, Rating.case_id == Case.id).where(
        Rating.caller_id == person_id, Rating.called_at.is_(None)
    )  # fmt: skip


def _end_covers(context: Context, person: Actor) -> None:
    """Whoever is no steward any more stands in for nobody."""
    if not person.has("steward"):
        staff = Person.id.in_(select(Role.person_id))  # nobody else has a cover, and there is no index by it
        for away in context.session.scalars(select(Person).where(staff, Person.cover_id == person.person_id)):
            away.cover_id = None
            context.known.pop(("reach", away.id), None)
