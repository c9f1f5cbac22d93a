"""What the clock does when it looks at cases: checked against each as it is now, told like any other step."""

from collections.abc import Callable, Sequence

from sqlalchemy import exists, select

from cases import dispatch, life, looks, pool, privacy, ratings, rungs
from cases.context import CLOCK
from cases.given import Given
from cases.looks import Look
from cases.states import Action, State
from handlers import call_back, resident_notes, task_card, words
from handlers.alerts import Alerts
from handlers.announce import announce
from handlers.desk import Desk
from handlers.rate_card import rate_card
from handlers.texts import Translate
from storage.models import Case, HistoryEntry
from storage.people import Reach


def look_at(desk: Desk, cases: Sequence[Case]) -> None:
    """Do what is due at each of the cases, and set its next moment."""
    around = {person for case in cases for person in (case.steward_id, case.answerable_id, case.reporter_id)}
    desk.expect(person for person in around if person is not None)
    for case in cases:
        _follow_joined(desk, case)
    task_card.expect(desk, cases)
    privacy.expect(desk.context, (case.reporter_id for case in cases if privacy.is_private(desk.context, case)))
    alerts = Alerts(desk)
    with desk.session.no_autoflush:
        for case in cases:
            _look_at(desk, case, alerts)
        alerts.flush()


def _follow_joined(desk: Desk, case: Case) -> None:
    """Put who somebody is now where a case names who they were: it may have been given to them while they joined."""
    for name in ("reporter_id", "steward_id", "answerable_id"):
        person = getattr(case, name)
        if person is not None and desk.now(person) != person:
            setattr(case, name, desk.now(person))


def _look_at(desk: Desk, case: Case, alerts: Alerts) -> None:
    assert case.look_kind is not None  # noqa: S101 - what is due has a kind
    look = Look(case.look_kind)
    looks.set_look(desk.context, case, (look, desk.context.now))
    if case.look_at == desk.context.now:  # not put off to the morning
        LOOKS[look](desk, case, alerts)


def _remind(desk: Desk, case: Case, alerts: Alerts) -> None:
    """Remind the steward before a deadline. After an outage only what is still true: a missed one is told as missed."""
    accepting = case.look_kind == Look.ACCEPT_SOON
    deadline = case.accept_by if accepting else case.resolve_by
    if deadline <= desk.context.now:
        looks.set_look(desk.context, case, (Look.ACCEPT if accepting else Look.RESOLVE, desk.context.now))
        return
    assert case.steward_id is not None  # noqa: S101 - an assigned case has a steward
    people = holders(desk, case, case.steward_id)
    alerts.note(Action.REMIND, case, {"look": case.look_kind, "told": people})
    looks.set_look(desk.context, case, looks.plan(desk.context, case))

    def say(t: Translate) -> str:
        text = t("⏰ Please accept it by {time}.") if accepting else t("⏰ It should be done by {time}.")
        return text.format(time=words.time(desk, deadline, t))

    for person in people:
        alerts.add(person, case, say)


def holders(desk: Desk, case: Case, steward_id: int) -> list[int]:
    """Return the steward, and who stands in while they are away, unless they are away as well or it is not for them."""
    me = desk.reach(steward_id)
    if not _is_away(desk, me) or me.cover_id is None or _is_away(desk, desk.reach(me.cover_id)):
        return [steward_id]
    return [steward_id] if privacy.is_passed_over(desk.context, case, me.cover_id) else [steward_id, me.cover_id]


def _is_away(desk: Desk, reach: Reach) -> bool:
    return reach.away_until is not None and reach.away_until > desk.context.now


def _offer_again(desk: Desk, case: Case, _alerts: Alerts) -> None:
    """The steward has not accepted in time."""
    announce(desk, [dispatch.offer_again(desk.context, case)])


def _tell_up(desk: Desk, case: Case, alerts: Alerts) -> None:
    """Tell a missed deadline to who has the case and to the next rung; when all know, to the highest, daily."""
    look = Look(case.look_kind or Look.RESOLVE)
    at_bottom = case.rung == 0 or case.tell_at is None
    deadline = case.resolve_by if look is Look.RESOLVE else case.accept_by
    holder = case.steward_id or case.answerable_id
    rung = _climb(desk, case)
    first = at_bottom and (case.rung > 0 or not _told_before(desk, case))
    told = rung.people if rung is not None else ()
    people = list(dict.fromkeys((*holders(desk, case, holder), *told)))
    alerts.note(Action.LATE, case, {"look": look, "told": people, "place": rung.place_id if rung else None})
    if rung is not None and (case.late_place_id is None or desk.rules.tree.covers(rung.place_id, case.late_place_id)):
        case.late_place_id = rung.place_id
    case.tell_at = looks.next_telling(desk.context, case)
    looks.set_look(desk.context, case, looks.plan(desk.context, case))

    def say(t: Translate) -> str:
        late, nobody = t("⚠ Overdue! It was due {time}."), t("⚠ Nobody has it yet. It was due {time}.")
        return (late if look is Look.RESOLVE else nobody).format(time=words.time(desk, deadline, t))

    for person in people:
        alerts.add(person, case, say)
    if first:
        resident_notes.tell_late(desk, case)


def _climb(desk: Desk, case: Case) -> rungs.Rung | None:
    """Go up a rung where there is one. Whom a leader told before the deadline hears first that it is missed."""
    rung = rungs.upward(desk.context, case) if case.rung == 0 or case.tell_at is not None else None
    if rung is None:
        return rungs.top(desk.context, case)
    case.rung = rung.number
    return rung


def _told_before(desk: Desk, case: Case) -> bool:
    since = case.due_from or case.created_at
    late = exists().where(
        HistoryEntry.case_id == case.id, HistoryEntry.action == Action.LATE, HistoryEntry.at >= since
    )  # fmt: skip
    return bool(desk.session.scalar(select(late)))


def _widen(desk: Desk, case: Case, _alerts: Alerts) -> None:
    """Nobody has claimed it in time: offer it one rung wider, then let a coordinator decide."""
    if pool.can_widen(desk.context, case):
        step = life.act(desk.context, case, Action.WIDEN, CLOCK)
    else:
        answerable = dispatch.answerable_for(desk.context, case)
        step = life.act(desk.context, case, Action.UNCLAIMED, CLOCK, Given(answerable_id=answerable))
    announce(desk, [step])


def _no_answer(desk: Desk, case: Case, _alerts: Alerts) -> None:
    """Nobody has answered: back to the steward, a wish to whoever vets it."""
    facts = {"waited_for": case.waiting_for}
    over = Action.UNEXPLAINED if case.state == State.REVIEW else Action.NO_ANSWER
    announce(desk, [life.act(desk.context, case, over, CLOCK, Given(data=facts))])


def _ask_rating(desk: Desk, case: Case, _alerts: Alerts) -> None:
    """Ask the resident, unless they are in the middle of answering."""
    context, due = desk.context, desk.rules.deadlines
    if due.decent(context.now) != context.now:
        looks.set_look(context, case, (Look(case.look_kind or Look.RATE), due.decent(context.now)))
        return
    rating = ratings.question(context, case, case.reporter_id)
    answered = case.state != State.RESOLVED or rating.answered_at is not None
    if rating.asked_times and looks.after_asking(context, case, rating.asked_at)[1] <= context.now:
        _close(desk, case, _alerts)  # nobody ran for days: not asked and closed at once
        return
    ratings.asked(desk.context, case, rating)
    if not answered:
        desk.tell(case.reporter_id, lambda t: rate_card(desk, case, t, t("Is it solved?")), case_id=case.id)
        if rating.asked_times == 1:
            _ask_followers(desk, case)


def _ask_followers(desk: Desk, case: Case) -> None:
    """Ask once who follows the case, unless they have answered already."""
    done = ratings.answered_by(desk.context, case)
    for person in resident_notes.listeners(desk, case):
        if person not in done:
            desk.tell(
                person, lambda t: rate_card(desk, case, t, t("Is it solved?"), follows=True), case_id=case.id
            )  # fmt: skip


def _close(desk: Desk, case: Case, _alerts: Alerts) -> None:
    announce(desk, [life.act(desk.context, case, Action.CLOSE, CLOCK)])


LOOKS: dict[Look, Callable[[Desk, Case, Alerts], None]] = {
    Look.RULING: _tell_up,
    Look.POOL: _widen,
    Look.ACCEPT_SOON: _remind,
    Look.ACCEPT: _offer_again,
    Look.RESOLVE_SOON: _remind,
    Look.RESOLVE: _tell_up,
    Look.ANSWER: _no_answer,
    Look.RATE: _ask_rating,
    Look.RATE_AGAIN: _ask_rating,
    Look.CLOSE: _close,
    Look.CALL: call_back.ask_again,
}
