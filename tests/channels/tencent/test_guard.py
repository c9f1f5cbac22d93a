"""The guard opens what the platform says, and nothing else."""

import base64
from datetime import timedelta

import pytest
from wechatpy.crypto import PrpCrypto
from wechatpy.crypto.cryptography import WeChatCipher

from bot.channels.tencent.guard import BadCallback, Guard, Mode, Verified, signature_of
from bot.channels.tencent.xml import cdata, parse, write
from bot.clock import Clock
from tests.channels.tencent.calls import (
    AES_KEY,
    RECEIVER,
    TOKEN,
    Called,
    encrypted,
    guard,
    inner,
    key,
    message,
    plain,
    sealed,
)

CLOCK = Clock()


def refused(opener: Guard, called: Called) -> str:
    with pytest.raises(BadCallback) as caught:
        opener.open(called.query, called.body)
    assert caught.value.status in (400, 403)
    return caught.value.reason


@pytest.mark.parametrize("mode", ["compatible", "encrypted"])
def test_what_is_encrypted_is_opened(mode: Mode) -> None:
    called = encrypted(message(), CLOCK)
    opened = guard(mode).open(called.query, called.body)
    assert opened.encrypted
    assert opened.fields.need("Content") == "单元门锁坏了"
    assert opened.fields.number("CreateTime") == 1409659813


def test_plain_mode_opens_what_is_plain() -> None:
    called = plain(message(), CLOCK)
    opened = guard("plain").open(called.query, called.body)
    assert not opened.encrypted
    assert opened.fields.need("Content") == "单元门锁坏了"


@pytest.mark.parametrize("mode", ["compatible", "encrypted"])
def test_who_expects_encryption_takes_nothing_plain(mode: Mode) -> None:
    assert refused(guard(mode), plain(message(), CLOCK)) == "Encrypt is missing"


def test_beside_the_encrypted_message_the_plain_one_is_not_believed() -> None:
    called = encrypted(message(), CLOCK)
    both = Called(called.query, called.body.replace(b"</xml>", b"<Content>forged</Content></xml>"))
    assert guard("compatible").open(both.query, both.body).fields.need("Content") == "单元门锁坏了"


def test_the_address_is_verified_in_both_ways() -> None:
    asked = plain("", CLOCK).query | {"echostr": "5927782489442352469"}
    assert guard().verify(asked) == Verified("5927782489442352469")
    assert guard("plain").verify(asked) == Verified("5927782489442352469", once=asked["signature"])
    secret = PrpCrypto(key()).encrypt("1616140317555161061", RECEIVER).decode()
    assert guard().verify(sealed(secret, CLOCK).query | {"echostr": secret}) == Verified("1616140317555161061")
    with pytest.raises(BadCallback, match="wrong signature"):
        guard().verify(asked | {"signature": "0" * 40})
    with pytest.raises(BadCallback, match="wrong signature"):
        guard().verify(sealed(secret, CLOCK).query | {"echostr": secret[:-4]})


def test_an_answer_is_sealed_so_that_the_platform_can_open_it() -> None:
    opener = guard()
    answer = opener.seal(write({"Content": "好的]]>"}))
    secret, stamp, nonce = (inner(answer, name) for name in ("Encrypt", "TimeStamp", "Nonce"))
    assert inner(answer, "MsgSignature") == signature_of(TOKEN, stamp, nonce, secret)
    assert parse(PrpCrypto(key()).decrypt(secret, RECEIVER)).need("Content") == "好的]]>"


@pytest.mark.parametrize("seconds", [-301, 302])
@pytest.mark.parametrize("mode", ["plain", "encrypted"])
def test_what_is_too_old_or_too_new_is_refused(mode: Mode, seconds: int) -> None:
    called = (plain if mode == "plain" else encrypted)(message(), Clock(timedelta(seconds=seconds)))
    assert refused(guard(mode), called).startswith("too old")


@pytest.mark.parametrize("mode", ["plain", "encrypted"])
def test_the_platforms_own_repeat_is_let_through(mode: Mode) -> None:
    opener, called = guard(mode), (plain if mode == "plain" else encrypted)(message(), CLOCK)
    first, again = (opener.open(called.query, called.body) for _ in range(2))
    assert first.fields == again.fields


def test_in_plain_mode_it_is_told_by_what_a_message_is_taken_in_once() -> None:
    called = plain(message(), CLOCK)
    assert guard("plain").open(called.query, called.body).once == called.query["signature"]
    secret = encrypted(message(), CLOCK)
    assert guard().open(secret.query, secret.body).once == ""


@pytest.mark.parametrize("changed", [
    {"signature": "0" * 40}, {"signature": ""}, {"signature": "签"}, {"timestamp": ""}, {"timestamp": "now"},
    {"timestamp": "١٤٠٩٦٥٩٨١٣"}, {"nonce": ""}, {"nonce": "n" * 129}, {"timestamp": "9" * 400},
])  # fmt: skip
def test_a_wrong_query_is_refused_in_both_modes(changed: dict[str, str]) -> None:
    assert refused(guard("plain"), plain(message(), CLOCK).with_query(**changed))
    changed = {("msg_signature" if name == "signature" else name): value for name, value in changed.items()}
    assert refused(guard(), encrypted(message(), CLOCK).with_query(**changed))
    assert refused(guard(), Called({}, b""))


def test_another_accounts_message_is_refused() -> None:
    assert refused(guard(), encrypted(message(), CLOCK, receiver="wx0000")).startswith("cannot be decrypted")


def raw(content: bytes) -> str:
    """Encrypt bytes that need not be a message."""
    return base64.b64encode(WeChatCipher(key()).encrypt(content)).decode()


@pytest.mark.parametrize("secret", [
    "", "x", "====", "not base64 ☃", base64.b64encode(b"short").decode(),
    base64.b64encode(bytes(range(7, 71))).decode(),
    raw(b"\0" * 32), raw(b"\xff" * 64), raw(b"r" * 16 + b"\0\0\0\x02\xff\xfe" + RECEIVER.encode() + b"\x08" * 24),
    raw(b"r" * 16 + b"\x7f\xff\xff\xff" + b"x" * 43 + b"\x01"), raw(b"r" * 31 + b"\x20"),
])  # fmt: skip
def test_whatever_stands_for_the_encrypted_message_is_refused_cleanly(secret: str) -> None:
    assert refused(guard(), sealed(secret, CLOCK))


@pytest.mark.parametrize("document", [
    "", "x", "<", "<xml>", "<xml></xml>", "<xml/>", "<xml>words</xml>", "<html><a>1</a></html>",
    message()[:-7], message() + "x",
    "<xml><Content>a</Content><Content>b</Content></xml>", "<xml>\0</xml>", "<xml><a>&#0;</a></xml>",
    '<!DOCTYPE x [<!ENTITY a "b">]><xml><Content>&a;</Content></xml>',
    '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><xml><Content>&a;</Content></xml>',
    '<!DOCTYPE x [<!ENTITY a "' + "l" * 100 + '"><!ENTITY b "' + "&a;" * 100 + '">]><xml><Content>&b;</Content></xml>',
    "<a>" * 20_000,
])  # fmt: skip
def test_a_document_of_another_shape_is_refused_in_both_modes(document: str) -> None:
    assert refused(guard("plain"), plain(document, CLOCK))
    assert refused(guard(), encrypted(document, CLOCK))


def test_bytes_that_are_no_text_are_refused() -> None:
    assert refused(guard("plain"), plain(message().encode("utf-16") + b"\xff", CLOCK))
    assert refused(guard("plain"), plain(b"<xml><a>\xff\xfe</a></xml>", CLOCK))
    assert refused(guard("plain"), plain(b'<?xml version="1.0" encoding="utf-7"?><xml><a>1</a></xml>', CLOCK))


def test_fields_of_another_shape_are_refused_where_they_are_read() -> None:
    fields = parse('<xml><A x="1">a</A><B><C>1</C></B><D/><E>1.5</E><F>٣</F><L><I>1</I></L></xml>')
    for read in (lambda: fields.text("A"), lambda: fields.text("B"), lambda: fields.need("D"), lambda: fields.need("X"),
                 lambda: fields.number("E"), lambda: fields.number("F"), lambda: fields.inside("E"),
                 lambda: fields.several("E"), lambda: fields.decimal("F")):  # fmt: skip
        with pytest.raises(BadCallback):
            read()
    assert fields.text("D") == ""
    assert fields.inside("B").number("C") == 1
    assert fields.decimal("E") == 1.5
    assert fields.inside("nothing").several("Item") == []
    assert [item.need("I") for item in fields.several("L")] == ["1"]


@pytest.mark.parametrize(
    "words", ["]]>", "a]]>b", "]]]]>>", "]]", "<![CDATA[x]]>", "<b>&amp;</b>", "]]>]]>", "红管家 😀"]
)
def test_words_cannot_break_out_of_an_answer(words: str) -> None:
    assert parse(write({"Content": words, "N": 1})).need("Content") == words
    assert parse(f"<xml><a>{cdata(words)}</a><b>1</b></xml>").found["b"] == "1"


def test_what_xml_cannot_hold_is_left_out() -> None:
    assert parse(write({"Content": "a\0b\x0bc\ud800d\ufffee"})).need("Content") == "abcde"


def test_several_and_nested_fields_are_written() -> None:
    document = write({"Articles": {"item": [{"Title": "一"}, {"Title": "二"}]}, "Count": 2})
    assert [item.need("Title") for item in parse(document).inside("Articles").several("item")] == ["一", "二"]
    with pytest.raises(ValueError, match="no name of a field"):
        write({"a><b": "x"})


def test_a_key_that_is_none_is_told() -> None:
    with pytest.raises(ValueError, match="43 letters"):
        Guard(token=TOKEN, aes_key=AES_KEY[:-1], receiver=RECEIVER, clock=CLOCK)
    without = Guard(token=TOKEN, aes_key="", receiver=RECEIVER, clock=CLOCK, mode="plain")
    assert refused(without, encrypted(message(), CLOCK)) == "encrypted, but no aes_key is set"
