"""How cases, places and people are called in a message."""

from datetime import datetime
from typing import Protocol

from cases import life, privacy, ratings
from cases.context import Rules, at_hand
from cases.effects import THIRD_PARTY
from cases.hands import Shared
from cases.settings import Category
from cases.states import Party, State
from handlers import when
from handlers.desk import Desk
from handlers.mask import mask_all
from handlers.texts import N_, Translate
from storage.models import Case

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
OWN_CASE = N_("It has turned out to be their own case.")  # why a case passes on, in its history


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


class Stands(Protocol):
    """What tells where a case stands."""

    @property
    def state(self) -> str: ...  # noqa: D102
    @property
    def waiting_for(self) -> str | None: ...  # noqa: D102
    @property
    def waiting_since(self) -> datetime | None: ...  # noqa: D102


def state(case: Stands, t: Translate) -> str:
    """Return the state in plain words."""
    if case.state == State.WAITING and case.waiting_for == THIRD_PARTY:
        return t("waiting for somebody else")
    return t(STATES[State.WAITING if waits(case) else State(case.state)])


def waits(case: Stands) -> bool:
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
    """Return a person's name; who was forgotten has none."""
    if person_id is None:
        return t("the service desk")
    return desk.reach(person_id).name or t("somebody who is no longer here")


def reporter(desk: Desk, case: Case, reader_id: int, t: Translate) -> str:
    """Return the reporter's name; in a private matter not to who lives in the same building."""
    if case.reporter_id == reader_id:
        return name_of(desk, case.reporter_id, t)
    if is_neighbour(desk, case, reader_id) or not life.handles(desk.context, case, desk.actor_for(reader_id)):
        return t("a resident")
    return name_of(desk, case.reporter_id, t)


def is_private(rules: Rules, case: Case) -> bool:
    """Tell whether a case is nobody's business but the reporter's and of who handles it."""
    return rules.category(case).private or case.visibility == "coordinator"


def doer(desk: Desk, case: Case, person_id: int | None, reader_id: int, t: Translate) -> str:
    """Return the name of who did something to a case, where that was the reporter only as the reader may know it."""
    if person_id is not None and desk.now(person_id) == case.reporter_id:
        return reporter(desk, case, reader_id, t)
    return name_of(desk, person_id, t)


def is_neighbour(desk: Desk, case: Case, reader_id: int) -> bool:
    """Tell whether the reader may not see whose a private matter is: a neighbour, or somebody it names."""
    return privacy.is_kept_from(desk.context, case, reader_id)


def said(desk: Desk, case: Case, reader_id: int, words: str, t: Translate) -> str:
    """Return what was said about a case, as the reader may have it.

    From whom it is kept whose it is, the words are kept as well; who has to handle it all the same reads them without
    names and numbers.
    """
    if not words or not is_neighbour(desk, case, reader_id):
        return words
    if is_in_charge(desk, case, reader_id):
        return mask_all(words, *privacy.names_of(desk.context, case.reporter_id))
    return t("(kept private)")


def is_in_charge(desk: Desk, case: Case, reader_id: int) -> bool:
    """Tell whether the reader has to handle the case, or to call its resident."""
    if reader_id in (case.steward_id, case.answerable_id):
        return True
    rating = ratings.uncalled(desk.context, case)
    if rating is not None and rating.caller_id == reader_id:
        return True
    return bool(at_hand(desk.context, case, desk.actor_for(reader_id)) & {Party.CLAIMER, Party.HELPER})


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


def beside(desk: Desk, shared: Shared, t: Translate) -> str:
    """Return in what way somebody works on a case that another leads."""
    lead = name_of(desk, shared.case.steward_id, t)
    return (t("together with {name}") if shared.claimed else t("helping {name}")).format(name=lead)


def has_no_home(desk: Desk, person_id: int) -> bool:
    """Tell whether we do not know yet where somebody lives."""
    return desk.reach(person_id).home_id is None
