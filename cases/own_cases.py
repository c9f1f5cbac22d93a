"""Whose own case it has turned out to be does not handle it: it passes on to another.

That comes about when two people join (`cases.joining`): one has reported what the other deals with.
"""

from sqlalchemy import or_, select

from cases import dispatch, filing, leading, pool, privacy
from cases.context import CLOCK, Actor, Context, actor_of
from cases.given import Given
from cases.joined_rows import DROPPED, drop
from cases.life import Step, act
from cases.states import HELD, OPEN, Action, State
from storage.link_models import Joining
from storage.models import Case, Claim, CoHandler


def settle(context: Context, joining: Joining, reason: str) -> list[Step]:
    """Pass on what two people handle and may not as one; return the steps taken. `reason` goes into the history.

    What is done and waits for the mark is closed without one: nobody rates themselves.
    """
    person_id, moved = joining.person_id, {**joining.moved, DROPPED: list(joining.moved[DROPPED])}
    me = actor_of(context, person_id)
    steps: list[Step] = []
    for case in _in_hand(context, person_id):
        if not privacy.is_own(context, case, person_id):
            continue
        helps = context.session.get(CoHandler, (case.id, person_id))
        if helps is not None:
            drop(context.session, helps, moved)
        if case.state == State.RESOLVED and case.steward_id == person_id:
            steps.append(act(context, case, Action.CLOSE, CLOCK))
        elif case.state in HELD:
            steps += _pass_on(context, case, me, reason)
        elif case.answerable_id == person_id:
            case.answerable_id = dispatch.answerable_for(context, case)
    joining.moved = moved
    context.session.flush()
    return steps


def reopen(context: Context, case: Case, admin: Actor, words: str, reason: str) -> list[Step]:
    """重开, as `leading.reopen`; what is its steward's own goes to another for `reason`. Raises Refused."""
    return [*leading.reopen(context, case, admin, words), *pass_on(context, case, reason)]


def pass_on(context: Context, case: Case, reason: str) -> list[Step]:
    """Pass on a case that was opened again and is its steward's own; nothing where it is not."""
    if case.state not in HELD or case.steward_id is None or case.reporter_id != case.steward_id:
        return []
    return _pass_on(context, case, actor_of(context, case.steward_id), reason)


def _in_hand(context: Context, person_id: int) -> list[Case]:
    """Return the open cases with which the person has to do as staff, locked, the lowest number first."""
    beside = (select(table.case_id).where(table.person_id == person_id) for table in (Claim, CoHandler))
    mine = or_(
        Case.steward_id == person_id, Case.answerable_id == person_id, *(Case.id.in_(some) for some in beside)
    )  # fmt: skip
    found = select(Case).where(mine, Case.state.in_(sorted(OPEN))).order_by(Case.id).with_for_update()
    return list(context.session.scalars(found.execution_options(populate_existing=True)))


def _pass_on(context: Context, case: Case, me: Actor, reason: str) -> list[Step]:
    if any(claim.person_id == me.person_id for claim in pool.claims(context, case)):
        return filing.give_back_claim(context, case, me)
    if case.steward_id != me.person_id:
        if case.answerable_id == me.person_id:
            case.answerable_id = case.steward_id or dispatch.answerable_for(context, case)
        return []
    best = dispatch.another(context, case)
    if best is not None:
        dispatch.note_assigned(context, best)
        return [act(context, case, Action.TRANSFER, me, Given(reason, steward_id=best))]
    resumed = [act(context, case, Action.RESUME, me)] if case.state == State.WAITING else []
    return [*resumed, *filing.give_back(context, case, me, reason)]
