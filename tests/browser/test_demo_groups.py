"""The demo's groups: neighbours, stewards and the desk in one chat."""

import pytest
from playwright.async_api import Locator, ViewportSize, expect

from handlers.message import Message
from tests.browser.screen import LAPTOP, PHONE, Glass, Screen
from tests.browser.test_demo_page import MEDIUM, TASKS, YARD, all_connected, pane
from tests.browser.test_demo_page import demo as demo
from tests.browser.test_demo_page import played as played
from tests.browser.test_looks import NAMELESS, SMALL, TOO_WIDE
from tests.channels.web.desk import DRAFT, ParrotDesk

pytestmark = pytest.mark.asyncio(loop_scope="session")
both_sizes = pytest.mark.parametrize("size", [PHONE, LAPTOP], ids=["phone", "laptop"])


async def open_groups(glass: Glass, host: str, size: ViewportSize, lang: str = "zh") -> tuple[Screen, Screen]:
    """Open the demo with the groups in sight; return the page and the group's chat."""
    screen = await glass.open(host, f"/?lang={lang}", size=size)
    await all_connected(screen)
    if size == PHONE:
        await screen.root.get_by_role("tab", name="Groups" if lang == "en" else "群聊").click()
    return screen, pane(screen, "group")


def picker(screen: Screen) -> Locator:
    return screen.root.locator(".pane.group .pane-head select")


def speaker(screen: Screen) -> Locator:
    return screen.root.get_by_role("combobox", name="以谁的身份")


@both_sizes
async def test_neighbours_write_to_each_other_under_their_names(
    glass: Glass, demo: str, played: ParrotDesk, size: ViewportSize
) -> None:
    screen, group = await open_groups(glass, demo, size)
    assert await speaker(screen).locator("option").all_inner_texts() == ["张阿姨", "李叔", "冯阿姨 · 5号楼楼长"]
    await group.say("楼道灯坏了")
    await expect((await group.sees("楼道灯坏了")).locator(".author")).to_have_text("张阿姨")
    await speaker(screen).select_option("neighbour")
    await group.say("我家那层也是")
    await group.is_sent(2)
    theirs = await group.reply("楼道灯坏了")  # 李叔 did not say it
    await expect(theirs.locator(".author")).to_have_text("张阿姨")
    assert [(heard.user, heard.mentioned) for heard in played.heard] == [
        ("demo:resident", False), ("demo:neighbour", False),
    ]  # fmt: skip
    await screen.page.reload()
    await expect(screen.root.locator(".pane.group .pane-chat:not([hidden]) .author")).to_have_text(["张阿姨", "李叔"])


@both_sizes
async def test_the_desk_answers_who_names_it_with_a_button(
    glass: Glass, demo: str, played: ParrotDesk, size: ViewportSize
) -> None:
    _, group = await open_groups(glass, demo, size)
    await group.write("灯不亮")
    await group.presses("@红管家")
    await group.presses("@红管家")
    await expect(group.root.locator("textarea")).to_have_value("@红管家 灯不亮")
    await group.root.locator(".send").click()
    answer = group.root.locator(".theirs:has(.author.desk)")
    await expect(answer.locator(".quote")).to_have_text("张阿姨 @红管家 灯不亮")
    await expect(answer.locator(".text")).to_have_text("灯不亮")
    assert (played.heard[0].text, played.heard[0].mentioned) == ("灯不亮", True)


@both_sizes
async def test_whoever_is_asked_back_answers_that_question(
    glass: Glass, demo: str, played: ParrotDesk, size: ViewportSize
) -> None:
    screen, group = await open_groups(glass, demo, size)
    await speaker(screen).select_option("neighbour")
    await group.sees_welcome()
    await speaker(screen).select_option("resident")
    await group.say("@红管家 ask")
    question = group.root.locator(".answering .quote")
    await expect(question).to_have_text("红管家 ask")
    await speaker(screen).select_option("neighbour")
    await expect(question).to_be_hidden()  # the question is not his
    await speaker(screen).select_option("resident")
    await group.say("3号楼")
    await expect(group.root.locator(".mine", has_text="3号楼").locator(".quote")).to_have_text("红管家 ask")
    await expect(question).to_be_hidden()
    await group.is_sent(2)
    assert (played.heard[-1].text, played.heard[-1].mentioned) == ("3号楼", True)


async def test_who_just_pressed_is_asked_where_nobody_is_named(glass: Glass, demo: str, played: ParrotDesk) -> None:
    _, group = await open_groups(glass, demo, LAPTOP)
    await played.say(YARD, Message("谁来？", force_reply=True))
    await group.sees("谁来？")
    await expect(group.root.locator(".answering")).to_be_hidden()  # nobody did anything
    await played.say(YARD, DRAFT)
    await group.presses("改地点")
    await played.say(YARD, Message("在哪里？", force_reply=True))
    await expect(group.root.locator(".answering .quote")).to_have_text("红管家 在哪里？")
    await group.root.get_by_role("button", name="不回复这一条").click()
    await group.say("大家好")
    await group.is_sent(1)
    assert played.heard[-1].reply_to is None


async def test_any_line_can_be_answered(glass: Glass, demo: str, played: ParrotDesk) -> None:
    _, group = await open_groups(glass, demo, LAPTOP)
    line = await played.say(YARD, Message("明天停水"))
    await group.sees("明天停水")
    await group.root.get_by_role("button", name="回复红管家").click()
    await group.say("几点开始？")
    await group.is_sent(1)
    assert (played.heard[-1].reply_to, played.heard[-1].mentioned) == (line, True)


@both_sizes
async def test_a_press_is_answered_to_whoever_pressed(
    glass: Glass, demo: str, played: ParrotDesk, size: ViewportSize
) -> None:
    screen, group = await open_groups(glass, demo, size)
    await played.say(YARD, DRAFT)
    await speaker(screen).select_option("neighbour")
    await group.presses("改地点")
    await expect(group.root.locator(".toast")).to_have_text("这个按钮已经过期了")
    await expect(group.root.locator(".chosen")).to_have_count(1)
    await speaker(screen).select_option("resident")
    await expect(group.root.locator(".toast")).to_be_hidden()
    await expect(group.root.locator(".chosen")).to_have_count(0)
    assert (played.heard[-1].user, played.heard[-1].chat) == ("demo:neighbour", YARD)


@both_sizes
async def test_what_comes_to_the_other_group_is_told(
    glass: Glass, demo: str, played: ParrotDesk, size: ViewportSize
) -> None:
    screen, group = await open_groups(glass, demo, size)
    await group.say("大家好")
    await group.is_sent(1)
    await played.say(TASKS, DRAFT)
    note = screen.root.locator(".pane.group .pane-note button", has_text="红管家任务群")
    await note.click()
    await group.sees("请核对")
    assert await picker(screen).input_value() == TASKS
    assert await speaker(screen).locator("option").all_inner_texts() == ["王建国 · 红色管家", "陈秀英 · 红色管家"]
    await speaker(screen).select_option("chen")
    await group.presses("提交")
    await group.sees("#1042 电梯")
    assert played.heard[-1].user == "demo:chen"
    await picker(screen).select_option(YARD)
    await group.sees("大家好")
    await expect(speaker(screen)).to_have_value("resident")


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("size", [PHONE, MEDIUM, LAPTOP], ids=["phone", "medium", "laptop"])
async def test_a_group_fits_every_screen(
    glass: Glass, demo: str, played: ParrotDesk, size: ViewportSize, lang: str
) -> None:
    screen, group = await open_groups(glass, demo, size, lang)
    await group.say("@红管家 card")
    await group.sees("请核对")
    await group.root.locator(".reply").last.click()
    for script in (TOO_WIDE, SMALL, NAMELESS):
        assert await screen.measure(script) == []
    assert await screen.measure("document.scrollingElement.scrollWidth <= innerWidth")
    logs = await screen.measure(
        "[...document.querySelectorAll('.pane.group .log')].map((log) => log.scrollWidth <= log.clientWidth)"
    )
    assert all(logs)


async def test_each_resident_has_a_chat_of_their_own(glass: Glass, demo: str, played: ParrotDesk) -> None:
    screen = await glass.open(demo, "/", size=LAPTOP)
    chosen = screen.root.get_by_role("combobox", name="选一位居民")
    assert await chosen.locator("option").all_inner_texts() == ["张阿姨", "李叔"]
    await chosen.select_option("neighbour")
    await pane(screen, "resident").say("漏水")
    await pane(screen, "resident").reply("漏水")
    assert [heard.chat for heard in played.heard] == ["demo:neighbour"]


async def test_a_wish_is_among_what_one_may_try(glass: Glass, demo: str) -> None:
    screen = await glass.open(demo, "/", size=PHONE)
    await screen.presses("我家奶奶想要一辆轮椅出门晒太阳，能不能帮忙")
    field = pane(screen, "resident").root.locator("textarea")
    await expect(field).to_have_value("我家奶奶想要一辆轮椅出门晒太阳，能不能帮忙")
    await screen.page.goto(f"http://{demo}/?lang=en")
    await screen.root.get_by_role("button", name="Grandma wishes for a wheelchair to get out into the sun").wait_for()
