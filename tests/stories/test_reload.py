"""/reload: config.yaml is read again while the desk runs, or refused as a whole with the line of each mistake."""

import shutil
from pathlib import Path

import pytest
from sqlalchemy import select

from bot import reload
from bot.inbox import Inbox
from bot.reload import ConfigFile, differences, maker
from bot.rulebook import Rulebook
from bot.workshop import Workshop
from cases.settings import Settings
from handlers.admin.reload import SECTIONS
from storage.models import Person, Role
from tests.cast import CONFIG, PLANNERS, Estate
from tests.stories.leading import AUNT_LI, HUANG, ZHENG, audit


class Running:
    """A desk with a file of its own, and a second process on the same database."""

    def __init__(self, estate: Estate, folder: Path) -> None:
        self.estate = estate
        self.path = folder / "config.yaml"
        shutil.copy(CONFIG, self.path)
        file = ConfigFile(self.path, {}, estate.rules.settings)
        self.here, self.there = (Rulebook(estate.rules.settings, file.read) for _ in range(2))
        args = (PLANNERS, estate.clock)
        estate.inbox = Inbox(estate.store, self.here.at, *args)
        self.shop = Workshop(
            estate.store, self.here.at, *args, None, {"reload": maker(file)}, lambda: None,  # type: ignore[arg-type]
        )  # fmt: skip

    def edit(self, *changes: tuple[str, str]) -> None:
        text = self.path.read_text(encoding="utf-8")
        for before, after in changes:
            assert before in text, before
            text = text.replace(before, after, 1)
        self.path.write_text(text, encoding="utf-8")

    async def reloads(self, who: str = ZHENG) -> str:
        await self.estate.reads(who)
        await self.estate.says(who, "/reload")
        while await self.shop.make_next():
            pass
        return await self.estate.reads(who)


@pytest.fixture
async def running(estate: Estate, tmp_path: Path) -> Running:
    running = Running(estate, tmp_path)
    for book in (running.here, running.there):
        await estate.store.read(book.at)
    return running


async def test_a_changed_deadline_and_kind_hold_at_once_in_every_process(running: Running) -> None:
    running.edit(("urge_every: 1h ", "urge_every: 2h "), ("name: 消防与火情", "name: 火情火警"))
    told = await running.reloads()
    assert "已重新读取" in told
    assert "urge_every" in told
    assert "火情火警" in told
    for book in (running.here, running.there):
        rules = await running.estate.store.read(book.at)
        assert str(rules.settings.times.urge_every) == "2h"
        assert rules.settings.category("fire").name == "火情火警"
    assert (await audit(running.estate))[-1] == "config.read"


async def test_a_new_steward_of_the_file_gets_tasks(running: Running) -> None:
    running.edit(("people:\n", "people:\n  - key: lei\n    name: 雷师傅\n    roles:\n"
                  "      - {role: steward, at: fengmei-5, partner: red_steward, title: 维修}\n"))  # fmt: skip
    assert "新增 雷师傅" in await running.reloads()
    held = select(Role.role).join(Person, Person.id == Role.person_id).where(Person.key == "lei")
    assert await running.estate.store.read(lambda s: s.scalars(held).all()) == ["steward"]


async def test_mistakes_refuse_the_whole_with_their_lines(running: Running) -> None:
    running.edit(
        ("urge_every: 1h ", "urge_every: soon "),
        ("at: fengmei, partner: governance", "at: fengme, partner: governance"),
    )
    told = await running.reloads()
    assert "什么都没改，有2处写错了" in told
    lines = running.path.read_text(encoding="utf-8").splitlines()
    line = next(number for number, text in enumerate(lines, 1) if "urge_every: soon" in text)
    assert f"config.yaml:{line}: times.urge_every" in told
    assert 'no place "fengme"; did you mean "fengmei"?' in told
    rules = await running.estate.store.read(running.here.at)
    assert str(rules.settings.times.urge_every) == "1h"
    assert (await audit(running.estate))[-1] == "config.refused"


async def test_nothing_changed_says_so_and_what_waits_for_a_start(running: Running) -> None:
    assert "没有变化" in await running.reloads()
    running.edit(("port: 8080", "port: 8081"))
    assert "下次启动才生效的：web" in await running.reloads()
    rules = await running.estate.store.read(running.here.at)
    assert rules.settings.web.port == 8080


async def test_a_role_that_the_file_drops_is_handed_on(running: Running) -> None:
    estate = running.estate
    await estate.says(AUNT_LI, "5栋楼道灯坏了")
    await estate.presses(AUNT_LI, "提交")
    steward = await estate.steward()
    names = {"wang": "王建国", "chen": "陈秀英"}
    text = running.path.read_text(encoding="utf-8")
    start = text.index(f"  - key: {steward}\n")
    end = text.index("  - key:", start + 5)
    running.path.write_text(text[:start] + text[end:], encoding="utf-8")
    assert f"去掉 {names[steward]}" in await running.reloads()
    await estate.waits(seconds=30)
    assert await estate.steward() != steward
    assert "手上的事项有人接着办" in await estate.reads(steward)
    assert "role.taken" in await audit(estate)


async def test_only_admins_of_the_root_may(running: Running) -> None:
    running.edit(("urge_every: 1h ", "urge_every: 2h "))
    assert "只有该地点的管理员" in await running.reloads(HUANG)
    rules = await running.estate.store.read(running.here.at)
    assert str(rules.settings.times.urge_every) == "1h"


def test_differences_are_named_once_each(estate: Estate) -> None:
    settings = estate.rules.settings
    assert differences(settings, settings) == []
    fewer = settings.model_copy(update={"categories": settings.categories[1:], "fallback": "noise"})
    changes = differences(settings, fewer)
    assert [(each.section, each.gone, each.other) for each in changes] == [
        ("categories", ("消防与火情",), ()), ("fallback", (), ("fallback",)),
    ]  # fmt: skip


def test_what_changed_in_any_section_is_told() -> None:
    """A section that is new is compared, or is one that only a start takes over."""
    compared = {"places", "fallback", *reload.KEYED, *reload.FLAT}
    assert set(Settings.model_fields) == compared | set(reload.AT_START)
    assert set(SECTIONS) == compared
