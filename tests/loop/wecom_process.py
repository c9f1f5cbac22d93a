"""A desk on WeChat and WeCom as a process of its own: `python -m tests.loop.wecom_process FILE`, FILE saying how.

`behind`: seconds that its clock is behind. `kill`: where it ends itself with SIGKILL: "committed", a press is committed
and nothing is answered or sent; "refreshed", the pressed card was changed at WeCom and nothing of that is written down;
empty: nowhere.
"""

import asyncio
import json
import os
import signal
import sys
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from bot.app import App
from bot.channels.wecom.api import Api
from bot.clock import Clock
from bot.inbox import Inbox
from handlers.inbound import Inbound
from tests.loop.both import with_wecom
from tests.loop.wechat import settings_for


async def main(told: dict[str, Any]) -> None:
    folder = Path(told["folder"])
    wechat: Any = SimpleNamespace(**told["platform"])
    wecom: Any = SimpleNamespace(**told["wecom"])
    settings = with_wecom(settings_for(None, wechat, folder, told["url"]), wecom)
    settings = settings.model_copy(update={"web": settings.web.model_copy(update={"port": told["port"]})})
    if told["kill"]:
        _arm(told["kill"])
    app = App(settings, Clock(-timedelta(seconds=told["behind"])))
    await app.start()
    (folder / "ready").touch()
    await app.run(asyncio.Event())


def _arm(where: str) -> None:
    """Have the process die at that place."""
    take, update = Inbox.accept, Api.update

    async def accept(inbox: Inbox, inbound: Inbound) -> None:
        await take(inbox, inbound)
        if inbound.press is not None and inbound.channel == "wecom":
            _die()

    async def updated(api: Api, user: str, code: str, card: dict[str, Any]) -> None:
        await update(api, user, code, card)
        _die()

    if where == "committed":
        Inbox.accept = accept  # type: ignore[method-assign,assignment]
    else:
        Api.update = updated  # type: ignore[method-assign,assignment]


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    asyncio.run(main(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))))
