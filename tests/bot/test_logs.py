"""What is written when something goes wrong: kind and place, on one line, and nobody's words."""

import asyncio
import json
import logging

import pytest
import structlog
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError, StatementError

from bot.died import part_died, told
from bot.logs import Lines, _line, _without_words
from storage.engine import Store
from storage.message_models import InboxEntry
from storage.models import Person

WORDS = "芝麻开门13800138000"


def record(error: BaseException | None, message: str = "it failed") -> logging.LogRecord:
    found = (type(error), error, error.__traceback__) if error is not None else None
    return logging.LogRecord("asyncio", logging.ERROR, __file__, 1, message, (), found)


def raised(error: Exception) -> Exception:
    try:
        raise error
    except type(error) as caught:
        return caught


def test_a_library_that_logs_an_error_does_not_quote_it() -> None:
    line = Lines().format(record(raised(ValueError(f"https://api.telegram.org/bot1:{WORDS}/getMe"))))
    found = json.loads(line)
    assert found["error"] == "ValueError"
    assert found["where"][0].endswith("test_logs.py:raised:" + found["where"][0].rsplit(":", 1)[1])
    assert WORDS not in line


def test_what_a_library_has_in_hand_is_left_out() -> None:
    line = Lines().format(record(None, f"Task exception was never retrieved\nfuture: <Task exception=E('{WORDS}')>"))
    assert json.loads(line)["event"] == "Task exception was never retrieved"
    assert WORDS not in line


@pytest.mark.parametrize(
    "evil", ['\n{"event":"stopped"}', "\r\n", "\x1b[2J", "\x9b2J", "\u2028", "\u2029", "\x00", "\x7f", "\x85"]
)
def test_one_event_is_one_line_and_commands_no_terminal(evil: str) -> None:
    """JSON leaves C1 controls and Unicode's line ends as they are; a terminal and some readers do not."""
    line = _line({"event": f"a{evil}b"})
    assert json.loads(line) == {"event": f"a{evil}b"}
    assert line.isprintable()
    assert len(line.splitlines()) == 1
    assert len(Lines().format(record(None, f"a{evil}b")).splitlines()) == 1


def test_our_own_logs_do_not_quote_an_error() -> None:
    try:
        raise RuntimeError(WORDS)
    except RuntimeError as error:
        for given in (True, error, (type(error), error, error.__traceback__)):
            event = _without_words(None, "error", {"event": "failed", "exc_info": given})
            assert event["error"] == "RuntimeError"
            assert WORDS not in str(event)
    assert _without_words(None, "info", {"event": "fine"}) == {"event": "fine"}
    assert structlog.get_logger() is not None


async def test_an_error_of_the_database_does_not_hold_what_was_to_be_written(store: Store) -> None:
    """It would stand in every traceback that somebody logs."""
    twice = insert(InboxEntry).values(channel="plain", key=WORDS, received_at=None)
    with pytest.raises(DBAPIError) as caught:
        await store.write(lambda session: session.execute(twice))
    assert WORDS not in str(StatementError.__str__(caught.value)).partition("DETAIL")[0]
    assert WORDS not in told(caught.value)
    assert WORDS not in Lines().format(record(caught.value))
    with pytest.raises(DBAPIError) as caught:
        await store.write(lambda session: session.execute(text("SELECT nothing FROM person"), {}))
    assert told(caught.value).count("Error") >= 1
    assert Person.__tablename__ == "person"


def test_a_part_that_dies_says_what_and_where() -> None:
    died = str(part_died("outbox", raised(KeyError(WORDS))))
    assert died.startswith("the outbox died: KeyError in ")
    assert "start it again" in died
    assert WORDS not in died
    assert "it just ended" in str(part_died("clock", None))


def test_cancelled_is_told_too() -> None:
    assert "CancelledError" in told(asyncio.CancelledError())
