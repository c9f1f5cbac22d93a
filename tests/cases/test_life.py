"""A case's life by the rules alone: who may move it where, and what the clock looks at next."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from cases import filing, life, ratings
from cases.context import CLOCK, Actor, Context, actor_of
from cases.filing import Draft
from cases.given import Given
from cases.looks import Look
from cases.refusal import Refused, Why
from cases.states import MOVES, OPEN, Action, State
from storage.engine import Store
from storage.models import Case, Person
from tests.cast import Estate, open_estate

AUNT_LI = "李阿姨"


@dataclass
class Scene:
    """One transaction with a filed case, its reporter and its steward."""

    context: Context
    case: Case
    resident: Actor
    steward: Actor

    def does(self, actor: Actor, action: Action, words: str = "", **more: object) -> life.Step:
        return life.act(self.context, self.case, action, actor, Given(words, **more))  # type: ignore[arg-type]


async def play(store: Store, act: Callable[[Scene], None], category: str = "noise") -> None:
    """File a case of the category and let `act` happen in the same transaction."""
    estate = await open_estate(store)
    await estate.says(AUNT_LI, "/id")

    def scene(session: Session) -> None:
        act(_scene(session, estate, category))

    await store.write(scene)


def _scene(session: Session, estate: Estate, category: str) -> Scene:
    context = Context(session, estate.clock.now(), estate.rules)
    place = estate.rules.tree.by_key("fengmei-3")
    reporter = session.scalar(select(Person.id).where(Person.name == AUNT_LI))
    assert place
    draft = Draft("d", "太吵了", category, place.id)
    filed, _ = filing.file(context, draft, Actor(reporter), "plain", AUNT_LI)
    case = session.get_one(Case, filed.id)
    return Scene(context, case, Actor(reporter), actor_of(context, case.steward_id or 0))


async def test_from_report_to_rating(store: Store) -> None:
    def act(scene: Scene) -> None:
        scene.does(scene.steward, Action.ACCEPT)
        assert scene.case.look_kind == Look.RESOLVE_SOON
        scene.does(scene.steward, Action.ASK, "几点？")
        assert scene.case.look_kind == Look.ANSWER
        scene.does(scene.resident, Action.ANSWER, "晚上十点")
        scene.does(scene.steward, Action.RESOLVE, "已劝停")
        assert scene.case.look_kind == Look.RATE
        scene.does(scene.resident, Action.RATE)
        assert (scene.case.state, scene.case.look_at) == (State.CLOSED, None)

    await play(store, act)


async def test_waiting_stops_the_clock(store: Store) -> None:
    def act(scene: Scene) -> None:
        scene.does(scene.steward, Action.ACCEPT)
        clock, kind = scene.context.rules.deadlines, scene.context.rules.category(scene.case).resolve
        left = clock.minutes_between(scene.context.now, scene.case.resolve_by, kind)
        scene.does(scene.steward, Action.ASK, "几点？")
        later = Context(scene.context.session, scene.context.now + timedelta(hours=2), scene.context.rules)
        life.act(later, scene.case, Action.ANSWER, scene.resident, Given("十点"))
        assert clock.minutes_between(later.now, scene.case.resolve_by, kind) == left

    await play(store, act)


async def test_a_photo_is_wanted_where_the_kind_says_so(store: Store) -> None:
    def act(scene: Scene) -> None:
        scene.does(scene.steward, Action.ACCEPT)
        with pytest.raises(Refused) as refused:
            scene.does(scene.steward, Action.RESOLVE, "修好了")
        assert refused.value.why is Why.PHOTO_NEEDED
        assert scene.case.state == State.WORKING

    await play(store, act, "lights")


async def test_a_returned_case_goes_to_somebody_else_and_the_third_time_to_a_ruling(store: Store) -> None:
    def act(scene: Scene) -> None:
        seen = set()
        while scene.case.steward_id is not None:
            assert scene.case.steward_id not in seen
            seen.add(scene.case.steward_id)
            filing.give_back(scene.context, scene.case, actor_of(scene.context, scene.case.steward_id), "不归我")
        admin = scene.context.session.scalar(select(Person.id).where(Person.key == "huang"))
        assert len(seen) == 3
        assert scene.case.answerable_id == admin
        assert scene.case.look_kind == Look.RULING

    await play(store, act)


async def test_returning_needs_a_reason(store: Store) -> None:
    def act(scene: Scene) -> None:
        with pytest.raises(Refused) as refused:
            scene.does(scene.steward, Action.RETURN, " ")
        assert refused.value.why is Why.WORDS_NEEDED

    await play(store, act)


async def test_urging_at_most_once_an_hour(store: Store) -> None:
    def act(scene: Scene) -> None:
        scene.does(scene.resident, Action.URGE)
        with pytest.raises(Refused) as refused:
            scene.does(scene.resident, Action.URGE)
        assert refused.value.why is Why.TOO_SOON

    await play(store, act)


async def test_not_solved_reopens_with_a_new_time(store: Store) -> None:
    def act(scene: Scene) -> None:
        scene.does(scene.steward, Action.ACCEPT)
        scene.does(scene.steward, Action.RESOLVE, "已劝停")
        scene.does(scene.resident, Action.UNSOLVED)
        assert (scene.case.state, scene.case.reopened, scene.case.look_kind) == (State.WORKING, 1, Look.RESOLVE_SOON)

    await play(store, act)


async def test_a_strangers_every_move_is_refused(store: Store) -> None:
    def act(scene: Scene) -> None:
        for action in set(MOVES) - {Action.FOLLOW}:  # "me too" may be said by anybody
            with pytest.raises(Refused):
                scene.does(Actor(-1), action, "words")

    await play(store, act)


async def test_the_rating_is_asked_twice_then_the_case_closes_by_itself(store: Store) -> None:
    def act(scene: Scene) -> None:
        scene.does(scene.steward, Action.ACCEPT)
        scene.does(scene.steward, Action.RESOLVE, "已劝停")
        rating = ratings.question(scene.context, scene.case, scene.case.reporter_id)
        ratings.asked(scene.context, scene.case, rating)
        assert scene.case.look_kind == Look.RATE_AGAIN
        ratings.asked(scene.context, scene.case, rating)
        assert scene.case.look_kind == Look.CLOSE
        assert scene.case.look_at == scene.context.now + timedelta(days=3)
        scene.does(CLOCK, Action.CLOSE)
        assert scene.case.state == State.CLOSED

    await play(store, act)


def test_no_open_state_is_a_dead_end() -> None:
    moving = {source for move in MOVES.values() if move.target is not None for source in move.sources}
    assert moving >= OPEN
