"""Callbacks that are none, or odd: each is refused or answered plainly, logged without its words, and harms nothing."""

import base64
import random
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from bot.channels.tencent.guard import Guard
from bot.channels.tencent.xml import BadCallback, Fields
from bot.channels.wechat.parse import read
from bot.clock import Clock
from storage.engine import Store
from tests.channels.wechat.yard import ADDRESS, Yard, yard
from tests.simulators.wechat import WeChatServer
from tests.simulators.wechat.crypto import encrypt, sign
from tests.simulators.wechat.wire import xml

WORDS = "王秀兰住3号楼501"  # must not show in any log
MUTATIONS = 4000


@pytest.fixture
async def place(store: Store) -> AsyncIterator[Yard]:
    async with yard(store) as opened:
        yield opened


def sealed(place: Yard, document: str, *, key: str = "", receiver: str = "") -> tuple[dict[str, str], bytes]:
    """Return a request that is rightly signed and holds any document."""
    platform = place.platform
    encrypted = encrypt(document, key or platform.aes_key, receiver or platform.app_id)
    return signed(place, encrypted)


def signed(place: Yard, encrypted: str) -> tuple[dict[str, str], bytes]:
    stamp, nonce = str(int(place.clock.now().timestamp())), str(random.random())
    query = {"timestamp": stamp, "nonce": nonce, "encrypt_type": "aes",
             "msg_signature": sign(place.platform.token, stamp, nonce, encrypted)}  # fmt: skip
    return query, xml({"ToUserName": "gh", "Encrypt": encrypted}).encode()


Hostile = Callable[[Yard], tuple[dict[str, str], bytes]]


def wrong_signature(place: Yard) -> tuple[dict[str, str], bytes]:
    query, body = place.request(place.fields(Content=WORDS))
    return {**query, "msg_signature": "0" * 40}, body


def no_signature(place: Yard) -> tuple[dict[str, str], bytes]:
    return {}, xml(place.fields(Content=WORDS)).encode()


def changed_body(place: Yard) -> tuple[dict[str, str], bytes]:
    query, _ = place.request(place.fields(Content="别的"))
    return query, place.request(place.fields(Content=WORDS))[1]


def bad_base64(place: Yard) -> tuple[dict[str, str], bytes]:
    return signed(place, "这不是 base64!")


def bad_padding(place: Yard) -> tuple[dict[str, str], bytes]:
    return signed(place, base64.b64encode(b"\0" * 64).decode())


def not_whole_blocks(place: Yard) -> tuple[dict[str, str], bytes]:
    return signed(place, base64.b64encode(b"12345").decode())


def another_app(place: Yard) -> tuple[dict[str, str], bytes]:
    return sealed(place, xml(place.fields(Content=WORDS)), receiver="wxsomebodyelse")


def truncated(place: Yard) -> tuple[dict[str, str], bytes]:
    return sealed(place, xml(place.fields(Content=WORDS))[:-30])


def doubled(place: Yard) -> tuple[dict[str, str], bytes]:
    return sealed(place, xml(place.fields()).replace("</xml>", f"<Content>{WORDS}</Content></xml>"))


def entities(place: Yard) -> tuple[dict[str, str], bytes]:
    bomb = '<!DOCTYPE x [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    return sealed(place, bomb + xml(place.fields(Content="&b;")).replace("<![CDATA[&b;]]>", "&b;"))


def outside_entity(place: Yard) -> tuple[dict[str, str], bytes]:
    document = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + xml(place.fields())
    return sealed(place, document.replace("<![CDATA[3号楼漏水]]>", "&a;"))


def too_large(place: Yard) -> tuple[dict[str, str], bytes]:
    query, body = place.request(place.fields())
    return query, body + b" " * (10 << 20)


def nested(place: Yard) -> tuple[dict[str, str], bytes]:
    return sealed(place, "<xml>" * 20_000)


def no_openid(place: Yard) -> tuple[dict[str, str], bytes]:
    return place.request(place.fields(FromUserName=f"{WORDS}/../x"))


def no_time(place: Yard) -> tuple[dict[str, str], bytes]:
    return place.request(place.fields(CreateTime=WORDS))


def far_time(place: Yard) -> tuple[dict[str, str], bytes]:
    return place.request(place.fields(CreateTime=10**17))


def content_is_a_group(place: Yard) -> tuple[dict[str, str], bytes]:
    return place.request(place.fields(Content={"x": WORDS}))


def not_on_earth(place: Yard) -> tuple[dict[str, str], bytes]:
    return place.request(place.fields(MsgType="location", Location_X=999, Location_Y=1))


HOSTILE = [
    wrong_signature, no_signature, changed_body, bad_base64, bad_padding, not_whole_blocks, another_app, truncated,
    doubled, entities, outside_entity, too_large, nested, no_openid, no_time, far_time, content_is_a_group,
    not_on_earth,
]  # fmt: skip


async def test_each_is_refused_and_the_desk_goes_on(place: Yard) -> None:
    with capture_logs() as logs:
        for hostile in HOSTILE:
            response = await place.post(*hostile(place))
            assert response.status_code in (400, 403, 413), hostile.__name__
            assert response.text == "refused"
    assert len([line for line in logs if line["event"] == "wechat_callback_refused"]) == len(HOSTILE)
    assert not any(word in str(logs) for word in ("王秀兰", "501", "漏水", "root:"))
    assert await place.rows() == []
    assert "3号楼" in place.text_of(await place.tells())


async def test_a_call_of_long_ago_is_refused(place: Yard) -> None:
    query, body = place.request(place.fields())
    place.clock.move(timedelta(seconds=400))
    assert (await place.post(query, body)).status_code == 403


async def test_a_call_that_is_repeated_changes_nothing(place: Yard) -> None:
    query, body = place.request(place.fields())
    assert place.text_of(await place.post(query, body)) != ""
    said = len(await place.rows())
    assert place.text_of(await place.post(query, body)) == ""
    assert len(await place.rows()) == said


async def test_in_plain_mode_a_signature_opens_one_message_whichever_process_is_called(store: Store) -> None:
    async with yard(store, "plain") as place, yard(store, "plain", like=place) as other:
        query, body = place.request(place.fields())
        assert place.text_of(await place.post(query, body)) != ""
        said = len(await place.rows())
        changed = body.replace("漏水".encode(), "着火".encode())
        for process in (place, other):
            assert place.text_of(await process.post(query, body)) == ""  # WeChat's own repetition
            assert (await process.post(query, changed.replace(b"0001</MsgId>", b"0002</MsgId>"))).status_code == 403
            assert place.text_of(await process.post(query, changed)) == ""  # the same number: it is known
        assert len(await place.rows()) == said


async def test_in_plain_mode_the_signature_of_a_verification_opens_no_message(store: Store) -> None:
    async with yard(store, "plain") as place, yard(store, "plain", like=place) as other:
        query, body = place.request(place.fields())
        asked = {name: query[name] for name in ("signature", "timestamp", "nonce")}
        assert (await place.client.get(ADDRESS, params=asked | {"echostr": "1"})).text == "1"
        assert (await other.post(query, body)).status_code == 403
        assert await place.rows() == []


@pytest.mark.parametrize(
    ("more", "answer"),
    [({"Content": ""}, "文字、照片"), ({"Content": None}, "文字、照片"), ({"MsgType": "hologram"}, "文字、照片"),
     ({"Content": "a]]><b>&amp;</xml>3号楼漏水"}, "a]]><b>"),
     ({"Content": "<a href='http://x.cn'>3号楼漏水</a>"}, "＜a href"),
     ({"MsgType": "voice", "MediaId": "m", "Content": None, "Format": "amr", "Recognition": ""}, "几个字"),
     ({"Content": "【收到不支持的消息类型，暂无法显示】"}, "文字、照片")],
    ids=["empty", "missing", "unknown", "cdata", "link", "voice", "sticker"],
)  # fmt: skip
async def test_what_is_odd_is_answered_plainly(place: Yard, more: dict[str, Any], answer: str) -> None:
    assert answer in place.text_of(await place.tells(**more))


async def test_words_of_more_than_one_message_come_whole(place: Yard) -> None:
    assert place.text_of(await place.tells(Content="3号楼漏水" * 100, MsgId=1))
    rows = await place.rows()
    assert all(len(row.payload["text"]["content"].encode()) <= 2048 for row in rows)


def test_mutated_callbacks_are_read_or_refused() -> None:
    """Only BadCallback comes out, whatever is flipped, cut, doubled or swapped in a callback that is rightly signed."""
    clock, chance = Clock(), random.Random(6)
    platform = WeChatServer()
    guard = Guard(token=platform.token, aes_key=platform.aes_key, receiver=platform.app_id, clock=clock)
    taken = 0
    for _ in range(MUTATIONS):
        document = _mutated(chance, xml(_sample(chance, platform)).encode())
        stamp, nonce = str(int(clock.now().timestamp())), str(chance.random())
        encrypted = encrypt(document.decode("utf-8", "replace"), platform.aes_key, platform.app_id)
        if chance.random() < 0.1:
            encrypted = _mutated(chance, encrypted.encode()).decode("ascii", "replace")
        query = {"timestamp": stamp, "nonce": nonce, "msg_signature": sign(platform.token, stamp, nonce, encrypted)}
        try:
            read(guard.open(query, xml({"Encrypt": encrypted}).encode()).fields)
            taken += 1
        except BadCallback:
            pass
    assert MUTATIONS / 10 < taken < MUTATIONS  # some are changed where it does no harm


def _sample(chance: random.Random, platform: WeChatServer) -> dict[str, Any]:
    head = {"ToUserName": platform.account, "FromUserName": "oAbc", "CreateTime": 1_790_000_000}
    return head | chance.choice([
        {"MsgType": "text", "Content": "3号楼漏水", "MsgId": 7},
        {"MsgType": "image", "PicUrl": "http://x", "MediaId": "m", "MsgId": 8},
        {"MsgType": "location", "Location_X": 23.1, "Location_Y": 113.2, "Scale": 16, "Label": "路", "MsgId": 9},
        {"MsgType": "event", "Event": "subscribe", "EventKey": "qrscene_p_fengmei-3", "Ticket": "t"},
        {"MsgType": "event", "Event": "CLICK", "EventKey": "m:report"},
        {"MsgType": "event", "Event": "subscribe_msg_popup_event", "SubscribeMsgPopupEvent": {
            "List": {"TemplateId": "t", "SubscribeStatusString": "accept", "PopupScene": 0}}},
    ])  # fmt: skip


def _mutated(chance: random.Random, document: bytes) -> bytes:
    for _ in range(chance.randint(0, 2)):
        at, until = sorted((chance.randrange(len(document) + 1), chance.randrange(len(document) + 1)))
        piece = document[at : min(until, at + 40)]
        document = chance.choice([
            document[:at] + bytes([chance.randrange(256)]) + document[at + 1 :], document[:at] + document[at + 9 :],
            document[:at] + piece + document[at:], document[:at] + b"]]>" + document[at:],
            document[: len(document) - at % 20],
            document[:at] + "\u202e\u0000<&\ud7ff👵".encode("utf-8", "ignore") + document[at:],
        ]) or b"<"  # fmt: skip
    return document


NAMES = st.sampled_from(
    ["ToUserName", "FromUserName", "CreateTime", "MsgType", "Content", "MsgId", "Event", "EventKey", "MediaId",
     "Location_X", "Location_Y", "SubscribeMsgPopupEvent", "List", "TemplateId", "bizmsgmenuid"]
)  # fmt: skip
VALUES = st.recursive(
    st.none() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=8,
)


@given(st.dictionaries(NAMES, VALUES, max_size=12))
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_fields_there_are_only_one_error_comes_out(found: dict[str, Any]) -> None:
    told = {"ToUserName": "gh", "FromUserName": "o", "CreateTime": "1790000000", "MsgType": "text"} | found
    try:
        arrival = read(Fields(told))
    except BadCallback:
        return
    assert len(arrival.key) <= 160
    if arrival.inbound is not None:
        assert arrival.inbound.chat == told["FromUserName"]


def test_an_event_has_one_name_however_often_it_is_told() -> None:
    told = {"ToUserName": "gh", "FromUserName": "o1", "CreateTime": "1790000000", "MsgType": "event", "Event": "CLICK",
            "EventKey": "m:report"}  # fmt: skip
    assert read(Fields(told)).key == read(Fields(dict(told))).key
    assert read(Fields(told)).key != read(Fields(told | {"EventKey": "m:mine"})).key
