"""From words to calls of the Bot API. Pure: no network, no clock.

A payload is `{"method", "params"}` and, where files go along, `{"attachments": [ids]}`. The chat and the number of the
message to edit are added when it is delivered, because both may have changed by then. `{"answers_in": chat}` says where
the message is that is answered: a group that has moved numbers its messages anew.
"""

from typing import Any

from bot.channels.telegram import keyboard, limits
from bot.channels.telegram.chats import is_group
from bot.channels.telegram.keyboard import Markup
from bot.channels.telegram.text import ELLIPSIS, clean, escape, shorten, split, units
from handlers.message import Call, Message

NO_PREVIEW = {"is_disabled": True}


class TelegramPlanner:
    """Plans what Telegram is asked to do for a message."""

    numbered = False

    def __init__(self, per_second: float | None = limits.PACE.per_second) -> None:
        self.per_second = per_second

    def send(self, chat: str, message: Message) -> list[Call]:
        """Plan a new message: photos and files first, then the text with its buttons.

        One photo whose text fits into its caption is one call. A card is always a message of its own, so that it can
        be edited. In a group the first call is the reply.
        """
        calls = self._calls(chat, message)
        for call in calls:
            if call is calls[0] or _asks_back(call):
                _answer(call, chat, _reply(chat, message))
        for call in calls if message.silent else ():
            call.payload["params"]["disable_notification"] = True
        return calls

    def _calls(self, chat: str, message: Message) -> list[Call]:
        if _captioned(message):
            params = _caption(message) | _markup(chat, message)
            return [*_ask_apart(chat, message), Call(_payload("sendPhoto", params, message.photos))]
        calls = [*_photos(message.photos), *(Call(_payload("sendDocument", {}, (file,))) for file in message.files)]
        texts = _texts(chat, message)
        return [*calls, *(_ask_apart(chat, message) if texts else []), *texts]

    def edit(self, chat: str, message: Message) -> list[Call]:
        """Plan the change of the card in place; what is too long for one message is shortened."""
        if message.card is None:
            return self.send(chat, message)
        title, text = _title_and_text(message)
        room = limits.TEXT - (units(title) + 1 if title else 0)
        params = _text_params(title, shorten(text, room))
        if buttons := keyboard.inline(message):
            params["reply_markup"] = buttons
        return [Call(_payload("editMessageText", params), card=message.card)]

    def toast(self, query: str | None, text: str, *, alert: bool = False) -> list[Call]:
        """Plan the answer to a press, beside the chat's own order."""
        if query is None:
            return []
        params: dict[str, Any] = {"callback_query_id": query}
        if text:
            params |= {"text": shorten(clean(text), limits.TOAST), "show_alert": alert}
        return [Call(_payload("answerCallbackQuery", params), lane=1)]


def _payload(method: str, params: dict[str, Any], attachments: tuple[int, ...] = ()) -> dict[str, Any]:
    payload: dict[str, Any] = {"method": method, "params": params}
    return payload | {"attachments": list(attachments)} if attachments else payload


def _captioned(message: Message) -> bool:
    if len(message.photos) != 1 or message.files or message.card is not None:
        return False
    title, text = _title_and_text(message)
    return units(title) + 1 + units(text) <= limits.CAPTION


def _caption(message: Message) -> dict[str, Any]:
    caption = _html(*_title_and_text(message))
    return {"caption": caption, "parse_mode": "HTML"} if caption else {}


def _photos(photos: tuple[int, ...]) -> list[Call]:
    groups = [photos[start : start + limits.ALBUM_MAX] for start in range(0, len(photos), limits.ALBUM_MAX)]
    return [Call(_payload("sendMediaGroup" if len(group) > 1 else "sendPhoto", {}, group)) for group in groups]


def _texts(chat: str, message: Message) -> list[Call]:
    """Plan the text in as many parts as it needs; buttons and card belong to the last."""
    title, text = _title_and_text(message)
    first = limits.TEXT - units(title) - 1 if title else limits.TEXT
    parts = split(text, limits.TEXT, first)
    buttons = _markup(chat, message)
    if not parts and (title or "inline_keyboard" in buttons.get("reply_markup", {}) or message.ask):
        parts = ["" if title else ELLIPSIS]
    params = [_text_params(title if number == 0 else "", part) for number, part in enumerate(parts)]
    for last in params[-1:]:
        last |= buttons
    calls = [Call(_payload("sendMessage", each)) for each in params]
    return [*calls[:-1], *(Call(last.payload, card=message.card) for last in calls[-1:])]


def _markup(chat: str, message: Message) -> dict[str, Markup]:
    """Return the buttons of the message as a parameter.

    A keyboard that asked for a location or a number goes away with the next message that has no buttons: Telegram
    allows one kind of them a message, and only private chats have the asking kind. A card never has that kind, nor
    takes it away: Telegram would not let it be edited afterwards. The same holds for the answer field in a group.
    """
    if buttons := keyboard.inline(message):
        return {"reply_markup": buttons}
    if message.card is not None:
        return {}
    if is_group(chat):
        # Where nobody is answered there is nobody whose field it could be.
        asks = message.force_reply and _reply(chat, message)
        return {"reply_markup": keyboard.answering(message)} if asks else {}
    return {"reply_markup": keyboard.asking(message) if message.ask else keyboard.REMOVE}


def _answer(call: Call, chat: str, reply: dict[str, Any]) -> None:
    if reply:
        call.payload["params"].update(reply)
        call.payload["answers_in"] = chat


def _reply(chat: str, message: Message) -> dict[str, Any]:
    """Return the parameter that makes a call the answer to a message; in a private chat it is plain who is meant.

    Where that message is gone, the answer comes without it.
    """
    if message.reply_to is None or not message.reply_to.isdecimal() or not is_group(chat):
        return {}
    return {"reply_parameters": {"message_id": int(message.reply_to), "allow_sending_without_reply": True}}


def _asks_back(call: Call) -> bool:
    """Tell whether the call opens an answer field: it is that of whoever the same call answers."""
    return "force_reply" in call.payload["params"].get("reply_markup", {})


def _ask_apart(chat: str, message: Message) -> list[Call]:
    """Plan the asking keyboard as a short message before one that cannot carry it."""
    if message.ask is None or is_group(chat) or (keyboard.inline(message) is None and message.card is None):
        return []
    params = _text_params("", keyboard.ask_label(message)) | {"reply_markup": keyboard.asking(message)}
    return [Call(_payload("sendMessage", params))]


def _title_and_text(message: Message) -> tuple[str, str]:
    """Return heading and body; a heading as long as a text is one, a link that cannot be a button is written out."""
    title, text = clean(message.title).strip(), clean(message.text)
    if message.link is not None and not keyboard.linkable(message.link[1]):
        text = "\n".join(filter(None, (text, ": ".join(message.link))))
    if units(title) > limits.TITLE:
        return "", f"{title}\n{text}"
    return title, text


def _text_params(title: str, text: str) -> dict[str, Any]:
    return {"text": _html(title, text), "parse_mode": "HTML", "link_preview_options": NO_PREVIEW}


def _html(title: str, text: str) -> str:
    heading = f"<b>{escape(title)}</b>" if title else ""
    return "\n".join(filter(None, (heading, escape(text))))
