"""The guard of a callback: who calls, how old the call is, whether it was here before, what it says.

Used for WeCom (always encrypted) and the Official Account (plain, compatible, encrypted). Signature and AES are
documented at developer.work.weixin.qq.com, "加解密方案说明", and developers.weixin.qq.com, "消息加解密说明". wechatpy
does the AES; it compares signatures with `!=` and looks at no clock, so that is done here.

**Repeats.** Platforms call again when they got no answer in time, possibly with the very same request. So a repeat is
let through: the inbox knows it by the message's own key, it has no second effect, and the platform finds the same
answer. Where the body is encrypted the signature covers it. In plain mode it says nothing of the body: then `once` is
what the channel must let open one message only, in the transaction that takes it in, so that all processes know it.
"""

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from starlette.requests import Request
from wechatpy.crypto import PrpCrypto

from bot.channels.tencent.xml import BadCallback, Fields, one_reason, parse, write
from bot.clock import Clock

__all__ = ["BadCallback", "Guard", "Mode", "Opened", "read_body"]

Mode = Literal["plain", "compatible", "encrypted"]

WINDOW_SECONDS = 300  # how far the time of a call may be from ours, before or after
BODY_BYTES = 256 * 1024  # of a callback; the longest text is 2,048 bytes, a list of choices some thousand
QUERY_CHARS = 128  # of a nonce
ECHO_CHARS = 4096

AES_KEY = re.compile(r"[A-Za-z0-9]{43}")
_TIME = re.compile(r"[0-9]{1,12}")


@dataclass(frozen=True, slots=True)
class Opened:
    """A callback that came from the platform. `encrypted`: answer it in the same way, see `Guard.seal`.

    `once`: the signature that may open this one message only; empty where it covers the message.
    """

    fields: Fields
    encrypted: bool
    once: str = ""


@dataclass(frozen=True, slots=True)
class Verified:
    """What is to be echoed. `once`: the signature, which must open no message afterwards; empty where it cannot."""

    echo: str
    once: str = ""


class Guard:
    """Opens what the platform calls with. `receiver` is the app id or corp id that a message must be meant for.

    Raises ValueError for a key that is none (43 letters and digits), where the mode needs one.
    """

    def __init__(self, *, token: str, aes_key: str, receiver: str, clock: Clock, mode: Mode = "encrypted") -> None:
        if (mode != "plain" or aes_key) and not AES_KEY.fullmatch(aes_key):
            raise ValueError("aes_key: copy the 43 letters and digits of EncodingAESKey")
        self._token = token
        self._key = base64.b64decode(f"{aes_key}=") if aes_key else b""
        self._receiver = receiver
        self._clock = clock
        self._mode = mode

    def verify(self, query: Mapping[str, str]) -> Verified:
        """Return what the platform wants echoed when the address of the callback is set. Raises BadCallback."""
        echo = query.get("echostr", "")[:ECHO_CHARS]
        if "msg_signature" in query:  # WeCom: what is to be echoed is encrypted
            self._check(query, "msg_signature", echo)
            return Verified(self._decrypt(echo))
        self._check(query, "signature")
        return Verified(echo, query["signature"] if self._mode == "plain" else "")

    def open(self, query: Mapping[str, str], body: bytes) -> Opened:
        """Return what the callback says. Raises BadCallback: it did not come from the platform, or says nothing."""
        if self._mode != "plain" or "msg_signature" in query:
            return Opened(self._opened(query, body), encrypted=True)
        self._check(query, "signature")
        return Opened(parse(body), encrypted=False, once=query["signature"])

    def seal(self, document: str) -> str:
        """Return an answer, encrypted and signed, as the platform wants to read it."""
        timestamp, nonce = str(int(self._clock.now().timestamp())), secrets.token_hex(8)
        encrypted = PrpCrypto(self._key).encrypt(document, self._receiver).decode()
        signature = signature_of(self._token, timestamp, nonce, encrypted)
        return write({"Encrypt": encrypted, "MsgSignature": signature, "TimeStamp": int(timestamp), "Nonce": nonce})

    def _opened(self, query: Mapping[str, str], body: bytes) -> Fields:
        """Return the fields of an encrypted callback; in compatible mode the plain ones beside it are not believed."""
        if not self._key:
            raise BadCallback("encrypted, but no aes_key is set")
        self._fresh(query)
        encrypted = parse(body).need("Encrypt")
        self._check(query, "msg_signature", encrypted)
        return parse(self._decrypt(encrypted))

    def _check(self, query: Mapping[str, str], name: str, *signed: str) -> None:
        """Raise BadCallback unless the call is young and signed with our token."""
        self._fresh(query)
        nonce, given = query.get("nonce", ""), query.get(name, "")
        if not nonce or len(nonce) > QUERY_CHARS:
            raise BadCallback("no nonce", 403)
        with one_reason("signature"):
            right = signature_of(self._token, query["timestamp"], nonce, *signed)
            same = hmac.compare_digest(right.encode(), given.encode("utf-8", "replace"))
        if not same:
            raise BadCallback("wrong signature", 403)

    def _fresh(self, query: Mapping[str, str]) -> None:
        told = query.get("timestamp", "")
        if not _TIME.fullmatch(told):
            raise BadCallback("no timestamp", 403)
        if abs(self._clock.now().timestamp() - int(told)) > WINDOW_SECONDS:
            raise BadCallback("too old, or from the future: check the clock of this machine", 403)

    def _decrypt(self, encrypted: str) -> str:
        with one_reason("cannot be decrypted"):
            found = PrpCrypto(self._key).decrypt(encrypted, self._receiver)
        if not isinstance(found, str) or not found:
            raise BadCallback("cannot be decrypted: empty")
        return found


async def read_body(request: Request, limit: int = BODY_BYTES) -> bytes:
    """Return the body of a request. Raises BadCallback once it is longer than `limit` bytes."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise BadCallback("too large", 413)
    return bytes(body)


def signature_of(*signed: str) -> str:
    """Return the SHA-1 of the sorted parts, as both platforms sign."""
    return hashlib.sha1("".join(sorted(signed)).encode(), usedforsecurity=False).hexdigest()
