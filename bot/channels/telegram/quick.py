"""What nearly all updates are, read straight from their JSON: words in a private chat, and presses there.

The library makes objects of every field, which costs as much as the rest of an update. So only what has none but the
fields named here is read in this way; everything else, and whatever is odd, is left to the library (`parse`).
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from bot.channels.telegram.text import clean
from handlers.inbound import Inbound, Press

CHANNEL = "telegram"
NAME_LENGTH = 80  # characters; of the database's column
SERVICE_ACCOUNT = 777000  # "Telegram" itself: posts of a linked channel, login codes

_WORDS = frozenset(("message_id", "from", "chat", "date", "text", "entities"))
_PRESS = frozenset(("id", "from", "message", "chat_instance", "data"))
_NAMING = ("mention", "text_mention")


def quick(update: Mapping[str, Any], now: datetime) -> Inbound | None:
    """Return what a person did; None where the library has to read it. Raises KeyError, TypeError for odd fields."""
    if len(update) != 2:
        return None
    key = str(_number(update["update_id"]))
    if "message" in update:
        return _words(key, update["message"])
    return _press(key, update["callback_query"], now) if "callback_query" in update else None


def name_of(first: str, last: str | None) -> str:
    """Return first and last name as one line."""
    return " ".join(clean(f"{first} {last or ''}").split())[:NAME_LENGTH]


def _words(key: str, message: Mapping[str, Any]) -> Inbound | None:
    if not message.keys() <= _WORDS or message["chat"]["type"] != "private":
        return None
    user, chat = message["from"], message["chat"]
    said = message["text"]
    text = clean(said).strip()
    if not text or user["is_bot"] is not False or user["id"] == SERVICE_ACCOUNT or _names_somebody(message, said):
        return None
    return Inbound(
        CHANNEL, key, str(_number(chat["id"])), str(_number(user["id"])), _name(user),
        datetime.fromtimestamp(_number(message["date"]), UTC),
        text=text, message=str(_number(message["message_id"])), language=_tag(user),
    )  # fmt: skip


def _names_somebody(message: Mapping[str, Any], said: str) -> bool:
    """Tell whether a name stands in the words, or a command is for a bot by its name."""
    entities = message.get("entities", ())
    return any(each["type"] in _NAMING or (each["type"] == "bot_command" and "@" in said) for each in entities)


def _press(key: str, query: Mapping[str, Any], now: datetime) -> Inbound | None:
    if query.keys() != _PRESS or query["message"]["chat"]["type"] != "private" or query["from"]["is_bot"] is not False:
        return None
    user, message = query["from"], query["message"]
    data = clean(query["data"])
    if not data or not isinstance(query["id"], str):
        return None
    return Inbound(
        CHANNEL, key, str(_number(message["chat"]["id"])), str(_number(user["id"])), _name(user), now,
        press=Press(data, str(_number(message["message_id"])), query["id"]), language=_tag(user),
    )  # fmt: skip


def _number(found: object) -> int:
    if type(found) is not int:
        raise TypeError("no number")
    return found


def _name(user: Mapping[str, Any]) -> str:
    first, last = user["first_name"], user.get("last_name")
    if not isinstance(first, str) or not isinstance(last, str | None):
        raise TypeError("no name")
    return name_of(first, last)


def _tag(user: Mapping[str, Any]) -> str | None:
    found = user.get("language_code")
    if not isinstance(found, str | None):
        raise TypeError("no language")
    return found
