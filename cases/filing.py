"""群众上报: a draft becomes a case, once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select

from cases import dispatch, due, looks, pool
from cases.context import Actor, Context, actor_of
from cases.given import Given
from cases.life import RETURNS_BEFORE_RULING, Step, act, deadlines_of, require, write_history
from cases.refusal import Refused, Why
from cases.states import Action, State
from storage.models import Case, Follower


@dataclass(frozen=True, slots=True)
class Draft:
    """What a resident has told so far. `id` names the draft for ever."""

    id: str
    words: str
    category: str
    place_id: int
    place_detail: str = ""
    emergency: bool = False
    attachments: tuple[int, ...] = ()
    group: tuple[str, str] | None = None  # channel and chat of the group it was told in


@dataclass(frozen=True, slots=True)
class Wish:
    """What a wish says beyond a report."""

    visibility: Literal["name", "anonymous", "coordinator"]
    beneficiary: str = ""  # for whom, where it is not for the teller
    consent: bool | None = None  # of whom it is for
    people_wanted: int = 1  # 0: whoever can
    by: datetime | None = None


def filed(context: Context, draft_id: str) -> Case | None:
    """Return the case that a draft has become, if it has."""
    return context.session.scalar(select(Case).where(Case.draft == draft_id))


def file(
    context: Context, draft: Draft, reporter: Actor, channel: str, chat: str, wish: Wish | None = None
) -> tuple[Case, list[Step]]:
    """File the draft and dispatch it; return the case and the steps taken (filing, then maybe assigning).

    A wish is vetted by a coordinator first. The deadlines run from now. Without a steward, a coordinator or admin is
    answerable from the first moment.
    """
    if reporter.person_id is None:
        raise ValueError("a case needs a reporter")
    category = context.rules.settings.category(draft.category)
    case = Case(
        draft=draft.id, kind="wish" if wish else "issue", category=category.key,
        state=State.REVIEW if wish else State.NEW, place_id=draft.place_id,
        place_detail=draft.place_detail, words=draft.words, emergency=draft.emergency, reporter_id=reporter.person_id,
        reporter_channel=channel, reporter_chat=chat,
        answerable_id=dispatch.answerable_for(context, draft.place_id),
        created_at=context.now, changed_at=context.now, due_from=context.now, returns=0, reopened=0, offers=0, rung=0,
        urgent=False, widened=0, people_wanted=wish.people_wanted if wish else 1,
        group_channel=draft.group[0] if draft.group else None, group_chat=draft.group[1] if draft.group else None,
    )  # fmt: skip
    if wish is not None:
        case.visibility, case.beneficiary, case.consent = wish.visibility, wish.beneficiary, wish.consent
        case.wish_by = wish.by
    case.accept_by, case.resolve_by = due.accept_by(context, case, context.now), due.resolve_by(context, case)
    case.respond_by = case.accept_by if wish is None else None  # a wish's time begins when it is offered
    looks.set_look(context, case, looks.plan(context, case))
    context.session.add(case)
    context.session.flush()
    given = Given(words=draft.words, attachments=draft.attachments, data=deadlines_of(case))
    entry = write_history(context, case, Action.FILE, reporter, None, given)
    steps = [Step(case, Action.FILE, reporter, None, given, None, entry)]
    if wish is None and (assigned := dispatch.route(context, case)) is not None:
        steps.append(assigned)
    return case, steps


def give_back(context: Context, case: Case, steward: Actor, reason: str) -> list[Step]:
    """退回: the steward returns the case; it goes to another, to the coordinator, or (third time) to a ruling."""
    ruling = case.returns >= RETURNS_BEFORE_RULING
    answerable = dispatch.answerable_for(context, case.place_id, ruling=ruling)
    steps = [act(context, case, Action.RETURN, steward, Given(words=reason, answerable_id=answerable))]
    if (assigned := dispatch.route(context, case)) is not None:
        steps.append(assigned)
    return steps


def reclassify(context: Context, case: Case, actor: Actor, category: str) -> list[Step]:
    """Change the kind; a case that nobody has accepted yet goes to who is responsible for the new kind."""
    keeps = case.state not in (State.NEW, State.ASSIGNED) or _responsible(context, case, category)
    facts = {"before": case.category, "keeps": keeps and actor.person_id == case.steward_id}
    steps = [act(context, case, Action.RECLASSIFY, actor, Given(category=category, data=facts))]
    if case.state in (State.NEW, State.ASSIGNED) and not keeps:
        assigned = dispatch.route(context, case)
        steps += [assigned] if assigned is not None else []
    return steps


def to_issue(context: Context, case: Case, leader: Actor, category: str) -> list[Step]:
    """What was told as a wish is a report: dispatch it."""
    steps = [act(context, case, Action.TO_ISSUE, leader, Given(category=category))]
    if (assigned := dispatch.route(context, case)) is not None:
        steps.append(assigned)
    return steps


def give_back_claim(context: Context, case: Case, claimer: Actor) -> list[Step]:
    """One of several leaves; the last one puts the case back into the pool."""
    if len(pool.claims(context, case)) > 1:
        return [act(context, case, Action.LEAVE, claimer)]
    answerable = dispatch.answerable_for(context, case.place_id)
    return [act(context, case, Action.UNCLAIM, claimer, Given(answerable_id=answerable))]


def merge(context: Context, case: Case, into: Case, leader: Actor) -> list[Step]:
    """Join `case` to `into`: who told it and who follows it follow the other from now on; both stories say so."""
    if case.id == into.id or (case.kind, case.category) != (into.kind, into.category):
        raise Refused(Why.WRONG_STATE)
    require(context, into, Action.MERGE_IN, leader)
    steps = [act(context, case, Action.MERGE, leader, Given(words=into.words, other_case=into.id))]
    people = [case.reporter_id, *followers(context, case)]
    there = {into.reporter_id, *followers(context, into)}
    for person in dict.fromkeys(people):
        if person not in there:
            context.session.add(Follower(case_id=into.id, person_id=person, at=context.now))
    steps.append(act(context, into, Action.MERGE_IN, leader, Given(words=case.words, other_case=case.id)))
    return steps


def followers(context: Context, case: Case) -> list[int]:
    """Return who follows the case, the first first."""
    mine = select(Follower.person_id).where(Follower.case_id == case.id).order_by(Follower.at, Follower.person_id)
    return list(context.session.scalars(mine))


def _responsible(context: Context, case: Case, category: str) -> bool:
    """Tell whether the steward of the case may take that kind as well."""
    kind, roles = context.rules.settings.category(category), actor_of(context, case.steward_id or 0).roles
    return any(role.role == "steward" and pool.fits(kind, role.partner, role.skills) for role in roles)
