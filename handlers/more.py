"""更多: the rarer steps of a task — more time, waiting for somebody else, another kind, urgent."""

from datetime import datetime

from cases import filing, life
from cases.context import parties
from cases.duration import Duration, parse
from cases.given import Given
from cases.refusal import Refused, Why
from cases.states import MOVES, Action, State
from handlers import words, work
from handlers.announce import announce
from handlers.message import Choice, Message, Rows
from handlers.pages import grid, number_of, page_of, turn
from handlers.talk import Talk
from handlers.texts import N_
from storage.models import Case

KINDS_PER_PAGE = 20
DAYS = tuple(parse(f"{days} working days") for days in (1, 2, 3, 5, 10))
HOURS = tuple(parse(text) for text in ("4h", "12h", "1d", "2d", "3d"))


def show(talk: Talk, case: Case, _argument: str) -> None:
    """Show the rarer steps that the reader may take now."""
    if not life.concerns(talk.context, case, talk.actor):
        raise Refused(Why.NOT_YOURS)
    steps = [(verb, label) for verb, label, action in STEPS if _may(talk, case, action)]
    if not steps:
        raise Refused(Why.WRONG_STATE)
    rows = tuple((Choice(talk.t(label), f"c:{verb}:{case.id}"),) for verb, label in steps)
    _show(talk, case, talk.t("What else?"), rows, fresh=True)


def ask_until(talk: Talk, case: Case, _argument: str) -> None:
    """Offer later dates."""
    life.require(talk.context, case, Action.WANT_TIME, talk.actor)
    if talk.context.now >= case.resolve_by:
        raise Refused(Why.DEADLINE_OVER)
    dates = [words.time(talk, _later(talk, case, step), talk.t) for step in _steps(talk, case)]
    rows = tuple((Choice(date, f"c:until:{case.id}:{number}"),) for number, date in enumerate(dates))
    _show(talk, case, talk.t("By when can it be done?"), rows)


def take_until(talk: Talk, case: Case, argument: str) -> None:
    """Take the date; the reason is asked for next."""
    steps = _steps(talk, case)
    number = number_of(argument)
    until = _later(talk, case, steps[number if number < len(steps) else 0])
    life.require(talk.context, case, Action.WANT_TIME, talk.actor)
    _done(talk, case, words.time(talk, until, talk.t))
    work.ask(talk, case, "extend", {"until": until.isoformat()})


def grant(talk: Talk, case: Case, _argument: str) -> None:
    """Grant the time that the steward asked for."""
    reason = life.last_words(talk.context, case, Action.WANT_TIME)
    step = life.act(talk.context, case, Action.GIVE_TIME, talk.actor, Given(reason))
    talk.toast(talk.t("More time is given."))
    announce(talk, [step])


def deny(talk: Talk, case: Case, _argument: str) -> None:
    """Leave the deadline where it is."""
    step = life.act(talk.context, case, Action.DENY_TIME, talk.actor)
    talk.toast(talk.t("The deadline stays."))
    announce(talk, [step])


def choose_kind(talk: Talk, case: Case, argument: str) -> None:
    """Show the kinds of matters."""
    life.require(talk.context, case, Action.RECLASSIFY, talk.actor)
    page = number_of(argument)
    kinds_of_its_own = talk.rules.settings.wishes if case.kind == "wish" else talk.rules.settings.issues
    others = [kind for kind in kinds_of_its_own if kind.key != case.category]
    kinds, page, pages = page_of(others, page, KINDS_PER_PAGE)
    choices = [Choice(words.category_name(kind, talk.t), f"c:kind:{case.id}:{kind.key}") for kind in kinds]
    rows = (*grid(choices, 2), *turn(page, pages, f"c:kinds:{case.id}:{{page}}", talk.t))
    _show(talk, case, talk.t("What kind of matter is it?"), rows)


def take_kind(talk: Talk, case: Case, argument: str) -> None:
    """Change the kind; the deadlines change with it."""
    steps = filing.reclassify(talk.context, case, talk.actor, argument)
    kind = words.category_name(talk.rules.category(case), talk.t)
    _done(talk, case, talk.t("It is now: {kind}. The deadlines have changed.").format(kind=kind))
    announce(talk, steps)


def resume(talk: Talk, case: Case, _argument: str) -> None:
    """Go on with a case that waited."""
    announce(talk, [life.act(talk.context, case, Action.RESUME, talk.actor)])


def leave(talk: Talk, case: Case, _argument: str) -> None:
    """Take the buttons of the menu away. Raises Refused for whom the case does not concern."""
    if not life.concerns(talk.context, case, talk.actor):
        raise Refused(Why.NOT_YOURS)
    _done(talk, case, talk.t("Left as it was."))


STEPS = (
    ("later", N_("Ask for more time"), Action.WANT_TIME),
    ("hold", N_("Wait for somebody else"), Action.HOLD),
    ("escalate", N_("Urge, tell the next rung"), Action.ESCALATE),
    ("hasten", N_("Make it urgent"), Action.HASTEN),
    ("ease", N_("Not urgent any more"), Action.EASE),
    ("kinds", N_("Change kind"), Action.RECLASSIFY),
    ("phone", N_("Telephone number"), Action.CONTACT),
    ("helpers", N_("Ask somebody to help"), Action.ADD_HELPER),
    ("toissue", N_("It is a report"), Action.TO_ISSUE),
    ("towish", N_("It is a micro-wish"), Action.TO_WISH),
    ("merge", N_("Same as another case"), Action.MERGE),
    ("note", N_("Internal note"), Action.NOTE),
    ("decline", N_("Decline"), Action.DECLINE),
)


def _may(talk: Talk, case: Case, action: Action) -> bool:
    move = MOVES[action]
    if State(case.state) not in move.sources or not parties(talk.context, case, talk.actor) & move.who:
        return False
    match action:
        case Action.TO_ISSUE | Action.TO_WISH:
            return (action is Action.TO_ISSUE) == (case.kind == "wish")
        case Action.HASTEN | Action.EASE:
            return (action is Action.EASE) == case.urgent
        case Action.DECLINE:
            return case.steward_id is not None  # else its button is on the card itself
        case Action.CONTACT:
            hides = words.is_neighbour(talk, case, talk.person.person_id)
            return talk.reach(case.reporter_id).phone is not None and not hides
        case _:
            return True


def _steps(talk: Talk, case: Case) -> tuple[Duration, ...]:
    return DAYS if talk.rules.category(case).resolve.working else HOURS


def _later(talk: Talk, case: Case, step: Duration) -> datetime:
    return talk.rules.deadlines.after(case.resolve_by, step, case.place_id)


def _show(talk: Talk, case: Case, text: str, rows: Rows, *, fresh: bool = False) -> None:
    leave_it = (Choice(talk.t("Never mind"), f"c:less:{case.id}"),)
    title = words.headline(talk.rules, case, talk.t)
    message = Message(text, title=title, choices=(*rows, leave_it), card=_key(case))
    (talk.say if fresh else talk.redraw)(message, case_id=case.id)


def _done(talk: Talk, case: Case, text: str) -> None:
    title = words.headline(talk.rules, case, talk.t)
    talk.redraw(Message(text, title=title, card=_key(case)), case_id=case.id)


def _key(case: Case) -> str:
    return f"more:{case.id}"
