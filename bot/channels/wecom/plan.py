"""From words to calls of WeCom. Pure: no network, no clock.

A payload is `{"text"}`, `{"card", "text"}` (the text goes out where the card cannot), or `{"attachments": [id]}`; with
`"edit": true` the card that stands is changed. For a group robot all is `{"text"}`: nothing there can be pressed or
edited.
"""

from typing import Any

from bot.channels.wecom import cards, limits
from bot.channels.wecom.text import plain, split
from handlers.message import Call, Message
from handlers.numbers import text_of

ROBOT = "robot:"  # before the name of a group robot: its chat


def is_robot(chat: str) -> bool:
    """Tell robots' groups from members: a userid has no colon."""
    return chat.startswith(ROBOT)


class WecomPlanner:
    """Plans what WeCom is asked to do for a message."""

    per_second = limits.PACE.per_second
    numbered = True  # a card has six buttons; where there are more, or no card, people answer with a number

    def send(self, chat: str, message: Message) -> list[Call]:
        """Plan a new message: photos and files first, then the card, or the text in as many parts as it needs.

        What has no room on a card is said in full before it.
        """
        if is_robot(chat):
            return _texts(_for_robot(message), message.card)
        files = [Call({"attachments": [file]}) for file in (*message.photos, *message.files)]
        if not cards.fits(message):
            return [*files, *_texts(_in_full(message), message.card)]
        before = _texts(_whole(message)) if cards.shortened(message) else []
        return [*files, *before, Call(_card(message), card=message.card)]

    def edit(self, chat: str, message: Message) -> list[Call]:
        """Plan the change of the card in place; a robot's words stay as they were."""
        if is_robot(chat):
            return []
        if message.card is None:
            return self.send(chat, message)
        return [Call({**_card(message), "edit": True}, card=message.card)]

    def toast(self, query: str | None, text: str, *, alert: bool = False) -> list[Call]:
        """Plan the answer to a press: WeCom shows none, so it is said."""
        return _texts(plain(text))


def _card(message: Message) -> dict[str, Any]:
    """Return the payload of a card; one whose choices have no room goes out as text."""
    made: dict[str, Any] = {"text": _in_full(message)}
    if cards.fits(message) or not message.choices:
        made["card"] = cards.card(message)
    return made


def _texts(text: str, card: str | None = None) -> list[Call]:
    parts = split(text, limits.TEXT_BYTES)
    calls = [Call({"text": part}) for part in parts]
    return [*calls[:-1], *(Call(last.payload, card=card) for last in calls[-1:])]


def _in_full(message: Message) -> str:
    """Return everything a message says, with its choices to be answered by number."""
    return _joined(message.title, text_of(message), message)


def _whole(message: Message) -> str:
    return _joined(message.title, message.text, message)


def _for_robot(message: Message) -> str:
    return _joined(message.title, "\n".join(filter(None, (message.text, message.instead))), message)


def _joined(title: str, text: str, message: Message) -> str:
    link = ": ".join(message.link) if message.link is not None else ""
    return plain("\n".join(part for part in (title.strip(), text.strip(), link) if part))
