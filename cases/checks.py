"""What a move needs beyond its row in `states.MOVES`."""

from datetime import timedelta

from sqlalchemy import select

from cases import pool, privacy
from cases.context import Actor, Context, parties
from cases.effects import THIRD_PARTY
from cases.given import Given, Rule
from cases.refusal import Refused, Why
from cases.states import Action, Party
from storage.message_models import Attachment
from storage.models import Case, Claim, Follower

MOST_LEFT = 2  # claimers there must be for one of them to leave without the case going back


def _photo_where_wanted(context: Context, case: Case, _actor: Actor, given: Given) -> None:
    if not context.rules.category(case).photo:
        return
    photos = select(Attachment.id).where(Attachment.id.in_(given.attachments), Attachment.kind == "photo").limit(1)
    if not given.attachments or context.session.scalar(photos) is None:
        raise Refused(Why.PHOTO_NEEDED)


def _not_urged_lately(context: Context, case: Case, _actor: Actor, _given: Given) -> None:
    if case.urged_at and context.now < context.rules.deadlines.after(
        case.urged_at, context.rules.settings.times.urge_every
    ):
        raise Refused(Why.TOO_SOON)


def _may_still_reopen(context: Context, case: Case, actor: Actor, given: Given) -> None:
    days = context.rules.category(case).reopen_days
    over = case.resolved_at and context.now > case.resolved_at + timedelta(days=days)
    if over and Party.ADMIN not in parties(context, case, actor):
        raise Refused(Why.TOO_LATE)
    _still_somebodys(context, case, actor, given)


def _still_somebodys(_context: Context, case: Case, _actor: Actor, _given: Given) -> None:
    """What leads to nobody any more cannot be dealt with any more."""
    if case.anonymised_at is not None:
        raise Refused(Why.TOO_LATE)


def _wish_to_review(context: Context, case: Case, actor: Actor, given: Given) -> None:
    _is_wish(context, case, actor, given)
    _still_somebodys(context, case, actor, given)


def _issue_to_dispatch(context: Context, case: Case, actor: Actor, given: Given) -> None:
    _is_issue(context, case, actor, given)
    _still_somebodys(context, case, actor, given)


def _is_urgent(_context: Context, case: Case, _actor: Actor, _given: Given) -> None:
    if not case.urgent:
        raise Refused(Why.WRONG_STATE)


def _waits_for_resident(_context: Context, case: Case, _actor: Actor, _given: Given) -> None:
    if case.waiting_for == THIRD_PARTY:
        raise Refused(Why.WRONG_STATE)


def _is_asked(_context: Context, case: Case, _actor: Actor, _given: Given) -> None:
    if case.waiting_since is None:
        raise Refused(Why.WRONG_STATE)


def _before_the_deadline(context: Context, case: Case, _actor: Actor, given: Given) -> None:
    if context.now >= case.resolve_by:
        raise Refused(Why.DEADLINE_OVER)
    if given.until is None or given.until <= case.resolve_by:
        raise Refused(Why.NOT_LATER)


def _time_is_wanted(_context: Context, case: Case, actor: Actor, _given: Given) -> None:
    """Nobody grants their own wish."""
    if case.wanted_by is None:
        raise Refused(Why.WRONG_STATE)
    if actor.person_id == case.steward_id:
        raise Refused(Why.NOT_YOURS)


def _time_is_still_wanted(context: Context, case: Case, actor: Actor, given: Given) -> None:
    _time_is_wanted(context, case, actor, given)
    if case.wanted_by is not None and case.wanted_by <= max(context.now, case.resolve_by):
        raise Refused(Why.NOT_LATER)


def _another_kind(context: Context, case: Case, _actor: Actor, given: Given) -> None:
    if given.category is None or not context.rules.settings.has_category(given.category):
        raise Refused(Why.NOT_FOUND)
    if given.category == case.category:
        raise Refused(Why.WRONG_STATE)


def _not_yet_urgent(_context: Context, case: Case, _actor: Actor, _given: Given) -> None:
    if case.urgent:
        raise Refused(Why.WRONG_STATE)


def _is_last_claimer(context: Context, case: Case, actor: Actor, _given: Given) -> None:
    if len(pool.claims(context, case)) > 1 or context.session.get(Claim, (case.id, actor.person_id)) is None:
        raise Refused(Why.WRONG_STATE)


def _others_remain(context: Context, case: Case, actor: Actor, _given: Given) -> None:
    if len(pool.claims(context, case)) < MOST_LEFT or context.session.get(Claim, (case.id, actor.person_id)) is None:
        raise Refused(Why.WRONG_STATE)


def _not_followed_yet(context: Context, case: Case, actor: Actor, _given: Given) -> None:
    if case.reporter_id == actor.person_id or context.session.get(Follower, (case.id, actor.person_id)) is not None:
        raise Refused(Why.OWN_CASE)
    if case.kind == "wish" or context.rules.category(case).private:
        raise Refused(Why.NOT_YOURS)


def _is_wish(_context: Context, case: Case, _actor: Actor, _given: Given) -> None:
    if case.kind != "wish":
        raise Refused(Why.WRONG_STATE)


def _is_issue(_context: Context, case: Case, _actor: Actor, _given: Given) -> None:
    if case.kind != "issue":
        raise Refused(Why.WRONG_STATE)


def _not_to_whose_it_is(context: Context, case: Case, _actor: Actor, given: Given) -> None:
    """Nobody is given their own case."""
    if privacy.is_own(context, case, given.steward_id) or privacy.is_own(context, case, given.person_id):
        raise Refused(Why.NOT_A_STEWARD)


def _may_know_whose_it_is(context: Context, case: Case, actor: Actor, _given: Given) -> None:
    if actor.person_id is not None and privacy.is_kept_from(context, case, actor.person_id):
        raise Refused(Why.KEPT_PRIVATE)


CHECKS: dict[Action, Rule] = {
    Action.ASSIGN: _not_to_whose_it_is,
    Action.TRANSFER: _not_to_whose_it_is,
    Action.REOFFER: _not_to_whose_it_is,
    Action.ADD_HELPER: _not_to_whose_it_is,
    Action.CONTACT: _may_know_whose_it_is,
    Action.RESOLVE: _photo_where_wanted,
    Action.URGE: _not_urged_lately,
    Action.REOPEN: _may_still_reopen,
    Action.ANSWER: _waits_for_resident,
    Action.EXPLAIN: _is_asked,
    Action.UNEXPLAINED: _is_asked,
    Action.WANT_TIME: _before_the_deadline,
    Action.GIVE_TIME: _time_is_still_wanted,
    Action.DENY_TIME: _time_is_wanted,
    Action.RECLASSIFY: _another_kind,
    Action.HASTEN: _not_yet_urgent,
    Action.EASE: _is_urgent,
    Action.REVIVE: _issue_to_dispatch,
    Action.REVIEW_AGAIN: _wish_to_review,
    Action.UNCLAIM: _is_last_claimer,
    Action.LEAVE: _others_remain,
    Action.FOLLOW: _not_followed_yet,
    Action.TO_ISSUE: _is_wish,
    Action.TO_WISH: _is_issue,
    Action.PUBLISH: _is_wish,
}
