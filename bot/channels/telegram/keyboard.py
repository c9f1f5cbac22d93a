"""Buttons under a message and in place of the keyboard."""

from functools import lru_cache
from typing import Any, Literal
from urllib.parse import urlsplit

from bot.channels.telegram.limits import BUTTONS, BUTTONS_IN_ROW, LABEL, PLACEHOLDER
from bot.channels.telegram.text import ELLIPSIS, clean, shorten
from handlers.message import Choice, Message

Markup = dict[str, Any]
REMOVE: Markup = {"remove_keyboard": True}
_REQUESTS = {"location": "request_location", "phone": "request_contact"}
_LABELS = {"location": "📍 位置 · Location", "phone": "📱 电话 · Phone"}  # used when the message brings no label


def inline(message: Message) -> Markup | None:
    """Return the buttons below a message: its choices, and its link where Telegram takes it.

    At most 100 buttons, 8 in a row; what is beyond is left out.
    """
    step = BUTTONS_IN_ROW
    rows = [row[start : start + step] for row in message.choices for start in range(0, len(row), step)]
    buttons = [[_choice(choice) for choice in row] for row in rows]
    if message.link is not None and linkable(message.link[1]):
        buttons.append([{"text": _label(message.link[0]), "url": message.link[1]}])
    return {"inline_keyboard": _at_most(buttons, BUTTONS)} if buttons else None


def linkable(url: str) -> bool:
    """Tell whether Telegram takes the URL for a button: it refuses local names and asks for http or https."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and "." in host.strip(".") and "\n" not in url


def asking(message: Message) -> Markup:
    """Return the keyboard with Telegram's own button for a location or a telephone number; it hides once used."""
    button = {"text": ask_label(message), _request(message.ask): True}
    return {"keyboard": [[button]], "one_time_keyboard": True, "resize_keyboard": True}


def ask_label(message: Message) -> str:
    """Return what that button says."""
    return _label(message.ask_label or _LABELS[message.ask or "location"])


def answering(message: Message) -> Markup:
    """Return what opens the answer field of the one person whose message is answered."""
    hint = shorten(" ".join(clean(message.ask_label).split()), PLACEHOLDER)
    return {"force_reply": True, "selective": True} | ({"input_field_placeholder": hint} if hint else {})


def _request(ask: Literal["location", "phone"] | None) -> str:
    return _REQUESTS[ask or "location"]


def _choice(choice: Choice) -> dict[str, str]:
    button = {"text": _label(choice.label), "callback_data": choice.data}
    return button if choice.style == "plain" else button | {"style": choice.style}


@lru_cache(maxsize=1024)  # most buttons say the same few words
def _label(label: str) -> str:
    return shorten(clean(label).strip(), LABEL) or ELLIPSIS


def _at_most(rows: list[list[dict[str, str]]], count: int) -> list[list[dict[str, str]]]:
    if sum(map(len, rows)) <= count:
        return rows
    kept: list[list[dict[str, str]]] = []
    for row in rows:
        if room := count - sum(map(len, kept)):
            kept.append(row[:room])
    return kept
