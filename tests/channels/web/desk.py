"""A desk in a nutshell: it takes updates in once, and answers like a parrot with buttons."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlalchemy.orm import Session

from bot.attachments import Files
from bot.channels.base import Delivered, Delivery
from bot.channels.web import Persona, WebChannel
from bot.clock import Clock
from handlers.inbound import Inbound, Press
from handlers.message import Call, Choice, Message
from storage import people
from storage.engine import Store
from storage.message_models import InboxEntry
from storage.upsert import insert_or_ignore

CARD = "draft:1"
DRAFT = Message(
    "内容：3号楼2单元电梯坏了\n类别：电梯\n地点：丰美小区3号楼2单元",
    title="请核对，然后按“提交”",
    choices=(
        (Choice("提交", "d:submit", "primary"),),
        (Choice("改类别", "d:kinds"), Choice("改地点", "d:places")),
        (Choice("取消", "d:cancel", "danger"),),
    ),
    card=CARD,
)
KINDS = Message("是哪一类事？", choices=((Choice("电梯", "d:lift"), Choice("漏水", "d:leak")),), card=CARD)
FILED = Message("王建国马上来处理。\n时限：今天18:00前", title="#1042 电梯", card=CARD)
CANCELLED = Message("已取消，没有提交。", card=CARD)
EMERGENCY = Message("紧急！请先打电话：\n☎ 96333  电梯救援\n☎ 119  消防", title="请先确认安全", card="emergency")


@dataclass
class ParrotDesk:
    """Says back what it hears; "card" brings a draft whose buttons work. `heard` is what was taken in.

    In a group it hears what is said to it, and answers to that line; "ask" makes it ask back.
    """

    store: Store
    channel: WebChannel
    clock: Clock
    files: Files
    heard: list[Inbound] = field(default_factory=list)
    broken: bool = False
    _messages: dict[tuple[str, str], str] = field(default_factory=dict)
    _numbers: int = 0
    _busy: set[asyncio.Task[None]] = field(default_factory=set)

    async def accept(self, inbound: Inbound) -> None:
        """Take an update in, once; the answer goes out by itself afterwards, as an outbox would do it."""
        if self.broken:
            raise OSError("no database today")
        if await self.store.write(lambda session: _take(session, inbound)):
            self.heard.append(inbound)
            task = asyncio.create_task(self._answer(inbound))
            self._busy.add(task)
            task.add_done_callback(self._busy.discard)

    async def say(self, chat: str, message: Message, *, edit: bool = False) -> str | None:
        """Send a message to a chat; returns its line."""
        plan = self.channel.planner.edit if edit else self.channel.planner.send
        return await self._send(chat, plan(chat, message))

    async def toast(self, chat: str, text: str, to: str | None = None) -> None:
        """Answer a press, of whom its query names."""
        await self._send(chat, self.channel.planner.toast(to, text))

    async def finish(self) -> None:
        """Wait until every answer is out."""
        while self._busy:
            await asyncio.gather(*self._busy)

    async def _send(self, chat: str, calls: Sequence[Call]) -> str | None:
        made: str | None = None
        for call in calls:
            self._numbers += 1
            number = self._numbers
            ids = call.payload.get("attachments", [])
            found = await self.store.read(lambda session, ids=ids: self.files.load_files(session, ids))  # type: ignore[misc]
            files = tuple(found[key] for key in ids)
            known = self._messages.get((chat, call.card or ""))
            delivery = Delivery(number, chat, call.payload, card=call.card, message=known, files=files)
            outcome = await self.channel.deliver(delivery)
            assert isinstance(outcome, Delivered)
            made = outcome.message
            if call.card and made:
                self._messages[chat, call.card] = made
        return made

    async def _answer(self, inbound: Inbound) -> None:
        chat = inbound.chat
        if inbound.press is not None:
            await self._pressed(chat, inbound.press)
        elif inbound.group:
            await self._answer_in_group(inbound)
        elif inbound.files:
            ids = tuple(file.attachment for file in inbound.files if file.attachment is not None)
            await self.say(chat, Message("照片收到了。", photos=ids))
        elif inbound.location is not None:
            await self.say(chat, Message("位置收到了。"))
        elif inbound.text.startswith("card"):
            await self.say(chat, DRAFT)
        else:
            await self.say(chat, Message(inbound.text))

    async def _answer_in_group(self, inbound: Inbound) -> None:
        if inbound.mentioned:
            shown = DRAFT if inbound.text == "card" else Message(inbound.text, force_reply=inbound.text == "ask")
            await self.say(inbound.chat, replace(shown, reply_to=inbound.message))

    async def _pressed(self, chat: str, press: Press) -> None:
        match press.data:
            case "d:submit":
                await self.toast(chat, "已提交", press.query)
                await self.say(chat, FILED, edit=True)
            case "d:kinds":
                await self.say(chat, KINDS, edit=True)
            case "d:cancel":
                await self.say(chat, CANCELLED, edit=True)
            case _:
                await self.toast(chat, "这个按钮已经过期了", press.query)


def _take(session: Session, inbound: Inbound) -> bool:
    row = {"channel": inbound.channel, "key": inbound.key, "received_at": inbound.at}
    if not insert_or_ignore(session, InboxEntry, row):
        return False
    if people.find(session, inbound.channel, inbound.user, inbound.chat) is None:
        people.create(session, inbound.channel, inbound.user, inbound.chat, inbound.name, inbound.at)
    return True


def open_desk(
    store: Store, folder: Path, clock: Clock, personas: Mapping[str, Persona] | None = None
) -> ParrotDesk:  # fmt: skip
    """Set up a desk over a database and a directory for files."""
    files = Files(folder, store, clock)
    return ParrotDesk(store, WebChannel(store, clock, (), files, personas), clock, files)
