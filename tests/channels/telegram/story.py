"""What the stories have in common: a channel, messages to say, files to send along."""

import io
from pathlib import Path

from PIL import Image

from bot.channels.base import Delivery, Outcome, StoredFile
from bot.channels.telegram import Menus, TelegramChannel
from bot.clock import Clock
from handlers.inbound import FileKind
from handlers.message import Call, Choice, Message
from tests.channels.telegram.running import Configured
from tests.simulators.telegram import TelegramServer

COMMANDS = {
    "resident": {"zh": [("report", "上报")], "en": [("report", "Report")]},
    "group": {"zh": [("report", "在群里上报")]},
    "steward": {"zh": [("tasks", "任务")], "en": [("tasks", "Tasks")]},
}
STEWARD = 510_000_900


def new_channel(telegram: TelegramServer) -> TelegramChannel:
    settings = Configured("polling", telegram.token, telegram.base_url, telegram.base_file_url)
    return TelegramChannel(settings, Clock(), Menus(COMMANDS, {"steward": (str(STEWARD),)}))


async def say(
    channel: TelegramChannel, chat: int, message: Message, *, files: tuple[StoredFile, ...] = ()
) -> list[Outcome]:
    """Plan a message and deliver all its calls; the files go to those that name them."""
    by_id = {file.id: file for file in files}
    return [await _carry(channel, chat, call, by_id) for call in channel.planner.send(str(chat), message)]


async def _carry(channel: TelegramChannel, chat: int, call: Call, by_id: dict[int, StoredFile]) -> Outcome:
    named = tuple(by_id[number] for number in call.payload.get("attachments", ()))
    return await channel.deliver(Delivery(1, str(chat), call.payload, card=call.card, files=named))


async def edit(channel: TelegramChannel, chat: int, message: Message, number: str | None) -> Outcome:
    (call,) = channel.planner.edit(str(chat), message)
    return await channel.deliver(Delivery(1, str(chat), call.payload, card=call.card, message=number))


def picture(shade: int) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (400, 300), (shade % 256, 80, 80)).save(file, "JPEG")
    return file.getvalue()


def stored(
    folder: Path,
    number: int,
    content: bytes,
    kind: FileKind = "photo",
    mime: str = "image/jpeg",
    remote: str | None = None,
) -> StoredFile:
    path = folder / str(number)
    path.write_bytes(content)
    return StoredFile(number, kind, path, mime, f"t{number}", "telegram" if remote else "web", remote)


def card(text: str = "待派单") -> Message:
    choices = ((Choice("接单", "case:accept:1042", "primary"), Choice("退回", "case:return:1042", "danger")),)
    return Message(text, title="#1042 漏水", choices=choices, card="case:1042")
