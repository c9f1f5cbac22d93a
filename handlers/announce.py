"""Tells everybody concerned what happened to a case: the resident every step, the steward their card, the leaders."""

from collections.abc import Sequence

from cases.dispatch import holders
from cases.life import Step
from cases.states import Action, State
from handlers import draft, words
from handlers.desk import EMERGENCY, NOTICE, Desk
from handlers.message import Choice, Message
from handlers.task_card import task_card
from handlers.texts import N_, Translate
from storage.models import Case


def announce(desk: Desk, steps: Sequence[Step]) -> None:
    """Tell what the steps of one transaction came to, in their order; nobody hears of one thing twice."""
    filed = any(step.action is Action.FILE for step in steps)
    for step in steps:
        if step.action is Action.FILE:
            _filed(desk, step.case)
        elif step.action in (Action.ASSIGN, Action.TRANSFER):
            _assigned(desk, step, tell_reporter=not filed)
        else:
            _moved(desk, step)
    case = steps[-1].case
    if case.steward_id is None and case.state == State.NEW:
        _show_task(desk, case, case.answerable_id, fresh=True)


def _filed(desk: Desk, case: Case) -> None:
    """The draft's card becomes the answer: who has it, and by when something happens."""
    desk.tell(case.reporter_id, lambda t: filed_card(desk, case, t), case_id=case.id, priority=_rank(case))
    if case.emergency:
        for leader in holders(desk.context, case.place_id, "coordinator"):
            if leader.person_id != case.answerable_id:
                _show_task(desk, case, leader.person_id, fresh=True)


def filed_card(desk: Desk, case: Case, t: Translate) -> Message:
    """Return what a resident reads after 提交: the number, the steward (亮身份) and the promise with its time."""
    by = words.time(desk, case.accept_by, t)
    lines = [words.where(desk.rules, case.place_id, case.place_detail), words.who(desk, case, t)]
    lines.append(t("You hear from us by {time}.").format(time=by))
    if case.emergency:
        lines = [*draft.emergency_lines(desk.rules.category(case), t), "", *lines]
    title = t("{case}: received").format(case=words.headline(desk.rules, case, t))
    buttons = (
        (Choice(t("Add photo or words"), f"c:add:{case.id}"), Choice(t("Urge"), f"c:urge:{case.id}")),
        (Choice(t("Withdraw"), f"c:withdraw:{case.id}"),),
    )
    return Message("\n".join(line for line in lines if line), title=title, choices=buttons)


def _assigned(desk: Desk, step: Step, *, tell_reporter: bool) -> None:
    case = step.case
    if step.steward_before is not None and step.steward_before != case.steward_id:
        _show_task(desk, case, step.steward_before, fresh=False)
    if case.steward_id is not None:
        _show_task(desk, case, case.steward_id, fresh=True)
    if tell_reporter:
        desk.tell(case.reporter_id, lambda t: _note(desk, case, t, words.who(desk, case, t)), case_id=case.id)


TO_REPORTER = {
    Action.ACCEPT: N_("{name} is on it. It should be done by {time}."),
    Action.RETURN: N_("We are looking for somebody else for this."),
    Action.ASK: N_("{name} asks: {words}"),
    Action.RESOLVE: N_("{name} says it is done: {words}"),
    Action.WITHDRAW: N_("Withdrawn."),
}


def _moved(desk: Desk, step: Step) -> None:
    """A step other than filing and assigning: a word to the resident, the cards in place."""
    case = step.case
    if text := TO_REPORTER.get(step.action):
        desk.tell(case.reporter_id, lambda t: _step_note(desk, step, t(text), t), case_id=case.id)
    for person in {step.steward_before, case.steward_id} - {None}:
        assert person is not None  # noqa: S101 - None was taken out
        _show_task(desk, case, person, fresh=step.action in NEWS_FOR_STEWARD)


NEWS_FOR_STEWARD = {Action.ANSWER, Action.SUPPLEMENT, Action.URGE, Action.UNSOLVED, Action.REOPEN}


def _step_note(desk: Desk, step: Step, text: str, t: Translate) -> Message:
    name = words.name_of(desk, step.actor.person_id, t)
    said = text.format(name=name, words=step.given.words, time=words.time(desk, step.case.resolve_by, t))
    return _note(desk, step.case, t, said)


def _note(desk: Desk, case: Case, t: Translate, text: str) -> Message:
    return Message(text, title=words.headline(desk.rules, case, t))


def _show_task(desk: Desk, case: Case, person_id: int, *, fresh: bool) -> None:
    say = desk.tell if fresh else desk.show
    say(person_id, lambda t: task_card(desk, case, person_id, t), case_id=case.id, priority=_rank(case))


def _rank(case: Case) -> int:
    return EMERGENCY if case.emergency else NOTICE
