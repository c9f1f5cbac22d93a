"""From an update to an `Inbound` as python-telegram-bot understands it: whatever `quick` does not read."""

from datetime import datetime
from typing import Any

import telegram
from telegram.constants import ChatMemberStatus, ChatType

from bot.channels.telegram import content
from bot.channels.telegram.parse import Me, Skipped, kind_of, where
from bot.channels.telegram.quick import CHANNEL, SERVICE_ACCOUNT, name_of
from bot.channels.telegram.text import clean
from handlers.inbound import Inbound, Press

_GROUPS = (ChatType.GROUP, ChatType.SUPERGROUP)
_HERE = (ChatMemberStatus.OWNER, ChatMemberStatus.ADMINISTRATOR, ChatMemberStatus.MEMBER)
_CORE = (
    "message_id", "date", "edit_date", "text", "entities", "caption", "caption_entities", "photo", "voice", "location",
    "media_group_id",
)  # fmt: skip


def read(update: dict[str, Any], me: Me, now: datetime) -> Inbound | Skipped:
    """Read any update."""
    try:
        return _read(telegram.Update.de_json(update, None), update, me, now)
    except Exception as error:  # noqa: BLE001 - whatever is odd in one update must not stop those behind it
        return _core(update, me, now) or _unreadable(update, error)


def _read(update: telegram.Update, raw: dict[str, Any], me: Me, now: datetime) -> Inbound | Skipped:
    key = str(update.update_id)
    found: Inbound | None = None
    if message := update.message or update.edited_message:
        found = _message(key, message, me, edited=update.message is None)
    elif query := update.callback_query:
        return _press(key, query, now) or Skipped("callback_query", query.id)
    elif member := update.my_chat_member:
        found = _member(key, member)
    return found or Skipped(kind_of(raw))


def _core(update: dict[str, Any], me: Me, now: datetime) -> Inbound | None:
    """Try once more with only what a report needs: an odd field at the side must not cost a person's words."""
    try:
        message = update["message"]
        core = {key: message[key] for key in _CORE if key in message}
        core["chat"] = {key: message["chat"][key] for key in ("id", "type")}
        names = ("id", "is_bot", "first_name", "last_name", "language_code")
        core["from"] = {key: value for key, value in message["from"].items() if key in names}
        slim = {"update_id": update["update_id"], "message": core}
        found = _read(telegram.Update.de_json(slim, None), slim, me, now)
    except Exception:  # noqa: BLE001 - see `read`
        return None
    return found if isinstance(found, Inbound) else None


def _unreadable(update: dict[str, Any], error: Exception) -> Skipped:
    query = update.get("callback_query")
    number = query.get("id") if isinstance(query, dict) else None
    return Skipped(kind_of(update), number if isinstance(number, str) else None, where(error))


def _message(key: str, message: telegram.Message, me: Me, *, edited: bool) -> Inbound | None:
    user = message.from_user
    if message.migrate_to_chat_id is not None:
        return _moved(key, message, message.migrate_to_chat_id)
    if user is None or user.is_bot or user.id == SERVICE_ACCOUNT or message.sender_chat is not None:
        return None
    said = _said(message, me)
    if said is None or (edited and message.location is not None):  # a live location "edits" itself every few seconds
        return None
    text, mentioned = said
    files, phone = content.files(message), _own_phone(message)
    empty = not (text or files or message.location or phone or mentioned)
    unknown = content.unknown(message) if empty else None
    if empty and unknown is None:
        return None
    answered = _answered(message)
    return Inbound(
        CHANNEL, key, str(message.chat.id), str(user.id), name_of(user.first_name, user.last_name),
        (message.edit_date if edited else None) or message.date,
        text=text, files=files, location=_location(message), phone=phone,
        message=str(message.message_id), reply_to=str(answered.message_id) if answered else None,
        album=message.media_group_id, group=message.chat.type in _GROUPS,
        mentioned=mentioned or _by(answered, me), forwarded=message.forward_origin is not None, edited=edited,
        unknown=unknown, language=user.language_code,
    )  # fmt: skip


def _said(message: telegram.Message, me: Me) -> tuple[str, bool] | None:
    """Return the words without the bot's own name, and whether it was there; None: a command for another bot."""
    text, entities = content.words(message)
    naming = [entity for entity in entities if _names(text, entity, me)]
    bare = content.without(text, naming)
    command = next((each for each in entities if each.type == "bot_command" and each.offset == 0), None)
    if command is None:
        return clean(bare).strip(), bool(naming)
    verb, _, name = content.stretch(text, command).partition("@")
    if name and name.lower() != me.username.lower():
        return None
    # Cutting a name further back leaves the command's own place as it was: it stands first.
    rest = bare[len(verb) + (len(name) + 1 if name else 0) :]
    return clean(verb + rest).strip(), bool(naming or name)


def _names(text: str, entity: telegram.MessageEntity, me: Me) -> bool:
    if entity.type == "text_mention":
        return entity.user is not None and entity.user.id == me.id
    return entity.type == "mention" and content.stretch(text, entity).lower() == f"@{me.username}".lower()


def _answered(message: telegram.Message) -> telegram.Message | None:
    """Return the message this one answers; in a group with topics each first message "answers" the topic's start."""
    answered = message.reply_to_message
    return None if answered is None or answered.forum_topic_created is not None else answered


def _by(message: telegram.Message | None, me: Me) -> bool:
    return message is not None and message.from_user is not None and message.from_user.id == me.id


def _own_phone(message: telegram.Message) -> str | None:
    """Return the number a person shared, if it is theirs: anybody's card can be sent from the address book."""
    contact, user = message.contact, message.from_user
    if contact is None or user is None or contact.user_id != user.id:
        return None
    return clean(contact.phone_number) or None


def _location(message: telegram.Message) -> tuple[float, float] | None:
    spot = message.location or (message.venue.location if message.venue else None)
    return (spot.latitude, spot.longitude) if spot else None


def _moved(key: str, message: telegram.Message, chat: int) -> Inbound:
    """A group became a supergroup; who did it may be hidden, then the group stands in their place."""
    user = str(message.from_user.id if message.from_user else message.chat.id)
    return Inbound(CHANNEL, key, str(message.chat.id), user, "", message.date, group=True, moved_to=str(chat))


def _press(key: str, query: telegram.CallbackQuery, now: datetime) -> Inbound | None:
    """Read a press; one on a message sent through another chat's inline mode has no message, a game has no data."""
    data, message, user = clean(query.data or ""), query.message, query.from_user
    if message is None or not data or user.is_bot:
        return None
    return Inbound(
        CHANNEL, key, str(message.chat.id), str(user.id), name_of(user.first_name, user.last_name), now,
        press=Press(data, str(message.message_id), query.id),
        group=message.chat.type in _GROUPS, language=user.language_code,
    )  # fmt: skip


def _member(key: str, change: telegram.ChatMemberUpdated) -> Inbound | None:
    """Read that the bot was shut out or let in again; None: it stays as it was."""
    before, after = _inside(change.old_chat_member), _inside(change.new_chat_member)
    chat, user = change.chat, change.from_user
    if before == after or chat.type == ChatType.CHANNEL:
        return None
    return Inbound(
        CHANNEL, key, str(chat.id), str(user.id), name_of(user.first_name, user.last_name), change.date,
        group=chat.type in _GROUPS, reach="back" if after else "blocked", language=user.language_code,
    )  # fmt: skip


def _inside(member: telegram.ChatMember) -> bool:
    return member.status in _HERE or bool(getattr(member, "is_member", False))
