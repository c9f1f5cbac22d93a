"""Large, clear, within the screen: for somebody of seventy-two on any telephone."""

import pytest
from playwright.async_api import expect

from handlers.message import Choice, Message
from tests.browser.screen import DESKTOP, PHONE, Glass, Screen
from tests.channels.web.desk import EMERGENCY, ParrotDesk

pytestmark = pytest.mark.asyncio(loop_scope="session")

UNBROKEN = "https://example.cn/" + "a" * 300
CROWDED = Message(
    f"{UNBROKEN}\n备注：{UNBROKEN}\n☎ 020-12345678  {'很长的单位名称' * 8}",
    title="标题很长" * 20,
    choices=(
        tuple(Choice(f"{n}号楼", f"b:{n}") for n in range(6)),
        (Choice("一个非常非常长的按钮文字，超过一行还要多", "long", "primary"), Choice("Supercalifragilistic", "s")),
        (Choice(UNBROKEN, "url", "danger"),),
    ),
    card="crowded",
    link=("打开一个名字特别特别长的页面" * 3, "https://example.cn/"),
    ask="location",
)
TOO_WIDE = """
[...document.querySelectorAll('body, body *')].filter((node) => node.checkVisibility()
  && !node.closest('.unseen, .say') && node.getBoundingClientRect().right > innerWidth + 0.5)
  .map((node) => `${node.tagName}.${node.className}`)
"""
SMALL = """
[...document.querySelectorAll('button, select, a, textarea')].filter((node) => node.checkVisibility()
  && node.getBoundingClientRect().height < 48).map((node) => node.outerHTML)
"""
NAMELESS = """
[...document.querySelectorAll('button, a, textarea, input:not([hidden]), select, img')].filter((node) =>
  node.checkVisibility() && !(node.getAttribute('aria-label') || node.getAttribute('alt') !== null
  || node.textContent.trim())).map((node) => node.outerHTML)
"""
FONTS = """
[...document.querySelectorAll('.text p, button, textarea, h3')]
  .map((node) => parseFloat(getComputedStyle(node).fontSize))
"""


async def crowd(screen: Screen, desk: ParrotDesk) -> None:
    """Fill a conversation with what fits worst."""
    await screen.say(f"{UNBROKEN} 灯不亮")
    await screen.reply("灯不亮")
    for message in (CROWDED, EMERGENCY):
        await desk.say(desk.heard[0].chat, message)
    await screen.sees("请先确认安全")


@pytest.mark.parametrize("size", [{"width": 320, "height": 640}, PHONE, DESKTOP], ids=["small", "phone", "desktop"])
@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_nothing_sticks_out_and_everything_can_be_touched(
    glass: Glass, host: str, desk: ParrotDesk, size: object, lang: str
) -> None:
    screen = await glass.open(host, f"/?lang={lang}", size=size)  # type: ignore[arg-type]
    await crowd(screen, desk)
    assert await screen.measure(TOO_WIDE) == []
    assert await screen.measure("document.scrollingElement.scrollWidth <= innerWidth")
    assert await screen.measure(
        "(() => { const l = document.querySelector('.log'); return l.scrollWidth <= l.clientWidth })()"
    )
    assert await screen.measure(SMALL) == []
    assert await screen.measure(NAMELESS) == []
    assert min(await screen.measure(FONTS)) >= 18


@pytest.mark.parametrize(
    ("locale", "path", "words", "lang"),
    [
        ("zh-CN", "/", ("您好，我是红管家", "发送", "照片"), "zh-CN"),
        ("fr-FR", "/", ("您好，我是红管家", "发送", "照片"), "zh-CN"),
        ("en-GB", "/", ("Hello, this is Red Steward", "Send", "Photo"), "en"),
        ("en-GB", "/?lang=zh", ("您好，我是红管家", "发送", "照片"), "zh-CN"),
        ("zh-CN", "/?lang=en", ("Hello, this is Red Steward", "Send", "Photo"), "en"),
    ],
)
async def test_the_page_speaks_as_its_reader_does(
    glass: Glass, host: str, locale: str, path: str, words: tuple[str, ...], lang: str
) -> None:
    screen = await glass.open(host, path, locale=locale)
    for word in words:
        await expect(screen.root.get_by_text(word, exact=True)).to_be_visible()
    assert await screen.measure("document.documentElement.lang") == lang


async def test_the_language_can_be_changed_and_the_desk_is_told(glass: Glass, host: str, desk: ParrotDesk) -> None:
    screen = await glass.open(host)
    await screen.presses("English")
    await screen.root.get_by_text("Hello, this is Red Steward").wait_for()
    await screen.say("the lamp is broken")
    await screen.reply("the lamp is broken")
    assert desk.heard[0].language == "en"
    await screen.presses("中文")
    await screen.root.get_by_text("有事说一句，件件有回音").wait_for()


async def test_a_screen_reader_is_told_what_is_new(glass: Glass, host: str) -> None:
    screen = await glass.open(host)
    log = screen.root.get_by_role("log")
    assert await log.get_attribute("aria-live") == "polite"
    await expect(screen.root.get_by_role("textbox", name="写下您要说的事")).to_be_visible()
    assert await screen.root.locator(".toast[role=status], .banner[role=status]").count() == 2


async def test_the_keyboard_reaches_every_button(glass: Glass, host: str) -> None:
    screen = await glass.open(host, size=DESKTOP)
    await screen.say("card")
    await screen.sees("请核对")
    await screen.root.locator(".language").focus()
    reached = []
    for _ in range(8):
        await screen.page.keyboard.press("Tab")
        reached.append(await screen.measure("document.activeElement.textContent || document.activeElement.tagName"))
    for label in ("提交", "改类别", "改地点", "取消", "照片", "TEXTAREA", "发送"):
        assert label in reached
    await screen.root.get_by_role("button", name="改类别").focus()
    await screen.page.keyboard.press("Enter")
    await screen.sees("是哪一类事")
    assert await screen.measure("document.activeElement.matches('.line')")  # the focus stays at the card


async def test_who_wants_no_motion_gets_none(glass: Glass, host: str) -> None:
    screen = await glass.open(host)
    await screen.page.emulate_media(reduced_motion="reduce")
    await screen.say("card")
    await screen.sees("请核对")
    await screen.presses("提交")
    card = await screen.sees("#1042 电梯")
    moving = await card.locator(".card").evaluate("(node) => getComputedStyle(node).animationName")
    assert moving == "none"
