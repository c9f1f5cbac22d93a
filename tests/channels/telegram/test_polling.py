"""Polling: in order, nothing lost, nothing twice, whatever fails."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import structlog

from bot.channels.telegram import line, polling
from bot.channels.telegram.api import Api
from bot.channels.telegram.intake import Intake
from bot.channels.telegram.parse import Me
from bot.channels.telegram.pause import Stopping, backoff
from bot.channels.telegram.polling import Poller
from bot.clock import Clock
from tests.channels.telegram.inbox import Inbox
from tests.channels.telegram.server import Answer, Server, good, refused
from tests.channels.telegram.updates import GROUP, Json, message, press


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "SETTLE", 0.05)
    monkeypatch.setattr(polling, "POLL_SECONDS", 2)
    monkeypatch.setattr(polling, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(polling, "CONFLICT_PAUSE", 0.01)
    monkeypatch.setattr(line, "FIRST_RETRY", 0.01)


@asynccontextmanager
async def polled(api: Api, inbox: Inbox) -> AsyncIterator[Intake]:
    """Poll while the block runs, then stop as the channel does."""
    stopping = Stopping()
    intake = Intake(api, Me(42, "fengmei_bot"), inbox.accept, Clock())
    poller = Poller(api, intake, stopping)
    task = asyncio.create_task(poller.run())
    try:
        yield intake
    finally:
        stopping.set()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await poller.finish()
        await intake.stop()


def said(number: int, text: str, chat: int = 1001) -> Json:
    return message(number, {"id": chat, "type": "private"}, text=text)


def offsets(server: Server) -> list[int | None]:
    return [int(each.params["offset"]) if "offset" in each.params else None for each in server.calls("getUpdates")]


async def test_what_is_committed_is_confirmed(server: Server, api: Api) -> None:
    inbox = Inbox()
    server.send(said(7, "a"), said(8, "b"))
    async with polled(api, inbox):
        await inbox.until(2)
    assert (inbox.taken, inbox.keys) == (["a", "b"], ["7", "8"])
    assert offsets(server)[-1] == 9
    assert server.pending == []


async def test_it_asks_for_what_it_needs_and_never_drops_any(server: Server, api: Api) -> None:
    async with polled(api, Inbox()):
        await asyncio.sleep(0.05)
    asked = server.calls("getUpdates")[0]
    assert asked.json("allowed_updates") == ["message", "edited_message", "callback_query", "my_chat_member"]
    assert asked.params["limit"] == "100"


async def test_one_chat_is_in_order_and_chats_go_beside_each_other(server: Server, api: Api) -> None:
    inbox = Inbox()
    inbox.slow = {"1": 0.03}
    server.send(*[said(number, f"1-{number}", chat=1) for number in range(10, 15)], said(15, "2-15", chat=2))
    async with polled(api, inbox):
        await inbox.until(6)
    assert inbox.taken[0] == "2-15"
    assert inbox.taken[1:] == [f"1-{number}" for number in range(10, 15)]


async def test_a_failure_is_tried_again_and_not_passed_over(server: Server, api: Api) -> None:
    inbox = Inbox()
    inbox.failing["b"] = 3
    server.send(said(7, "a"), said(8, "b"), said(9, "c"), said(10, "d", chat=2))
    with structlog.testing.capture_logs() as logs:
        async with polled(api, inbox):
            await inbox.until(4)
    assert inbox.taken == ["a", "d", "b", "c"]
    assert inbox.tries == {"a": 1, "b": 4, "c": 1, "d": 1}
    assert [log["event"] for log in logs] == ["telegram_update_not_taken"] * 3
    assert "locked" not in str(logs)


async def test_one_that_never_works_blocks_only_its_chat(server: Server, api: Api) -> None:
    inbox = Inbox()
    inbox.failing["poison"] = 10**6
    server.send(said(7, "poison"), said(8, "behind it"), said(9, "other", chat=2))
    with structlog.testing.capture_logs() as logs:
        async with polled(api, inbox):
            await inbox.until(1)
            server.send(said(10, "later", chat=3))
            await inbox.until(2)
            await asyncio.sleep(0.3)
    assert inbox.taken == ["other", "later"]
    assert inbox.tries["other"] == inbox.tries["later"] == 1
    assert max(offset or 0 for offset in offsets(server)) <= 7
    assert [update["update_id"] for update in server.pending] == [7, 8, 9, 10]
    loud = [log for log in logs if log["event"] == "telegram_update_stuck"]
    assert loud
    assert (loud[0]["log_level"], loud[0]["update"]) == ("error", 7)
    assert "accept" in loud[0]["error"]


async def test_an_update_given_twice_is_handed_over_once(server: Server, api: Api) -> None:
    inbox = Inbox()
    inbox.slow = {"1001": 0.3}
    server.send(said(7, "a"), said(8, "b", chat=2))
    async with polled(api, inbox):
        await inbox.until(2)
    assert inbox.tries == {"a": 1, "b": 1}
    assert len(server.calls("getUpdates")) > 2


async def test_stopping_finishes_what_is_in_hand_and_leaves_the_rest(server: Server, api: Api) -> None:
    inbox = Inbox()
    inbox.slow = {"1001": 0.1}
    server.send(said(7, "a"), said(8, "b"))
    async with polled(api, inbox):
        await asyncio.sleep(0.05)
    assert inbox.taken == ["a"]
    assert offsets(server)[-1] == 8
    assert [update["update_id"] for update in server.pending] == [8]


async def test_stopping_ends_a_long_poll_at_once(server: Server, api: Api) -> None:
    async with polled(api, Inbox()):
        await asyncio.sleep(0.05)
        before = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - before < 0.5
    assert len(server.calls("getUpdates")) == 1


async def test_stopping_does_not_wait_for_a_retry(server: Server, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line, "FIRST_RETRY", 30)
    inbox = Inbox()
    inbox.failing["a"] = 99
    server.send(said(7, "a"))
    with structlog.testing.capture_logs():
        async with polled(api, inbox):
            await asyncio.sleep(0.1)
    assert inbox.tries["a"] == 1
    assert [update["update_id"] for update in server.pending] == [7]


async def test_numbers_may_begin_anew_anywhere(server: Server, api: Api) -> None:
    """An empty answer confirms the last update; after that no offset may hide a lower number."""
    inbox = Inbox()
    server.say("getUpdates", good([said(9_000_000, "before")]), good([]))
    server.send(said(12, "after"))
    async with polled(api, inbox):
        await inbox.until(2)
    assert inbox.taken == ["before", "after"]
    assert offsets(server)[:3] == [None, 9_000_001, None]
    assert server.pending == []


async def test_what_is_nothing_for_us_is_passed_over_and_counted(server: Server, api: Api) -> None:
    inbox = Inbox()
    odd = press(message=None, inline_message_id="im", update_id=8)
    broken: Json = {"update_id": 9, "message": {"chat": "漏水"}}
    server.send({"update_id": 7, "brand_new": {}}, odd, broken, said(10, "a"))
    with structlog.testing.capture_logs() as logs:
        async with polled(api, inbox) as intake:
            await inbox.until(1)
            await asyncio.sleep(0.05)
            assert intake.skipped == {"brand_new": 1, "callback_query": 1, "message": 1}
    assert server.pending == []
    assert [each.params["callback_query_id"] for each in server.calls("answerCallbackQuery")] == ["q1"]
    assert "漏水" not in str(logs)
    assert [log["log_level"] for log in logs] == ["info", "info", "error"]


async def test_somebody_else_polls(server: Server, api: Api) -> None:
    inbox = Inbox()
    conflict = refused(409, "Conflict: terminated by other getUpdates request")
    server.say("getUpdates", conflict, conflict)
    server.send(said(7, "a"))
    with structlog.testing.capture_logs() as logs:
        async with polled(api, inbox):
            await inbox.until(1)
    assert [log["event"] for log in logs] == ["telegram_polling_conflict"] * 2
    assert logs[0]["log_level"] == "error"
    assert "stop it" in logs[0]["todo"]


@pytest.mark.parametrize(
    "answer",
    [
        refused(500, "Internal Server Error"),
        Answer(502, b"<html>"),
        Answer(cut=True),
        Answer(200, b"garbage"),
        good({"not": "a list"}),
        refused(429, "Too Many Requests", retry_after=0.02),
    ],
)
async def test_trouble_passes(server: Server, api: Api, answer: Answer) -> None:
    inbox = Inbox()
    server.say("getUpdates", answer, answer)
    server.send(said(7, "a"))
    with structlog.testing.capture_logs():
        async with polled(api, inbox):
            assert await inbox.until(1) == ["a"]


async def test_odd_things_in_a_batch(server: Server, api: Api) -> None:
    inbox = Inbox()
    server.say("getUpdates", good(["x", None, {"no": "number"}, said(7, "a")]))
    with structlog.testing.capture_logs() as logs:
        async with polled(api, inbox):
            assert await inbox.until(1) == ["a"]
    assert [log["event"] for log in logs] == ["telegram_update_without_number"] * 3


async def test_a_group_is_one_line(server: Server, api: Api) -> None:
    inbox = Inbox()
    inbox.slow = {str(GROUP["id"]): 0.01}
    server.send(*[message(number, GROUP, text=str(number)) for number in range(7, 17)])
    async with polled(api, inbox):
        await inbox.until(10)
    assert inbox.taken == [str(number) for number in range(7, 17)]


async def test_more_than_one_batch(server: Server, api: Api) -> None:
    inbox = Inbox()
    server.send(*[said(number, str(number), chat=number % 7) for number in range(1, 251)])
    async with polled(api, inbox):
        await inbox.until(250)
    assert sorted(inbox.taken, key=int) == [str(number) for number in range(1, 251)]
    assert max(inbox.tries.values()) == 1


def test_backoff_doubles_up_to_its_end() -> None:
    assert [backoff(attempt, 0.5, 60) for attempt in (1, 2, 3, 9, 5000)] == [0.5, 1, 2, 60, 60]
