"""From a callback's fields to what a person did. Pure; what is missing or odd raises BadCallback, nothing else."""

import hashlib
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal

from bot.channels.tencent.coordinates import to_wgs84
from bot.channels.tencent.xml import BadCallback, Fields
from bot.channels.wechat import limits
from handlers.clean import clean
from handlers.inbound import FileKind, Inbound, IncomingFile, Press

CHANNEL = "wechat"
NAME = "微信居民"  # since 2021 the platform tells no names
OPENID = re.compile(r"[A-Za-z0-9_-]{1,128}")
KEY_CHARACTERS = 150
REMOTE_CHARACTERS = 255  # of the database's column
ODD_TEXT = "【收到不支持的消息类型，暂无法显示】"  # what a sticker and the like come as
_FILES: dict[str, FileKind] = {"image": "photo", "voice": "voice", "video": "video", "shortvideo": "video"}
_LATEST = 253_402_300_799  # the last second of the year 9999

Opens = Literal["said", "tapped"]


@dataclass(frozen=True, slots=True)
class Grant:
    """The answer to the question whether one later notice of a template may be sent."""

    template: str
    accepted: bool


@dataclass(frozen=True, slots=True)
class Receipt:
    """A message that the platform took and did not deliver: its number there; whether the person refuses.

    Of a notice that was agreed to `notice` is the template; else it is empty.
    """

    message: str
    blocked: bool = False
    notice: str = ""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A callback: whose, what it is for the inbox (None: nothing), which window it opens, which notices it grants.

    `account` is the account's own id, from which an answer has to come.
    """

    key: str
    chat: str
    account: str
    kind: str
    at: datetime
    inbound: Inbound | None = None
    opens: Opens | None = None
    grants: tuple[Grant, ...] = ()
    receipts: tuple[Receipt, ...] = ()


def read(fields: Fields) -> Arrival:
    """Read a callback. Raises BadCallback."""
    chat, kind = fields.need("FromUserName"), fields.need("MsgType").lower()
    if not OPENID.fullmatch(chat):
        raise BadCallback("FromUserName is no openid")
    seconds = fields.number("CreateTime")
    if not 0 <= seconds <= _LATEST:
        raise BadCallback("CreateTime is no time")
    at = datetime.fromtimestamp(seconds, UTC)
    head = _Head(chat, clean(fields.need("ToUserName"))[:64], at, fields)
    return _event(head) if kind == "event" else _message(head, kind)


@dataclass(frozen=True, slots=True)
class _Head:
    chat: str
    account: str
    at: datetime
    fields: Fields

    def arrival(
        self, key: str, kind: str, inbound: Inbound | None = None, opens: Opens | None = None,
        grants: tuple[Grant, ...] = (),
    ) -> Arrival:  # fmt: skip
        return Arrival(key, self.chat, self.account, kind, self.at, inbound, opens, grants)


def _message(head: _Head, kind: str) -> Arrival:
    fields = head.fields
    number = fields.text("MsgId") or fields.text("MsgID")
    key = _key("m", number) if number else _key("m", head.chat, fields.need("CreateTime"), kind)
    tapped = clean(fields.text("bizmsgmenuid")) if kind == "text" else ""
    return head.arrival(key, kind, _said(head, key, kind, tapped), "tapped" if tapped else "said")


def _said(head: _Head, key: str, kind: str, tapped: str) -> Inbound:
    fields = head.fields
    inbound = _inbound(head, key)
    if tapped:
        return replace(inbound, press=Press(tapped))
    if kind == "text":
        text = clean(fields.text("Content"))
        return replace(inbound, text=text, unknown="sticker" if text == ODD_TEXT else None)
    if kind in _FILES:
        remote = fields.need("MediaId")
        if len(remote) > REMOTE_CHARACTERS:
            raise BadCallback("MediaId is too long")
        file = IncomingFile(_FILES[kind], remote=remote)
        return replace(inbound, text=clean(fields.text("Recognition")), files=(file,))
    if kind == "location":
        return replace(inbound, location=_spot(fields))
    if kind == "link":
        said = (clean(fields.text(name)) for name in ("Title", "Description", "Url"))
        return replace(inbound, text="\n".join(filter(None, said)))
    return replace(inbound, unknown=clean(kind)[:24] or "unknown")


def _spot(fields: Fields) -> tuple[float, float]:
    latitude, longitude = fields.decimal("Location_X"), fields.decimal("Location_Y")
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise BadCallback("a place that is not on earth")
    return to_wgs84(latitude, longitude)


def _event(head: _Head) -> Arrival:
    fields = head.fields
    event, told = fields.need("Event"), fields.found.get("EventKey")
    about = told if isinstance(told, str) else ""
    key = _key("e", head.chat, fields.need("CreateTime"), event, about)
    inbound = _inbound(head, key)
    match event.lower():
        case "subscribe":
            return head.arrival(key, event, replace(inbound, text=_start(about.removeprefix("qrscene_"))), "tapped")
        case "scan":
            return head.arrival(key, event, replace(inbound, text=_start(about)), "tapped")
        case "unsubscribe":
            return head.arrival(key, event, replace(inbound, reach="blocked"))
        case "click" if 0 < len(about.encode()) <= 64:
            return head.arrival(key, event, replace(inbound, press=Press(clean(about) or "?")), "tapped")
        case "subscribe_msg_popup_event":
            return _granted(head, key, event, "SubscribeMsgPopupEvent")
        case "subscribe_msg_change_event":
            return _granted(head, key, event, "SubscribeMsgChangeEvent")
        case "templatesendjobfinish":
            return _finished(head, key, event)
        case "subscribe_msg_sent_event":
            return _noticed(head, key, event)
    return head.arrival(key, clean(event)[:40])


def _granted(head: _Head, key: str, event: str, name: str) -> Arrival:
    """Read what somebody agreed to, or not; they may change their mind within a second."""
    grants = _grants(head.fields.inside(name))
    what = ",".join(f"{grant.template}={grant.accepted}" for grant in grants)
    return head.arrival(_key(key, what), event, grants=grants)


def _grants(told: Fields) -> tuple[Grant, ...]:
    found = []
    for each in told.several("List"):
        template, status = each.need("TemplateId")[:64], each.text("SubscribeStatusString")
        found.append(Grant(clean(template), status == "accept"))
    return tuple(found)


def _finished(head: _Head, key: str, event: str) -> Arrival:
    """Read what became of a template message: "success", "failed:user block", "failed: system failed"."""
    number, status = head.fields.need("MsgID"), "".join(head.fields.need("Status").lower().split())
    arrival = head.arrival(_key(key, number), event)
    if status == "success":
        return arrival
    return replace(arrival, receipts=(Receipt(clean(number)[:40], "userblock" in status),))


def _noticed(head: _Head, key: str, event: str) -> Arrival:
    """Read what became of notices that were agreed to: an ErrorCode, 0 where one was delivered ("发送订阅通知")."""
    told = head.fields.inside("SubscribeMsgSentEvent").several("List")
    numbers = [(each.need("MsgID"), each.number("ErrorCode"), clean(each.need("TemplateId")[:64])) for each in told]
    failed = tuple(Receipt(clean(number)[:40], notice=notice) for number, code, notice in numbers if code)
    key = _key(key, *(number for number, _code, _notice in numbers))
    return replace(head.arrival(key, event), receipts=failed)


def _start(scene: str) -> str:
    """Return the command that a poster's code stands for: the same as its deep link on Telegram."""
    return f"/start {scene}" if re.fullmatch(limits.SCENE, scene) else "/start"


def _inbound(head: _Head, key: str) -> Inbound:
    """Return who and when; the platform gives no names."""
    return Inbound(CHANNEL, key, head.chat, head.chat, NAME, head.at, hold=limits.HOLD)


def _key(*parts: str) -> str:
    """Return the name of a callback, the same when WeChat repeats it; a long one is told by its hash."""
    key = ":".join(parts)
    return key if len(key) <= KEY_CHARACTERS and key.isprintable() else hashlib.sha256(key.encode()).hexdigest()
