"""What goes round: each morning to stewards and whoever leads, each week to residents whose cases have moved."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, exists, func, select

from cases import hands, jobs, privacy, rungs
from cases.context import Context
from cases.hands import Shared
from cases.search import RUNNING
from cases.states import HELD, Action, State
from handlers import words
from handlers.admin import reports
from handlers.desk import Desk
from handlers.message import Choice, Message
from handlers.reading import STAFF_ONLY
from handlers.texts import Translate
from storage.models import IS_UNDER_WAY, Case, HistoryEntry, Person, Role
from storage.people import Reach

AT_ONCE = 50  # people in one transaction
LISTED = 8  # buttons
MOST_LATE = 2000  # late cases counted; with more, the number is not what matters
LEADING = ("coordinator", "admin")
WEEK = timedelta(days=7)
UNSEEN = (*STAFF_ONLY, Action.LATE)  # what is not news to a resident


def _morning(desk: Desk, up_to: int) -> int | None:
    """Tell the next stewards and leaders what the day brings; who is away or has nothing open is left alone."""
    following = select(Role.person_id).where(Role.person_id > up_to).distinct().order_by(Role.person_id).limit(AT_ONCE)
    people = desk.session.scalars(following).all()
    if not people:
        return None
    desk.expect(people)
    privacy.expect(desk.context, people)
    mine, late, shared = _tasks(desk, people), _late(desk), _shared(desk, people)
    for person in people:
        reach = desk.reach(person)
        if not _is_away(desk, reach):
            led = [case for case in late if _leads(desk, person, case)]
            _greet(desk, person, Morning(mine[person], led, shared[person]))
    return people[-1]


@dataclass(frozen=True, slots=True)
class Morning:
    """What the day brings somebody: their own cases, what is late where they lead, what they share with a lead."""

    mine: list[Case]
    late: list[Case]
    shared: list[Shared]


def _greet(desk: Desk, person: int, day: Morning) -> None:
    if day.mine or day.late or day.shared:
        desk.tell(person, lambda t: _morning_message(desk, day, t))


def _morning_message(desk: Desk, day: Morning, t: Translate) -> Message:
    mine, late = day.mine, day.late
    now, zone = desk.context.now, desk.rules.deadlines.zone
    midnight = (now.astimezone(zone) + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    running = [case for case in mine if case.state != State.WAITING]  # only waiting stops the clock
    today = [case for case in running if now < case.resolve_by < midnight]
    overdue = [case for case in running if case.resolve_by <= now]
    lines = []
    if mine:
        text = t("Your tasks: {open} open, {late} late, {today} due today.")
        lines.append(text.format(open=len(mine), late=len(overdue), today=len(today)))
    if late:
        lines.append(
            t("Late where you lead: {count} ({rungs}).").format(count=len(late), rungs=_by_rung(desk, late, t))
        )
    if day.shared:
        lines.append(t("You work on {count} more with others.").format(count=len(day.shared)))
    beside = {one.case.id: words.beside(desk, one, t) for one in day.shared}
    cases = (*overdue, *today, *late, *mine, *(one.case for one in day.shared))
    listed = list({case.id: case for case in cases}.values())
    rows = [(Choice(_line(desk, case, t, beside.get(case.id)), f"c:card:{case.id}"),) for case in listed[:LISTED]]
    more = [(Choice(t("My tasks"), "m:tasks"),)] if len(listed) > LISTED else []
    return Message("\n".join(lines), title=t("Good morning!"), choices=(*rows, *more))


def _by_rung(desk: Desk, late: Sequence[Case], t: Translate) -> str:
    """Return how many have been told up to where: "2 building, 1 estate"."""
    counts = Counter(_told_at(desk, case) for case in late)
    named = {"": t("not yet told on"), "building": t("building"), "unit": t("unit"), "estate": t("estate"),
             "grid": t("grid"), "community": t("community"), "street": t("street")}  # fmt: skip
    parts = (t("{rung} {count}").format(rung=named[kind], count=counts[kind]) for kind in named if counts[kind])
    return t(", ").join(parts)


def _told_at(desk: Desk, case: Case) -> str:
    rung = rungs.top(desk.context, case)
    return desk.rules.tree.get(rung.place_id).kind if rung is not None else ""


def _line(desk: Desk, case: Case, t: Translate, beside: str | None) -> str:
    parts = [words.headline(desk.rules, case, t), desk.rules.tree.short(case.place_id), words.due(desk, case, t)]
    return " · ".join([*parts, *([beside] if beside else [])])


def _tasks(desk: Desk, people: Sequence[int]) -> defaultdict[int, list[Case]]:
    """Return what each has in hand, the nearest deadline first; for leaders what nobody has."""
    held = select(Case).where(Case.steward_id.in_(people), Case.state.in_(HELD))
    unowned = select(Case).where(Case.answerable_id.in_(people), Case.state == State.NEW)
    found: defaultdict[int, list[Case]] = defaultdict(list)
    for statement in (held, unowned):
        for case in desk.session.scalars(statement.order_by(Case.resolve_by, Case.id)):
            found[case.steward_id or case.answerable_id].append(case)
    return found


def _shared(desk: Desk, people: Sequence[int]) -> defaultdict[int, list[Shared]]:
    """Return what each works on beside its lead, the nearest deadline first."""
    found: defaultdict[int, list[Shared]] = defaultdict(list)
    for one in hands.shared_by(desk.context, people):
        found[one.person_id].append(one)
    return found


def _late(desk: Desk) -> Sequence[Case]:
    """Return what the list behind it shows as late (`handlers.tasks`)."""
    late = select(Case).where(IS_UNDER_WAY, Case.state.in_(RUNNING), Case.resolve_by <= desk.context.now)
    return desk.session.scalars(late.order_by(Case.resolve_by).limit(MOST_LATE)).all()


def _leads(desk: Desk, person: int, case: Case) -> bool:
    roles = desk.actor_for(person).roles
    leads = any(held.role in LEADING and desk.rules.tree.covers(held.place_id, case.place_id) for held in roles)
    return leads and not privacy.is_own(desk.context, case, person)


def _is_away(desk: Desk, reach: Reach) -> bool:
    return reach.away_until is not None and reach.away_until > desk.context.now


def _weekly(desk: Desk, up_to: int) -> int | None:
    """Tell the next residents how their open cases stand, if anything has happened to one of them."""
    following = (
        select(Case.reporter_id).where(Case.reporter_id > up_to, IS_UNDER_WAY)
        .distinct().order_by(Case.reporter_id).limit(AT_ONCE)
    )  # fmt: skip
    people = desk.session.scalars(following).all()
    if not people:
        return None
    desk.expect(people)
    privacy.expect(desk.context, people)
    theirs: defaultdict[int, list[Case]] = defaultdict(list)
    still_open = select(Case).where(Case.reporter_id.in_(people), IS_UNDER_WAY, _moved(desk))
    for case in desk.session.scalars(still_open.order_by(Case.id)):
        theirs[case.reporter_id].append(case)
    for person, cases in theirs.items():
        _tell_week(desk, person, cases)
    return people[-1]


def _moved(desk: Desk) -> ColumnElement[bool]:
    """Return the condition that somebody else has done something to the case within a week."""
    since = desk.context.now - WEEK
    now = select(Person.merged_into).where(Person.id == HistoryEntry.actor_id).scalar_subquery()
    return exists().where(
        HistoryEntry.case_id == Case.id, HistoryEntry.at >= since, HistoryEntry.action.not_in((*UNSEEN, Action.FILE)),
        func.coalesce(now, HistoryEntry.actor_id).is_distinct_from(Case.reporter_id),
    )  # fmt: skip


def _tell_week(desk: Desk, person: int, cases: list[Case]) -> None:
    def say(t: Translate) -> Message:
        rows = tuple(
            (Choice(f"{words.headline(desk.rules, case, t)} · {words.state(case, t)}", f"c:story:{case.id}"),)
            for case in cases[:LISTED]
        )
        return Message(t("This is how your cases stand. Tap one to see its story."), title=t("This week"), choices=rows)

    desk.tell(person, say)


@dataclass(frozen=True, slots=True)
class Round:
    """`period` says for which period it is due now; `serve` serves the next people, and says how far it has come."""

    period: Callable[[Context], str | None]
    serve: Callable[[Desk, int], int | None]


ROUNDS = {"morning": Round(jobs.morning, _morning), "weekly": Round(jobs.weekly, _weekly),
          "report": Round(jobs.report, reports.order_weekly)}  # fmt: skip


def due(context: Context) -> list[tuple[str, str]]:
    """Return the jobs that are due by the time of day, with their periods."""
    found = [(name, one.period(context)) for name, one in ROUNDS.items()]
    return [(name, period) for name, period in found if period is not None]


def go_on(desk: Desk, name: str, period: str) -> bool | None:
    """Serve the next people of a job; return whether it is through, None where another process works on it."""
    run = jobs.claim(desk.context, name, period)
    if run is None:
        return True if jobs.is_done(desk.context, name, period) else None
    up_to = ROUNDS[name].serve(desk, run.up_to)
    jobs.went_on(run, up_to, desk.context.now)
    return up_to is None
