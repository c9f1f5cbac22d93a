"""Every process understands what another one changed, by its next message."""

import asyncio
from datetime import UTC, datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from bot.config import load
from bot.rulebook import Rulebook
from bot.seed import sync
from cases.context import Rules
from cases.settings import Settings
from storage.engine import Store
from storage.models import Place
from storage.revision import CONFIG, PLACES, moved
from tests.cast import CONFIG as EXAMPLE

NOW = datetime(2026, 9, 30, 2, tzinfo=UTC)
SETTINGS = load(EXAMPLE, {})
RENAMED = SETTINGS.model_copy(update={"desk": SETTINGS.desk.model_copy(update={"name": "另一个"})})


def rename(session: Session) -> None:
    moved(session, PLACES)
    session.execute(update(Place).where(Place.key == "fengmei-3").values(name="三栋"))


def name_in(rules: Rules) -> str:
    place = rules.tree.by_key("fengmei-3")
    assert place is not None
    return place.name


async def seeded(store: Store) -> None:
    await store.write(lambda session: sync(session, SETTINGS, NOW))


async def test_a_change_is_understood_by_every_process(store: Store) -> None:
    await seeded(store)
    here, there = Rulebook(SETTINGS), Rulebook(SETTINGS)
    assert [name_in(await store.read(book.at)) for book in (here, there)] == ["3号楼", "3号楼"]
    await store.write(rename)
    assert [name_in(await store.read(book.at)) for book in (here, there)] == ["三栋", "三栋"]


async def test_as_long_as_nothing_moved_nothing_is_read_again(store: Store) -> None:
    await seeded(store)
    book = Rulebook(SETTINGS)
    assert await store.read(book.at) is await store.write(book.at)


async def test_what_was_taken_back_is_forgotten_again(store: Store) -> None:
    """A change that never got to its COMMIT was understood in its own transaction, and by nobody afterwards."""
    await seeded(store)
    book = Rulebook(SETTINGS)

    def rename_in_vain(session: Session) -> None:
        rename(session)
        assert name_in(book.at(session)) == "三栋"
        raise ZeroDivisionError

    outcome = None
    try:
        await store.write(rename_in_vain)
    except ZeroDivisionError as error:
        outcome = error
    assert outcome is not None
    assert name_in(await store.read(book.at)) == "3号楼"


async def test_the_settings_are_read_again_when_told_so(store: Store) -> None:
    await seeded(store)
    book, deaf = Rulebook(SETTINGS, lambda: RENAMED), Rulebook(SETTINGS)
    assert (await store.read(book.at)).settings.desk.name == SETTINGS.desk.name
    await store.write(rename)
    assert (await store.read(book.at)).settings.desk.name == SETTINGS.desk.name  # only the places moved
    await store.write(lambda session: moved(session, CONFIG))
    assert (await store.read(book.at)).settings.desk.name == "另一个"
    assert (await store.read(deaf.at)).settings.desk.name == SETTINGS.desk.name


async def test_a_wrong_file_changes_nothing(store: Store) -> None:
    await seeded(store)

    def wrong() -> Settings:
        raise ValueError("line 3: …")

    book = Rulebook(SETTINGS, wrong)
    await store.read(book.at)
    await store.write(lambda session: moved(session, CONFIG))
    await store.write(rename)
    rules = await store.read(book.at)
    assert (rules.settings.desk.name, name_in(rules)) == (SETTINGS.desk.name, "三栋")


async def test_what_went_back_to_a_savepoint_is_forgotten_again(store: Store) -> None:
    await seeded(store)
    book = Rulebook(SETTINGS)

    def rename_in_vain(session: Session) -> list[str]:
        found = [name_in(book.at(session))]
        savepoint = session.begin_nested()
        rename(session)
        found.append(name_in(book.at(session)))
        savepoint.rollback()
        return [*found, name_in(book.at(session))]

    assert await store.write(rename_in_vain) == ["3号楼", "三栋", "3号楼"]


async def test_one_commit_shared_by_who_changes_and_who_fails(store: Store) -> None:
    await seeded(store)
    book = Rulebook(SETTINGS)

    def fail(session: Session) -> None:
        rename(session)
        raise ZeroDivisionError

    def look(session: Session) -> str:
        return name_in(book.at(session))

    jobs = (look, fail, look, rename, look)
    found = await asyncio.gather(*(store.write(job) for job in jobs), return_exceptions=True)
    if store.url.get_backend_name() == "sqlite":  # elsewhere they are at it side by side
        assert [found[0], found[2], found[4]] == ["3号楼", "3号楼", "三栋"]
    assert await store.read(look) == "三栋"
