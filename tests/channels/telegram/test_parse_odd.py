"""Odd updates: a person may send anything, and a client may send what no person would."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.channels.telegram.parse import Me, Skipped, read
from handlers.inbound import Inbound
from tests.channels.telegram.updates import (
    CHEN,
    Json,
    message,
)  # fmt: skip

ME = Me(42, "fengmei_bot")
NOW = datetime(2025, 10, 9, 9, 0, tzinfo=UTC)


def heard(update: Json) -> Inbound:
    found = read(update, ME, NOW)
    assert isinstance(found, Inbound), found
    return found


def skipped(update: Json) -> Skipped:
    found = read(update, ME, NOW)
    assert isinstance(found, Skipped), found
    return found


def test_words_are_cleaned_of_what_no_database_takes() -> None:
    found = heard(message(text="漏\0水\ud83d", sender=CHEN | {"first_name": "陈\0", "last_name": "x" * 99}))
    assert found.text == "漏水"
    assert found.name == ("陈 " + "x" * 99)[:80]


def test_an_odd_field_at_the_side_does_not_cost_the_words() -> None:
    found = heard(message(text="漏水", reply_markup={"inline_keyboard": "nonsense"}, sticker={"no": "id"}))
    assert found.text == "漏水"


def test_trouble_is_told_without_words() -> None:
    found = skipped(message(text=["漏水"], chat={"type": "private"}))
    assert found.kind == "message"
    assert found.trouble
    assert "漏水" not in found.trouble


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from(["message", "edited_message", "callback_query", "my_chat_member", "odd"]), JUNK)
def test_nothing_a_platform_sends_makes_it_raise(kind: str, junk: Any) -> None:
    read({"update_id": 1, kind: junk}, ME, NOW)


FIELDS = [
    "text",
    "photo",
    "voice",
    "location",
    "contact",
    "chat",
    "from",
    "date",
    "entities",
    "reply_to_message",
    "venue",
]


@given(st.sampled_from(FIELDS), JUNK)
def test_nor_does_one_odd_field(name: str, junk: Any) -> None:
    found = read(message(**({"text": "漏水"} | {name: junk})), ME, NOW)
    assert isinstance(found, Inbound | Skipped)
