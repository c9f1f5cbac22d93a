"""What a message becomes."""

import json

from bot.channels.web.plan import WebPlanner
from handlers.message import Choice, Message
from tests.channels.web.desk import DRAFT

PLANNER = WebPlanner()


def test_a_message_is_one_call_of_plain_json() -> None:
    (call,) = PLANNER.send("aunt", DRAFT)
    assert call.card == "draft:1"
    assert call.lane == 0
    assert json.loads(json.dumps(call.payload)) == call.payload
    assert call.payload["choices"][0] == [{"label": "提交", "data": "d:submit", "style": "primary"}]
    assert "edit" not in call.payload


def test_photos_are_attachments_the_outbox_waits_for() -> None:
    (call,) = PLANNER.send("aunt", Message("看", photos=(7, 8), files=(9,)))
    assert call.payload["attachments"] == [7, 8, 9]
    assert "attachments" not in PLANNER.send("aunt", Message("看"))[0].payload


def test_asking_and_linking_are_left_to_the_page() -> None:
    (call,) = PLANNER.send(
        "aunt", Message("在哪儿？", ask="location", ask_label="我在这里", link=("地图", "https://example.cn"))
    )
    assert (call.payload["ask"], call.payload["ask_label"]) == ("location", "我在这里")
    assert call.payload["link"] == ["地图", "https://example.cn"]


def test_an_edit_says_that_it_is_one() -> None:
    (call,) = PLANNER.edit("aunt", DRAFT)
    assert call.payload["edit"] is True
    assert call.card == "draft:1"


def test_what_is_answered_and_that_an_answer_is_awaited_is_left_to_the_page() -> None:
    (call,) = PLANNER.send("group:yard", Message("几号楼？", reply_to="7", force_reply=True))
    assert (call.payload["reply_to"], call.payload["force"]) == ("7", True)
    assert {"reply_to", "force"}.isdisjoint(PLANNER.send("aunt", Message("好"))[0].payload)


def test_without_a_card_there_is_nothing_to_edit() -> None:
    assert PLANNER.edit("aunt", Message("好")) == PLANNER.send("aunt", Message("好"))


def test_a_toast_goes_at_once_and_an_empty_one_not_at_all() -> None:
    (call,) = PLANNER.toast("q", "好了", alert=True)
    assert call.lane == 1
    assert call.payload == {"toast": "好了", "alert": True, "to": "q"}
    assert PLANNER.toast("q", "") == []


def test_a_long_text_stays_in_one_piece() -> None:
    assert len(PLANNER.send("aunt", Message("长" * 9000, choices=((Choice("好", "ok"),),)))) == 1
