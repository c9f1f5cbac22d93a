"""What stands over a line of a group that answers another: who said that, and how it begins."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.channels.web.groups import HELD
from storage.message_models import WebLine

Quote = dict[str, Any]
"""`line`, `user` and `name` of its author (None: the desk), the beginning of its `text`, whether it has files."""

SHOWN = 120  # characters of the answered line


def quote(session: Session, chat: str, line_id: str | None) -> Quote | None:
    """Return the quote of a line; None when the chat has no such line."""
    if line_id is None or not line_id.isdecimal():
        return None
    here = select(WebLine.body).where(WebLine.id == int(line_id), WebLine.chat.in_((chat, HELD + chat)))
    body = session.scalar(here)
    if body is None:
        return None
    author = body.get("author") or {"user": None, "name": None}
    text = body.get("title") or body.get("text") or ""
    return {"line": int(line_id), **author, "text": text[:SHOWN], "files": bool(body.get("files"))}


def of_desk(found: Quote | None) -> bool:
    """Tell whether it is the desk that is answered."""
    return found is not None and found["user"] is None
