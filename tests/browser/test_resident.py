"""A resident's page: from the first word to the final state of a card."""

import asyncio
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import expect

from handlers.message import Choice, Message
from tests.browser.screen import DESKTOP, PATIENCE, PHONE, Glass
from tests.channels.web.desk import CARD, EMERGENCY, FILED, ParrotDesk

pytestmark = pytest.mark.asyncio(loop_scope="session")

SCROLL_UP = """
new Promise((done) => {
  const log = document.querySelector('.log');
  log.addEventListener('scroll', () => requestAnimationFrame(done), { once: true });
  log.scrollTop = 700;
})
"""
AT_THE_END = (
    "(() => { const l = document.querySelector('.log'); return l.scrollHeight - l.scrollTop - l.clientHeight < 5 })()"
)


async def test_what_is_said_is_answered_and_there_again_after_a_reload(glass: Glass, host: str) -> None:
    screen = await glass.open(host)
    await screen.sees_welcome()
    await screen.say("楼道的灯不亮了")
    await screen.is_sent(1)
    await screen.reply("楼道的灯不亮了")
    before = await screen.texts()
    assert before == ["您说：\n\n楼道的灯不亮了", "红管家：\n\n楼道的灯不亮了"]
    await screen.page.reload()
    await screen.reply("楼道的灯不亮了")
    assert await screen.texts() == before
    await expect(screen.root.locator(".welcome")).to_be_hidden()


async def test_a_button_changes_its_card_in_place(glass: Glass, host: str) -> None:
    screen = await glass.open(host)
    await screen.say("card")
    await screen.sees("请核对")
    await screen.presses("改类别")
    await screen.sees("是哪一类事")
    assert await screen.root.locator(".card").count() == 1
    await screen.presses("电梯")
    await screen.root.locator(".toast", has_text="这个按钮已经过期了").wait_for(timeout=PATIENCE)


async def test_a_submitted_card_has_no_buttons_any_more(glass: Glass, host: str) -> None:
    screen = await glass.open(host)
    await screen.say("card")
    number = await (await screen.sees("请核对")).get_attribute("data-line")
    await screen.presses("提交")
    filed = await screen.sees("#1042 电梯")
    assert await filed.get_attribute("data-line") == number
    assert await filed.locator("button").count() == 0
    assert "已更新" in await filed.inner_text()
    await screen.root.locator(".toast", has_text="已提交").wait_for()
    await screen.page.reload()
    again = await screen.sees("#1042 电梯")
    assert await again.locator("button").count() == 0
    assert await screen.root.locator(".line").count() == 2


async def test_a_press_that_changes_nothing_leaves_its_mark(glass: Glass, host: str) -> None:
    screen = await glass.open(host)
    await screen.say("card")
    await screen.sees("请核对")
    await screen.presses("改地点")
    chosen = screen.root.locator(".choice.chosen")
    await chosen.wait_for(timeout=PATIENCE)
    assert "改地点" in await chosen.inner_text()
    assert await screen.root.locator(".choice[aria-disabled]").count() == 0
    await screen.page.reload()
    await chosen.wait_for(timeout=PATIENCE)


async def test_of_two_lines_with_the_same_card_only_the_newer_can_be_pressed(glass: Glass, host: str) -> None:
    screen = await glass.open(host)
    for _ in range(2):
        await screen.say("card")
    await screen.root.locator(".card").nth(1).wait_for(timeout=PATIENCE)
    assert await screen.root.get_by_role("button", name="提交").count() == 1
    await screen.page.reload()
    await screen.root.locator(".card").nth(1).wait_for(timeout=PATIENCE)
    assert await screen.root.get_by_role("button", name="提交").count() == 1


async def test_photos_are_seen_before_they_go_and_large_when_tapped(glass: Glass, host: str, tmp_path: Path) -> None:
    for number in range(2):
        Image.effect_noise((2400, 1800), 60).save(tmp_path / f"{number}.jpg", quality=92)  # some megabytes each
    screen = await glass.open(host)
    await screen.page.set_input_files("input[type=file]", [tmp_path / "0.jpg", tmp_path / "1.jpg"])
    previews = screen.root.locator(".previews .thumb")
    assert await previews.count() == 2
    await screen.root.get_by_role("button", name="去掉这张照片").first.click()
    assert await previews.count() == 1
    await screen.say("楼道灯")
    thumb = (await screen.reply("照片收到了")).locator("button.thumb")
    await screen.page.wait_for_function(
        "() => { const shown = [...document.querySelectorAll('.line img')];"
        "return shown.length === 2 && shown.every((i) => i.naturalWidth > 0 && i.naturalWidth <= 2048); }"
    )
    await thumb.click()
    await expect(screen.root.locator("dialog img")).to_be_visible()
    await screen.page.keyboard.press("Escape")
    await expect(screen.root.locator("dialog img")).to_be_hidden()


async def test_a_file_that_is_no_photo_is_declined_and_the_words_come_back(
    glass: Glass, host: str, tmp_path: Path
) -> None:
    await asyncio.to_thread((tmp_path / "x.jpg").write_bytes, b"no picture at all")
    screen = await glass.open(host)
    await screen.page.set_input_files("input[type=file]", tmp_path / "x.jpg")
    await screen.say("楼道灯")
    failed = await screen.sees("没有发出：这种文件收不了，请发照片。")
    await failed.get_by_role("button", name="改一改再发").click()
    assert await screen.root.locator("textarea").input_value() == "楼道灯"
    assert await screen.texts() == []


async def test_words_stay_words(glass: Glass, host: str, desk: ParrotDesk) -> None:
    screen = await glass.open(host)
    attack = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>&lt;b&gt;"
    await screen.say(attack)
    await screen.reply(attack)
    link = ("<b>开</b>", "javascript:document.title='owned'")
    label = "<img src=x onerror=document.title=1>"
    evil = Message(attack, title=attack, card="x", choices=((Choice(label, "x"),),), link=link)
    await desk.say(desk.heard[0].chat, evil)
    card = await screen.sees(label)
    assert await card.locator("a, img, script, b").count() == 0
    assert await screen.page.title() == "红管家"
    assert (await screen.texts())[0] == f"您说：\n\n{attack}"


async def test_emergency_numbers_can_be_called_by_a_tap(glass: Glass, host: str, desk: ParrotDesk) -> None:
    screen = await glass.open(host)
    await screen.say("电梯困人")
    await screen.reply("电梯困人")
    await desk.say(desk.heard[0].chat, EMERGENCY)
    call = (await screen.sees("请先打电话")).get_by_role("link", name="拨打 96333 电梯救援")
    assert await call.get_attribute("href") == "tel:96333"


async def test_a_place_is_sent_by_the_browsers_own_means(glass: Glass, host: str, desk: ParrotDesk) -> None:
    context = await glass.visitor()
    await context.grant_permissions(["geolocation"])
    await context.set_geolocation({"latitude": 23.1352, "longitude": 113.2708})
    screen = await glass.open(host, context=context)
    await screen.say("灯不亮")
    await screen.reply("灯不亮")
    await desk.say(desk.heard[0].chat, Message("在哪里？", card=CARD, ask="location"))
    await screen.presses("发送我的位置")
    await screen.reply("位置收到了")
    assert desk.heard[-1].location == (23.1352, 113.2708)
    assert "我的位置" in (await screen.texts())[-2]


async def test_what_changes_out_of_sight_is_pointed_out(glass: Glass, host: str, desk: ParrotDesk) -> None:
    screen = await glass.open(host)
    await screen.say("card")
    await screen.sees("请核对")
    chat = desk.heard[0].chat
    for number in range(12):
        await desk.say(chat, Message(f"第{number}条\n\n\n"))
    await screen.sees("第11条")
    await screen.measure(SCROLL_UP)
    await desk.say(chat, FILED, edit=True)
    jump = screen.root.locator(".jump")
    await jump.wait_for(timeout=PATIENCE)
    assert "上面有更新" in await jump.inner_text()
    await jump.click()
    await expect(screen.root.locator(".card", has_text="#1042")).to_be_visible()
    await desk.say(chat, Message("最新一条"))
    await screen.root.locator(".jump", has_text="有新消息").wait_for(timeout=PATIENCE)


async def test_a_long_conversation_opens_at_its_end_and_goes_back_on_request(
    glass: Glass, host: str, desk: ParrotDesk
) -> None:
    screen = await glass.open(host)
    await screen.say("第一句")
    await screen.reply("第一句")
    await asyncio.gather(*(desk.say(desk.heard[0].chat, Message(f"第{n}条")) for n in range(60)))
    await screen.page.reload()
    await screen.root.locator(".line").nth(49).wait_for(timeout=PATIENCE)
    assert await screen.measure(AT_THE_END)
    await screen.presses("看更早的消息")
    await screen.sees("第一句")
    assert await screen.root.locator(".line").count() == 62
    await expect(screen.root.locator(".older")).to_be_hidden()


@pytest.mark.parametrize("size", [PHONE, DESKTOP])
async def test_enter_sends_but_not_while_a_word_is_being_composed(glass: Glass, host: str, size: object) -> None:
    screen = await glass.open(host, size=size)  # type: ignore[arg-type]
    field = screen.root.locator("textarea")
    await field.fill("deng")
    await field.dispatch_event("keydown", {"key": "Enter", "isComposing": True})
    assert await field.input_value() == "deng"
    await field.press("Shift+Enter")
    await field.press("Enter")
    await screen.is_sent(1)
    assert await field.input_value() == ""


async def test_what_is_far_too_long_is_said_before_it_is_sent(glass: Glass, host: str) -> None:
    screen = await glass.open(host)
    await screen.say("长" * 20_001)
    await screen.root.locator(".toast", has_text="太长了").wait_for()
    assert len(await screen.root.locator("textarea").input_value()) == 20_001
