"""What is read straight from the JSON is what the library reads; what is out of the ordinary is left to it."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.telegram.parse import Me, read, read_by_library
from bot.channels.telegram.quick import quick
from tests.channels.telegram.updates import BOT, CHEN, GROUP, Json, entity, file, member, message, press

ME = Me(42, "fengmei_bot")
NOW = datetime(2025, 10, 9, 9, 0, tzinfo=UTC)

ORDINARY: list[Json] = [
    message(text="3号楼漏水"),
    message(text=" 陈\0阿姨 \n"),
    message(text="/start x", entities=[entity("bot_command", "/start x", "/start")]),
    message(text="写信 a@b.cn", entities=[entity("email", "写信 a@b.cn", "a@b.cn")]),
    message(text="路灯", sender={"id": 7, "is_bot": False, "first_name": "王"}),
    press(),
    press("c:card:1"),
]

UNUSUAL: list[Json] = [
    message(text="漏水", chat=GROUP),
    message(text="漏水", sender=BOT),
    message(text="/start@fengmei_bot", entities=[entity("bot_command", "/start@fengmei_bot", "/start@fengmei_bot")]),
    message(text="@fengmei_bot 漏水", entities=[entity("mention", "@fengmei_bot 漏水", "@fengmei_bot")]),
    message(text="漏水", reply_to_message=message(text="x")["message"]),
    message(text="漏水", message_id="55"),
    message(text=" "),
    message(voice=file("v", duration=1)),
    member("member", "kicked"),
    press(None),
    press(message=message(text="card", chat=GROUP)["message"]),
    press(id=5),
]

ODD = st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text(), max_size=2)
PERSON = st.fixed_dictionaries(
    {"id": st.integers(1, 2**52) | st.just(777000), "is_bot": st.booleans(), "first_name": st.text()},
    optional={"last_name": st.text(), "language_code": st.text(max_size=8), "username": st.text()},
)
WORDS = st.builds(
    lambda text, sender, more: message(text=text, sender=sender, **more),
    st.text(), PERSON, st.dictionaries(st.sampled_from(["date", "message_id", "chat", "entities", "odd"]), ODD),
)  # fmt: skip
PRESSES = st.builds(lambda data, sender: press(data, **{"from": sender}), st.text(), PERSON)


@pytest.mark.parametrize("update", ORDINARY)
def test_it_reads_what_nearly_all_updates_are(update: Json) -> None:
    found = quick(update, NOW)
    assert found is not None
    assert found == read_by_library(update, ME, NOW)


@pytest.mark.parametrize("update", UNUSUAL)
def test_what_is_out_of_the_ordinary_is_read_by_the_library(update: Json) -> None:
    assert read(update, ME, NOW) == read_by_library(update, ME, NOW)


@given(WORDS | PRESSES)
def test_both_always_agree(update: Json) -> None:
    try:
        found: Any = quick(update, NOW)
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError):
        return
    if found is not None:
        assert found == read_by_library(update, ME, NOW)


def test_the_sender_is_who_the_update_names() -> None:
    found = quick(message(text="漏水"), NOW)
    assert found is not None
    assert (found.user, found.name, found.language) == (str(CHEN["id"]), "Chen Mei", "zh-hans")
