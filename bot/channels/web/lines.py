"""The lines of a web chat: what a reload shows. Functions over a session, run in a transaction of the store."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, Select, select, update
from sqlalchemy.orm import Session

from bot.channels.base import Delivery, StoredFile
from bot.channels.web.groups import is_group
from bot.channels.web.limits import PAGE
from bot.channels.web.quotes import quote
from handlers.inbound import Inbound
from storage.message_models import Attachment, WebLine
from storage.upsert import insert_or_ignore

_SHOWN = ("title", "text", "choices", "card", "ask", "ask_label", "link")


@dataclass(frozen=True, slots=True)
class Line:
    """One line as the page gets it. `client` is the id the page gave to what the person said."""

    id: int
    mine: bool
    body: dict[str, Any]
    at: datetime
    client: str | None = None

    def frame(self, kind: str = "line") -> dict[str, Any]:
        """Return it as a frame; moments are ISO 8601 in UTC to the millisecond, so that they sort as text."""
        frame = {"type": kind, "id": self.id, "mine": self.mine, "body": self.body, "at": stamp(self.at)}
        return frame | {"client": self.client} if self.client else frame


def stamp(at: datetime) -> str:
    """Spell a moment for the page."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds")


def show(session: Session, delivery: Delivery, now: datetime) -> tuple[Line, bool]:
    """Write what a delivery shows; return the line and whether it is an old one in a new state.

    The same delivery again finds its own line, so a repeat changes nothing.
    """
    body = _body(session, delivery)
    if delivery.payload.get("edit"):
        replaced = _replace(session, delivery, body | {"edited": stamp(now)})
        if replaced is not None:
            return replaced, True
    values = {"chat": delivery.chat, "outgoing_id": delivery.id, "said": None, "mine": False, "body": body, "at": now}
    insert_or_ignore(session, WebLine, values)
    return _one(session, _lines().where(WebLine.outgoing_id == delivery.id)), False


def say(session: Session, inbound: Inbound) -> Line:
    """Write what a person said as their own line. Its key is the inbox's, so a repeat changes nothing."""
    return write_said(session, inbound.chat, inbound, said(session, inbound))


def write_said(session: Session, chat: str, inbound: Inbound, body: dict[str, Any]) -> Line:
    """Write a line that a person said into a chat, once; the same again finds it, wherever it is now."""
    values = {
        "chat": chat, "outgoing_id": None, "said": inbound.key, "mine": True, "at": inbound.at, "body": body,
    }  # fmt: skip
    insert_or_ignore(session, WebLine, values)
    return _one(session, _lines().where(WebLine.said == inbound.key))


def mark_pressed(session: Session, chat: str, user: str, line_id: int, data: str) -> None:
    """Note on a line which of its buttons was pressed, in a group by whom.

    Nothing happens when it no longer has that button.
    """
    chosen = _lines().where(WebLine.id == line_id, WebLine.chat == chat, WebLine.mine.is_(False)).with_for_update()
    row = session.execute(chosen).one_or_none()
    if row is None or not any(choice["data"] == data for choices in row.body["choices"] for choice in choices):
        return
    pressed = {"pressed": {**row.body.get("pressed", {}), user: data}} if is_group(chat) else {"chosen": data}
    session.execute(update(WebLine).where(WebLine.id == line_id).values(body=row.body | pressed))


def get(session: Session, line_id: int) -> Line | None:
    """Return a line in its present state."""
    row = session.execute(_lines().where(WebLine.id == line_id)).one_or_none()
    return _line(row) if row else None


def one(session: Session, line_id: int) -> Line:
    """Return a line that is there."""
    return _one(session, _lines().where(WebLine.id == line_id))


def page(session: Session, chat: str, before: int | None = None) -> tuple[list[Line], bool]:
    """Return the newest lines (or those before a line), oldest first, and whether there are more.

    Sorted by moment: the person's words are written after they were taken in, and an answer may be quicker.
    """
    wanted = _lines().where(WebLine.chat == chat).order_by(WebLine.id.desc()).limit(PAGE + 1)
    if before is not None:
        wanted = wanted.where(WebLine.id < before)
    rows = session.execute(wanted).all()
    found = sorted((_line(row) for row in rows[:PAGE]), key=lambda line: (line.at, line.id))
    return found, len(rows) > PAGE


def shows_file(session: Session, chat: str, token: str) -> bool:
    """Tell whether a line of the chat shows the file. That somebody wrote its token as words does not count."""
    as_text = WebLine.body["files"].as_string()
    bodies = session.scalars(select(WebLine.body).where(WebLine.chat == chat, as_text.contains(token, autoescape=True)))
    return any(file["token"] == token for body in bodies for file in body["files"])


def _replace(session: Session, delivery: Delivery, body: dict[str, Any]) -> Line | None:
    """Replace the line that shows the card, if there still is one."""
    if delivery.message is None or not delivery.message.isdecimal():
        return None
    here = (WebLine.id == int(delivery.message), WebLine.chat == delivery.chat, WebLine.mine.is_(False))
    row = session.execute(_lines().where(*here).with_for_update()).one_or_none()
    if row is None:
        return None
    answers = {"quote": row.body["quote"]} if "quote" in row.body else {}
    session.execute(update(WebLine).where(*here).values(body=answers | body))
    return replace(_line(row), body=answers | body)


def _body(session: Session, delivery: Delivery) -> dict[str, Any]:
    body = {name: delivery.payload.get(name) for name in _SHOWN}
    body |= {"choices": body["choices"] or [], "files": [_file(file) for file in delivery.files]}
    body |= {"force": True} if delivery.payload.get("force") else {}
    answered = quote(session, delivery.chat, delivery.payload.get("reply_to"))
    return body | {"quote": answered} if answered else body


def said(session: Session, inbound: Inbound) -> dict[str, Any]:
    """Return what a line shows of something that a person said."""
    body: dict[str, Any] = {"text": inbound.text}
    if inbound.location is not None:
        body["location"] = list(inbound.location)
    ids = [file.attachment for file in inbound.files if file.attachment is not None]
    if ids:
        found = {row.id: row for row in session.scalars(select(Attachment).where(Attachment.id.in_(ids)))}
        body["files"] = [_file(found[key]) for key in ids if key in found]
    return body


def _file(file: StoredFile | Attachment) -> dict[str, str]:
    shown = {"token": file.token, "kind": file.kind, "mime": file.mime or ""}
    return shown | {"name": file.name} if file.name else shown


def _lines() -> Select[int, str, str | None, bool, dict[str, Any], datetime]:
    return select(WebLine.id, WebLine.chat, WebLine.said, WebLine.mine, WebLine.body, WebLine.at)


def _one(session: Session, wanted: Select[*tuple[Any, ...]]) -> Line:
    return _line(session.execute(wanted).one())


def _line(row: Row[Any]) -> Line:
    client = row.said.rpartition(":")[2] if row.said else None  # behind the user's id
    return Line(row.id, row.mine, row.body, row.at, client)
