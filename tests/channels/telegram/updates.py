"""Updates as Telegram writes them, for tests. The cast: Chen lives in building 3, the bot is @fengmei_bot."""

from typing import Any

Json = dict[str, Any]

CHEN: Json = {
    "id": 1001, "is_bot": False, "first_name": "Chen", "last_name": "Mei", "username": "chenmei",
    "language_code": "zh-hans",
}  # fmt: skip
BOT: Json = {"id": 42, "is_bot": True, "first_name": "红管家", "username": "fengmei_bot"}
PRIVATE: Json = {"id": 1001, "type": "private", "first_name": "Chen"}
GROUP: Json = {"id": -100500, "type": "supergroup", "title": "3号楼"}
DATE = 1_760_000_000  # 2025-10-09 08:53:20 UTC


def message(update_id: int = 7, chat: Json = PRIVATE, *, sender: Json = CHEN, **fields: Any) -> Json:
    """Return an update with a message, of Chen's unless told otherwise."""
    return {"update_id": update_id, "message": {"message_id": 55, "date": DATE, "chat": chat, "from": sender} | fields}


def press(data: str | None = "case:accept:1042", update_id: int = 8, **fields: Any) -> Json:
    """Return an update with a press on a button of the bot's message."""
    card = {"message_id": 56, "date": DATE, "chat": PRIVATE, "from": BOT, "text": "card"}
    query = {"id": "q1", "from": CHEN, "chat_instance": "1", "message": card, "data": data} | fields
    return {"update_id": update_id, "callback_query": {key: value for key, value in query.items() if value is not None}}


def member(before: str, after: str, chat: Json = PRIVATE) -> Json:
    """Return an update that says how the bot stands in a chat."""
    return {
        "update_id": 9,
        "my_chat_member": {
            "chat": chat,
            "from": CHEN,
            "date": DATE,
            "old_chat_member": {"user": BOT, "status": before, "until_date": 0},
            "new_chat_member": {"user": BOT, "status": after, "until_date": 0},
        },
    }


def entity(kind: str, text: str, part: str, **fields: Any) -> Json:
    """Return the entity that covers `part` of `text`, counted in UTF-16 units as Telegram does."""
    before = text[: text.index(part)]
    return {
        "type": kind,
        "offset": len(before.encode("utf-16-le")) // 2,
        "length": len(part.encode("utf-16-le")) // 2,
    } | fields


def photo(file_id: str, width: int) -> Json:
    """Return one size of a photo."""
    return {
        "file_id": file_id,
        "file_unique_id": "u" + file_id,
        "width": width,
        "height": width,
        "file_size": width * 10,
    }


def file(file_id: str, **fields: Any) -> Json:
    """Return a file of any other kind."""
    return {"file_id": file_id, "file_unique_id": "u" + file_id, "file_size": 999} | fields
