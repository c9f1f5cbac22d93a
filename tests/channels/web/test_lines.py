"""The lines that a reload shows, on both databases."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, insert, select

from bot.channels.base import Delivery
from bot.channels.web import lines
from bot.channels.web.lines import Line
from bot.channels.web.plan import WebPlanner
from handlers.inbound import Inbound, IncomingFile
from handlers.message import Message
from storage.engine import Store
from storage.message_models import Attachment, WebLine
from tests.channels.web.desk import DRAFT, FILED

NOON = datetime(2026, 9, 30, 4, tzinfo=UTC)
PLAN = WebPlanner()


def delivery(number: int, message: Message, *, edit: bool = False, shown: str | None = None) -> Delivery:
    (call,) = PLAN.edit("aunt", message) if edit else PLAN.send("aunt", message)
    return Delivery(number, "aunt", call.payload, card=call.card, message=shown)


async def show(store: Store, one: Delivery, at: datetime = NOON) -> tuple[Line, bool]:
    return await store.write(lambda session: lines.show(session, one, at))


async def say(store: Store, text: str, at: datetime = NOON, client: str = "1", **more: Any) -> Line:
    inbound = Inbound("web", f"aunt:{client}", "aunt", "aunt", "张阿姨", at, text, **more)
    return await store.write(lambda session: lines.say(session, inbound))


async def history(store: Store, before: int | None = None) -> tuple[list[Line], bool]:
    return await store.read(lambda session: lines.page(session, "aunt", before))


async def count(store: Store) -> int:
    return await store.read(lambda session: session.scalar(select(func.count()).select_from(WebLine)) or 0)


async def test_the_same_delivery_again_is_the_same_line(store: Store) -> None:
    first, _ = await show(store, delivery(1, DRAFT))
    again, edited = await show(store, delivery(1, DRAFT), NOON + timedelta(minutes=1))
    assert again == first
    assert not edited
    assert await count(store) == 1


async def test_an_edit_changes_the_line_that_shows_the_card(store: Store) -> None:
    shown, _ = await show(store, delivery(1, DRAFT))
    for _repeat in range(2):
        changed, edited = await show(store, delivery(2, FILED, edit=True, shown=str(shown.id)), NOON)
        assert edited
    assert (changed.id, changed.at) == (shown.id, shown.at)
    assert (changed.body["title"], changed.body["choices"]) == ("#1042 电梯", [])
    assert await count(store) == 1


@pytest.mark.parametrize("shown", [None, "999", "not a number"])
async def test_an_edit_of_a_card_that_is_gone_is_a_new_line(store: Store, shown: str | None) -> None:
    for _repeat in range(2):
        line, edited = await show(store, delivery(1, FILED, edit=True, shown=shown))
        assert not edited
    assert line.body["title"] == "#1042 电梯"
    assert await count(store) == 1


async def test_an_edit_never_reaches_another_chat_nor_the_persons_own_words(store: Store) -> None:
    mine = await say(store, "灯不亮")
    theirs, _ = await show(store, delivery(1, DRAFT))
    edit = delivery(2, FILED, edit=True, shown=str(theirs.id))
    await show(store, Delivery(2, "uncle", edit.payload, card=edit.card, message=edit.message))
    await show(store, delivery(3, FILED, edit=True, shown=str(mine.id)))
    found, _ = await history(store)
    assert [line.body.get("title") for line in found] == [None, DRAFT.title, FILED.title]


async def test_the_same_words_again_are_the_same_line(store: Store) -> None:
    first = await say(store, "灯不亮")
    assert await say(store, "灯不亮", NOON + timedelta(minutes=1)) == first
    assert (first.client, first.mine, first.body) == ("1", True, {"text": "灯不亮"})
    assert await count(store) == 1


async def test_an_answer_that_was_quicker_still_stands_below(store: Store) -> None:
    await show(store, delivery(1, Message("收到")), NOON + timedelta(seconds=1))
    await say(store, "灯不亮", NOON)
    found, _ = await history(store)
    assert [line.body["text"] for line in found] == ["灯不亮", "收到"]


async def test_a_long_conversation_comes_in_pages(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "PAGE", 10)
    for number in range(15):
        await show(store, delivery(number, Message(str(number))), NOON + timedelta(seconds=number))
    newest, more = await history(store)
    assert [line.body["text"] for line in newest] == [str(n) for n in range(5, 15)]
    assert more
    oldest, more = await history(store, newest[0].id)
    assert [line.body["text"] for line in oldest] == [str(n) for n in range(5)]
    assert not more


async def test_a_place_and_photos_are_kept_with_the_words(store: Store) -> None:
    photo = await store.write(lambda session: session.scalar(
        insert(Attachment).values(token="tok", kind="photo", state="ready", channel="web", mime="image/jpeg",
                                  attempts=0, created_at=NOON).returning(Attachment.id)))  # fmt: skip
    line = await say(store, "看", files=(IncomingFile("photo", attachment=photo),), location=(23.1, 113.2))
    assert line.body["files"] == [{"token": "tok", "kind": "photo", "mime": "image/jpeg"}]
    assert line.body["location"] == [23.1, 113.2]


async def test_the_button_that_was_pressed_is_marked_as_long_as_it_is_there(store: Store) -> None:
    shown, _ = await show(store, delivery(1, DRAFT))

    async def press(chat: str, data: str) -> None:
        await store.write(lambda session: lines.mark_pressed(session, chat, chat, shown.id, data))

    await press("uncle", "d:kinds")
    await press("aunt", "d:invented")
    (line,), _ = await history(store)
    assert "chosen" not in line.body
    await press("aunt", "d:kinds")
    (line,), _ = await history(store)
    assert line.body["chosen"] == "d:kinds"
    await show(store, delivery(2, FILED, edit=True, shown=str(shown.id)))
    await press("aunt", "d:kinds")
    (line,), _ = await history(store)
    assert "chosen" not in line.body


async def test_a_chat_shows_a_file_only_where_a_line_holds_it(store: Store) -> None:
    """Somebody who writes down the token of another's photo must not get to see it by that."""
    token = "a_b-" + "c" * 39

    async def shown(chat: str, wanted: str = token) -> bool:
        return await store.read(lambda session: lines.shows_file(session, chat, wanted))

    await say(store, f'{token} "files": [{{"token": "{token}"}}]')
    assert not await shown("aunt")
    body = {"text": "看", "files": [{"token": token, "kind": "photo", "mime": "image/jpeg"}], "choices": []}
    values = {"chat": "aunt", "mine": False, "body": body, "at": NOON}
    await store.write(lambda session: session.execute(insert(WebLine).values(**values)))
    assert await shown("aunt")
    assert not await shown("uncle")
    assert not await shown("aunt", token.replace("_", "x"))
    assert not await shown("aunt", token[:-1])
    assert not await shown("aunt", "token")


def test_moments_sort_as_text() -> None:
    moments = [NOON, NOON + timedelta(milliseconds=1), NOON + timedelta(seconds=1, microseconds=5)]
    assert sorted(map(lines.stamp, moments)) == [lines.stamp(moment) for moment in moments]
    assert lines.stamp(NOON) == "2026-09-30T04:00:00.000+00:00"
