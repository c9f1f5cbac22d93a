"""Finding cases: in which order, in which places, and how much is looked at before that is said."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pytest
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from cases import finding, search
from cases.context import Actor, Context, RoleAt
from cases.finding import Found
from cases.places import PlaceNode, PlaceTree
from cases.search import Filter
from cases.states import UNDER_WAY, State
from storage.engine import Store
from storage.models import Case, Person, Place
from tests.cast import Estate, open_estate

NOW = datetime(2026, 10, 8, 2, tzinfo=UTC)
T = TypeVar("T")


@pytest.fixture
async def estate(store: Store) -> Estate:
    """丰美小区."""
    return await open_estate(store)


def place(estate: Estate, key: str) -> int:
    """Return a place by its key."""
    node = estate.rules.tree.by_key(key)
    assert node is not None
    return node.id


async def write(estate: Estate, *rows: dict[str, Any]) -> list[int]:
    """Write cases at 3号楼, an hour apart; return their numbers."""
    usual = {
        "kind": "issue", "category": "lights", "state": "working", "place_id": place(estate, "fengmei-3"),
        "words": "路灯坏了", "emergency": False, "reporter_id": 1, "reporter_channel": "plain", "reporter_chat": "x",
        "answerable_id": 1, "accept_by": NOW, "resolve_by": NOW, "changed_at": NOW, "look_kind": "resolve",
        "look_at": NOW,
    }  # fmt: skip

    def add(session: Session) -> list[int]:
        return [
            session.execute(
                insert(Case).values(
                    **usual | {"created_at": NOW + timedelta(hours=number), "draft": f"d{number}"} | row
                ).returning(Case.id)
            ).scalar_one()
            for number, row in enumerate(rows)
        ]  # fmt: skip

    return await estate.store.write(add)


async def found(estate: Estate, asked: Filter, *keys: str, person: int = 1) -> Found:
    """Return what somebody finds in these places."""
    roots = tuple(place(estate, key) for key in keys)
    return await read(estate, lambda context: finding.find(context, Actor(person), asked, roots))


async def read(estate: Estate, work: Callable[[Context], T]) -> T:
    """Run it in a reading transaction."""
    return await estate.store.read(lambda session: work(Context(session, NOW, estate.rules)))


BOTH_WAYS = pytest.mark.parametrize("few", [100_000, -1], ids=["sorted out", "walked through"])


@BOTH_WAYS
async def test_the_newest_come_first_and_of_open_ones_the_nearest_deadline(
    estate: Estate, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(finding, "FEW", few)
    due = [NOW + timedelta(hours=hours) for hours in (5, -3, 1, -9)]
    one, two, three, four = await write(estate, *({"resolve_by": by} for by in due))
    for key in ("fengmei-street", "fengmei", "fengmei-3"):
        assert (await found(estate, Filter(), key)).ids == (four, three, two, one)
        assert (await found(estate, Filter(late=True), key)).ids == (four, two)
        assert (await found(estate, Filter(states=frozenset({State.WORKING})), key)).ids == (four, two, three, one)
        assert (await found(estate, Filter(mine=True), key)).ids == (four, two, three, one)
        assert (await found(estate, Filter(mine=True), key, person=2)).ids == ()
    assert (await found(estate, Filter(), "fengmei-5")).ids == ()


async def test_what_is_done_comes_with_the_newest_first(estate: Estate) -> None:
    due = [NOW + timedelta(hours=hours) for hours in (1, 3, 2)]
    one, two, three = await write(estate, *({"state": "resolved", "resolve_by": by} for by in due))
    done = Filter(states=frozenset({State.RESOLVED}))
    assert not done.by_deadline
    assert (await found(estate, done, "fengmei")).ids == (three, two, one)
    mine = Filter(mine=True)
    assert mine.by_deadline
    assert (await found(estate, mine, "fengmei")).ids == (one, three, two)


@BOTH_WAYS
async def test_where_it_stands(estate: Estate, monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    monkeypatch.setattr(finding, "FEW", few)
    ended = (State.CLOSED, State.REJECTED, State.WITHDRAWN, State.MERGED)
    numbers = await write(estate, *({"state": state, "look_at": None if state in ended else NOW} for state in State))
    where = dict(zip(State, numbers, strict=True))

    async def states(asked: Filter) -> set[State]:
        ids = (await found(estate, asked, "fengmei")).ids
        return {state for state in State if where[state] in ids}

    assert await states(Filter(late=True)) == {State.NEW, State.ASSIGNED, State.WORKING}
    assert await states(Filter(unassigned=True)) == {State.NEW, State.REVIEW, State.POOL}
    assert await states(Filter(late=True, unassigned=True)) == {State.NEW}
    assert await states(Filter(late=True, states=frozenset({State.CLOSED}))) == set()
    assert await states(Filter(mine=True)) == {*UNDER_WAY, State.RESOLVED}
    assert await states(Filter(mine=True, states=frozenset({State.CLOSED}))) == {State.CLOSED}
    for state in State:
        assert await states(Filter(states=frozenset({state}))) == {state}


@BOTH_WAYS
async def test_everything_asked_must_hold(estate: Estate, monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    monkeypatch.setattr(finding, "FEW", few)
    plain, urgent, emergency, wish, lift, leak = await write(
        estate,
        {},
        {"urgent": True},
        {"emergency": True},
        {"kind": "wish"},
        {"category": "lift"},
        {"words": "A Leak_50%"},
    )
    for asked, numbers in (
        (Filter(urgent=True), {urgent}), (Filter(emergency=True), {emergency}), (Filter(kind="wish"), {wish}),
        (Filter(kind="issue", category="lights"), {plain, urgent, emergency, leak}), (Filter(category="lift"), {lift}),
        (Filter(words="leak"), {leak}), (Filter(words="50%"), {leak}), (Filter(words="_50"), {leak}),
        (Filter(words="k%5"), set()), (Filter(words="leak", urgent=True), set()),
        (Filter(since=NOW.date(), until=NOW.date()), {plain, urgent, emergency, wish, lift, leak}),
        (Filter(since=NOW.date() + timedelta(days=1)), set()), (Filter(until=NOW.date() - timedelta(days=1)), set()),
    ):  # fmt: skip
        assert set((await found(estate, asked, "fengmei")).ids) == numbers, asked


async def test_a_day_ends_at_midnight_here(estate: Estate) -> None:
    """Midnight in 上海 is 16:00 UTC."""
    midnight = datetime(2026, 10, 7, 16, tzinfo=UTC)
    before, after = await write(
        estate, {"created_at": midnight - timedelta(microseconds=1)}, {"created_at": midnight}
    )  # fmt: skip
    eighth = NOW.date()
    assert (await found(estate, Filter(since=eighth, until=eighth), "fengmei")).ids == (after,)
    assert (await found(estate, Filter(until=eighth - timedelta(days=1)), "fengmei-street")).ids == (before,)


@pytest.mark.parametrize(("few", "key"), [(-1, "fengmei-street"), (-1, "fengmei"), (100_000, "fengmei-3")])
async def test_what_no_index_serves_is_looked_for_among_so_many(
    estate: Estate, monkeypatch: pytest.MonkeyPatch, few: int, key: str
) -> None:
    monkeypatch.setattr(finding, "FEW", few)
    for name in ("LOOKED_AT", "READ", "LOOKED_AT_OF_A_PLACE"):
        monkeypatch.setattr(finding, name, 3)
    numbers = await write(estate, {"kind": "wish"}, {}, {}, {"kind": "wish"}, {}, {})
    for asked in (Filter(kind="wish"), Filter(kind="wish", words="路灯")):
        told = await found(estate, asked, key)
        assert (told.ids, told.looked_at) == ((numbers[3],), 3)
        told = await found(estate, Filter(kind="wish", until=NOW.date()), key)
    monkeypatch.setattr(finding, "COUNTED", 1)
    told = await found(estate, Filter(category="lights"), key)
    assert (told.ids, told.more, told.looked_at) == ((numbers[5],), True, None)


async def test_late_ones_beyond_the_bound_are_told_too(estate: Estate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "LOOKED_AT", 2)
    due = [NOW - timedelta(hours=hours) for hours in (9, 8, 7, 6)]
    _one, two, _three, _four = await write(estate, *({"resolve_by": by, "urgent": by == due[1]} for by in due))
    told = await found(estate, Filter(late=True, urgent=True), "fengmei-street")
    assert (told.ids, told.looked_at) == ((two,), 2)
    assert (await found(estate, Filter(late=True, urgent=True), "fengmei-3")) == Found((two,))


async def test_of_a_common_name_the_newest_people_are_looked_at(
    estate: Estate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "PEOPLE", 2)

    def add(session: Session) -> list[int]:
        named = [Person(name=f"王{name}", created_at=NOW, home_detail="", phone="020 8765-4321") for name in "一二三"]
        session.add_all(named)
        session.flush()
        return [person.id for person in named]

    people = await estate.store.write(add)
    numbers = await write(estate, *({"reporter_id": person} for person in people))
    told = await found(estate, Filter(reporter="王"), "fengmei")
    assert (told.ids, told.people) == ((numbers[2], numbers[1]), 2)
    assert await found(estate, Filter(reporter="王三"), "fengmei") == Found((numbers[2],))
    assert await found(estate, Filter(reporter="王%"), "fengmei") == Found()
    monkeypatch.setattr(finding, "PEOPLE_LOOKED_AT", 1)
    told = await found(estate, Filter(phone="87654321"), "fengmei")
    assert (told.ids, told.people) == ((numbers[2],), 1)


def test_roles_within_others_are_left_out() -> None:
    street, estate, building = (PlaceNode(n, f"p{n}", n - 1 or None, kind, str(n)) for n, kind in
                                ((1, "street"), (2, "estate"), (3, "building")))  # fmt: skip
    tree = PlaceTree((street, estate, building))
    actor = Actor(1, (RoleAt("coordinator", 3), RoleAt("admin", 2), RoleAt("steward", 1), RoleAt("admin", 2)))
    assert search.led_places(tree, actor) == (2,)
    assert search.led_places(tree, actor, ("coordinator",)) == (3,)
    assert search.narrowed(tree, (2,), None) == (2,)
    assert search.narrowed(tree, (2,), 3) == (3,)
    assert search.narrowed(tree, (3,), 1) == (3,)
    assert search.narrowed(tree, (3,), 2) == (3,)
    assert not search.is_everywhere(tree, (2,))
    assert search.is_everywhere(tree, (1,))


async def test_a_street_of_thousands_of_places(estate: Estate) -> None:
    """The places are asked for by their path, so the question is as short as for one."""

    def add(session: Session) -> int:
        street = session.scalars(select(Place).where(Place.kind == "street")).one()
        for number in range(5000):
            session.add(
                Place(key=f"x{number}", parent_id=street.id, path="", kind="estate", name=f"{number}", aliases=[])
            )
        session.flush()
        for one in session.scalars(select(Place).where(Place.path == "")):
            one.path = f"{street.path}{one.id}/"
        return session.scalars(select(Place.id).order_by(Place.id.desc()).limit(1)).one()

    last = await estate.store.write(add)
    number, _other = await write(estate, {"place_id": last}, {})

    def look(session: Session) -> tuple[tuple[int, ...], tuple[int, ...]]:
        nodes = [PlaceNode(p.id, p.key, p.parent_id, p.kind, p.name) for p in session.scalars(select(Place))]
        rules = replace(estate.rules, tree=PlaceTree(nodes))
        context = Context(session, NOW, rules)
        street = next(node.id for node in nodes if node.kind == "street")
        everything = finding.find(context, Actor(1), Filter(), (street,))
        return everything.ids, finding.find(context, Actor(1), Filter(), (last, place(estate, "fengmei-5"))).ids

    everything, within = await estate.store.read(look)
    assert (len(everything), within) == (2, (number,))
