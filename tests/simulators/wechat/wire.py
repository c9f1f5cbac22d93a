"""The platform's XML: what it sends in each mode, and how strictly it reads an answer."""

import secrets
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tests.simulators.wechat.crypto import decrypt, encrypt, sign

if TYPE_CHECKING:
    from tests.simulators.wechat.server import WeChatServer


def xml(fields: Mapping[str, Any]) -> str:
    """Write fields as the platform does: numbers bare, text in CDATA."""
    return "<xml>" + "".join(_element(name, value) for name, value in fields.items()) + "</xml>"


def _element(name: str, value: object) -> str:
    if isinstance(value, Mapping):
        return f"<{name}>" + "".join(_element(*each) for each in value.items()) + f"</{name}>"
    if isinstance(value, int | float):
        return f"<{name}>{value}</{name}>"
    return f"<{name}><![CDATA[{str(value).replace(']]>', ']]]]><![CDATA[>')}]]></{name}>"


class Wire:
    """Requests as the platform makes them, in its mode."""

    def __init__(self, server: "WeChatServer") -> None:
        self._server = server

    def request(self, fields: Mapping[str, Any]) -> tuple[dict[str, str], bytes]:
        """Return query and body of a callback."""
        server = self._server
        stamp, nonce = str(int(server.clock())), secrets.token_hex(5)
        query = {"signature": sign(server.token, stamp, nonce), "timestamp": stamp, "nonce": nonce,
                 "openid": str(fields.get("FromUserName", ""))}  # fmt: skip
        if server.mode == "plain":
            return query, xml(fields).encode()
        sealed = encrypt(xml(fields), server.aes_key, server.app_id)
        query |= {"encrypt_type": "aes", "msg_signature": sign(server.token, stamp, nonce, sealed)}
        shown = fields if server.mode == "compatible" else {"ToUserName": server.account}
        return query, xml({**shown, "Encrypt": sealed}).encode()

    def opened(self, answer: str) -> str:
        """Return the XML of an answer; asserts that it is sealed as the platform wants it."""
        server = self._server
        if server.mode == "plain":
            return answer
        root = ElementTree.fromstring(answer)
        told = {child.tag: child.text or "" for child in root}
        assert set(told) == {"Encrypt", "MsgSignature", "TimeStamp", "Nonce"}, sorted(told)
        assert sign(server.token, told["TimeStamp"], told["Nonce"], told["Encrypt"]) == told["MsgSignature"]
        document, receiver = decrypt(told["Encrypt"], server.aes_key)
        assert receiver == server.app_id
        return document


def read_answer(document: str, openid: str, account: str) -> str:
    """Return the text of an answer; asserts its form."""
    root = ElementTree.fromstring(document)
    told = {child.tag: child.text or "" for child in root}
    assert root.tag == "xml"
    assert len(told) == len(root), "a doubled tag"
    assert set(told) == {"ToUserName", "FromUserName", "CreateTime", "MsgType", "Content"}, sorted(told)
    assert (told["ToUserName"], told["FromUserName"], told["MsgType"]) == (openid, account, "text")
    assert told["CreateTime"].isdecimal()
    assert 0 < len(told["Content"].encode()) <= 2048, "the content's size"
    return told["Content"]
