"""What those hear who have claimed a case together: who comes, who goes, what each brings, the thanks."""

from collections.abc import Callable, Iterator
from functools import partial

from cases import pool
from cases.life import Step
from cases.ratings import LOW_STARS
from cases.states import Action
from handlers import words
from handlers.desk import Desk
from handlers.texts import N_, Translate
from storage.models import Case

Sentence = Callable[[Translate], str]

WITH_LEAD = {
    Action.CLAIM: N_("{name} joins in."),
    Action.BRING: N_("{name} leaves a note: {words}"),
}
"""Steps of a claimer that all the others hear of, the lead among them."""

BESIDE_LEAD = {
    Action.RATE: N_("{name} gives {stars} of 5. Thank you!"),
    Action.UNSOLVED: N_("{name} says: not solved. The case is open again."),
    Action.REOPEN: N_("{name} has opened the case again."),
    Action.DECLINE: N_("{name} has declined it: {words}"),
}
"""Steps of which the lead hears in any case (`handlers.announce`), and the others as well."""


def claimable(desk: Desk, case: Case) -> bool:
    """Tell whether a case is of those that are claimed."""
    return case.kind == "wish" or desk.rules.category(case).pool


def claimers(desk: Desk, case: Case) -> list[int]:
    """Return who has claimed the case, the first first."""
    return [claim.person_id for claim in pool.claims(desk.context, case)] if claimable(desk, case) else []


def relieved(step: Step) -> list[int]:
    """Return who had claimed the case until this step."""
    if step.action in (Action.LEAVE, Action.UNCLAIM) and step.actor.person_id is not None:
        return [step.actor.person_id]
    found: list[int] = (step.given.data or {}).get("relieved", [])
    return found


def of(desk: Desk, step: Step) -> Iterator[tuple[int, Sentence]]:
    """Yield whom a step concerns as a claimer, and the sentence that tells it."""
    case, action = step.case, step.action
    if action in pool.RELIEVES:
        for person in set(relieved(step)) - {case.steward_id, step.actor.person_id}:
            yield person, partial(_given_away, desk, step, person)
    elif action is Action.LEAVE:
        for person in claimers(desk, case):
            yield person, _left(desk, step, person, leads=person == case.steward_id != step.steward_before)
    elif text := _text(step):
        told = {*claimers(desk, case)} - {step.actor.person_id, None if action in WITH_LEAD else case.steward_id}
        for person in told:
            yield person, partial(_say, desk, step, person, text)


def _text(step: Step) -> str | None:
    """Return the sentence of the step; a low mark is the leaders' business."""
    if step.action is Action.RATE and _stars(step) <= LOW_STARS:
        return None
    return WITH_LEAD.get(step.action) or BESIDE_LEAD.get(step.action)


def _stars(step: Step) -> int:
    return int((step.given.data or {}).get("stars", 0))


def _left(desk: Desk, step: Step, person: int, *, leads: bool) -> Sentence:
    def say(t: Translate) -> str:
        text = t("{name} cannot go on with it. You lead it now.") if leads else t("{name} cannot go on with it.")
        return _fill(desk, step, person, text, t)

    return say


def _say(desk: Desk, step: Step, person: int, text: str, t: Translate) -> str:
    return _fill(desk, step, person, t(text), t)


def _given_away(desk: Desk, step: Step, person: int, t: Translate) -> str:
    if step.action is Action.RETURN:
        return _fill(desk, step, person, t("{name} has returned it. You need do nothing more here. Thank you!"), t)
    return _fill(desk, step, person, t("{name} has given it to {other}. You need do nothing more here. Thank you!"), t)


def _fill(desk: Desk, step: Step, reader: int, text: str, t: Translate) -> str:
    case = step.case
    return text.format(
        name=words.doer(desk, case, step.actor.person_id, reader, t), other=words.name_of(desk, case.steward_id, t),
        words=words.said(desk, case, reader, step.given.words, t), stars=_stars(step),
    )  # fmt: skip
