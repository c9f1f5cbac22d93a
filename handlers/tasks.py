"""我的任务: what a steward or leader has open, the nearest deadline first."""

from sqlalchemy import or_, select

from cases.states import State
from handlers import words
from handlers.message import Choice, Message, Rows
from handlers.talk import Talk
from storage.models import Case, Rating

PER_PAGE = 8
HELD = (State.ASSIGNED, State.WORKING, State.WAITING)


def show_list(talk: Talk, page: int) -> None:
    """Show a page of the open tasks on one message."""
    t, me = talk.t, talk.person.person_id
    mine = or_(
        (Case.steward_id == me) & Case.state.in_(HELD), (Case.answerable_id == me) & (Case.state == State.NEW)
    )  # fmt: skip
    by_deadline = select(Case).where(mine).order_by(Case.resolve_by, Case.id)
    found = talk.session.scalars(by_deadline.offset(page * PER_PAGE).limit(PER_PAGE + 1)).all()
    calls = _calls(talk) if page == 0 else []
    if not found and not calls and page == 0:
        talk.reply(t("Nothing is open. Well done!"))
        return
    rows = [(Choice(_line(talk, case), f"c:card:{case.id}"),) for case in found[:PER_PAGE]]
    more = _turn(talk, page, more=len(found) > PER_PAGE)
    message = Message(t("Nearest deadline first."), title=t("My tasks"), choices=(*calls, *rows, *more), card="tasks")
    if talk.inbound.press is not None and talk.inbound.press.data.startswith("l:"):
        talk.redraw(message)
    else:
        talk.say(message)


def _calls(talk: Talk) -> list[tuple[Choice, ...]]:
    """Return the residents whom this person is to call back."""
    waiting = select(Case).join(Rating, Rating.case_id == Case.id).where(
        Rating.caller_id == talk.person.person_id, Rating.called_at.is_(None)
    )  # fmt: skip
    cases = talk.session.scalars(waiting.order_by(Case.id).limit(PER_PAGE)).unique()
    text = talk.t("Please call back: {case}")
    return [
        (Choice(text.format(case=words.headline(talk.rules, case, talk.t)), f"c:call:{case.id}"),) for case in cases
    ]


def _line(talk: Talk, case: Case) -> str:
    late = case.resolve_by < talk.context.now
    due = talk.t("late") if late else words.time(talk, case.resolve_by, talk.t)
    return f"{words.headline(talk.rules, case, talk.t)} · {talk.rules.tree.short(case.place_id)} · {due}"


def _turn(talk: Talk, page: int, *, more: bool) -> Rows:
    row = []
    if page > 0:
        row.append(Choice(talk.t("‹ Back"), f"l:tasks:{page - 1}"))
    if more:
        row.append(Choice(talk.t("More ›"), f"l:tasks:{page + 1}"))
    return (tuple(row),) if row else ()
