"""What the desk says, as calls of the Bot API."""

from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.telegram.plan import TelegramPlanner
from bot.channels.telegram.text import units
from handlers.message import Call, Choice, Message, Planner

CHEN, BUILDING = "1001", "-100500"
ACCEPT = Choice("接单", "case:accept:1042", "primary")
REFUSE = Choice("退回", "case:return:1042", "danger")
MORE = Choice("详情", "case:show:1042")
planner: Planner = TelegramPlanner()


class Reader(HTMLParser):
    """Reads HTML as Telegram does: plain text, and what is bold; raises AssertionError for any other tag."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.plain, self.bold, self.open = "", "", 0
        self.feed(text)
        self.close()
        assert self.open == 0

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        assert tag == "b"
        self.open += 1

    def handle_endtag(self, tag: str) -> None:
        assert tag == "b"
        self.open -= 1

    def handle_data(self, data: str) -> None:
        self.plain += data
        self.bold += data if self.open else ""


def methods(calls: list[Call]) -> list[str]:
    return [call.payload["method"] for call in calls]


def params(call: Call) -> dict[str, Any]:
    found: dict[str, Any] = call.payload["params"]
    return found


def test_plain_words() -> None:
    (call,) = planner.send(BUILDING, Message("收到 <3 & 谢谢", title="#1042 漏水"))
    assert call.payload == {
        "method": "sendMessage",
        "params": {
            "text": "<b>#1042 漏水</b>\n收到 &lt;3 &amp; 谢谢",
            "parse_mode": "HTML",
            "link_preview_options": {"is_disabled": True},
        },
    }
    assert (call.card, call.lane) == (None, 0)


def test_choices_and_link_hang_below() -> None:
    message = Message(
        "x", choices=((ACCEPT, REFUSE), (MORE,)), link=("打开", "https://desk.example/c/1"), card="case:1042"
    )
    (call,) = planner.send(CHEN, message)
    assert call.card == "case:1042"
    assert params(call)["reply_markup"] == {
        "inline_keyboard": [
            [
                {"text": "接单", "callback_data": "case:accept:1042", "style": "primary"},
                {"text": "退回", "callback_data": "case:return:1042", "style": "danger"},
            ],
            [{"text": "详情", "callback_data": "case:show:1042"}],
            [{"text": "打开", "url": "https://desk.example/c/1"}],
        ]
    }


@pytest.mark.parametrize("url", ["http://localhost:8080/c/1", "javascript:alert(1)", "http://desk/x", "http://[x"])
def test_a_link_telegram_would_refuse_is_written_out(url: str) -> None:
    (call,) = planner.send(BUILDING, Message("x", link=("打开", url)))
    assert params(call)["text"] == f"x\n打开: {url}"
    assert "reply_markup" not in params(call)


def test_long_labels_and_too_many_buttons() -> None:
    long = Choice("长" * 200, "a")
    (call,) = planner.send(CHEN, Message("x", choices=((long,) * 9, *(((MORE,) * 8,) * 20))))
    rows = params(call)["reply_markup"]["inline_keyboard"]
    assert max(len(row) for row in rows) == 8
    assert sum(len(row) for row in rows) == 100
    assert rows[0][0]["text"] == "长" * 47 + "…"


def test_a_long_text_becomes_several_messages() -> None:
    calls = planner.send(CHEN, Message("漏水了。" * 3000, title="标题", choices=((MORE,),), card="c"))
    assert len(calls) == 3
    assert [call.card for call in calls] == [None, None, "c"]
    assert ["reply_markup" in params(call) for call in calls] == [False, False, True]
    texts = [Reader(params(call)["text"]) for call in calls]
    assert [text.bold for text in texts] == ["标题", "", ""]


@given(st.text(max_size=40).map(lambda text: text * 400), st.text(max_size=300))
def test_nothing_is_lost_and_every_part_is_good(text: str, title: str) -> None:
    calls = planner.send(BUILDING, Message(text, title=title))
    parts = [Reader(params(call)["text"]).plain for call in calls]
    assert all(0 < units(part) <= 4096 for part in parts)
    said = "".join((title + text).replace("\0", "").replace("\r", "").split())
    assert "".join("".join(parts).replace("\r", "").split()) == said


def test_one_photo_carries_the_words() -> None:
    (call,) = planner.send(BUILDING, Message("修好了", title="#1042", photos=(5,), choices=((MORE,),)))
    assert call.payload["method"] == "sendPhoto"
    assert call.payload["attachments"] == [5]
    assert params(call)["caption"] == "<b>#1042</b>\n修好了"
    assert params(call)["reply_markup"]["inline_keyboard"]
    (bare,) = planner.send(BUILDING, Message("", photos=(5,)))
    assert params(bare) == {}


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (Message("长" * 1025, photos=(5,)), ["sendPhoto", "sendMessage"]),
        (Message("卡", photos=(5,), card="c"), ["sendPhoto", "sendMessage"]),
        (Message("", photos=(1, 2, 3)), ["sendMediaGroup"]),
        (Message("x", photos=tuple(range(11))), ["sendMediaGroup", "sendPhoto", "sendMessage"]),
        (Message("x", photos=tuple(range(25))), ["sendMediaGroup"] * 3 + ["sendMessage"]),
        (Message("x", files=(1, 2)), ["sendDocument", "sendDocument", "sendMessage"]),
        (Message("x", photos=(1,), files=(2,)), ["sendPhoto", "sendDocument", "sendMessage"]),
        (Message("   "), []),
        (Message("", title="只有标题"), ["sendMessage"]),
        (Message("", choices=((MORE,),)), ["sendMessage"]),
    ],
)
def test_files_go_first_then_the_words(message: Message, expected: list[str]) -> None:
    assert methods(planner.send(BUILDING, message)) == expected


def test_asking_for_a_location_in_private() -> None:
    (call,) = planner.send(CHEN, Message("在哪里?", ask="location", ask_label="发送位置"))
    assert params(call)["reply_markup"] == {
        "keyboard": [[{"text": "发送位置", "request_location": True}]],
        "one_time_keyboard": True,
        "resize_keyboard": True,
    }
    (phone,) = planner.send(CHEN, Message("电话?", ask="phone"))
    assert params(phone)["reply_markup"]["keyboard"][0][0]["request_contact"] is True


def test_asking_beside_choices_takes_a_message_of_its_own() -> None:
    asking, card = planner.send(
        CHEN, Message("在哪里?", choices=((MORE,),), ask="location", ask_label="发送位置", card="c")
    )
    assert params(asking)["text"] == "发送位置"
    assert "keyboard" in params(asking)["reply_markup"]
    assert "inline_keyboard" in params(card)["reply_markup"]
    assert (asking.card, card.card) == (None, "c")


def test_groups_have_no_such_button() -> None:
    (call,) = planner.send(BUILDING, Message("在哪里?", ask="location"))
    assert "reply_markup" not in params(call)


def test_the_asking_keyboard_goes_with_the_next_plain_message() -> None:
    (call,) = planner.send(CHEN, Message("谢谢"))
    assert params(call)["reply_markup"] == {"remove_keyboard": True}


def test_a_card_stays_editable() -> None:
    """Telegram edits no message that brought or took away a keyboard other than the inline kind."""
    (card,) = planner.send(CHEN, Message("待派单", card="case:1042"))
    assert "reply_markup" not in params(card)
    asking, card = planner.send(CHEN, Message("在哪里?", card="draft", ask="location"))
    assert "keyboard" in params(asking)["reply_markup"]
    assert "reply_markup" not in params(card)


def test_a_card_is_edited_in_place() -> None:
    (call,) = planner.edit(CHEN, Message("已接单", title="#1042", card="case:1042", choices=((MORE,),), photos=(4,)))
    assert call.payload["method"] == "editMessageText"
    assert call.card == "case:1042"
    assert "chat_id" not in params(call)
    assert "attachments" not in call.payload
    (bare,) = planner.edit(CHEN, Message("办结", card="case:1042"))
    assert "reply_markup" not in params(bare)


def test_a_card_too_long_is_shortened() -> None:
    (call,) = planner.edit(CHEN, Message("<" * 9000, title="#1042", card="c"))
    shown = Reader(params(call)["text"]).plain
    assert units(shown) == 4096
    assert shown.endswith("…")


def test_an_edit_without_a_card_is_a_new_message() -> None:
    assert methods(planner.edit(CHEN, Message("x"))) == ["sendMessage"]


def test_a_toast() -> None:
    (call,) = planner.toast("q1", "长" * 300, alert=True)
    assert call.lane == 1
    assert params(call) == {"callback_query_id": "q1", "text": "长" * 199 + "…", "show_alert": True}
    (bare,) = planner.toast("q1", "")
    assert params(bare) == {"callback_query_id": "q1"}
    assert planner.toast(None, "x") == []
