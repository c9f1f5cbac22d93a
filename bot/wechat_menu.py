"""`redsteward wechat menu`: the menu below the chat with the Official Account."""

import asyncio
from typing import Any

from bot.channels.tencent.http import NoAnswer, code_of
from bot.channels.tencent.tokens import NoToken
from bot.channels.wechat.api import Api
from bot.say import say
from cases.settings import Settings
from handlers.commands import MENU, wechat_menu
from handlers.texts import translator

NOT_ALLOWED = 48001


def set_menu(settings: Settings) -> None:
    """Make 我要上报 · 微心愿 · 我的事项. Raises OSError with what to do."""
    if not settings.channels.wechat.enabled:
        raise OSError("channels.wechat is not enabled")
    asyncio.run(_set(settings))
    say("The menu is set. People see it when they open the chat anew, at the latest after five minutes.")


async def _set(settings: Settings) -> None:
    api = Api.alone(settings.channels.wechat)
    try:
        answer = await api.menu(menu(settings.desk.language))
    except (NoToken, NoAnswer) as error:
        raise OSError(f"WeChat does not answer as it should: {error}; try redsteward check --online") from None
    finally:
        await api.close()
    code = code_of(answer)
    if code:
        why = "; the account must be verified (微信认证)" if code == NOT_ALLOWED else ""
        raise OSError(f"WeChat does not take the menu: errcode {code}{why}")


def menu(language: str) -> dict[str, Any]:
    """Return the menu as the platform wants it: what is tapped comes back as a button's data."""
    labels = wechat_menu(translator(language))
    assert all(name in MENU for name in labels)  # noqa: S101 - a button that leads nowhere is a mistake of ours
    return {"button": [{"type": "click", "name": label, "key": f"m:{name}"} for name, label in labels.items()]}
