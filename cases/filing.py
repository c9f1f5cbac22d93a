"""群众上报: a draft becomes a case, once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import bindparam, select

from cases import dispatch, due, leading, looks, pool, privacy
from cases.context import CLOCK, Actor, Context, actor_of
from cases.given import Given
from cases.life import RETURNS_BEFORE_RULING, Step, act, add, deadlines_of, new, require, write_history
from cases.refusal import Refused, Why
from cases.states import Action, State
from storage.message_models import Attachment
from storage.models import Case, Follower
from storage.prepared import Prepared
from storage.record import record

FILES_JOINED = 10  # of a case that is joined to another: shown to who has that one


@record
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
    """File the draft and dispatch it; return the case, to read, and the steps taken (filing, then maybe assigning).

    A wish is vetted by a coordinator first. The deadlines run from now. Without a steward, a coordinator or admin is
    answerable from the first moment.
    """
    if reporter.person_id is None:
        raise ValueError("a case needs a reporter")
    category = context.rules.settings.category(draft.category)
    case = new(
        draft=draft.id, kind="wish" if wish else "issue", category=category.key,
        state=State.REVIEW if wish else State.NEW, place_id=draft.place_id,
        place_detail=draft.place_detail, words=draft.words, emergency=draft.emergency, reporter_id=reporter.person_id,
        reporter_channel=channel, reporter_chat=chat,
        created_at=context.now, changed_at=context.now, due_from=context.now, returns=0, reopened=0, offers=0, rung=0,
        urgent=False, late=False, widened=0, people_wanted=wish.people_wanted if wish else 1, beneficiary="",
        group_channel=draft.group[0] if draft.group else None, group_chat=draft.group[1] if draft.group else None,
    )  # fmt: skip
    if wish is not None:
        case.visibility, case.beneficiary, case.consent = wish.visibility, wish.beneficiary, wish.consent
        case.wish_by = wish.by
    case.answerable_id = dispatch.answerable_for(context, case)
    case.accept_by, case.resolve_by = due.accept_by(context, case, context.now), due.resolve_by(context, case)
    case.respond_by = case.accept_by if wish is None else None  # a wish's time begins when it is offered
    given = Given(words=draft.words, attachments=draft.attachments, data=deadlines_of(case))
    entry = write_history(context, case, Action.FILE, reporter, None, given)
    steps = [Step(case, Action.FILE, reporter, None, given, None, entry)]
    if wish is None and (assigned := dispatch.route(context, case)) is not None:
        steps.append(assigned)
    else:  # no move has planned the next look
        looks.set_look(context, case, looks.plan(context, case))
    written = add(context, case, steps)
    return written[0].case, written


def give_back(context: Context, case: Case, steward: Actor, reason: str) -> list[Step]:
    """退回: the steward returns the case; it goes to another, to the coordinator, or (third time) to a ruling."""
    ruling = case.returns >= RETURNS_BEFORE_RULING
    answerable = dispatch.answerable_for(context, case, ruling=ruling)
    steps = [act(context, case, Action.RETURN, steward, Given(words=reason, answerable_id=answerable))]
    if (assigned := dispatch.route(context, case)) is not None:
        steps.append(assigned)
    return steps


def reclassify(context: Context, case: Case, actor: Actor, category: str) -> list[Step]:
    """Change the kind; a case that nobody has accepted yet goes to who is responsible for the new kind.

    Where it becomes private, it leaves who lives in its building or is named in it.
    """
    keeps = case.state not in (State.NEW, State.ASSIGNED) or _responsible(context, case, category)
    facts = {"before": case.category, "keeps": keeps and actor.person_id == case.steward_id}
    steps = [act(context, case, Action.RECLASSIFY, actor, Given(category=category, data=facts))]
    leaves = not keeps or (case.steward_id is not None and privacy.is_passed_over(context, case, case.steward_id))
    offered = case.state == State.POOL and privacy.is_private(context, case)  # what is private is not offered
    if offered or (case.state in (State.NEW, State.ASSIGNED) and leaves):
        assigned = dispatch.route(context, case)
        steps += [assigned] if assigned is not None else []
    if case.steward_id is None and privacy.is_kept_from(context, case, case.answerable_id):
        case.answerable_id = dispatch.answerable_for(context, case)
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
    answerable = dispatch.answerable_for(context, case)
    return [act(context, case, Action.UNCLAIM, claimer, Given(answerable_id=answerable))]


def follow(context: Context, case: Case, follower: Actor) -> list[Step]:
    """Say "me too": from so many followers on the case is urgent."""
    return [act(context, case, Action.FOLLOW, follower), *_hastened(context, case)]


def merge(context: Context, case: Case, into: Case, leader: Actor) -> list[Step]:
    """Join `case` to `into`: who told it and who follows it follow the other from now on; both stories say so.

    What was urgent stays urgent. Both must be loaded with `life.load(…, beside=…)`, in the order that it keeps.
    """
    if case.id == into.id:
        raise Refused(Why.WRONG_STATE)
    require(context, into, Action.MERGE_IN, leader)
    require(context, case, Action.MERGE, leader)
    if (case.kind, case.category) != (into.kind, into.category):
        raise Refused(Why.OTHER_KIND)
    steps = [act(context, case, Action.MERGE, leader, Given(words=into.words, other_case=into.id))]
    people = [case.reporter_id, *followers(context, case)]
    there = {into.reporter_id, *followers(context, into)}
    for person in dict.fromkeys(people):
        if person not in there:
            context.session.add(Follower(case_id=into.id, person_id=person, at=context.now))
    given = Given(words=case.words, attachments=_files(context, case), other_case=case.id)
    steps.append(act(context, into, Action.MERGE_IN, leader, given))
    return [*steps, *_hastened(context, into, at_once=case.urgent)]


def _hastened(context: Context, case: Case, *, at_once: bool = False) -> list[Step]:
    """Make the case urgent where enough people follow it, unless a leader has said that it is not; or at once."""
    if case.urgent:
        return []
    count = len(followers(context, case))
    many = count >= context.rules.settings.me_too.urgent_from and not leading.was_eased(context, case)
    if not (at_once or many):
        return []
    return [act(context, case, Action.HASTEN, CLOCK, Given(data={"followers": count}))]


def _files(context: Context, case: Case) -> tuple[int, ...]:
    """Return what hangs on a case, the oldest first: it is shown with the other, and stays where it is."""
    mine = select(Attachment.id).where(Attachment.case_id == case.id).order_by(Attachment.id).limit(FILES_JOINED)
    return tuple(context.session.scalars(mine))


def joined_to(context: Context, case: Case) -> Case:
    """Return the case that this one was joined to, however often that was joined on; itself where it was not."""
    while case.merged_into is not None:
        case = context.session.get_one(Case, case.merged_into)
    return case


_FOLLOWERS = Prepared(
    select(Follower.person_id)
    .where(Follower.case_id == bindparam("case")).order_by(Follower.at, Follower.person_id)
)  # fmt: skip


def followers(context: Context, case: Case) -> list[int]:
    """Return who follows the case, the first first."""
    return [person for (person,) in _FOLLOWERS.all(context.session, case=case.id)]


def _responsible(context: Context, case: Case, category: str) -> bool:
    """Tell whether the steward of the case may take that kind as well."""
    kind, roles = context.rules.settings.category(category), actor_of(context, case.steward_id or 0).roles
    return any(role.role == "steward" and pool.fits(kind, role.partner, role.skills) for role in roles)
