"""`redsteward demo` in a real browser: a newcomer plays the whole loop."""

import itertools
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.app import App
from bot.running import demo_app
from storage.message_models import Outgoing
from storage.models import Case
from tests.browser.conftest import browser as browser
from tests.browser.conftest import glass as glass
from tests.browser.screen import LAPTOP, PATIENCE, Glass, Screen
from tests.cast import example

CONNECTING = 20_000  # milliseconds for everybody: a browser opens the sockets of one host one after the other
JUMPS = 12  # at most until somebody is told: reminders come before, and by night nothing rings
PHOTO = Path(__file__).parent / "fixed.png"
pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def demo(tmp_path: Path, browser: Browser) -> AsyncIterator[App]:
    """The demo as the command starts it, on a free port."""
    app = demo_app(example(), tmp_path, port=0)
    await app.start()
    yield app
    await app.stop()


def pane(screen: Screen, kind: str) -> Screen:
    return Screen(screen.page, screen.page.locator(f".pane.{kind} .pane-chat:not([hidden])"))


async def open_demo(glass: Glass, demo: App) -> Screen:
    """Open the page and wait until everybody's chat is connected: what comes before that is history, not news."""
    screen = await glass.open(f"127.0.0.1:{demo.port}", "/", size=LAPTOP)
    await screen.page.locator(".pane-chat").first.wait_for(timeout=PATIENCE)
    await expect(screen.root.locator(".pane-chat:not(:has(.welcome:not([hidden])))")).to_have_count(
        0, timeout=CONNECTING
    )
    return screen


async def test_from_a_sentence_to_five_stars(glass: Glass, demo: App) -> None:
    screen = await open_demo(glass, demo)
    resident, steward = pane(screen, "resident"), pane(screen, "steward")

    await resident.say("3号楼2单元电梯坏了，有人困在里面")
    await resident.sees("96333")
    await resident.presses("提交")
    filed = await resident.sees("#1001")
    assert "您的红管家" in await filed.inner_text()
    await pane(screen, "coordinator").sees("【紧急】")

    await steward.sees("#1001")
    await steward.presses("接单")
    await resident.sees("已接单")
    await steward.presses("办结")
    await steward.sees("请发一张")
    await steward.root.locator("input[type=file]").first.set_input_files(PHOTO)
    await steward.root.locator(".send").click()
    await steward.presses("已修好")

    await resident.sees("已修好")
    await resident.presses("解决了")
    await resident.presses("5 非常满意")
    await steward.sees("5 分")


def overdue(screen: Screen, who: str) -> Locator:
    """What somebody was told of a missed deadline, in sight or not."""
    return screen.root.locator(f"[data-persona={who}] .line", has_text="⚠ 已超时")


def has_work(session: Session, now: datetime) -> bool:
    """Tell whether a case is to be looked at or something is to be sent by now."""
    looks = session.scalar(select(Case.id).where(Case.look_at <= now).limit(1))
    sends = session.scalar(select(Outgoing.id).where(Outgoing.state == "pending", Outgoing.not_before <= now).limit(1))
    return looks is not None or sends is not None


async def jump(screen: Screen, demo: App) -> None:
    """Go to the next reminder and wait until everything that follows from it is done."""
    async with screen.page.expect_response("**/demo/clock"):
        await screen.presses("到下一个提醒")
    while await demo._store.read(lambda session: has_work(session, demo._clock.now())):
        await screen.page.wait_for_timeout(50)
    await screen.page.wait_for_timeout(200)  # until the page shows it


async def jumps_until_told(screen: Screen, demo: App, who: str) -> None:
    for _ in range(JUMPS):
        if await overdue(screen, who).count():
            return
        await jump(screen, demo)
    await overdue(screen, who).first.wait_for(state="attached", timeout=PATIENCE)


async def test_from_reminder_to_reminder_a_missed_deadline_climbs_to_the_street(glass: Glass, demo: App) -> None:
    screen = await open_demo(glass, demo)
    resident, steward = pane(screen, "resident"), pane(screen, "steward")
    await resident.say("5栋垃圾没人收")
    await resident.presses("提交")
    await steward.presses("接单")
    await resident.sees("已接单")
    for told, not_yet in itertools.pairwise(("feng", "lin", "huang", "zheng")):
        await jumps_until_told(screen, demo, told)
        assert not await overdue(screen, not_yet).count()
    await jumps_until_told(screen, demo, "zheng")
    for name, kind in (("网格长", "coordinator"), ("社区", "admin")):
        await screen.root.get_by_role("tab", name=name).click()
        await screen.root.locator(f".pane.{kind} .pane-note button").first.wait_for(timeout=PATIENCE)


async def test_in_the_group_the_desk_answers_whoever_names_it(glass: Glass, demo: App) -> None:
    screen = await open_demo(glass, demo)
    group = pane(screen, "group")
    desk = group.root.locator(".theirs:has(.author.desk)")
    await group.say("大家好")
    await group.is_sent(1)
    await group.presses("@红管家")
    await group.root.locator("textarea").press_sequentially("楼道灯坏了")
    await group.root.locator(".send").click()
    await desk.first.wait_for(timeout=PATIENCE)
    said = await group.texts()
    assert "大家好" in said[0]
    assert "楼道灯坏了" in said[1]


async def test_it_says_that_it_is_ready(demo: App, glass: Glass) -> None:
    screen = await glass.open(f"127.0.0.1:{demo.port}", "/")
    answer = await screen.page.request.get(f"http://127.0.0.1:{demo.port}/readyz")
    assert answer.status == 200
    metrics = await screen.page.request.get(f"http://127.0.0.1:{demo.port}/metrics")
    assert "redsteward_outbox_waiting" in await metrics.text()
