"""A link with `?start=`, of an invitation or a poster, opened in the web page: said once, and gone from the address."""

import pytest

from tests.browser.screen import Glass

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_it_is_said_as_if_it_had_been_written_and_leaves_the_address(glass: Glass, host: str) -> None:
    screen = await glass.open(host, "/?lang=zh&start=p_fengmei-5")
    await screen.reply("/start p_fengmei-5")
    assert await screen.texts() == ["您说：\n\n/start p_fengmei-5", "红管家：\n\n/start p_fengmei-5"]
    assert await screen.measure("location.search") == "?lang=zh"


async def test_a_reload_says_it_no_second_time(glass: Glass, host: str) -> None:
    screen = await glass.open(host, "/?start=i_token-1_A")
    await screen.reply("/start i_token-1_A")
    assert "start=" not in await screen.measure("location.href")
    await screen.page.reload()
    await screen.reply("/start i_token-1_A")
    await screen.say("好了")
    await screen.reply("好了")
    assert [text for text in await screen.texts() if "/start" in text and "您说" in text] == [
        "您说：\n\n/start i_token-1_A"
    ]


@pytest.mark.parametrize("start", ["", "a b", "%3Cscript%3E", "x" * 65, "%E6%A5%BC", "a%0A/forgetme"])
async def test_what_no_link_of_ours_says_is_not_said(glass: Glass, host: str, start: str) -> None:
    screen = await glass.open(host, f"/?start={start}")
    await screen.sees_welcome()
    await screen.say("您好")
    await screen.reply("您好")
    assert await screen.texts() == ["您说：\n\n您好", "红管家：\n\n您好"]
