"""A desk on WeChat as a process of its own: `python -m tests.loop.wechat_process FILE`, FILE saying how, as JSON.

With `"kill": true` it ends itself with SIGKILL when it has committed its first callback and is about to answer.
`behind`: seconds that its clock is behind, so that a slow start costs no time.
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
from bot.channels.wechat.callback import Callback
from bot.clock import Clock
from tests.loop.wechat import settings_for


async def main(told: dict[str, Any]) -> None:
    platform: Any = SimpleNamespace(**told["platform"])
    settings = settings_for(None, platform, Path(told["folder"]), told["url"])
    settings = settings.model_copy(update={"web": settings.web.model_copy(update={"port": told["port"]})})
    if told["kill"]:
        Callback._answer = _die  # type: ignore[method-assign,assignment]
    app = App(settings, Clock(-timedelta(seconds=told["behind"])))
    await app.start()
    (Path(told["folder"]) / "ready").touch()
    await app.run(asyncio.Event())


def _die(*_arguments: object, **_more: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    asyncio.run(main(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))))
