"""A strict local stand-in for Telegram's Bot API server.

It holds Telegram's documented contract: `limits` and `methods` say which, `violations` what was broken.

    async with TelegramServer() as telegram:
        resident = telegram.user("李阿姨")
        await resident.starts()
        ...
        assert telegram.violations == []

`python -m tests.simulators.telegram` runs it as a process of its own, see `control`.
"""

from tests.simulators.telegram.chats import AnswerField
from tests.simulators.telegram.groups import Group
from tests.simulators.telegram.limits import Limits
from tests.simulators.telegram.people import Resident
from tests.simulators.telegram.record import Call, Violation
from tests.simulators.telegram.screen import Button, Shown
from tests.simulators.telegram.server import TelegramServer
from tests.simulators.telegram.world import Toast

__all__ = [
    "AnswerField",
    "Button",
    "Call",
    "Group",
    "Limits",
    "Resident",
    "Shown",
    "TelegramServer",
    "Toast",
    "Violation",
]
