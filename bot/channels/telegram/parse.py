"""From an update of the Bot API to an `Inbound`. Pure, and it never raises: a person may send anything."""

import contextlib
import traceback
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.channels.telegram.quick import quick
from handlers.inbound import Inbound


@dataclass(frozen=True, slots=True)
class Me:
    """The bot itself: its number, and its name without "@"."""

    id: int
    username: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """An update that is nothing for us: acknowledge it. `query` is a press that still waits for an answer."""

    kind: str
    query: str | None = None
    trouble: str | None = None  # why it could not be read: kind of error and place, never its words


def read(update: dict[str, Any], me: Me, now: datetime) -> Inbound | Skipped:
    """Read one update. `now` is when a press happened: Telegram does not say."""
    with contextlib.suppress(KeyError, TypeError, AttributeError, ValueError, OverflowError, OSError):
        if (found := quick(update, now)) is not None:
            return found
    return read_by_library(update, me, now)


def read_by_library(update: dict[str, Any], me: Me, now: datetime) -> Inbound | Skipped:
    """Read any update, as the library understands it; that is loaded with the first that needs it."""
    from bot.channels.telegram import by_library

    return by_library.read(update, me, now)


def kind_of(update: dict[str, Any]) -> str:
    """Return what kind of update it is, as Telegram names it."""
    return next((str(key) for key in update if key != "update_id"), "empty")


def where(error: BaseException) -> str:
    """Say what went wrong and where, without the error's own words: these may quote a person."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{type(error).__name__} in {frames[-1].name}:{frames[-1].lineno}" if frames else type(error).__name__
