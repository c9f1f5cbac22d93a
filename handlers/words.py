"""How cases, places and people are called in a message."""

from datetime import datetime

from cases import life
from cases.context import Rules
from cases.effects import THIRD_PARTY
from cases.settings import Category
from cases.states import State
from handlers import when
from handlers.desk import Desk
from handlers.texts import N_, Translate
from storage.models import Case, Person

STATES = {
    State.NEW: N_("looking for a steward"),
    State.REVIEW: N_("being checked"),
    State.ASSIGNED: N_("waiting for the steward to accept"),
    State.POOL: N_("waiting to be claimed"),
    State.WORKING: N_("being handled"),
    State.WAITING: N_("waiting for the resident's answer"),
    State.RESOLVED: N_("done, please rate"),
    State.CLOSED: N_("closed"),
    State.REJECTED: N_("not accepted"),
    State.WITHDRAWN: N_("withdrawn"),
    State.MERGED: N_("joined with another case"),
}


def category_name(category: Category, t: Translate) -> str:
    """Return the category's name in the reader's language."""
    return category.name_en if t.language == "en" else category.name


def headline(rules: Rules, case: Case, t: Translate) -> str:
    """Return "#1042 Lift" — what a case is called everywhere."""
    name = f"#{case.id} {category_name(rules.category(case), t)}"
    return t("[Emergency] {case}").format(case=name) if case.emergency else name


def where(rules: Rules, place_id: int, detail: str) -> str:
    """Return the place with what was added to it: "丰美小区3号楼2单元501"."""
    return rules.tree.label(place_id) + detail


def state(case: Case, t: Translate) -> str:
    """Return the state in plain words."""
    if case.state == State.WAITING and case.waiting_for == THIRD_PARTY:
        return t("waiting for somebody else")
    return t(STATES[State.WAITING if waits(case) else State(case.state)])


def waits(case: Case) -> bool:
    """Tell whether the clock stands still: an answer is waited for, or somebody else."""
    return case.state == State.WAITING or (case.state == State.REVIEW and case.waiting_since is not None)


def due(desk: Desk, case: Case, t: Translate) -> str:
    """Return by when it is due in a word: a time, late, or that it waits."""
    if waits(case):
        return state(case, t)
    return t("late") if case.resolve_by <= desk.context.now else time(desk, case.resolve_by, t)


def time(desk: Desk, at: datetime, t: Translate) -> str:
    """Return a moment as people here say it now."""
    return when.moment(at, desk.context.now, desk.rules.deadlines.zone, t)


def name_of(desk: Desk, person_id: int | None, t: Translate) -> str:
    """Return a person's name."""
    return desk.reach(person_id).name if person_id is not None else t("the service desk")


def reporter(desk: Desk, case: Case, reader_id: int, t: Translate) -> str:
    """Return the reporter's name; in a private matter not to who lives in the same building."""
    if case.reporter_id == reader_id:
        return name_of(desk, case.reporter_id, t)
    if is_neighbour(desk, case, reader_id) or not life.handles(desk.context, case, desk.actor_for(reader_id)):
        return t("a resident")
    return name_of(desk, case.reporter_id, t)


def is_neighbour(desk: Desk, case: Case, reader_id: int) -> bool:
    """Tell whether a private matter is one of the reader's own building."""
    home = desk.reach(reader_id).home_id
    if home is None or not desk.rules.category(case).private:
        return False
    tree = desk.rules.tree
    buildings = [
        {node.id for node in tree.ancestors(place) if node.kind == "building"} for place in (home, case.place_id)
    ]
    return bool(buildings[0] & buildings[1])


def who(desk: Desk, case: Case, t: Translate) -> str:
    """Return who has the case (亮身份): name, title and what they promise."""
    if case.steward_id is None:
        answerable = name_of(desk, case.answerable_id, t)
        return t("{name} is finding somebody for it.").format(name=answerable)
    name = name_of(desk, case.steward_id, t)
    roles = [role for role in desk.actor_for(case.steward_id).roles if role.role == "steward"]
    title = f" ({roles[0].title})" if roles and roles[0].title else ""
    promise = t(": “{promise}”").format(promise=roles[0].promise) if roles and roles[0].promise else ""
    return t("Your steward: {name}").format(name=name + title) + promise


def has_no_home(desk: Desk, person_id: int) -> bool:
    """Tell whether we do not know yet where somebody lives."""
    person = desk.session.get(Person, person_id)
    return person is not None and person.home_id is None
