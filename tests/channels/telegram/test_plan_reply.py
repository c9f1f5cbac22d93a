"""In a group the desk says whom it answers, and opens their answer field where it asks back."""

from typing import Any

import pytest

from bot.channels.telegram.plan import TelegramPlanner
from bot.channels.telegram.text import units
from handlers.message import Call, Choice, Message, Planner

CHEN, BUILDING = "1001", "-100500"
MORE = ((Choice("详情", "case:show:1042"),),)
REPLY = {"message_id": 55, "allow_sending_without_reply": True}
planner: Planner = TelegramPlanner()


def params(call: Call) -> dict[str, Any]:
    found: dict[str, Any] = call.payload["params"]
    return found


def replies(calls: list[Call]) -> list[Any]:
    return [params(call).get("reply_parameters") for call in calls]


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (Message("收到", reply_to="55"), [REPLY]),
        (Message("收到", reply_to="55", card="case:1042", choices=MORE), [REPLY]),
        (Message("修好了", reply_to="55", photos=(5,)), [REPLY]),
        (Message("修好了", reply_to="55", photos=(5, 6)), [REPLY, None]),
        (Message("录音", reply_to="55", files=(5, 6)), [REPLY, None, None]),
        (Message("漏水了。" * 3000, reply_to="55"), [REPLY, None, None]),
        (Message("", reply_to="55"), []),
        (Message("收到"), [None]),
        (Message("收到", reply_to="web-55"), [None]),
    ],
)
def test_the_first_call_is_the_reply(message: Message, expected: list[Any]) -> None:
    assert replies(planner.send(BUILDING, message)) == expected


def test_the_one_who_is_answered_is_asked_back() -> None:
    (call,) = planner.send(BUILDING, Message("在哪里?", reply_to="55", force_reply=True, ask_label=" 写楼栋\n和单元 "))
    assert params(call)["reply_markup"] == {
        "force_reply": True, "selective": True, "input_field_placeholder": "写楼栋 和单元",
    }  # fmt: skip
    (bare,) = planner.send(BUILDING, Message("在哪里?", reply_to="55", force_reply=True))
    assert params(bare)["reply_markup"] == {"force_reply": True, "selective": True}
    (photo,) = planner.send(BUILDING, Message("是这里吗?", reply_to="55", force_reply=True, photos=(5,)))
    assert params(photo)["reply_markup"] == {"force_reply": True, "selective": True}


def test_a_long_hint_is_shortened() -> None:
    (call,) = planner.send(BUILDING, Message("x", reply_to="55", force_reply=True, ask_label="🏠" * 80))
    hint = params(call)["reply_markup"]["input_field_placeholder"]
    assert units(hint) <= 64
    assert hint.endswith("…")


def test_the_part_that_asks_back_is_a_reply_too() -> None:
    """A selective field opens for whoever the same message answers."""
    calls = planner.send(BUILDING, Message("漏水了。" * 3000, reply_to="55", force_reply=True))
    assert replies(calls) == [REPLY, None, REPLY]
    assert ["reply_markup" in params(call) for call in calls] == [False, False, True]


def test_buttons_leave_no_room_for_asking_back() -> None:
    (call,) = planner.send(BUILDING, Message("x", reply_to="55", force_reply=True, choices=MORE))
    assert list(params(call)["reply_markup"]) == ["inline_keyboard"]


def test_a_card_stays_editable() -> None:
    (call,) = planner.send(BUILDING, Message("x", reply_to="55", force_reply=True, card="draft"))
    assert "reply_markup" not in params(call)


def test_where_nobody_is_answered_nobody_is_asked_back() -> None:
    (call,) = planner.send(BUILDING, Message("x", force_reply=True))
    assert "reply_markup" not in params(call)


def test_in_a_private_chat_it_is_plain_who_is_meant() -> None:
    (call,) = planner.send(CHEN, Message("在哪里?", reply_to="55", force_reply=True, ask_label="楼栋"))
    assert params(call)["reply_markup"] == {"remove_keyboard": True}
    assert replies([call]) == [None]


def test_an_edit_carries_neither() -> None:
    message = Message("处理中", reply_to="55", force_reply=True, card="case:1042")
    (call,) = planner.edit(BUILDING, message)
    assert call.payload["method"] == "editMessageText"
    assert params(call).keys() & {"reply_parameters", "reply_markup"} == set()
    (new,) = planner.edit(BUILDING, Message("x", reply_to="55"))
    assert replies([new]) == [REPLY]
