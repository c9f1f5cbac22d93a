"""One planned call, and how it went."""

import pytest
import structlog

from bot.channels.base import Delivered, Delivery, Later, Moved, Outcome, Refused, StoredFile
from bot.channels.telegram import limits
from bot.channels.telegram.deliver import Sender
from bot.channels.telegram.plan import TelegramPlanner
from handlers.message import Call, Choice, Message
from tests.channels.telegram.server import Answer, Server, refused

CHEN, BUILDING = "1001", "-100500"
planner = TelegramPlanner()


def row(call: Call, chat: str = CHEN, *, message: str | None = None, files: tuple[StoredFile, ...] = ()) -> Delivery:
    return Delivery(1, chat, call.payload, card=call.card, message=message, files=files)


def say(text: str = "漏水", chat: str = CHEN) -> Delivery:
    return row(planner.send(chat, Message(text))[0], chat)


def edit(message: str | None) -> Delivery:
    return row(planner.edit(CHEN, Message("已接单", card="case:1042"))[0], message=message)


@pytest.mark.parametrize(("chat", "answered"), [(BUILDING, True), ("-100777", False)])
async def test_where_the_group_has_moved_nothing_of_old_is_answered(
    server: Server, sender: Sender, chat: str, answered: bool
) -> None:
    """Messages are numbered anew there: the number of old may be somebody else's."""
    (question,) = planner.send(BUILDING, Message("几号楼?", reply_to="55", force_reply=True))
    (card,) = planner.send(BUILDING, Message("请核对", reply_to="55", choices=((Choice("提交", "r:1:submit"),),)))
    for call in (question, card):
        await sender.deliver(row(call, chat))
    assert ["reply_parameters" in asked.params for asked in server.asked] == [answered] * 2
    assert ["reply_markup" in asked.params for asked in server.asked] == [answered, True]


async def test_words_go_to_the_chat(server: Server, sender: Sender) -> None:
    assert await sender.deliver(say()) == Delivered("500")
    (asked,) = server.asked
    assert (asked.params["chat_id"], asked.params["text"]) == ("1001", "漏水")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (refused(403, "Forbidden: bot was blocked by the user"), Refused("bot was blocked by the user", gone=True)),
        (refused(403, "Forbidden: user is deactivated"), Refused("user is deactivated", gone=True)),
        (
            refused(403, "Forbidden: bot can't initiate conversation with a user"),
            Refused("bot can't initiate conversation with a user", gone=True),
        ),
        (refused(400, "Bad Request: chat not found"), Refused("chat not found", gone=True)),
        (
            refused(400, 'Bad Request: can\'t parse entities: unsupported start tag "漏水" at byte offset 3'),
            Refused("can't parse entities: unsupported start tag … at byte offset 3"),
        ),
        (refused(400, "Bad Request: group chat was upgraded", migrate_to_chat_id=-100777), Moved("-100777")),
        (refused(500, "Internal Server Error"), Later("NetworkError")),
        (Answer(502, b"<html>"), Later("NetworkError")),
        (Answer(cut=True), Later("NetworkError")),
        (refused(429, "Too Many Requests", retry_after=7), Later("telegram asks for a pause", 7)),
    ],
)
async def test_trouble_is_an_outcome(server: Server, sender: Sender, answer: Answer, expected: Outcome) -> None:
    server.say("sendMessage", answer)
    assert await sender.deliver(say()) == expected


async def test_a_refused_token_stops_everybody_and_says_what_to_do(server: Server, sender: Sender) -> None:
    server.say("sendMessage", refused(401, "Unauthorized"))
    with structlog.testing.capture_logs() as logs:
        outcome = await sender.deliver(say())
    assert outcome == Later("telegram refuses the token", 600, everyone=True)
    assert [log["log_level"] for log in logs] == ["error"]
    assert "TELEGRAM_TOKEN" in logs[0]["todo"]


async def test_a_refused_message_is_logged_without_its_words(server: Server, sender: Sender) -> None:
    server.say("sendMessage", refused(400, "Bad Request: BUTTON_URL_INVALID"))
    with structlog.testing.capture_logs() as logs:
        assert await sender.deliver(say("三楼漏水")) == Refused("button_url_invalid")
    assert logs[0]["log_level"] == "error"
    assert "漏水" not in str(logs)


async def test_one_slow_chat_is_its_own_matter_two_are_the_bots(server: Server, sender: Sender) -> None:
    pause = refused(429, "Too Many Requests", retry_after=30)
    server.say("sendMessage", pause, pause, pause)
    first = await sender.deliver(say(chat=BUILDING))
    again = await sender.deliver(say(chat=BUILDING))
    other = await sender.deliver(say(chat=CHEN))
    assert [isinstance(each, Later) and each.everyone for each in (first, again, other)] == [False, False, True]


async def test_in_a_busy_second_a_pause_is_the_bots(server: Server, sender: Sender) -> None:
    for _ in range(20):
        await sender.deliver(say())
    server.say("sendMessage", refused(429, "Too Many Requests", retry_after=3))
    assert await sender.deliver(say()) == Later("telegram asks for a pause", 3, everyone=True)


async def test_a_card_is_edited(server: Server, sender: Sender) -> None:
    assert await sender.deliver(edit("77")) == Delivered("77")
    (asked,) = server.calls("editMessageText")
    assert (asked.params["message_id"], asked.params["chat_id"]) == ("77", "1001")


async def test_a_card_that_is_already_so(server: Server, sender: Sender) -> None:
    server.say("editMessageText", refused(400, "Bad Request: message is not modified: specified new message …"))
    assert await sender.deliver(edit("77")) == Delivered("77")


@pytest.mark.parametrize("reason", ["message to edit not found", "message can't be edited", "MESSAGE_ID_INVALID"])
async def test_a_card_that_is_lost_is_sent_anew(server: Server, sender: Sender, reason: str) -> None:
    server.say("editMessageText", refused(400, f"Bad Request: {reason}"))
    assert await sender.deliver(edit("77")) == Delivered("500")
    (asked,) = server.calls("sendMessage")
    assert "message_id" not in asked.params


async def test_a_card_without_a_message_is_sent(server: Server, sender: Sender) -> None:
    assert await sender.deliver(edit(None)) == Delivered("500")
    assert [asked.method for asked in server.asked] == ["sendMessage"]


async def test_another_refusal_of_an_edit(server: Server, sender: Sender) -> None:
    server.say("editMessageText", refused(400, "Bad Request: BUTTON_DATA_INVALID"))
    assert await sender.deliver(edit("77")) == Refused("button_data_invalid")


async def test_a_press_is_answered(server: Server, sender: Sender) -> None:
    (call,) = planner.toast("q1", "已接单")
    assert await sender.deliver(row(call)) == Delivered()
    assert server.asked[0].params["callback_query_id"] == "q1"
    assert "chat_id" not in server.asked[0].params


async def test_a_press_answered_too_late_does_no_harm(server: Server, sender: Sender) -> None:
    text = "Bad Request: query is too old and response timeout expired or query ID is invalid"
    server.say("answerCallbackQuery", refused(400, text), refused(400, "Bad Request: odd"))
    (call,) = planner.toast("q1", "已接单")
    assert await sender.deliver(row(call)) == Delivered()
    assert await sender.deliver(row(call)) == Refused("odd")


def test_pace() -> None:
    assert (limits.PACE.per_second, limits.PACE.chat_seconds, limits.PACE.group_per_minute) == (30, 1.0, 20)
