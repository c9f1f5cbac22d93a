"""What a move sets on the case beside the state: wishes, claims, followers, co-handlers, merging."""

from cases import due, pool
from cases.context import Actor, Context
from cases.effects import stop_waiting
from cases.given import Given, Rule
from cases.refusal import Refused, Why
from cases.states import Action
from storage.models import Case, Claim, CoHandler, Follower


def _vet(context: Context, case: Case, _actor: Actor, _given: Given) -> None:
    """Offered from now on, for as long as its kind says: that is what is promised."""
    _offer_again(context, case)
    due.promise(context, case, case.accept_by)


def _offer_again(context: Context, case: Case) -> None:
    stop_waiting(context, case)
    case.accept_by = context.rules.deadlines.after(context.now, context.rules.category(case).claim, case.place_id)


def _widen(context: Context, case: Case, _actor: Actor, _given: Given) -> None:
    case.widened += 1
    _offer_again(context, case)


def _claim(context: Context, case: Case, actor: Actor, given: Given) -> None:
    """The first who claims it leads it; a wish's time to be fulfilled begins then."""
    assert actor.person_id is not None  # noqa: S101 - `check_candidate` let only people through
    context.session.add(Claim(case_id=case.id, person_id=actor.person_id, at=context.now, note=given.words))
    case.responded_at = case.responded_at or context.now
    if case.steward_id is not None:
        return
    case.steward_id = case.answerable_id = actor.person_id
    case.rung, case.tell_at = 0, None
    if case.kind == "wish":
        case.due_from = context.now
        by = due.resolve_by(context, case)
        case.resolve_by = min(by, case.wish_by) if case.wish_by and case.wish_by > context.now else by


def _leave(context: Context, case: Case, actor: Actor, _given: Given) -> None:
    """Whoever claimed next leads where the lead leaves."""
    _delete_claim(context, case, actor)
    if case.steward_id == actor.person_id:
        case.steward_id = case.answerable_id = pool.claims(context, case)[0].person_id


def _unclaim(context: Context, case: Case, actor: Actor, given: Given) -> None:
    _delete_claim(context, case, actor)
    case.steward_id = case.wanted_by = None
    if given.answerable_id is not None:
        case.answerable_id = given.answerable_id
    _offer_again(context, case)


def _bring(context: Context, case: Case, actor: Actor, given: Given) -> None:
    """What a claimer brings; a later note takes the place of the former, and the history keeps both."""
    context.session.get_one(Claim, (case.id, actor.person_id)).note = given.words


def _delete_claim(context: Context, case: Case, actor: Actor) -> None:
    context.session.delete(context.session.get_one(Claim, (case.id, actor.person_id)))
    context.session.flush()


def _to_issue(context: Context, case: Case, _actor: Actor, given: Given) -> None:
    _become(context, case, "issue", given.category or context.rules.settings.fallback)


def _to_wish(context: Context, case: Case, _actor: Actor, given: Given) -> None:
    case.steward_id = None
    case.visibility = case.visibility or "coordinator"  # nobody has agreed to more
    _become(context, case, "wish", given.category or context.rules.settings.wishes[-1].key)


def _become(context: Context, case: Case, kind: str, category: str) -> None:
    stop_waiting(context, case)
    case.kind, case.category, case.widened = kind, category, 0
    case.resolve_by = due.resolve_by(context, case)
    case.accept_by = due.accept_by(context, case, context.now)
    due.promise(context, case, case.accept_by if kind == "issue" else None)


def _follow(context: Context, case: Case, actor: Actor, _given: Given) -> None:
    context.session.add(Follower(case_id=case.id, person_id=actor.person_id, at=context.now))


def _unfollow(context: Context, case: Case, actor: Actor, _given: Given) -> None:
    context.session.delete(context.session.get_one(Follower, (case.id, actor.person_id)))


def _merge(_context: Context, case: Case, _actor: Actor, given: Given) -> None:
    case.merged_into, case.wanted_by = given.other_case, None
    case.waiting_since = case.waiting_for = case.tell_at = None


def _add_helper(context: Context, case: Case, actor: Actor, given: Given) -> None:
    known = context.session.get(CoHandler, (case.id, given.person_id)) is not None
    if known or given.person_id in (None, case.steward_id):
        raise Refused(Why.WRONG_STATE)
    row = CoHandler(case_id=case.id, person_id=given.person_id, added_by=actor.person_id, at=context.now)
    context.session.add(row)


def _drop_helper(context: Context, case: Case, _actor: Actor, given: Given) -> None:
    row = context.session.get(CoHandler, (case.id, given.person_id))
    if row is None:
        raise Refused(Why.WRONG_STATE)
    context.session.delete(row)


POOL_EFFECTS: dict[Action, Rule] = {
    Action.VET: _vet,
    Action.OFFER: _vet,
    Action.WIDEN: _widen,
    Action.CLAIM: _claim,
    Action.LEAVE: _leave,
    Action.UNCLAIM: _unclaim,
    Action.BRING: _bring,
    Action.TO_ISSUE: _to_issue,
    Action.TO_WISH: _to_wish,
    Action.FOLLOW: _follow,
    Action.UNFOLLOW: _unfollow,
    Action.MERGE: _merge,
    Action.ADD_HELPER: _add_helper,
    Action.DROP_HELPER: _drop_helper,
}
