"""What the figures say equals a recount from the append-only history, whatever has happened to the cases."""

import random
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import fields
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import given as drawn
from hypothesis import strategies as st
from sqlalchemy import SQLColumnExpression
from sqlalchemy.orm import Session

from cases import figures
from cases.figures import Tally
from cases.search import Filter
from storage.engine import Store
from storage.models import Case
from tests.cases.histories import PLACES, RESIDENTS, Deed, World, people_of
from tests.cases.recount import Told, read
from tests.cast import ZONE, Estate, open_estate

SOME, MANY = 40, 100  # deeds of a history
FEW, PLENTY = 26, 100  # histories
NAMES = tuple(field.name for field in fields(Tally))


def counted(told: Iterable[Told], world: World) -> Tally:
    """Return the figures of these cases by the history."""
    sums = Counter[str]()
    for case in told:
        sums.update({name: int(holds) for name, holds in case.sorts(world.now, world.rules.settings).items()})
    return Tally(**{name: sums[name] for name in NAMES})


def check(world: World) -> Tally:
    """Compare all that is counted; return it."""
    context, tree = world.context, world.rules.tree
    told = read(world.session, world.filed, world.rules.settings)
    street = next(node.id for node in tree if node.parent_id is None)
    everything = counted(told.values(), world)
    assert figures.count(context, Filter(), (street,)) == everything
    apart: list[tuple[SQLColumnExpression[Any], Callable[[Told], object]]] = [
        (Case.category, lambda case: case.kind), (Case.steward_id, lambda case: case.steward),
    ]  # fmt: skip
    for key, of in apart:
        found = figures.by(context, Filter(), (street,), key)
        assert found == {of(one): counted((c for c in told.values() if of(c) == of(one)), world)
                         for one in told.values()}  # fmt: skip
    for place in PLACES:
        node = tree.by_key(place)
        assert node is not None
        inside = [case for case in told.values() if case.place.startswith(f"{place}-") or case.place == place]
        assert figures.count(context, Filter(), (node.id,)) == counted(inside, world)
    last = world.now.astimezone(ZONE).date()
    for since in (last, last - timedelta(days=7)):
        for until in (last - timedelta(days=3), last):
            asked = Filter(since=since, until=until)
            inside = [c for c in told.values() if since <= c.reported_at.astimezone(ZONE).date() <= until]
            assert figures.count(context, asked, (street,)) == counted(inside, world)
    return everything


def run(session: Session, estate: Estate, histories: int) -> tuple[Tally, int, int]:
    """Try many histories, each taken back; return all their figures together, how many joined and how many parted."""
    people, seen, joined, parted = people_of(session), Tally(), 0, 0

    @settings(max_examples=histories, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
    @drawn(st.integers(0, 2**32), st.integers(SOME, MANY))
    def try_one(seed: int, length: int) -> None:
        nonlocal seen, joined, parted
        chance = random.Random(seed)
        savepoint = session.begin_nested()
        try:
            world = World(session, estate.rules, estate.clock.now(), people)
            for _ in range(length):
                world.play(Deed(*(chance.randrange(2520) for _ in range(5))))
            seen += check(world)
            joined, parted = joined + world.joined, parted + world.parted
        finally:
            savepoint.rollback()
            session.expunge_all()

    try_one()
    return seen, joined, parted


async def test_figures_equal_a_recount_of_the_history(store: Store, long: bool) -> None:
    estate = await open_estate(store)
    for resident in RESIDENTS:
        await estate.says(resident, "/id")
    seen, joined, parted = await store.write(lambda session: run(session, estate, PLENTY if long else FEW))
    assert min(joined, parted) > 5
    assert [name for name in NAMES if not getattr(seen, name)] == []  # every sort of case has come up
