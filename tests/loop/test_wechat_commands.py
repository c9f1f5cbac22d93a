"""What an operator does once for WeChat: the menu, the posters, a look whether the tokens are taken."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image
from PIL.PdfParser import PdfParser

from bot import online, posters, wechat_menu
from bot.poster_sheet import SIZE
from cases.settings import Settings
from tests.loop.wechat import settings_for
from tests.simulators.telegram import TelegramServer
from tests.simulators.wechat import WeChatServer


@pytest.fixture
async def wechat() -> AsyncIterator[WeChatServer]:
    async with WeChatServer() as opened:
        yield opened
        assert opened.violations == []


@pytest.fixture
async def telegram() -> AsyncIterator[TelegramServer]:
    async with TelegramServer() as opened:
        yield opened


@pytest.fixture
def settings(telegram: TelegramServer, wechat: WeChatServer, tmp_path: Path) -> Settings:
    return settings_for(telegram, wechat, tmp_path, f"sqlite:///{tmp_path / 'none.db'}")


async def test_the_menu(settings: Settings, wechat: WeChatServer) -> None:
    await asyncio.to_thread(wechat_menu.set_menu, settings)
    assert wechat.menu is not None
    assert [button["name"] for button in wechat.menu["button"]] == ["我要上报", "微心愿", "我的事项"]


async def test_an_account_that_may_not_is_told_so(settings: Settings, wechat: WeChatServer) -> None:
    wechat.refuses("menu/create", 48001)
    with pytest.raises(OSError, match="微信认证"):
        await asyncio.to_thread(wechat_menu.set_menu, settings)


async def test_posters_of_two_places(
    settings: Settings, wechat: WeChatServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "posters"
    await asyncio.to_thread(posters.make, settings, folder, ["fengmei-3", "fengmei-15"])
    assert "2 sheets" in capsys.readouterr().out
    assert sorted(path.name for path in folder.iterdir()) == ["fengmei-15.png", "fengmei-3.png", "posters.pdf"]
    with Image.open(folder / "fengmei-3.png") as sheet:
        assert sheet.size == SIZE
    with PdfParser(str(folder / "posters.pdf")) as pdf:
        assert len(pdf.pages) == 2
    assert sorted(wechat.scenes.values()) == ["p_fengmei-15", "p_fengmei-3"]


async def test_a_poster_needs_a_place_that_there_is(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="no place"):
        await asyncio.to_thread(posters.make, settings, tmp_path, ["nowhere"])


async def test_each_token_is_tried(
    settings: Settings, wechat: WeChatServer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await asyncio.to_thread(online.online, settings) == 0
    assert capsys.readouterr().out == "telegram: the token is taken\nwechat: the token is taken\n"
    wechat.secret = "another"
    assert await asyncio.to_thread(online.online, settings) == 1
    told = capsys.readouterr().out
    assert "wechat: no token: errcode 40125. the secret is wrong" in told
    assert settings.channels.wechat.secret not in told


async def test_a_platform_that_cannot_be_reached_is_told_so(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    away = settings.channels.wechat.model_copy(update={"api_base": "http://127.0.0.1:9"})
    channels = settings.channels.model_copy(update={"wechat": away})
    assert await asyncio.to_thread(online.online, settings.model_copy(update={"channels": channels})) == 1
    assert "wechat: not reached" in capsys.readouterr().out
