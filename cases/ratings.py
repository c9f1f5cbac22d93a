"""群众评价: one question a round, and its answer."""

from sqlalchemy import select

from cases import looks, rungs
from cases.context import Actor, Context
from cases.given import Given
from cases.life import Step, act, require
from cases.looks import Look
from cases.refusal import Refused, Why
from cases.states import Action
from storage.models import Case, Rating

LOW_STARS = 2  # this or less is a low mark


def question(context: Context, case: Case, person_id: int) -> Rating:
    """Return the question of this round to a person, written down with who is answerable when it is asked first."""
    rating = current(context, case, person_id)
    if rating is None:
        rating = Rating(
            case_id=case.id, round=case.reopened, person_id=person_id, steward_id=case.steward_id,
            asked_at=context.now, asked_times=0, tags=[], words="",
        )  # fmt: skip
        context.session.add(rating)
        context.session.flush()
    return rating


def asked(context: Context, case: Case, rating: Rating) -> None:
    """Note that the resident is asked now, and plan what comes next. `asked_at` stays that of the first time."""
    rating.asked_at = rating.asked_at if rating.asked_times else context.now
    rating.asked_times += 1
    looks.set_look(context, case, looks.after_asking(context, case, rating.asked_at))


def current(context: Context, case: Case, person_id: int) -> Rating | None:
    """Return the question of the present round, if it was asked."""
    return context.session.scalar(
        select(Rating).where(Rating.case_id == case.id, Rating.round == case.reopened, Rating.person_id == person_id)
    )


def answered_by(context: Context, case: Case) -> set[int]:
    """Return who has answered in this round already."""
    here = (Rating.case_id == case.id, Rating.round == case.reopened, Rating.answered_at.is_not(None))
    return set(context.session.scalars(select(Rating.person_id).where(*here)))


def answer(context: Context, case: Case, person_id: int, *, solved: bool, stars: int | None = None) -> Rating:
    """Write down the answer of a person."""
    rating = question(context, case, person_id)
    rating.solved, rating.stars, rating.answered_at = solved, stars, context.now
    return rating


def confirm(context: Context, case: Case, resident: Actor) -> None:
    """Write down that the reporter says it is solved; said twice, it is in the history once. Raises Refused."""
    require(context, case, Action.CONFIRM, resident)
    known = current(context, case, case.reporter_id)
    if known is None or not known.solved:
        act(context, case, Action.CONFIRM, resident)
    answer(context, case, case.reporter_id, solved=True)


def want_call(
    context: Context, case: Case, rating: Rating, resident: Actor, attachments: tuple[int, ...] = ()
) -> Step | None:
    """Have the resident called back after a low mark with words.

    The nearest leader who did not handle the case calls, and the clock asks for it until it is done. None where
    somebody already is to call, or where there is nobody but who is complained of.
    """
    leaders = rungs.deciders(context, case, rating.steward_id)
    if rating.caller_id is not None or not leaders:
        return None
    rating.caller_id = leaders[0]
    given = Given(words=rating.words, attachments=attachments, data={"caller": rating.caller_id})
    step = act(context, case, Action.CALL_BACK, resident, given)
    if case.look_at is None:
        looks.set_look(context, case, looks.to_call(context, case))
    return step


def uncalled(context: Context, case: Case) -> Rating | None:
    """Return the low mark for which nobody has called yet."""
    waiting = (Rating.case_id == case.id, Rating.caller_id.is_not(None), Rating.called_at.is_(None))
    return context.session.scalar(select(Rating).where(*waiting).order_by(Rating.id))


def check_caller(context: Context, case: Case, caller: Actor) -> Rating:
    """Return the low mark that the caller may call about. Raises Refused: nobody calls about or to themselves."""
    rating = uncalled(context, case)
    if rating is None:
        raise Refused(Why.WRONG_STATE)
    if caller.person_id in (rating.steward_id, rating.person_id):
        raise Refused(Why.NOT_YOURS)
    return rating


def called(context: Context, case: Case, caller: Actor, outcome: str, *, reached: bool = True) -> Step:
    """Write down how the call went; not reached, it has to be tried again. Raises Refused where no call is waiting."""
    rating = check_caller(context, case, caller)
    step = act(context, case, Action.CALLED, caller, Given(words=outcome, data={"reached": reached}))
    rating.outcome, rating.caller_id = outcome, caller.person_id
    rating.called_at = context.now if reached else None
    context.session.flush()
    if case.look_kind == Look.CALL:
        looks.set_look(context, case, looks.plan(context, case))
    return step


def reply(context: Context, case: Case, steward: Actor, words: str) -> Step:
    """Let the steward who was rated answer, once. Raises Refused where there is nothing to answer."""
    rating = unanswered(context, case, steward)
    if rating is None:
        raise Refused(Why.WRONG_STATE)
    step = act(context, case, Action.REPLY, steward, Given(words=words))
    rating.reply, rating.replied_at = words, context.now
    return step


def unanswered(context: Context, case: Case, steward: Actor) -> Rating | None:
    """Return the low mark that this steward may still answer."""
    theirs = (Rating.case_id == case.id, Rating.steward_id == steward.person_id, Rating.replied_at.is_(None))
    newest = select(Rating).where(*theirs, Rating.stars <= LOW_STARS, Rating.words != "").order_by(Rating.id.desc())
    return context.session.scalar(newest.limit(1))
