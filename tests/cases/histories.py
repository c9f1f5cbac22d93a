"""Random histories: people and the clock doing to some cases whatever the rules allow, for days and weeks.

People join with one another, two residents or a resident and who deals with their cases, and part again.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.scheduler import look_at_due
from cases import filing, joining, life, own_cases, pool, ratings
from cases.context import CLOCK, Actor, Context, Rules, actor_of
from cases.filing import Draft, Wish
from cases.given import Given
from cases.refusal import Refused
from cases.states import MOVES, Action, Party, State
from storage import people as known
from storage.models import IS_UNDER_WAY, Case, Person
from tests.cast import PLAIN, PLANNERS

RESIDENTS = ("李阿姨", "张叔", "周姐")
STAFF = ("wang", "chen", "liu", "zhao", "sun", "zhou", "wu", "lin", "feng", "huang", "zheng")
PLACES = ("fengmei-3", "fengmei-5", "fengmei-5-1", "fengmei-1")
KINDS = ("noise", "noise", "noise", "dispute")
PAUSES = (0, 0, 0, 1, 1, 10, 10, 45, 200, 700, 1500, 6000)  # minutes
ONWARD = (
    Action.VET,
    Action.CLAIM,
    Action.ACCEPT,
    Action.RESOLVE,
    Action.CONFIRM,
    Action.RATE,
    Action.UNSOLVED,
    Action.REOPEN,
    Action.ASSIGN,
    Action.ANSWER,
)  # what leads on to a rating
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Deed:
    """One step: whose turn it is, on which case, what of all that is possible, with which choices."""

    pause: int
    case: int
    what: int
    who: int
    choice: int


@dataclass
class World:
    """The cases that were filed, each with where and as what."""

    session: Session
    rules: Rules
    now: datetime
    people: dict[str, int]
    filed: dict[int, tuple[str, str, bool]] = field(default_factory=dict)  # place, category, whether a wish
    joined: int = 0
    parted: int = 0

    @property
    def context(self) -> Context:
        return Context(self.session, self.now, self.rules)

    def play(self, deed: Deed) -> None:
        """Let time pass and something happen; what the rules refuse does not."""
        self.now += timedelta(minutes=PAUSES[deed.pause % len(PAUSES)])
        if not self.filed or deed.what % 8 == 0:
            self._file(deed)
        elif deed.what % 24 == 7:
            self._join_or_part(deed)
        elif deed.what % 24 == 15:
            self._follower_answers(deed)
        elif deed.what % 8 == 1:
            look_at_due(self.session, self.now, self.rules, PLANNERS)
        else:
            self._act(deed)
        self.session.flush()

    def _file(self, deed: Deed) -> None:
        chat = RESIDENTS[deed.who % len(RESIDENTS)]
        reporter = self._now(chat)
        place, wish = PLACES[deed.choice % len(PLACES)], deed.who % 4 == 0
        kinds = [kind.key for kind in self.rules.settings.wishes] if wish else KINDS
        kind = kinds[deed.choice % len(kinds)]
        node = self.rules.tree.by_key(place)
        assert node is not None
        draft = Draft(f"d{len(self.filed)}", "请来看看", kind, node.id)
        more = Wish("name", people_wanted=deed.choice % 3) if wish else None
        case, _ = filing.file(self.context, draft, Actor(reporter), PLAIN, chat, more)
        self.filed[case.id] = (place, kind, wish)

    def _now(self, name: str) -> int:
        """Return who somebody is now."""
        return known.now(self.session, self.people[name])

    def _join_or_part(self, deed: Deed) -> None:
        """Two chats become one person, or one of them is a person of its own again."""
        one = self._now(RESIDENTS[deed.who % len(RESIDENTS)])
        parts = joining.parts(self.context, one)
        try:
            with self.session.begin_nested():
                if parts and deed.what % 48 == 7:
                    joining.part(self.context, one, parts[deed.choice % len(parts)].person_id)
                    self.parted += 1
                    return
                others = (*RESIDENTS, "wang", "chen", "liu", "lin")
                context = self.context
                row = joining.join(context, one, self._now(others[deed.choice % len(others)]))
                own_cases.settle(context, row, "自己的事")
                self.joined += 1
        except Refused:
            self.session.expire_all()

    def _follower_answers(self, deed: Deed) -> None:
        """Somebody who follows a case says how it was: that counts for nobody's figures."""
        person = self._now(RESIDENTS[deed.who % len(RESIDENTS)])
        done = select(Case).where(Case.state == State.RESOLVED, Case.reporter_id != person).order_by(Case.id)
        for case in self.session.scalars(done.limit(1)):
            ratings.answer(self.context, case, person, solved=deed.choice % 2 == 0, stars=deed.choice % 5 + 1)

    def _act(self, deed: Deed) -> None:
        context, numbers = self.context, sorted(self.filed)
        number = numbers[deed.case % len(numbers)]
        case = life.load(context, number)
        allowed = [move for move in MOVES.values() if State(case.state) in move.sources]
        onward = [move for move in allowed if move.action in ONWARD] if deed.what % 8 < 6 else []
        if deed.what % 32 == 31 and State(case.state) in MOVES[Action.MERGE].sources:
            onward = [MOVES[Action.MERGE]]
        move = (onward or allowed)[deed.choice % len(onward or allowed)]
        party = sorted(move.who)[deed.who % len(move.who)]
        actor = self._actor(context, case, party, deed.who)
        try:
            with self.session.begin_nested():
                self._carry_out(context, case, move.action, actor, deed)
        except (Refused, LookupError):
            self.session.expire_all()

    def _actor(self, context: Context, case: Case, party: Party, who: int) -> Actor:
        if party is Party.CLOCK:
            return CLOCK
        if party is Party.REPORTER:
            return actor_of(context, case.reporter_id)
        if party is Party.STEWARD and case.steward_id is not None:
            return actor_of(context, case.steward_id)
        if party is Party.CANDIDATE:
            return actor_of(context, self._candidate(context, case, who))
        names = {Party.COORDINATOR: ("feng", "lin"), Party.ADMIN: ("huang", "zheng"), Party.FOLLOWER: RESIDENTS}
        people = names.get(party, (*STAFF, *RESIDENTS))
        return actor_of(context, self._now(people[who % len(people)]))

    def _candidate(self, context: Context, case: Case, who: int) -> int:
        people = pool.candidates(context, case) or [self.people["zhou"]]
        return people[who % len(people)]

    def _like(self, context: Context, case: Case) -> Case:
        """Return another case of its kind that is under way, itself where there is none."""
        like = (IS_UNDER_WAY, Case.id != case.id, Case.kind == case.kind, Case.category == case.category)
        return context.session.scalar(select(Case).where(*like).order_by(Case.id)) or case

    def _carry_out(self, context: Context, case: Case, action: Action, actor: Actor, deed: Deed) -> None:
        special: dict[Action, Callable[[], object]] = {
            Action.RATE: lambda: self._rate(context, case, actor, deed.choice % 5 + 1),
            Action.CONFIRM: lambda: ratings.confirm(context, case, actor),
            Action.UNSOLVED: lambda: self._unsolved(context, case, actor),
            Action.RETURN: lambda: filing.give_back(context, case, actor, "不归我管"),
            Action.RECLASSIFY: lambda: filing.reclassify(context, case, actor, KINDS[deed.who % len(KINDS)]),
            Action.TO_ISSUE: lambda: filing.to_issue(context, case, actor, KINDS[deed.who % len(KINDS)]),
            Action.MERGE: lambda: filing.merge(context, case, self._like(context, case), actor),
            Action.FOLLOW: lambda: filing.follow(context, case, actor),
            Action.LEAVE: lambda: filing.give_back_claim(context, case, actor),
            Action.UNCLAIM: lambda: filing.give_back_claim(context, case, actor),
        }
        if action in special:
            special[action]()
            return
        person = self.people[STAFF[deed.who % len(STAFF)]]
        given = Given("好的", steward_id=person, answerable_id=self.people["lin"], until=case.resolve_by + DAY,
                      person_id=person, data={"rung": 1} if action is Action.ESCALATE else None)  # fmt: skip
        life.act(context, case, action, actor, given)

    def _rate(self, context: Context, case: Case, actor: Actor, stars: int) -> None:
        life.act(context, case, Action.RATE, actor, Given(data={"stars": stars, "solved": True}))
        ratings.answer(context, case, case.reporter_id, solved=True, stars=stars)

    def _unsolved(self, context: Context, case: Case, actor: Actor) -> None:
        life.require(context, case, Action.UNSOLVED, actor)
        ratings.answer(context, case, case.reporter_id, solved=False)
        life.act(context, case, Action.UNSOLVED, actor)


def people_of(session: Session) -> dict[str, int]:
    """Return everybody by key or, where they have none, by name."""
    return {row.key or row.name: row.id for row in session.execute(select(Person.id, Person.key, Person.name))}
