"""Tells what becomes of the cases of somebody whose role was taken: whoever has them now, and who took it."""

from collections import Counter
from collections.abc import Iterable

from cases import leaving
from cases.life import Step
from cases.states import Action, State
from handlers import words
from handlers.announce import announce
from handlers.call_back import call_card
from handlers.desk import Desk
from handlers.message import Message
from handlers.texts import N_, Translate
from storage.admin_models import Departure
from storage.models import Case

ENDED = N_("A role that you had here has ended. Others go on with your cases. Thank you for all you did!")
Handed = list[tuple[Case, list[Step]]]


def go_on(desk: Desk, departure: Departure) -> Handed:
    """Hand on the next cases and tell everybody concerned."""
    handed = leaving.go_on(desk.context, departure)
    for case, steps in handed:
        announce(desk, steps)
        for step in steps:
            if step.action is Action.ENTRUST and (step.given.data or {}).get("call"):
                _hand_call(desk, case, step.given.person_id)
    return handed


def next_departure(desk: Desk) -> bool:
    """Do the next piece of work by the clock; False where there is none."""
    departure = leaving.claim(desk.context)
    if departure is None:
        return False
    looked_through = departure.up_to < 0
    if departure.taken_by is None and departure.up_to == 0:
        desk.tell(departure.person_id, lambda t: Message(t(ENDED)))
    go_on(desk, departure)
    if departure.up_to < 0 and not looked_through and departure.handed and departure.taken_by is not None:
        desk.tell(departure.taken_by, lambda t: Message(_all_handed(desk, departure, t)))
    return True


def _hand_call(desk: Desk, case: Case, caller: int | None) -> None:
    if caller is not None:
        desk.tell(caller, lambda t: call_card(desk, case, caller, t, ""), case_id=case.id)


def _all_handed(desk: Desk, departure: Departure, t: Translate) -> str:
    text = t("All {count} cases of {name} are in other hands now.")
    return text.format(count=departure.handed, name=words.name_of(desk, departure.person_id, t))


def summary(desk: Desk, handed: Handed, t: Translate, *, more: bool) -> list[str]:
    """Return in lines who has the cases now; `more`: the clock hands on the rest."""
    if not handed:
        return [t("No open case hung on it.")]
    cases = [case for case, _steps in handed]
    stewards = [case.steward_id for case in cases if case.state in (State.ASSIGNED, State.WORKING, State.WAITING)]
    undecided = [case.answerable_id for case in cases if case.state in (State.NEW, State.REVIEW)]
    offered = sum(case.state == State.POOL for case in cases)
    lines = [t("{count} cases are in other hands now.").format(count=len(cases))]
    lines += _counted(desk, stewards, t("With {name}: {count}"), t)
    lines += _counted(desk, undecided, t("{name} decides who takes them: {count}"), t)
    lines += [t("Offered to be claimed: {count}").format(count=offered)] if offered else []
    return [*lines, t("The rest follow in a moment; you hear when all are handed on.")] if more else lines


def _counted(desk: Desk, people: Iterable[int | None], text: str, t: Translate) -> list[str]:
    counts = Counter(person for person in people if person is not None)
    return [text.format(name=words.name_of(desk, person, t), count=count) for person, count in counts.most_common()]
