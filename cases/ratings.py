"""群众评价: one question a round, and its answer."""

from sqlalchemy import select

from cases.context import Context
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


def current(context: Context, case: Case, person_id: int) -> Rating | None:
    """Return the question of the present round, if it was asked."""
    return context.session.scalar(
        select(Rating).where(Rating.case_id == case.id, Rating.round == case.reopened, Rating.person_id == person_id)
    )


def answer(context: Context, case: Case, person_id: int, *, solved: bool, stars: int | None = None) -> Rating:
    """Write down the answer of a person."""
    rating = question(context, case, person_id)
    rating.solved, rating.stars, rating.answered_at = solved, stars, context.now
    return rating
