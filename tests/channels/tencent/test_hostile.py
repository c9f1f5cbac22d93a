"""Hostile callbacks: whatever comes, the guard refuses it with one clean reason, or opens what can be read.

Thousands of real callbacks are mutated on the wire, and, for whoever has the token, inside the encryption too.
"""

import base64
import string

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wechatpy.crypto import PrpCrypto
from wechatpy.crypto.cryptography import WeChatCipher

from bot.channels.tencent.guard import BadCallback, Mode
from bot.channels.tencent.xml import Fields, cdata, one_reason, parse, write
from bot.channels.wecom.parse import Pressed, Skipped, read
from bot.clock import Clock
from handlers.inbound import Inbound
from tests.channels.tencent.calls import RECEIVER, Called, encrypted, guard, key, message, plain, sealed

CLOCK = Clock()
MANY = settings(max_examples=5 * settings().max_examples, deadline=None, suppress_health_check=list(HealthCheck))
SECRET_WORDS = "张三家的电话"
KINDS = ("text", "image", "voice", "video", "location", "link", "event", "hologram", "")
EVENTS = ("template_card_event", "enter_agent", "subscribe", "unsubscribe", "click", "LOCATION", "batch_job_result", "")
NAMES = ("ToUserName", "FromUserName", "CreateTime", "MsgType", "Content", "MsgId", "AgentID", "MediaId", "Event",
         "EventKey", "TaskId", "ResponseCode", "Location_X", "Location_Y", "Encrypt", "SelectedItems")  # fmt: skip
WHERE = {"Location_X": "23.1", "Location_Y": "113.2"}
PRESS = {"Event": "template_card_event", "EventKey": "c:accept:1", "TaskId": "1@task@1", "ResponseCode": "code"}
SAMPLES = (
    message(Content=SECRET_WORDS), message(MsgType="image", MediaId="abc"), message(MsgType="location", **WHERE),
    message(MsgType="event", **PRESS), message(MsgType="event", Event="enter_agent"),
    message(Content="]]>" + SECRET_WORDS),
)  # fmt: skip


def tried(mode: Mode, called: Called) -> Fields | None:
    """Open a callback and read it; None where it was refused, for a reason that tells nothing of what was said."""
    refusal: BadCallback | None = None
    try:
        opened = guard(mode).open(called.query, called.body)
        with one_reason("unreadable"):
            found = read(opened.fields, 218, CLOCK.now())
    except BadCallback as error:
        refusal = error
    if refusal is None:
        assert isinstance(found, Inbound | Pressed | Skipped)
        return opened.fields
    assert refusal.status in (400, 403)
    assert 0 < len(refusal.reason) < 100
    assert not set(SECRET_WORDS) & set(refusal.reason)
    return None


@st.composite
def mutated(draw: st.DrawFn, samples: tuple[str, ...] = SAMPLES) -> bytes:
    """Return a real document with some of it cut out, doubled, overwritten or moved."""
    body = bytearray(draw(st.sampled_from(samples)).encode())
    for _ in range(draw(st.integers(1, 4))):
        first = draw(st.integers(0, max(0, len(body) - 1)))
        last = draw(st.integers(first, min(len(body), first + 40)))
        match draw(st.integers(0, 4)):
            case 0:
                del body[first:last]
            case 1:
                body[first:first] = body[first:last]
            case 2:
                body[first:last] = draw(st.binary(max_size=20))
            case 3:
                body[first:first] = draw(st.sampled_from(HOSTILE)).encode()
            case _:
                del body[first:]
    return bytes(body)


HOSTILE = (
    "]]>", "<![CDATA[", "&a;", "&#0;", "&lt;", "<!DOCTYPE x [<!ENTITY a 'b'>]>", "<xml>", "</xml>", "<Content>", "<!--",
    "<a b='c'/>", "\0", "\ufeff", "<?xml version='1.0' encoding='gb2312'?>", "-->", "<Encrypt/>",
)  # fmt: skip
Shape = st.recursive(
    st.text(max_size=20) | st.integers(-(10**20), 10**20),
    lambda inner: st.dictionaries(st.sampled_from(NAMES), inner, max_size=4) | st.lists(inner, max_size=3),
    max_leaves=12,
)


@given(mutated())
@MANY
def test_mutated_in_plain_mode(body: bytes) -> None:
    tried("plain", plain(body, CLOCK))


@given(mutated())
@MANY
def test_mutated_inside_the_encryption(body: bytes) -> None:
    tried("encrypted", sealed(PrpCrypto(key()).encrypt(body, RECEIVER).decode(), CLOCK))


@given(mutated(tuple(encrypted(each, CLOCK).body.decode() for each in SAMPLES)))
@MANY
def test_mutated_on_the_wire(body: bytes) -> None:
    called = encrypted(SAMPLES[0], CLOCK)
    found = tried("encrypted", Called(called.query, body))
    assert found is None or body == called.body  # nothing but what was signed is believed


@given(st.dictionaries(st.sampled_from(NAMES), Shape, max_size=12), st.sampled_from(KINDS), st.sampled_from(EVENTS))
@settings(MANY, max_examples=300)
def test_fields_of_any_shape(fields: dict[str, object], kind: str, event: str) -> None:
    document = write({"MsgType": kind, "Event": event} | fields)
    tried("plain", plain(document, CLOCK))
    tried("encrypted", encrypted(document, CLOCK))


@given(st.dictionaries(st.sampled_from(("signature", "msg_signature", "timestamp", "nonce", "echostr", "encrypt_type")),
                       st.text(alphabet=string.printable + "签\ud800\0", max_size=60), max_size=6))  # fmt: skip
@MANY
def test_queries_of_any_kind(query: dict[str, str]) -> None:
    for mode in ("plain", "compatible", "encrypted"):
        assert tried(mode, Called(query, SAMPLES[0].encode())) is None
    with pytest.raises(BadCallback):
        guard().verify(query)


@given(st.binary(max_size=200))
@MANY
def test_any_bytes_inside_the_encryption(content: bytes) -> None:
    whole = content[: len(content) // 16 * 16]
    secret = base64.b64encode(WeChatCipher(key()).encrypt(whole)).decode()
    assert tried("encrypted", sealed(secret, CLOCK)) is None


@given(st.text(max_size=300))
@MANY
def test_any_words_are_written_and_read_again(words: str) -> None:
    kept = (each for each in words if each >= " " and not "\ud800" <= each <= "\udfff" and each not in "\ufffe\uffff")
    said = parse(write({"Content": words})).text("Content")
    assert "".join(said.split()) == "".join("".join(kept).split())  # XML knows one kind of line end
    assert parse(f"<xml><a>{cdata(words)}</a><b>1</b></xml>").found["b"] == "1"
