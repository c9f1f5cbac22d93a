"""Chats that several people share. Only the personas of the demo have them."""

import re

PREFIX = "group:"
HELD = "held:"  # before the name of the group: a line that the inbox has not taken in yet

_MENTION = re.compile(r"[ \t]*(?<![A-Za-z0-9._-])[@＠](?:红管家|steward(?![a-z0-9_.]))[ \t]*", re.IGNORECASE)
_AFTER_NAME = " \t\n，,：:、"  # what stands between the name of whom one speaks to and what one has to say


def is_group(chat: str) -> bool:
    """Tell whether a chat is shared."""
    return chat.startswith(PREFIX)


def cut_mention(text: str) -> tuple[str, bool]:
    """Return the text without the desk's name after an @, and whether that name was there."""
    rest, found = _MENTION.subn(_gap, text)
    return (rest.strip().lstrip(_AFTER_NAME), True) if found else (text, False)


def _gap(named: re.Match[str]) -> str:
    """Keep words apart that the name stood between."""
    return " " if named.group()[0].isspace() and named.group()[-1].isspace() else ""
