"""What whoever leads does to a case by command: tell the next rung now, begin again what is over."""

from collections.abc import Sequence

from sqlalchemy import select

from cases import dispatch, looks, rungs
from cases.context import Actor, Context
from cases.given import Given
from cases.life import RETURNS_BEFORE_RULING, Step, act, require
from cases.refusal import Refused, Why
from cases.rungs import Rung
from cases.states import Action, State
from storage.models import Case, HistoryEntry


def escalate(context: Context, case: Case, leader: Actor, holders: Sequence[int], words: str) -> Step:
    """催办/升级: tell the holders of the case and the next rung above the leader, whatever the deadline.

    Where nobody is above, it is the next rung that has not been told; where all know, the holders alone, at most once
    in `times.urge_every`. `told` of the step's data says who is told. Raises Refused.
    """
    require(context, case, Action.ESCALATE, leader)
    rung = _next_rung(context, case, leader.person_id)
    around = dict.fromkeys((*holders, *(rung.people if rung else ())))
    told = [person for person in around if person != leader.person_id]
    if not told:
        raise Refused(Why.NOBODY_ELSE)
    if rung is None and _told_lately(context, case):
        raise Refused(Why.TOO_SOON)
    facts = {"told": told, **({"rung": rung.number, "place": rung.place_id} if rung else {})}
    step = act(context, case, Action.ESCALATE, leader, Given(words, data=facts))
    if case.tell_at is not None:  # the clock was to tell that rung of the missed deadline
        case.tell_at = looks.next_telling(context, case)
        looks.set_look(context, case, looks.plan(context, case))
    return step


def _next_rung(context: Context, case: Case, leader: int | None) -> Rung | None:
    own = max((rung.number for rung in rungs.ladder_of(context, case) if leader in rung.people), default=0)
    return rungs.upward(context, case, leader, own) or rungs.upward(context, case, leader)


def _told_lately(context: Context, case: Case) -> bool:
    newest = (
        select(HistoryEntry.at).where(HistoryEntry.case_id == case.id, HistoryEntry.action == Action.ESCALATE)
        .order_by(HistoryEntry.id.desc()).limit(1)
    )  # fmt: skip
    at = context.session.scalar(newest)
    return at is not None and context.now < context.rules.deadlines.after(at, context.rules.settings.times.urge_every)


def reopen(context: Context, case: Case, admin: Actor, words: str) -> list[Step]:
    """重开: a closed case goes on with its steward; what ended otherwise begins anew, dispatched or vetted.

    Raises Refused, for whatever is not over as well.
    """
    action = opens_again(case)
    if action is Action.REOPEN:
        return [act(context, case, action, admin, Given(words))]
    require(context, case, action, admin)
    ruling = case.returns > RETURNS_BEFORE_RULING
    answerable = dispatch.answerable_for(context, case, ruling=ruling)
    steps = [act(context, case, action, admin, Given(words, answerable_id=answerable))]
    if (assigned := dispatch.route(context, case)) is not None:
        steps.append(assigned)
    return steps


def opens_again(case: Case) -> Action:
    """Return the move by which the case would be opened again."""
    if case.state == State.CLOSED:
        return Action.REOPEN
    return Action.REVIEW_AGAIN if case.kind == "wish" else Action.REVIVE


def was_eased(context: Context, case: Case) -> bool:
    """Tell whether a leader has decided that the case is not urgent."""
    eased = select(HistoryEntry.id).where(HistoryEntry.case_id == case.id, HistoryEntry.action == Action.EASE).limit(1)
    return context.session.scalar(eased) is not None
