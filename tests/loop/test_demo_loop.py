"""`redsteward demo` in a real browser: a newcomer plays the whole loop."""

import itertools
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator

from bot.app import App
from bot.config import load
from bot.running import demo_app
from tests.browser.conftest import browser as browser
from tests.browser.conftest import glass as glass
from tests.browser.screen import LAPTOP, PATIENCE, Glass, Screen
from tests.cast import CONFIG

JUMPS = 12  # at most until somebody is told: reminders come before, and by night nothing rings
PHOTO = Path(__file__).parent / "fixed.png"
pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def demo(tmp_path: Path, browser: Browser) -> AsyncIterator[App]:
    """The demo as the command starts it, on a free port."""
    app = demo_app(load(CONFIG, {}), tmp_path, port=0)
    await app.start()
    yield app
    await app.stop()


def pane(screen: Screen, kind: str) -> Screen:
    return Screen(screen.page, screen.page.locator(f".pane.{kind} .pane-chat:not([hidden])"))


async def test_from_a_sentence_to_five_stars(glass: Glass, demo: App) -> None:
    screen = await glass.open(f"127.0.0.1:{demo.port}", "/", size=LAPTOP)
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


async def jumps_until_told(screen: Screen, who: str) -> None:
    for _ in range(JUMPS):
        if await overdue(screen, who).count():
            return
        await screen.presses("到下一个提醒")
        await screen.page.wait_for_timeout(400)
    await overdue(screen, who).first.wait_for(state="attached", timeout=PATIENCE)


async def test_from_reminder_to_reminder_a_missed_deadline_climbs_to_the_street(glass: Glass, demo: App) -> None:
    screen = await glass.open(f"127.0.0.1:{demo.port}", "/", size=LAPTOP)
    resident, steward = pane(screen, "resident"), pane(screen, "steward")
    await resident.say("5栋垃圾没人收")
    await resident.presses("提交")
    await steward.presses("接单")
    await resident.sees("已接单")
    for told, not_yet in itertools.pairwise(("feng", "lin", "huang", "zheng")):
        await jumps_until_told(screen, told)
        assert not await overdue(screen, not_yet).count()
    await jumps_until_told(screen, "zheng")
    for kind in ("coordinator", "admin"):
        await screen.root.locator(f".pane.{kind} .pane-note button").first.wait_for(timeout=PATIENCE)


async def test_it_says_that_it_is_ready(demo: App, glass: Glass) -> None:
    screen = await glass.open(f"127.0.0.1:{demo.port}", "/")
    answer = await screen.page.request.get(f"http://127.0.0.1:{demo.port}/readyz")
    assert answer.status == 200
    metrics = await screen.page.request.get(f"http://127.0.0.1:{demo.port}/metrics")
    assert "redsteward_outbox_waiting" in await metrics.text()
