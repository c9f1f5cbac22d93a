"""From WeCom's callbacks to what a person did. The formats: path/90239 (messages) and path/90240 (events)."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime

from bot.channels.tencent.coordinates import to_wgs84
from bot.channels.tencent.xml import BadCallback, Fields
from handlers.inbound import FileKind, Inbound, IncomingFile, Press

CHANNEL = "wecom"
USERID = 64  # characters of a userid
FILES: dict[str, FileKind] = {"image": "photo", "voice": "voice", "video": "video", "shortvideo": "video",
                              "file": "file"}  # fmt: skip
MIMES = {"image": "image/jpeg", "voice": "audio/amr", "video": "video/mp4", "shortvideo": "video/mp4"}


@dataclass(frozen=True, slots=True)
class Skipped:
    """A callback that says nothing to us: acknowledge it."""

    kind: str


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button of a card that was pressed: with `code` that card can be changed once."""

    inbound: Inbound
    task_id: str
    code: str


def read(fields: Fields, agent_id: int, now: datetime) -> Inbound | Pressed | Skipped:
    """Return what the callback says. Raises BadCallback for one that lacks what it must have."""
    agent = fields.text("AgentID")
    if agent and agent != str(agent_id):
        return Skipped("another app's")
    kind = fields.need("MsgType")
    return _event(fields, now) if kind == "event" else _message(fields, kind, now)


def user_of(fields: Fields) -> str:
    """Return who did it. Userids are the same in capitals and small letters, so small ones are kept."""
    user = fields.need("FromUserName").lower()
    if len(user) > USERID:
        raise BadCallback("FromUserName is too long")
    return user


def _message(fields: Fields, kind: str, now: datetime) -> Inbound:
    user, number = user_of(fields), str(fields.number("MsgId"))
    said = Inbound(CHANNEL, f"m:{number}", user, user, user, now, message=number)
    if kind == "text":
        return replace(said, text=fields.text("Content"))
    if kind == "location":
        return replace(said, location=to_wgs84(fields.decimal("Location_X"), fields.decimal("Location_Y")))
    if kind in FILES:
        file = IncomingFile(FILES[kind], remote=fields.need("MediaId"), mime=MIMES.get(kind))
        return replace(said, files=(file,))
    return replace(said, unknown="other")


def _event(fields: Fields, now: datetime) -> Inbound | Pressed | Skipped:
    user, event = user_of(fields), fields.need("Event")
    did = Inbound(CHANNEL, _key(fields, user, event), user, user, user, now)
    match event:
        case "template_card_event":
            press = replace(did, press=Press(fields.need("EventKey"), message=fields.text("TaskId") or None))
            return Pressed(press, fields.text("TaskId"), fields.text("ResponseCode"))
        case "enter_agent":
            return replace(did, reach="back")
        case "subscribe":
            return replace(did, text="/start")
        case "unsubscribe":
            return replace(did, reach="blocked")
        case "click":
            return replace(did, text=f"/{fields.need('EventKey')}")
    return Skipped("event")


def _key(fields: Fields, user: str, event: str) -> str:
    """Events have no number: who, when, what and which card name one; each press brings a code of its own."""
    parts = (user, str(fields.number("CreateTime")), event, fields.text("EventKey"), fields.text("TaskId"),
             fields.text("ResponseCode"))  # fmt: skip
    return f"e:{hashlib.sha256('|'.join(parts).encode()).hexdigest()}"
