"""The menus of commands: each role sees its own. A menu that cannot be set stops nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog

from bot.channels.telegram.api import Api, TooManyRequests
from bot.channels.telegram.chats import chat_id
from bot.channels.telegram.errors import TelegramError
from bot.channels.telegram.limits import COMMAND_DESCRIPTION
from bot.channels.telegram.outcome import reason
from bot.channels.telegram.pause import Stopping
from bot.channels.telegram.text import shorten

log = structlog.get_logger(__name__)

Commands = Sequence[tuple[str, str]]
"""Command without its slash, and what it does."""

RESIDENT, GROUP = "resident", "group"
_SCOPES = {RESIDENT: ("default", "all_private_chats"), GROUP: ("all_group_chats",)}
PAUSE = 0.2  # seconds between two calls: menus share the bot's limits with answers to people
RETRIES = 3


@dataclass(frozen=True, slots=True)
class Menus:
    """Commands by role and language, and the private chats of those whose menu is not a resident's.

    The roles "resident" and "group" are everybody's; any other is shown only in its `chats`. The language `default`
    is for people whose own has no menu.
    """

    commands: Mapping[str, Mapping[str, Commands]] = field(default_factory=dict)
    chats: Mapping[str, Sequence[str]] = field(default_factory=dict)
    default: str = "zh"


class MenuSetter:
    """Tells Telegram which menu to show where."""

    def __init__(self, api: Api, menus: Menus, stopping: Stopping) -> None:
        self._api = api
        self._menus = menus
        self._stopping = stopping
        self._chosen: set[str] = set()  # chats whose menu was set since the start; that of the start is older

    async def set_all(self) -> None:
        """Set everybody's menus, then those of single chats."""
        for role, scopes in _SCOPES.items():
            for scope in scopes:
                await self._show(role, {"type": scope})
        for role, chats in self._menus.chats.items():
            for chat in chats:
                if chat not in self._chosen:
                    await self._set(chat, role, None)

    async def set_menu(self, chat: str, role: str, language: str | None = None) -> None:
        """Show a role's menu in one private chat, in `language` whatever the app's is; for residents, everybody's."""
        self._chosen.add(chat)
        await self._set(chat, role, language)

    async def _set(self, chat: str, role: str, language: str | None) -> None:
        scope = {"type": "chat", "chat_id": chat_id(chat)}
        if role == RESIDENT and language is None:
            for code in self._codes():
                await self._call("deleteMyCommands", {"scope": scope} | code)
            return
        await self._show(role, scope, language)

    async def _show(self, role: str, scope: dict[str, Any], language: str | None = None) -> None:
        texts = self._menus.commands.get(role, {})
        for code in self._codes():
            commands = texts.get(language or code.get("language_code", self._menus.default))
            if commands is not None:
                await self._call("setMyCommands", {"commands": _listed(commands), "scope": scope} | code)

    def _codes(self) -> list[dict[str, str]]:
        """Return the language parameter of each menu: none for the default language."""
        languages = sorted({language for texts in self._menus.commands.values() for language in texts})
        return [{} if language == self._menus.default else {"language_code": language} for language in languages]

    async def _call(self, method: str, params: dict[str, Any]) -> None:
        for _ in range(RETRIES):
            if self._stopping:
                return
            try:
                await self._api.call(method, params)
            except TooManyRequests as error:
                await self._stopping.wait(error.seconds)
                continue
            except TelegramError as error:
                log.info("telegram_menu_not_set", scope=params["scope"]["type"], reason=reason(error))
            await self._stopping.wait(PAUSE)
            return


def _listed(commands: Commands) -> list[dict[str, str]]:
    return [{"command": name, "description": shorten(text, COMMAND_DESCRIPTION)} for name, text in commands]
