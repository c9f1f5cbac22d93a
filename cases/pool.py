"""认领: who may claim a case, who has, and how far around it is offered."""

from collections.abc import Sequence

from sqlalchemy import bindparam, delete, func, or_, select

from cases import hands, privacy
from cases.context import Actor, Context, RoleAt
from cases.refusal import Refused, Why
from cases.settings import Category
from cases.states import Action, State
from storage.message_models import GroupChat
from storage.models import Case, Claim, Person, Role
from storage.prepared import Prepared
from storage.upsert import table_of

OFFERED_TO = 30  # stewards who are written to; the task group tells the others
ESTATES = ("estate", "grid")
_CLEAR = Prepared(delete(table_of(Claim)).where(Claim.case_id == bindparam("case")))
RELIEVES = {Action.TRANSFER, Action.RETURN}  # moves after which those who had claimed it have nothing to do any more


def area(context: Context, case: Case) -> int:
    """Return within which place the case is offered: its estate, and one rung wider each time nobody wanted it."""
    above = context.rules.tree.ancestors(case.place_id)
    start = next((number for number, node in enumerate(above) if node.kind in ESTATES), 0)
    return above[min(start + case.widened, len(above) - 1)].id


def can_widen(context: Context, case: Case) -> bool:
    """Tell whether there is a wider place to offer it in; it is widened once."""
    root = context.rules.tree.ancestors(case.place_id)[-1].id
    return case.widened == 0 and area(context, case) != root


def check_candidate(context: Context, case: Case, actor: Actor) -> None:
    """Raise Refused where the person may not claim the case now."""
    if privacy.is_own(context, case, actor.person_id):
        raise Refused(Why.OWN_CASE)
    if case.steward_id is not None and not context.session.get(Claim, (case.id, case.steward_id)):
        raise Refused(Why.WRONG_STATE)  # somebody was given it
    taken = [claim.person_id for claim in claims(context, case)]
    if actor.person_id in taken or (case.people_wanted and len(taken) >= case.people_wanted):
        raise Refused(Why.NO_ROOM)
    roles = [role for role in actor.roles if suits(context, case, role)]
    if not roles:
        raise Refused(Why.NOT_YOURS)
    if actor.person_id is not None and is_full(context, actor.person_id):
        raise Refused(Why.CAP_REACHED)


def suits(context: Context, case: Case, role: RoleAt) -> bool:
    """Tell whether a steward's role fits the case: place, partner type, skill."""
    category, tree = context.rules.category(case), context.rules.tree
    around = tree.covers(role.place_id, case.place_id) or tree.covers(area(context, case), role.place_id)
    return role.role == "steward" and around and fits(category, role.partner, role.skills)


def fits(category: Category, partner: str | None, skills: Sequence[str]) -> bool:
    """Tell whether partner type and skills are those that a kind of matters asks for."""
    return (not category.partners or partner in category.partners) and category.skill in (None, *skills)


def is_full(context: Context, person_id: int) -> bool:
    """Tell whether the person has as many open cases as their role allows."""
    cap = context.session.scalar(select(func.min(Role.cap)).where(Role.person_id == person_id, Role.role == "steward"))
    return cap is not None and load_of(context, person_id) >= cap


def load_of(context: Context, person_id: int) -> int:
    """Return how many cases the person has in hand."""
    return int(hands.LOAD.scalar(context.session, person=person_id))


def claims(context: Context, case: Case) -> Sequence[Claim]:
    """Return who has claimed the case, the first first."""
    return context.session.scalars(
        select(Claim).where(Claim.case_id == case.id).order_by(Claim.at, Claim.person_id)
    ).all()


def clear(context: Context, case: Case) -> None:
    """Forget the claims: somebody has been given the case, or decides who is."""
    if case.id is not None:  # else it is being filed
        _CLEAR.run(context.session, case=case.id)


def has_room(context: Context, case: Case) -> bool:
    """Tell whether somebody more may claim it."""
    if case.state not in (State.POOL, State.WORKING):
        return False
    return case.people_wanted == 0 or len(claims(context, case)) < case.people_wanted


def candidates(context: Context, case: Case) -> list[int]:
    """Return the stewards to whom it is offered, the nearest first; not who is away or has their hands full."""
    tree, within = context.rules.tree, area(context, case)
    above = [node.id for node in tree.ancestors(case.place_id)]
    below = [node.id for node in tree if tree.covers(within, node.id)]
    rows = context.session.execute(
        select(Role).join(Person, Person.id == Role.person_id).where(
            Role.role == "steward", or_(Role.place_id.in_(above), Role.place_id.in_(below)),
            or_(Person.away_until.is_(None), Person.away_until <= context.now),
        ).order_by(Role.person_id)
    ).scalars().all()  # fmt: skip
    category = context.rules.category(case)
    rank = {place: number for number, place in enumerate(above)}
    fitting = sorted(
        (role for role in rows if fits(category, role.partner, role.skills or ())),
        key=lambda role: rank.get(role.place_id, len(rank)),
    )
    people = privacy.preferred(context, case, dict.fromkeys(role.person_id for role in fitting))
    return [person for person in people if not is_full(context, person)][:OFFERED_TO]


def task_groups(context: Context, case: Case) -> Sequence[GroupChat]:
    """Return the task groups tied to where the case is offered; none for a private kind."""
    if context.rules.category(case).private:
        return []
    tree, within = context.rules.tree, area(context, case)
    above = [node.id for node in tree.ancestors(case.place_id) if tree.covers(within, node.id)]
    here = select(GroupChat).where(GroupChat.kind == "task", GroupChat.lost_at.is_(None), GroupChat.place_id.in_(above))
    return context.session.scalars(here.order_by(GroupChat.channel, GroupChat.chat)).all()
