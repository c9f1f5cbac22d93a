"""Roles given, changed and taken in chat, and what config.yaml makes of them at the next start."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.seed import sync
from cases import leaving, posts
from cases.context import Context, actor_of
from cases.posts import Post
from cases.refusal import Refused, Why
from storage.admin_models import AuditEntry, Departure
from storage.engine import Store
from storage.models import Person, Role
from tests.cast import Estate, open_estate


def person(session: Session, key: str) -> int:
    return session.scalars(select(Person.id).where(Person.key == key)).one()


def role(session: Session, key: str, what: str) -> Role:
    return session.scalars(select(Role).where(Role.person_id == person(session, key), Role.role == what)).one()


def held(session: Session, key: str) -> list[str]:
    return sorted(session.scalars(select(Role.role).where(Role.person_id == person(session, key))))


async def in_one(store: Store, act: Callable[[Context, Callable[[str], int]], None]) -> Estate:
    estate = await open_estate(store)

    def work(session: Session) -> None:
        act(Context(session, estate.clock.now(), estate.rules), lambda key: person(session, key))

    await store.write(work)
    return estate


def place(context: Context, key: str) -> int:
    found = context.rules.tree.by_key(key)
    assert found
    return found.id


async def test_an_admin_gives_roles_at_their_place_and_below_only(store: Store) -> None:
    def act(context: Context, number: Callable[[str], int]) -> None:
        huang, lin = actor_of(context, number("huang")), actor_of(context, number("lin"))
        given = posts.give(context, huang, number("feng"), Post("steward", place(context, "fengmei-5"), "neighbour"))
        assert given.given_by == huang.person_id
        for giver, where in ((huang, "fengmei-street"), (lin, "fengmei-5")):
            with pytest.raises(Refused) as refused:
                posts.give(context, giver, number("wu"), Post("coordinator", place(context, where)))
            assert refused.value.why is Why.NOT_YOURS
        with pytest.raises(Refused) as refused:
            posts.give(context, huang, number("feng"), Post("steward", place(context, "fengmei-5"), "lawyer"))
        assert refused.value.why is Why.WRONG_STATE
        entry = context.session.scalars(select(AuditEntry)).one()
        assert (entry.action, entry.person_id) == ("role.given", number("feng"))

    await in_one(store, act)


async def test_a_place_is_never_left_without_an_admin(store: Store) -> None:
    def act(context: Context, number: Callable[[str], int]) -> None:
        session = context.session
        zheng = actor_of(context, number("zheng"))
        posts.take(context, zheng, role(session, "huang", "admin"))  # the street's admin is still above
        with pytest.raises(Refused) as refused:
            posts.take(context, zheng, role(session, "zheng", "admin"))
        assert refused.value.why is Why.LAST_ADMIN
        posts.give(context, zheng, number("huang"), Post("admin", place(context, "fengmei-street")))
        posts.take(context, zheng, role(session, "zheng", "admin"))
        assert held(session, "zheng") == []

    await in_one(store, act)


async def test_the_next_start_leaves_as_it_is_what_was_done_in_chat(store: Store) -> None:
    def act(context: Context, number: Callable[[str], int]) -> None:
        zheng = actor_of(context, number("zheng"))
        posts.give(context, zheng, number("wang"), Post("coordinator", place(context, "fengmei-3"), title="楼长"))
        posts.change(context, zheng, role(context.session, "chen", "steward"), title="换了个称呼", cap=3)
        posts.take(context, zheng, role(context.session, "liu", "steward"))

    estate = await in_one(store, act)
    settings = estate.rules.settings

    def start(session: Session) -> None:
        sync(session, settings, estate.clock.now())
        chen = role(session, "chen", "steward")
        assert (chen.title, chen.cap) == ("换了个称呼", 3)
        assert held(session, "wang") == ["coordinator", "steward"]
        assert held(session, "liu") == []

    await store.write(start)
    fewer = settings.model_copy(update={"people": tuple(p for p in settings.people if p.key not in ("liu", "wang"))})

    def without(session: Session) -> None:
        sync(session, fewer, estate.clock.now())
        assert held(session, "wang") == ["coordinator"]  # the chat's, not the file's
        departing = set(session.scalars(select(Departure.person_id)))
        assert person(session, "wang") in departing
        sync(session, settings, estate.clock.now())
        assert held(session, "liu") == ["steward"]  # named anew, given anew

    await store.write(without)


async def test_a_role_taken_and_given_again_in_chat_stays(store: Store) -> None:
    def act(context: Context, number: Callable[[str], int]) -> None:
        zheng = actor_of(context, number("zheng"))
        taken = role(context.session, "liu", "steward")
        post = Post("steward", taken.place_id, "lawyer")
        posts.take(context, zheng, taken)
        posts.give(context, zheng, number("liu"), post)
        sync(context.session, context.rules.settings, context.now)
        assert role(context.session, "liu", "steward").partner == "lawyer"

    await in_one(store, act)


async def test_who_leaves_twice_is_handed_on_in_one_go(store: Store) -> None:
    def act(context: Context, number: Callable[[str], int]) -> None:
        first = leaving.begin(context.session, number("wang"), None, context.now)
        first.up_to = 1044
        again = leaving.begin(context.session, number("wang"), number("huang"), context.now)
        assert (again.id, again.up_to, again.taken_by) == (first.id, 0, number("huang"))

    await in_one(store, act)
