"""A WeCom simulator and a channel that talks to it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.channels.base import Delivery, Outcome, StoredFile
from bot.channels.wecom import WecomChannel
from bot.clock import Clock
from cases.settings import WecomSettings
from handlers.inbound import Inbound
from handlers.message import Call, Choice, Message
from storage.engine import Store
from tests.simulators.wecom import WecomServer

ROBOT_KEY = "robot-key"


@dataclass
class Desk:
    """A channel, and what is said over it: each call is a row of its own, as in the outbox."""

    channel: WecomChannel
    clock: Clock
    taken: list[Inbound] = field(default_factory=list)
    rows: int = 0
    cards: dict[str, str] = field(default_factory=dict)  # card: the message that shows it

    async def say(self, chat: str, message: Message, files: dict[int, StoredFile] | None = None) -> list[Outcome]:
        """Plan a new message and deliver its calls."""
        return [await self.deliver(chat, call, files) for call in self.channel.planner.send(chat, message)]

    async def edit(self, chat: str, message: Message) -> Outcome:
        """Plan the change of a card and deliver it."""
        (call,) = self.channel.planner.edit(chat, message)
        return await self.deliver(chat, call)

    async def deliver(self, chat: str, call: Call, files: dict[int, StoredFile] | None = None) -> Outcome:
        """Deliver one call as a row of its own."""
        self.rows += 1
        return await self.deliver_row(self.rows, chat, call, files)

    async def deliver_row(
        self, row: int, chat: str, call: Call, files: dict[int, StoredFile] | None = None
    ) -> Outcome:  # fmt: skip
        """Deliver a row, perhaps once more."""
        wanted = tuple((files or {})[each] for each in call.payload.get("attachments", ()))
        delivery = Delivery(
            row, chat, call.payload, card=call.card, message=self.cards.get(call.card or ""), files=wanted,
            planned_at=self.clock.now(),
        )  # fmt: skip
        found = await self.channel.deliver(delivery)
        number = getattr(found, "message", None)
        if call.card and number:
            self.cards[call.card] = number
        return found


@pytest.fixture
async def wecom() -> AsyncIterator[WecomServer]:
    """The platform."""
    async with WecomServer() as server:
        server.robots[ROBOT_KEY] = []
        yield server


@pytest.fixture
async def desk(wecom: WecomServer, store: Store) -> AsyncIterator[Desk]:
    """A channel that talks to it."""
    clock = Clock()
    channel = WecomChannel(settings(wecom), store, clock, {"fengmei": ROBOT_KEY})
    opened = Desk(channel, clock)

    async def accept(inbound: Inbound) -> None:
        if inbound.note is not None:
            await store.write(inbound.note)
        opened.taken.append(inbound)

    await channel.start(accept)
    yield opened
    await channel.stop()


def settings(wecom: WecomServer, **changed: Any) -> WecomSettings:
    told: dict[str, Any] = {
        "enabled": True, "corp_id": wecom.corp_id, "agent_id": wecom.agent_id, "secret": wecom.secret,
        "token": wecom.token, "aes_key": wecom.aes_key, "api_base": wecom.base_url, "robot_base": wecom.base_url,
    }  # fmt: skip
    return WecomSettings.model_validate(told | changed)


def task(text: str = "3号楼2单元楼道灯坏了", state: str = "待红管家接单", count: int = 2) -> Message:
    choices = ((Choice("接单", "c:accept:1042", "primary"), Choice("退回", "c:return:1042")),)
    more = tuple(Choice(f"选{number}", f"x:{number}") for number in range(2, count))
    numbers = tuple(range(1, count + 1))
    return Message(
        text, title=f"#1042 路灯 · {state}", choices=(*choices, more), card="task:1042", numbers=numbers,
        numbers_hint="回复数字就行：1、2", details=Choice("详情", "c:card:1042"),
    )  # fmt: skip
