"""`redsteward demo` in a real browser: a newcomer plays the whole loop."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from bot.app import App
from bot.config import load
from bot.running import demo_app
from tests.browser.conftest import browser as browser
from tests.browser.conftest import glass as glass
from tests.browser.screen import LAPTOP, Glass, Screen
from tests.cast import CONFIG

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


async def test_the_clock_moves_on_and_the_coordinator_hears(glass: Glass, demo: App) -> None:
    screen = await glass.open(f"127.0.0.1:{demo.port}", "/", size=LAPTOP)
    resident = pane(screen, "resident")
    await resident.say("5栋垃圾没人收")
    await resident.presses("提交")
    await resident.sees("已收到")
    overdue = pane(screen, "coordinator").root.locator(".line", has_text="超时").last
    for _ in range(14):  # nothing but emergencies rings in the night, and it may be night
        await screen.page.get_by_role("button", name=re.compile("1 ?小时")).click()
        await screen.page.wait_for_timeout(200)
    await overdue.wait_for(timeout=6000)


async def test_it_says_that_it_is_ready(demo: App, glass: Glass) -> None:
    screen = await glass.open(f"127.0.0.1:{demo.port}", "/")
    answer = await screen.page.request.get(f"http://127.0.0.1:{demo.port}/readyz")
    assert answer.status == 200
    metrics = await screen.page.request.get(f"http://127.0.0.1:{demo.port}/metrics")
    assert "redsteward_outbox_waiting" in await metrics.text()
