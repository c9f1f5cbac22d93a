"""The demo: everybody side by side."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import ViewportSize, expect

from bot.attachments import Files
from bot.channels.web import Persona, WebChannel
from bot.clock import Clock
from bot.demo import connect, demo_routes, routes
from handlers.message import Message
from storage.engine import Store
from tests.browser.screen import LAPTOP, PATIENCE, PHONE, Glass, Screen
from tests.browser.test_looks import NAMELESS, SMALL, TOO_WIDE
from tests.channels.web.client import browsing
from tests.channels.web.desk import DRAFT, ParrotDesk
from tests.channels.web.serve import serving

pytestmark = pytest.mark.asyncio(loop_scope="session")
YARD, TASKS = "group:fengmei-5", "group:tasks"
CAST = (
    Persona("resident", "张阿姨", "resident", groups=(YARD,)),
    Persona("neighbour", "李叔", "resident", groups=(YARD,)),
    Persona("wang", "王建国", "steward", "红色管家 · 物业维修", (TASKS,)),
    Persona("chen", "陈秀英", "steward", "红色管家 · 楼栋党员", (TASKS,)),
    Persona("feng", "冯阿姨", "coordinator", "5号楼楼长", (YARD,)),
    Persona("lin", "林楼长", "coordinator", "小区网格长"),
    Persona("huang", "黄书记", "admin", "社区书记"),
    Persona("zheng", "郑主任", "admin", "街道办副主任"),
)
PERSONAS = {persona.key: persona for persona in CAST}
MEDIUM: ViewportSize = {"width": 1024, "height": 1000}
WIDE: ViewportSize = {"width": 1920, "height": 1000}
TOPS = "(what) => [...document.querySelectorAll(what)].map((node) => node.getBoundingClientRect().top)"


@pytest_asyncio.fixture(loop_scope="session")
async def played(page_store: Store, tmp_path: Path) -> AsyncIterator[ParrotDesk]:
    """A desk whose chats anybody may play."""
    clock = Clock()
    files = Files(tmp_path / "files", page_store, clock)
    await page_store.write(lambda session: connect(session, CAST, clock.now()))
    made = ParrotDesk(page_store, WebChannel(page_store, clock, (), files, PERSONAS), clock, files)
    await made.channel.start(made.accept)
    yield made
    await made.channel.stop()
    await made.finish()


@pytest_asyncio.fixture(loop_scope="session")
async def demo(played: ParrotDesk) -> AsyncIterator[str]:
    """Where it is served."""
    async with serving([*demo_routes(played.clock, PERSONAS, store=played.store), *played.channel.routes()]) as host:
        yield host


def pane(screen: Screen, kind: str) -> Screen:
    return Screen(screen.page, screen.page.locator(f".pane.{kind} .pane-chat:not([hidden])"))


async def all_connected(screen: Screen) -> None:
    """Wait until everybody's chat is: what comes before that is history, not news."""
    await expect(screen.root.locator(".welcome:not([hidden])")).to_have_count(len(CAST) + len((YARD, TASKS)))


async def test_everybody_is_side_by_side(glass: Glass, demo: str) -> None:
    screen = await glass.open(demo, "/demo", size=LAPTOP)
    await screen.page.locator(".pane").nth(3).wait_for()
    kinds = ["居民", "群聊", "红管家", "网格长", "社区"]
    assert await screen.root.locator(".pane-head h2").all_inner_texts() == kinds
    for size, rows in ((LAPTOP, 1), (MEDIUM, 2)):
        await screen.page.set_viewport_size(size)
        tops = await screen.page.evaluate(TOPS, ".panes > *")
        assert (len(tops), len(set(tops))) == (4, rows)
        assert await screen.root.locator(".pane:visible").count() == 4
    await screen.page.set_viewport_size(WIDE)
    tops = await screen.page.evaluate(TOPS, ".pane")
    assert (len(tops), len(set(tops))) == (5, 1)


async def test_coordinators_and_the_community_share_a_column(glass: Glass, demo: str, played: ParrotDesk) -> None:
    screen = await glass.open(demo, "/", size=LAPTOP)
    await all_connected(screen)
    leads, community = (screen.root.get_by_role("tab", name=name) for name in ("网格长", "社区"))
    await expect(screen.root.locator(".pane.admin")).to_be_hidden()
    await played.say("demo:huang", DRAFT)  # nothing happens to the coordinators: they make way
    await pane(screen, "admin").sees("请核对")
    await expect(community).to_have_attribute("aria-selected", "true")
    await played.say("demo:feng", DRAFT)  # who is nearer to what happens comes first
    await pane(screen, "coordinator").sees("请核对")
    await expect(screen.root.locator(".pane.admin")).to_be_hidden()
    await played.say("demo:huang", Message("超时"))
    await expect(community.locator(".badge")).to_have_text("1")
    await community.click()
    await pane(screen, "admin").sees("超时")
    await expect(community.locator(".badge")).to_be_hidden()
    await played.say("demo:feng", Message("超时"))
    await expect(leads.locator(".badge")).to_have_text("1")
    await expect(community).to_have_attribute("aria-selected", "true")


async def test_an_example_is_said_by_the_resident_alone(glass: Glass, demo: str, played: ParrotDesk) -> None:
    screen = await glass.open(demo, "/", size=LAPTOP)
    await screen.root.locator(".chip").first.click()
    resident = pane(screen, "resident")
    await resident.root.locator(".send").click()
    await resident.reply("3号楼2单元电梯坏了，有人困在里面")
    assert [heard.user for heard in played.heard] == ["demo:resident"]
    assert await pane(screen, "steward").texts() == []


async def test_a_case_for_another_steward_is_brought_into_sight(glass: Glass, demo: str, played: ParrotDesk) -> None:
    screen = await glass.open(demo, "/", size=LAPTOP)
    await all_connected(screen)
    await played.say("demo:chen", DRAFT)
    await pane(screen, "steward").sees("请核对")
    chosen = screen.root.locator(".pane.steward select")
    assert await chosen.input_value() == "chen"
    await played.say("demo:wang", DRAFT)
    note = screen.root.locator(".pane-note button", has_text="王建国")
    await note.wait_for(timeout=PATIENCE)
    assert "1 条新消息" in await chosen.locator("option[value=wang]").inner_text()
    await note.click()
    assert await chosen.input_value() == "wang"
    await expect(note).to_be_hidden()


@pytest.mark.parametrize(
    ("kind", "seen", "waiting", "title"),
    [("coordinator", "feng", "lin", "林楼长 · 小区网格长"), ("admin", "huang", "zheng", "郑主任 · 街道办副主任")],
)
async def test_who_got_something_new_is_told_with_their_title(
    glass: Glass, demo: str, played: ParrotDesk, kind: str, seen: str, waiting: str, title: str
) -> None:
    screen = await glass.open(demo, "/", size=LAPTOP)
    picker = screen.root.locator(f".pane.{kind} select")
    await all_connected(screen)
    for key in (seen, waiting, waiting):
        await played.say(f"demo:{key}", Message("超时"))
    note = screen.root.locator(f".pane.{kind} .pane-note button")
    await expect(note).to_have_count(1)
    await expect(note.locator(".badge")).to_have_text("2")
    assert (await note.locator(".pane-name").inner_text()).split() == title.split(" · ")
    assert await picker.input_value() == seen
    option = picker.locator(f"option[value={waiting}]")
    assert await option.inner_text() == f"● {title} · 2 条新消息"
    await picker.select_option(waiting)
    await pane(screen, kind).sees("超时")
    assert await option.inner_text() == title
    await expect(note).to_be_hidden()


async def test_the_clock_is_moved_on_by_a_button(glass: Glass, demo: str, played: ParrotDesk) -> None:
    screen = await glass.open(demo, "/", size=LAPTOP)
    before = played.clock.now()
    shown = await screen.root.locator(".now").inner_text()
    await screen.presses("+1天")
    await screen.page.wait_for_function("(t) => document.querySelector('.now').innerText !== t", arg=shown)
    assert 0.99 < (played.clock.now() - before).total_seconds() / 86400 < 1.01


def due_in(monkeypatch: pytest.MonkeyPatch, played: ParrotDesk, **time: float) -> None:
    """Have the desk's next reminder be so far away; nothing given, there is none."""
    moment = played.clock.now() + timedelta(**time) if time else None
    monkeypatch.setattr(routes, "next_moment", lambda _session: moment)


@pytest.mark.parametrize("size", [PHONE, LAPTOP], ids=["phone", "laptop"])
async def test_the_clock_goes_to_the_next_reminder(
    glass: Glass, demo: str, played: ParrotDesk, size: ViewportSize, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = await glass.open(demo, "/", size=size)
    hint, shown = screen.root.locator(".hint"), await screen.root.locator(".now").inner_text()
    before = played.clock.now()
    due_in(monkeypatch, played, hours=27, minutes=20, seconds=5)
    await screen.presses("到下一个提醒")
    await expect(hint).to_have_text("过了1天3小时")
    assert await screen.root.locator(".now").inner_text() != shown
    assert timedelta(hours=27, minutes=20) < played.clock.now() - before < timedelta(hours=27, minutes=22)
    await screen.presses("+10分钟")
    await expect(hint).to_have_text("演示时间")


@pytest.mark.parametrize(
    ("lang", "button", "said"),
    [
        ("zh", "到下一个提醒", "现在没有要提醒的"),
        ("en", "To the next reminder", "No reminder is waiting"),
    ],
)
@pytest.mark.parametrize("size", [PHONE, LAPTOP], ids=["phone", "laptop"])
async def test_where_nothing_is_due_the_clock_says_so_and_stays(
    glass: Glass, demo: str, played: ParrotDesk, size: ViewportSize, lang: str, button: str, said: str
) -> None:
    screen = await glass.open(demo, f"/?lang={lang}", size=size)
    before = played.clock.now()
    await screen.presses(button)
    hint = screen.root.locator(".hint")
    await expect(hint).to_have_text(said)
    await expect(hint).to_be_visible()
    for script in (TOO_WIDE, SMALL, NAMELESS):
        assert await screen.measure(script) == []
    assert played.clock.now() - before < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("time", "moved"), [({"days": 90}, 31 * 86400), ({"hours": -5}, 0), ({"minutes": 3}, 180), ({}, None)]
)
async def test_a_jump_goes_never_back_and_a_month_at_most(
    demo: str, played: ParrotDesk, monkeypatch: pytest.MonkeyPatch, time: dict[str, float], moved: int | None
) -> None:
    before = played.clock.now()
    due_in(monkeypatch, played, **time)
    async with browsing(demo, None) as client:
        answer = await client.post("/demo/clock", json={"next": True})
        refused = await client.post("/demo/clock", json={"next": False})
    assert (answer.status_code, refused.status_code) == (200, 400)
    found = answer.json()["moved"]
    assert found is None if moved is None else moved - 5 < found <= moved
    assert timedelta() < played.clock.now() - before - timedelta(seconds=found or 0) < timedelta(minutes=1)


async def test_on_a_telephone_a_badge_says_where_something_is_new(glass: Glass, demo: str, played: ParrotDesk) -> None:
    screen = await glass.open(demo, "/", size=PHONE)
    await all_connected(screen)
    assert await screen.root.locator(".pane:visible").count() == 1
    await played.say("demo:lin", DRAFT)
    tab = screen.root.get_by_role("tab", name="网格长")
    await tab.locator(".badge", has_text="1").wait_for(timeout=PATIENCE)
    await tab.click()
    await pane(screen, "coordinator").sees("请核对")
    await expect(tab.locator(".badge")).to_be_hidden()


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("size", [PHONE, MEDIUM, LAPTOP, WIDE], ids=["phone", "medium", "laptop", "wide"])
async def test_the_demo_fits_every_screen(
    glass: Glass, demo: str, played: ParrotDesk, size: ViewportSize, lang: str
) -> None:
    screen = await glass.open(demo, f"/?lang={lang}", size=size)
    await screen.root.locator(".pane").nth(3).wait_for(state="attached")
    for chat in (*(persona.user for persona in CAST), YARD, TASKS):
        await played.say(chat, DRAFT)
    await pane(screen, "resident").sees("请核对")
    for script in (TOO_WIDE, SMALL, NAMELESS):
        assert await screen.measure(script) == []
    assert await screen.measure("document.scrollingElement.scrollWidth <= innerWidth")


async def test_the_whole_demo_changes_its_language(glass: Glass, demo: str, played: ParrotDesk) -> None:
    screen = await glass.open(demo, "/", size=LAPTOP)
    await screen.presses("English")
    await screen.root.get_by_text("Red Steward demo").wait_for()
    assert await screen.root.locator(".pane-head h2").first.inner_text() == "Resident"
    await pane(screen, "resident").say("hello")
    await pane(screen, "resident").reply("hello")
    assert played.heard[0].language == "en"
