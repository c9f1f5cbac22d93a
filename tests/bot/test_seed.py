"""People and places of config.yaml in the database."""

from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.seed import sync
from cases.program_settings import RobotSettings
from cases.settings import Settings
from storage import people
from storage.engine import Store
from storage.message_models import GroupChat
from storage.models import Identity, Role
from tests.cast import example

NOW = datetime(2026, 9, 30, 2, tzinfo=UTC)
SETTINGS = example()


def with_telegram(key: str, number: int | None) -> Settings:
    told = tuple(
        person.model_copy(update={"telegram": number}) if person.key == key else person for person in SETTINGS.people
    )
    return SETTINGS.model_copy(update={"people": told})


def roles_at(user: str) -> Callable[[Session], list[str]]:
    def look(session: Session) -> list[str]:
        statement = select(Role.role).join(Identity, Identity.person_id == Role.person_id)
        return list(session.scalars(statement.where(Identity.channel == "telegram", Identity.user == user)))

    return look


async def test_a_steward_who_asked_for_his_number_becomes_one(store: Store) -> None:
    """The documented way: write /id to the bot, put the number into config.yaml, start again."""
    await store.write(lambda session: people.create(session, "telegram", "555", "555", "老王", NOW))
    await store.write(lambda session: sync(session, with_telegram("wang", 555), NOW))
    assert await store.read(roles_at("555")) == ["steward"]


async def test_a_changed_number_takes_the_old_account_its_rights(store: Store) -> None:
    await store.write(lambda session: sync(session, with_telegram("wang", 777), NOW))
    await store.write(lambda session: sync(session, with_telegram("wang", 888), NOW))
    assert await store.read(roles_at("777")) == []
    assert await store.read(roles_at("888")) == ["steward"]


async def test_who_is_no_longer_in_the_file_keeps_no_role(store: Store) -> None:
    await store.write(lambda session: sync(session, with_telegram("chen", 777), NOW))
    fewer = SETTINGS.model_copy(update={"people": tuple(p for p in SETTINGS.people if p.key != "chen")})
    await store.write(lambda session: sync(session, fewer, NOW))
    assert await store.read(roles_at("777")) == []


async def test_a_wecom_account_is_known_in_capitals_and_small_letters(store: Store) -> None:
    told = tuple(p.model_copy(update={"wecom": "Wang.JianGuo"}) if p.key == "wang" else p for p in SETTINGS.people)
    await store.write(lambda session: people.create(session, "wecom", "wang.jianguo", "wang.jianguo", "x", NOW))
    await store.write(lambda session: sync(session, SETTINGS.model_copy(update={"people": told}), NOW))
    theirs = select(Role.role).join(Identity, Identity.person_id == Role.person_id).where(Identity.channel == "wecom")
    assert await store.read(lambda session: session.execute(theirs.where(Identity.user == "wang.jianguo")).all())


async def test_group_robots_are_task_groups_as_long_as_the_file_has_them(store: Store) -> None:
    def with_robots(*places: str) -> Settings:
        robots = tuple(RobotSettings(place=place, webhook_key="k") for place in places)
        wecom = SETTINGS.channels.wecom.model_copy(update={"enabled": True, "robots": robots})
        return SETTINGS.model_copy(update={"channels": SETTINGS.channels.model_copy(update={"wecom": wecom})})

    groups = select(GroupChat.chat, GroupChat.kind, GroupChat.write_only).order_by(GroupChat.chat)
    await store.write(lambda session: sync(session, with_robots("fengmei", "fengmei-5"), NOW))
    await store.write(lambda session: sync(session, with_robots("fengmei"), NOW))
    found = await store.read(lambda session: session.execute(groups).all())
    assert [tuple(row) for row in found] == [("robot:fengmei", "task", True)]
    await store.write(lambda session: sync(session, SETTINGS, NOW))
    assert await store.read(lambda session: session.execute(groups).all()) == []


async def test_twice_is_as_once(store: Store) -> None:
    first = await store.write(lambda session: sync(session, SETTINGS, NOW))
    again = await store.write(lambda session: sync(session, SETTINGS, NOW))
    assert len(first.tree) == len(again.tree)
