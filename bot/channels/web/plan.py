"""From words to calls: plain JSON that the page lays out itself. Pure: no network, no clock."""

from typing import Any

from handlers.message import Call, Choice, Message


class WebPlanner:
    """Plans what the page is to show. One message is one call, however long."""

    per_second = None
    numbered = False

    def send(self, chat: str, message: Message) -> list[Call]:
        """Plan a new line."""
        return [Call(_payload(message), card=message.card)]

    def edit(self, chat: str, message: Message) -> list[Call]:
        """Plan the change of the line that shows the card."""
        if message.card is None:
            return self.send(chat, message)
        return [Call(_payload(message) | {"edit": True}, card=message.card)]

    def toast(self, query: str | None, text: str, *, alert: bool = False) -> list[Call]:
        """Plan the short answer to a press, for whom the query names; the page stops its waiting sign by itself."""
        return [Call({"toast": text, "alert": alert, "to": query}, lane=1)] if text else []


def _payload(message: Message) -> dict[str, Any]:
    payload: dict[str, Any] = {
        "title": message.title, "text": message.text, "choices": [[_choice(c) for c in row] for row in message.choices],
        "card": message.card, "ask": message.ask, "ask_label": message.ask_label,
        "link": list(message.link) if message.link else None,
    }  # fmt: skip
    payload |= {"reply_to": message.reply_to} if message.reply_to else {}
    payload |= {"force": True} if message.force_reply else {}
    attachments = [*message.photos, *message.files]
    return payload | {"attachments": attachments} if attachments else payload


def _choice(choice: Choice) -> dict[str, str]:
    return {"label": choice.label, "data": choice.data, "style": choice.style}
