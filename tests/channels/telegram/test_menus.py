"""Menus: each role sees its own commands, in its own language."""

from collections.abc import Mapping
from typing import Any

import pytest

from bot.channels.telegram import menus as menus_module
from bot.channels.telegram.api import Api
from bot.channels.telegram.menus import Commands, Menus, MenuSetter
from bot.channels.telegram.pause import Stopping
from tests.channels.telegram.server import Server, refused

COMMANDS: Mapping[str, Mapping[str, Commands]] = {
    "resident": {"zh": [("report", "上报")], "en": [("report", "Report")]},
    "group": {"zh": [("report", "上报")], "en": [("report", "Report")]},
    "steward": {"zh": [("tasks", "任务")], "en": [("tasks", "Tasks" * 100)]},
}
ADA, BO = "1002", "1003"


@pytest.fixture
def setter(api: Api, monkeypatch: pytest.MonkeyPatch) -> MenuSetter:
    """A setter that does not dawdle."""
    monkeypatch.setattr(menus_module, "PAUSE", 0)
    return MenuSetter(api, Menus(COMMANDS, {"steward": (ADA, BO)}), Stopping())


def shown(server: Server) -> list[tuple[Any, ...]]:
    """Return scope, chat, language and first command's text of every menu that was set."""
    found = []
    for asked in server.calls("setMyCommands"):
        scope, first = asked.json("scope"), asked.json("commands")[0]
        found.append((scope["type"], scope.get("chat_id"), asked.params.get("language_code"), first["description"]))
    return found


async def test_everybody_gets_a_menu(server: Server, setter: MenuSetter) -> None:
    await setter.set_all()
    english = ("Tasks" * 100)[:255] + "…"
    assert sorted(shown(server), key=str) == sorted(
        [
            ("default", None, None, "上报"), ("default", None, "en", "Report"),
            ("all_private_chats", None, None, "上报"), ("all_private_chats", None, "en", "Report"),
            ("all_group_chats", None, None, "上报"), ("all_group_chats", None, "en", "Report"),
            ("chat", 1002, None, "任务"), ("chat", 1002, "en", english),
            ("chat", 1003, None, "任务"), ("chat", 1003, "en", english),
        ],
        key=str,
    )  # fmt: skip


async def test_a_chosen_language_holds_whatever_the_app_speaks(server: Server, setter: MenuSetter) -> None:
    await setter.set_menu(ADA, "steward", "zh")
    assert [(language, text) for _, _, language, text in shown(server)] == [("en", "任务"), (None, "任务")]


async def test_who_is_a_resident_again_gets_everybodys_menu(server: Server, setter: MenuSetter) -> None:
    await setter.set_menu(ADA, "resident")
    assert [asked.params.get("language_code") for asked in server.calls("deleteMyCommands")] == ["en", None]
    assert shown(server) == []


async def test_a_failure_stops_nothing(server: Server, setter: MenuSetter) -> None:
    pause = refused(429, "Too Many Requests", retry_after=0.01)
    server.say("setMyCommands", refused(400, "Bad Request: chat not found"), pause, refused(500, "oops"))
    await setter.set_all()
    assert len(server.calls("setMyCommands")) == 11


async def test_a_role_without_a_menu(server: Server, setter: MenuSetter) -> None:
    await setter.set_menu(ADA, "coordinator")
    assert server.asked == []
