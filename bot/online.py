"""`redsteward check --online`: does each platform take the token that is configured."""

import asyncio
from collections.abc import Awaitable, Callable

from bot.channels.telegram.api import Api as TelegramApi
from bot.channels.telegram.errors import TelegramError
from bot.channels.tencent.http import Http, NoAnswer
from bot.channels.tencent.tokens import Fetch, NoToken, gettoken, stable_token
from bot.say import say
from cases.settings import Settings

WHAT_TO_DO = {
    40001: "the secret is not that of this account: copy it again",
    40013: "the id is none: copy it again",
    40125: "the secret is wrong, or was made anew: copy it again",
    40164: "this machine's address is not allowed: add it to the IP白名单",
    41002: "the id is missing",
    60020: "this machine's address is not allowed: add it to the app's 企业可信IP",
    61024: "this account's token is fetched by a third party",
}
"""What the platforms' error codes ask for ("全局返回码", "全局错误码")."""


def online(settings: Settings) -> int:
    """Try each enabled channel and say how it went; return the exit code: 0 where all is well."""
    return asyncio.run(_try_all(settings))


async def _try_all(settings: Settings) -> int:
    failed = 0
    if not _attempts(settings):
        say("no channel is enabled that needs a token")
    for name, attempt in _attempts(settings).items():
        wrong = await attempt()
        say(f"{name}: {wrong or 'the token is taken'}")
        failed += wrong is not None
    return 1 if failed else 0


def _attempts(settings: Settings) -> dict[str, Callable[[], Awaitable[str | None]]]:
    told = settings.channels
    found: dict[str, Callable[[], Awaitable[str | None]]] = {}
    if told.telegram.enabled:
        found["telegram"] = lambda: _telegram(settings)
    if told.wechat.enabled:
        wechat = told.wechat
        found["wechat"] = lambda: _tencent(
            lambda http: stable_token(http, wechat.api_base, wechat.app_id, wechat.secret)
        )
    if told.wecom.enabled:
        wecom = told.wecom
        found["wecom"] = lambda: _tencent(lambda http: gettoken(http, wecom.api_base, wecom.corp_id, wecom.secret))
    return found


async def _telegram(settings: Settings) -> str | None:
    told = settings.channels.telegram
    api = TelegramApi(told.token, told.base_url, told.base_file_url)
    try:
        await api.call("getMe", {})
    except TelegramError as error:
        return f"refused ({type(error).__name__}): get the token from @BotFather, or look at base_url"
    finally:
        await api.close()
    return None


async def _tencent(made: Callable[[Http], Fetch]) -> str | None:
    http = Http()
    try:
        await made(http)(False)
    except NoToken as error:
        return (
            f"{error.reason}. {WHAT_TO_DO.get(error.code or 0, 'look the code up in the 全局返回码 of the platform')}"
        )
    except NoAnswer as error:
        return f"not reached ({error}): look at api_base and the network"
    finally:
        await http.close()
    return None
