"""From words to calls of the Official Account. Pure: no network, no clock.

A payload is `{"msgtype", …}` as the customer-service call wants it, without the person. Beside it stand `menu`: the
same text with choices that can be tapped, which only a customer-service message shows; `notice`: what a template says
of it in a few characters where no other message may be sent; `attachments`. Of a text that is longer than one message
each knows its `part` of how many `parts`, and by `whole` which text it belongs to.
"""

import hashlib
from typing import Any

from bot.channels.wechat import limits
from bot.channels.wechat.text import shorten, split, tame
from handlers import numbers
from handlers.message import DIRECT, Call, Message

NOTICE_CHARACTERS = 60  # kept of title and text; a field takes 20


class WeChatPlanner:
    """Plans what the platform is asked to do for a message. `notice_url`: where consent to a later notice is given."""

    per_second = limits.PACE.per_second
    numbered = True

    def __init__(self, notice_url: str = "") -> None:
        self._notice_url = notice_url

    def send(self, chat: str, message: Message) -> list[Call]:
        """Plan a new message: the text first, which may be the response to a callback, then pictures and files."""
        above, below = _above(message), self._below(message)
        whole = "\n".join(filter(None, (above, numbers.text_of(_bare(message)).strip("\n"), below)))
        parts = split(tame(whole), limits.TEXT_BYTES)
        if len(parts) > 1:
            parts = split(tame(whole), limits.TEXT_BYTES - limits.HINT_BYTES)
        calls = [Call({"msgtype": "text", "text": {"content": part}, DIRECT: True}) for part in parts]
        if len(calls) == 1 and (menu := _menu(message, above, below)):
            calls[0].payload["menu"] = menu
        if len(calls) > 1:
            digest = hashlib.sha256(whole.encode()).hexdigest()[:16]
            for part, call in enumerate(calls):
                call.payload.update(part=part, parts=len(calls), whole=digest)
        ids = (*message.photos, *message.files)
        calls += [Call({"msgtype": "media", "attachments": [number]}) for number in ids]
        if calls:
            calls[0].payload["notice"] = _notice(message)
        return calls

    def edit(self, chat: str, message: Message) -> list[Call]:
        """Plan the card anew: nothing that was sent can be changed."""
        return self.send(chat, message)

    def toast(self, query: str | None, text: str, *, alert: bool = False) -> list[Call]:
        """Plan the answer to a press: a message like others, none where there is nothing to say."""
        return self.send("", Message(text)) if text else []

    def _below(self, message: Message) -> str:
        lines = [f"{message.link[0]}\n{message.link[1]}"] if message.link else []
        if message.occasion == "filed" and self._notice_url:
            lines.append(f"{message.ask_label}\n{self._notice_url}".strip())
        return "\n".join(lines)


def _above(message: Message) -> str:
    return "\n".join(filter(None, (message.title, message.text)))


def _bare(message: Message) -> Message:
    """Return the message with its choices alone."""
    return Message("", choices=message.choices, numbers=message.numbers, numbers_hint=message.numbers_hint)


def _menu(message: Message, above: str, below: str) -> dict[str, Any] | None:
    """Return the choices as a menu to tap; what is tapped comes back as the button's data."""
    choices = [choice for row in message.choices for choice in row]
    if not message.numbers or not 0 < len(choices) <= limits.MENU_CHOICES:
        return None
    lines = numbers.lines(message)
    items = [{"id": choice.data, "content": tame(line)} for choice, line in zip(choices, lines, strict=True)]
    tail = "\n".join(filter(None, (message.numbers_hint, below)))
    return {"head_content": tame(above), "list": items, "tail_content": tame(tail)}


def _notice(message: Message) -> dict[str, Any]:
    said = {"title": message.title, "text": message.text}
    found: dict[str, Any] = {name: shorten(tame(text), NOTICE_CHARACTERS) for name, text in said.items()}
    choices = " ".join(numbers.lines(message)) if message.numbers else ""
    return found | {"choices": shorten(tame(choices), NOTICE_CHARACTERS), "occasion": message.occasion}
