"""我的任务: what a steward or leader has open, the nearest deadline first."""

from sqlalchemy import Select, select

from cases import hands, privacy
from cases.search import RUNNING
from handlers import words
from handlers.message import Choice, Message
from handlers.pages import turn_list
from handlers.talk import Talk
from storage.models import IS_UNDER_WAY, Case, Rating

PER_PAGE = 8
LEADING = ("coordinator", "admin")


def show_list(talk: Talk, page: int) -> None:
    """Show a page of the open tasks on one message."""
    t, me = talk.t, talk.person.person_id
    found = talk.session.scalars(hands.in_hand(me).offset(page * PER_PAGE).limit(PER_PAGE + 1)).all()
    calls = _calls(talk) if page == 0 else []
    if not found and not calls and page == 0:
        rows = (_to_late(talk),) if _leads(talk) else ()
        talk.say(Message(t("Nothing is open. Well done!"), choices=rows))
        return
    beside = {one.case.id: words.beside(talk, one, t) for one in hands.shared_by(talk.context, [me])}
    listed = [(_button(talk, case, beside.get(case.id)),) for case in found[:PER_PAGE]]
    more = turn_list("tasks", page, t, more=len(found) > PER_PAGE)
    leads = (_to_late(talk),) if _leads(talk) else ()
    message = Message(
        t("Nearest deadline first."), title=t("My tasks"), choices=(*calls, *listed, *more, *leads), card="tasks"
    )
    if talk.inbound.press is not None and talk.inbound.press.data.startswith("l:"):
        talk.redraw(message)
    else:
        talk.say(message)


def _to_late(talk: Talk) -> tuple[Choice, ...]:
    return (Choice(talk.t("Late where you lead"), "l:late:0"),)


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


def _button(talk: Talk, case: Case, beside: str | None) -> Choice:
    """Return the button of a case; who works on it beside its lead reads so."""
    line = _line(talk, case)
    return Choice(f"{line} · {beside}" if beside else line, f"c:card:{case.id}")


def _line(talk: Talk, case: Case) -> str:
    due = words.due(talk, case, talk.t)
    return f"{words.headline(talk.rules, case, talk.t)} · {talk.rules.tree.short(case.place_id)} · {due}"


def show_late(talk: Talk, page: int) -> None:
    """Show a page of what is late where the reader leads, the longest overdue first."""
    t = talk.t
    found = talk.session.scalars(_late(talk).offset(page * PER_PAGE).limit(PER_PAGE + 1)).all() if _leads(talk) else []
    others = [case for case in found[:PER_PAGE] if not privacy.is_own(talk.context, case, talk.person.person_id)]
    rows = [(Choice(_line(talk, case), f"c:card:{case.id}"),) for case in others]
    more = turn_list("late", page, t, more=len(found) > PER_PAGE)
    text = t("The longest overdue first.") if found else t("Nothing is late where you lead.")
    message = Message(text, title=t("Late where you lead"), choices=(*rows, *more), card="late")
    if talk.inbound.press is not None and page > 0:
        talk.redraw(message)
    else:
        talk.say(message)


def _late(talk: Talk) -> Select[Case]:
    tree = talk.rules.tree
    led = [role.place_id for role in talk.actor.roles if role.role in LEADING]
    places = [node.id for node in tree if any(tree.covers(place, node.id) for place in led)]
    late = select(Case).where(IS_UNDER_WAY, Case.state.in_(RUNNING), Case.resolve_by <= talk.context.now)
    return late.where(Case.place_id.in_(places)).order_by(Case.resolve_by, Case.id)


def _leads(talk: Talk) -> bool:
    return talk.actor.has(*LEADING)
