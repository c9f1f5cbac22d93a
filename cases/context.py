"""What a rule needs to know of the world, and who is acting."""

from collections.abc import Callable, Collection, Hashable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from cases import privacy
from cases.deadlines import Deadlines
from cases.places import PlaceTree
from cases.settings import Category, Settings
from cases.states import Party
from cases.understand import Understander
from storage.models import Claim, CoHandler, Follower, Person
from storage.people import Reach, reach, roles_of
from storage.record import record

if TYPE_CHECKING:
    from storage.models import Case


@record
class RoleAt:
    """A role at a place; it holds there and below."""

    role: str
    place_id: int
    partner: str | None = None
    title: str = ""
    promise: str = ""
    skills: tuple[str, ...] = ()


@record
class Actor:
    """Somebody who acts: a person with their roles, or the product itself (`CLOCK`)."""

    person_id: int | None
    roles: tuple[RoleAt, ...] = ()

    def has(self, *roles: str) -> bool:
        """Tell whether the person has one of the roles anywhere."""
        return any(held.role in roles for held in self.roles)


CLOCK = Actor(None)


@dataclass(frozen=True, slots=True)
class Rules:
    """What `config.yaml` says, ready for use; replaced as a whole, never changed."""

    settings: Settings
    tree: PlaceTree
    deadlines: Deadlines
    understander: Understander
    wishes: Understander  # of micro-wishes

    def category(self, case: "Case") -> Category:
        """Return the category of a case (the fallback where the config no longer has it)."""
        return self.settings.category(case.category)

    def wish_kind(self, words: str) -> str:
        """Return the kind of wish that words suggest, the last one where they suggest none."""
        return self.wishes.read(words).category or self.settings.wishes[-1].key


RulesFor = Callable[[Session], Rules]
"""Gives the rules that hold in a transaction, see `bot.rulebook`."""


@record
class Context:
    """One transaction at one moment. `known` keeps what was looked up in it and does not change meanwhile."""

    session: Session
    now: datetime
    rules: Rules
    known: dict[Hashable, Any] = field(default_factory=dict, compare=False, repr=False)


def actor_of(context: Context, person_id: int) -> Actor:
    """Return a person with the roles they hold now."""
    return next(actor for _person, actor in actors_of(context, [person_id]))


def actors_of(context: Context, people: Collection[int]) -> Iterator[tuple[int, Actor]]:
    """Yield people with the roles they hold now."""
    for person in dict.fromkeys(people):
        held = (
            RoleAt(role.role, role.place_id, role.partner, role.title, role.promise, tuple(role.skills or ()))
            for role in roles_of(context.session, person)
        )
        yield person, Actor(person, tuple(held))


def reach_of(context: Context, person_id: int) -> Reach:
    """Return how a person is reached and whether they are away, looked up once. Raises LookupError."""
    key = ("reach", person_id)
    if key not in context.known:
        context.known[key] = reach(context.session, (person_id,))[person_id]
    found: Reach = context.known[key]
    return found


def _stands_in(context: Context, case: "Case", actor: Actor) -> bool:
    """Tell whether the actor stands in for the steward of the case, who is away, and may have this case."""
    if case.steward_id is None or actor.person_id is None:
        return False
    steward = context.session.get(Person, case.steward_id)
    away = steward is not None and steward.away_until is not None and steward.away_until > context.now
    if not away or steward is None or steward.cover_id != actor.person_id:
        return False
    return not privacy.is_passed_over(context, case, actor.person_id)


def _decides_for_themselves(context: Context, case: "Case", actor: Actor) -> bool:
    """Tell whether a private matter or a wish is the leader's own: then others decide, unless there is nobody else."""
    if not privacy.is_private(context, case) and case.kind != "wish":
        return False
    return case.answerable_id != actor.person_id and privacy.is_own(context, case, actor.person_id)


def at_hand(context: Context, case: "Case", actor: Actor) -> frozenset[Party]:
    """Return what else `actor` is to `case`, as the rows of claims, co-handlers and followers say."""
    rows: tuple[tuple[Party, type[Claim | CoHandler | Follower]], ...] = (
        (Party.CLAIMER, Claim), (Party.HELPER, CoHandler), (Party.FOLLOWER, Follower),
    )  # fmt: skip
    key = (case.id, actor.person_id)
    mine = rows if actor.has("steward") else rows[2:]  # who is no steward any more has claimed nothing
    return frozenset(party for party, table in mine if actor.person_id and context.session.get(table, key) is not None)


def parties(context: Context, case: "Case", actor: Actor) -> frozenset[Party]:
    """Return what `actor` is to `case`: by person, role, place and present state, never by what a button says."""
    if actor.person_id is None:
        return frozenset({Party.CLOCK})
    found: set[Party] = {Party.ANYBODY}
    covers = context.rules.tree.covers
    leads = [held for held in actor.roles if held.role in ("coordinator", "admin")]
    led = {Party(held.role) for held in leads if covers(held.place_id, case.place_id)}
    found |= led if led and not _decides_for_themselves(context, case, actor) else set()
    if case.reporter_id == actor.person_id:
        found.add(Party.REPORTER)
    if actor.has("steward") and (case.steward_id == actor.person_id or _stands_in(context, case, actor)):
        found.add(Party.STEWARD)
    return frozenset(found)
