"""Chat ids: numbers in Telegram, text with us."""


def is_group(chat: str) -> bool:
    """Tell groups from people: Telegram gives groups negative numbers."""
    return chat.startswith("-")


def chat_id(chat: str) -> int | str:
    """Return the id as Telegram writes it; a channel's @name stays text."""
    return int(chat) if chat.removeprefix("-").isdecimal() else chat
