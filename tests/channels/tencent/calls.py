"""Callbacks as the platforms make them, by wechatpy's own hand."""

import base64
import re
from dataclasses import dataclass, replace

from wechatpy.crypto import PrpCrypto

from bot.channels.tencent.guard import Guard, Mode, signature_of
from bot.channels.tencent.xml import write
from bot.clock import Clock

TOKEN = "QDG6eK"
AES_KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
RECEIVER = "wx5823bf96d3bd56c7"

Query = dict[str, str]


@dataclass(frozen=True, slots=True)
class Called:
    """One callback: its query and its body."""

    query: Query
    body: bytes

    def with_query(self, **changed: str) -> "Called":
        return replace(self, query=self.query | changed)


def guard(mode: Mode = "encrypted", clock: Clock | None = None) -> Guard:
    return Guard(token=TOKEN, aes_key=AES_KEY, receiver=RECEIVER, clock=clock or Clock(), mode=mode)


def plain(document: str | bytes, clock: Clock, nonce: str = "1320562132") -> Called:
    """Return a callback of an Official Account in plain mode: nothing signs its body."""
    timestamp = str(int(clock.now().timestamp()))
    query = {"signature": signature_of(TOKEN, timestamp, nonce), "timestamp": timestamp, "nonce": nonce}
    return Called(query, document.encode() if isinstance(document, str) else document)


def encrypted(document: str, clock: Clock, nonce: str = "1320562132", receiver: str = RECEIVER) -> Called:
    """Return an encrypted callback."""
    return sealed(PrpCrypto(key()).encrypt(document, receiver).decode(), clock, nonce)


def sealed(secret: str, clock: Clock, nonce: str = "1320562132") -> Called:
    """Return a rightly signed callback with whatever stands for the encrypted message."""
    timestamp = str(int(clock.now().timestamp()))
    query = {"msg_signature": signature_of(TOKEN, timestamp, nonce, secret), "timestamp": timestamp, "nonce": nonce}
    return Called(query, write({"ToUserName": RECEIVER, "Encrypt": secret, "AgentID": "218"}).encode())


def key() -> bytes:
    return base64.b64decode(f"{AES_KEY}=")


def message(**fields: str) -> str:
    """Return a text message, with other fields where they are given."""
    told = {"ToUserName": RECEIVER, "FromUserName": "mycreate", "CreateTime": "1409659813", "MsgType": "text",
            "Content": "单元门锁坏了", "MsgId": "4561255354251345929", "AgentID": "218"}  # fmt: skip
    return write(told | fields)


def inner(sealed_answer: str, name: str) -> str:
    found = re.search(rf"<{name}>(?:<!\[CDATA\[)?(.*?)(?:\]\]>)?</{name}>", sealed_answer)
    assert found is not None
    return found[1]
