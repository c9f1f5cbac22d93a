"""What the clock does when it looks at a case: checked against the case as it is now, told like any other step."""

from cases import life, looks, ratings
from cases.context import CLOCK
from cases.looks import Look
from cases.states import Action, State
from handlers.announce import announce
from handlers.desk import Desk
from handlers.rate_card import rate_card
from storage.models import Case


def look_at(desk: Desk, case: Case) -> None:
    """Do what is due at a case, and set its next moment."""
    assert case.look_kind is not None  # noqa: S101 - what is due has a kind
    look = Look(case.look_kind)
    morning = desk.rules.deadlines.not_in_the_night(desk.context.now)
    if morning > desk.context.now and not case.emergency:
        case.look_at = morning
        return
    match look:
        case Look.RULING | Look.ACCEPT | Look.RESOLVE:
            step = life.act(desk.context, case, Action.LATE, CLOCK, life.Given(data={"look": look}))
            looks.set_look(case, looks.after(desk.context, case, look))
            announce(desk, [step])
        case Look.ANSWER:
            announce(desk, [life.act(desk.context, case, Action.NO_ANSWER, CLOCK)])
        case Look.RATE | Look.RATE_AGAIN:
            _ask_rating(desk, case)
            looks.set_look(case, looks.after(desk.context, case, look))
        case Look.CLOSE:
            announce(desk, [life.act(desk.context, case, Action.CLOSE, CLOCK)])


def _ask_rating(desk: Desk, case: Case) -> None:
    """Ask the resident, unless they are in the middle of answering."""
    rating = ratings.question(desk.context, case, case.reporter_id)
    if case.state != State.RESOLVED or rating.answered_at is not None:
        return
    rating.asked_times += 1
    rating.asked_at = desk.context.now
    desk.tell(case.reporter_id, lambda t: rate_card(desk, case, t, t("Is it solved?")), case_id=case.id)
