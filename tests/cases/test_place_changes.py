"""Places that are changed stay a right tree; config.yaml takes nothing back."""

from collections.abc import Callable
from datetime import time
from typing import Any

import pytest
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from bot.seed import sync
from cases import place_changes
from cases.context import Context, actor_of
from cases.place_names import kind_of, meant, nearest, number_in
from cases.place_register import PlaceRefused, PlaceRegister, Trouble
from cases.settings import Settings
from storage.admin_models import AuditEntry
from storage.message_models import GroupChat
from storage.models import Person, Place
from tests.cast import PLAIN, Estate, open_estate

HUANG, ZHENG = "huang", "zheng"  # admins of the community, of the street


@pytest.fixture
async def estate(store: Any) -> Estate:
    return await open_estate(store)


def at(estate: Estate, key: str) -> int:
    node = estate.rules.tree.by_key(key)
    assert node is not None, key
    return node.id


async def change(estate: Estate, what: Callable[..., Any], *facts: Any, who: str = HUANG) -> Any:
    """Have an admin change something; return what came of it, and let the estate know the new rules."""

    def carry_out(session: Session) -> Any:
        person = session.scalar(select(Person.id).where(Person.key == who))
        assert person is not None
        context = Context(session, estate.clock.now(), estate.rules_for(session))
        return what(context, actor_of(context, person), *facts)

    outcome = await estate.store.write(carry_out)
    await estate.store.read(estate.rules_for)
    return outcome


async def refused(estate: Estate, what: Callable[..., Any], *facts: Any, who: str = HUANG) -> PlaceRefused:
    with pytest.raises(PlaceRefused) as found:
        await change(estate, what, *facts, who=who)
    return found.value


async def start_again(estate: Estate, settings: Settings) -> None:
    await estate.store.write(lambda session: sync(session, settings, estate.clock.now()))
    await estate.store.read(estate.rules_for)


def settings_with(estate: Estate, key: str, **news: Any) -> Settings:
    """Return the settings with another entry for one place of the estate."""
    settings = estate.rules.settings
    street = settings.places[0]

    def changed(place: Any) -> Any:
        below = tuple(changed(child) for child in place.children)
        return place.model_copy(update={"children": below, **(news if place.key == key else {})})

    return settings.model_copy(update={"places": (changed(street),)})


async def test_a_new_building_is_understood_at_once(estate: Estate) -> None:
    number = await change(estate, place_changes.add, at(estate, "fengmei"), "building", "19号楼", 19)
    node = estate.rules.tree.get(number)
    assert (node.key, estate.rules.tree.label(number)) == ("fengmei-19", "丰美小区19号楼")
    assert estate.rules.understander.read("19栋电梯坏了").place_id == number


async def test_who_may_not(estate: Estate) -> None:
    assert (await refused(estate, place_changes.rename, at(estate, "fengmei-3"), "三栋", 3, who="lin")).trouble == (
        Trouble.NOT_YOURS
    )
    above = await refused(estate, place_changes.rename, at(estate, "fengmei-street"), "别的街道", None)
    assert above.trouble == Trouble.NOT_YOURS


@pytest.mark.parametrize(
    ("above", "kind", "name", "number", "trouble"),
    [
        ("fengmei-3", "estate", "东区", None, Trouble.KIND),
        ("fengmei-3", "building", "31号楼", 31, Trouble.KIND),
        ("fengmei", "building", "3号楼", 33, Trouble.NAME_TAKEN),
        ("fengmei", "building", "三栋", 3, Trouble.NUMBER_TAKEN),
        ("fengmei", "building", " ", 19, Trouble.NAME),
        ("fengmei", "building", "长" * 81, 19, Trouble.NAME),
        ("fengmei", "building", "零号楼", 0, Trouble.NUMBER),
    ],
)
async def test_what_does_not_fit(
    estate: Estate, above: str, kind: str, name: str, number: int | None, trouble: Trouble
) -> None:
    assert (await refused(estate, place_changes.add, at(estate, above), kind, name, number)).trouble == trouble


async def test_a_move_takes_all_below_along(estate: Estate) -> None:
    east = await change(estate, place_changes.add, at(estate, "fengmei-community"), "estate", "东区", None)
    await change(estate, place_changes.move, at(estate, "fengmei-3"), east)
    assert estate.rules.tree.label(at(estate, "fengmei-3-2")) == "东区3号楼2单元"
    paths = {place.id: place.path for place in await estate.store.read(lambda s: s.scalars(select(Place)).all())}
    assert paths[at(estate, "fengmei-3-2")].startswith(paths[east])
    into_itself = await refused(estate, place_changes.move, at(estate, "fengmei-3"), at(estate, "fengmei-3-2"))
    assert into_itself.trouble == Trouble.BELOW_ITSELF
    too_low = await refused(estate, place_changes.move, at(estate, "fengmei-4"), at(estate, "fengmei-3-2"))
    assert too_low.trouble == Trouble.KIND


async def test_only_what_nothing_hangs_on_is_removed(estate: Estate) -> None:
    found = await refused(estate, place_changes.remove, at(estate, "fengmei-3"))
    assert found.trouble == Trouble.HANGS
    assert found.facts["burden"].children == 3
    number = await change(estate, place_changes.add, at(estate, "fengmei"), "building", "19号楼", 19)
    await change(estate, place_changes.remove, number)
    assert estate.rules.tree.by_key("fengmei-19") is None
    assert estate.rules.tree.label(number) == "丰美小区19号楼"  # what happened there still has its name
    assert estate.rules.understander.read("19栋电梯坏了").place_id != number
    again = await change(estate, place_changes.add, at(estate, "fengmei"), "building", "19号楼", 19)
    assert again == number


async def test_a_robot_hangs_on_a_place_and_a_group_that_threw_us_out_does_not(estate: Estate) -> None:
    number = await change(estate, place_changes.add, at(estate, "fengmei"), "building", "19号楼", 19)
    chat = {"channel": PLAIN, "place_id": number, "kind": "task", "bound_at": estate.clock.now()}
    robot, lost = {**chat, "chat": "robot"}, {**chat, "chat": "lost", "lost_at": estate.clock.now()}
    for row in ({**robot, "write_only": True}, lost):
        await estate.store.write(lambda session, row=row: session.execute(insert(GroupChat).values(row)))  # type: ignore[misc]
    found = (await refused(estate, place_changes.remove, number)).facts["burden"]
    assert (found.groups, found.robots) == (0, 1)


async def test_hours_hold_from_there_down(estate: Estate) -> None:
    await change(estate, place_changes.set_hours, at(estate, "fengmei-3"), (time(9), time(18)), ())
    deadlines = estate.rules.deadlines
    assert deadlines.calendar_of(at(estate, "fengmei-3-2")).day_minutes == 9 * 60
    assert deadlines.calendar_of(at(estate, "fengmei-4")).day_minutes == 7 * 60
    wrong = await refused(estate, place_changes.set_hours, at(estate, "fengmei-4"), None, (time(7), time(8)))
    assert wrong.trouble == Trouble.HOURS


async def test_each_change_is_in_the_audit(estate: Estate) -> None:
    three = at(estate, "fengmei-3")
    await change(estate, place_changes.rename, three, "三栋", 3)
    await change(estate, place_changes.set_aliases, three, ["老三栋"])
    await change(estate, place_changes.set_position, three, 30.1, 120.2)
    newest = select(AuditEntry.action, AuditEntry.place_id).order_by(AuditEntry.id)
    rows = await estate.store.read(lambda session: session.execute(newest).all())
    assert [tuple(row) for row in rows] == [
        ("place.rename", three), ("place.aliases", three), ("place.position", three),
    ]  # fmt: skip


async def test_a_restart_takes_back_nothing(estate: Estate) -> None:
    settings = estate.rules.settings
    await change(estate, place_changes.rename, at(estate, "fengmei-3"), "三栋", 3)
    await change(estate, place_changes.add, at(estate, "fengmei"), "building", "19号楼", 19)
    await change(estate, place_changes.set_aliases, at(estate, "fengmei-3"), ["老三栋"])
    await start_again(estate, settings)
    node = estate.rules.tree.get(at(estate, "fengmei-3"))
    assert (node.name, node.aliases) == ("三栋", ("老三栋",))
    assert estate.rules.tree.by_key("fengmei-19") is not None


async def test_what_the_file_says_anew_counts_and_nothing_else(estate: Estate) -> None:
    await change(estate, place_changes.rename, at(estate, "fengmei"), "丰美家园", None)
    await change(estate, place_changes.set_aliases, at(estate, "fengmei"), ["家园"])
    await start_again(estate, settings_with(estate, "fengmei", aliases=("丰美", "老丰美")))
    node = estate.rules.tree.get(at(estate, "fengmei"))
    assert (node.name, node.aliases) == ("丰美家园", ("丰美", "老丰美"))
    await start_again(estate, settings_with(estate, "fengmei", name="丰美新村", aliases=("丰美", "老丰美")))
    assert estate.rules.tree.get(at(estate, "fengmei")).name == "丰美新村"


async def test_a_removed_place_comes_back_only_if_the_file_says_something_new_of_it(estate: Estate) -> None:
    settings = estate.rules.settings
    for unit in (1, 2):
        await change(estate, place_changes.remove, at(estate, f"fengmei-18-{unit}"))
    await change(estate, place_changes.remove, at(estate, "fengmei-18"))
    await start_again(estate, settings)
    assert estate.rules.tree.by_key("fengmei-18") is None
    await start_again(estate, settings_with(estate, "fengmei-18", units=3))
    node = estate.rules.tree.by_key("fengmei-18-3")
    assert node is not None
    assert estate.rules.tree.by_key("fengmei-18") is not None  # what lies in it needs it
    assert estate.rules.tree.by_key("fengmei-18-1") is None


async def test_the_register_reads_once_for_many(estate: Estate) -> None:
    def fill(session: Session) -> None:
        register = PlaceRegister(session, estate.clock.now())
        estate_ = register.by_key("fengmei")
        for number in range(101, 301):
            building = register.add(estate_, "building", f"{number}号楼", number)
            register.add(building, "unit", "1单元", 1)
        register.write()

    await estate.store.write(fill)
    tree = (await estate.store.read(estate.rules_for)).tree
    node = tree.by_key("fengmei-300-1")
    assert node is not None
    assert tree.label(node.id) == "丰美小区300号楼1单元"


def test_what_names_tell(estate: Estate) -> None:
    tree = estate.rules.tree
    assert [number_in(name) for name in ("19号楼", "三栋", "building 7", "东区", "12幢")] == [19, 3, 7, None, 12]
    assert kind_of("二网格", "community") == "grid"
    assert (kind_of("东区", "community"), kind_of("19号楼", "estate"), kind_of("x", "unit")) == (
        "estate", "building", None,
    )  # fmt: skip
    assert [node.key for node in meant(tree, "丰美小区 3号楼", tree)] == ["fengmei-3"]
    assert [node.key for node in meant(tree, "3号楼2单元", tree)] == ["fengmei-3-2"]
    assert nearest(tree, "丰美小区3号搂", tree)[0].key == "fengmei-3"
