"""What a person did, in words that no platform owns."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy.orm import Session

from storage.record import record

FileKind = Literal["photo", "voice", "video", "file"]


@dataclass(frozen=True, slots=True)
class IncomingFile:
    """A file that came with a message.

    Either still with the platform (`remote`, fetched after the commit) or already stored by us (`attachment`, its id).
    """

    kind: FileKind
    remote: str | None = None
    attachment: int | None = None
    size: int | None = None  # bytes, as the platform says
    mime: str | None = None


@record
class Press:
    """A button that was pressed: its data, the message it hangs on, what the platform wants answered."""

    data: str
    message: str | None = None
    query: str | None = None  # Telegram: the callback query id


@record
class Inbound:
    """One update of a platform: `(channel, key)` names it for ever, so that a repeat is known."""

    channel: str
    key: str
    chat: str
    user: str
    name: str
    at: datetime
    text: str = ""
    press: Press | None = None
    files: tuple[IncomingFile, ...] = ()
    location: tuple[float, float] | None = None  # latitude, longitude in degrees
    phone: str | None = None  # shared by the person for themselves
    message: str | None = None  # the platform's id of this message, so that it can be answered
    reply_to: str | None = None  # the platform's id of the message that is answered
    album: str | None = None  # messages with the same value belong together
    group: bool = False
    mentioned: bool = False  # in a group: the bot was named or answered
    forwarded: bool = False
    edited: bool = False  # a correction of an earlier message
    unknown: str | None = None  # what it is when it is nothing we take in: "sticker", "poll", …
    reach: Literal["blocked", "back"] | None = None  # the person shut the door, or opened it again
    moved_to: str | None = None  # this chat has a new id from now on; whoever `user` is said nothing
    language: str | None = None  # IETF tag the platform gives
    note: Callable[[Session], None] | None = None  # what the channel keeps of its own in the same transaction
    hold: timedelta | None = None  # so long the first answer waits for the channel to give it as the response
    held: Callable[[Mapping[str, Any], bool], None] | None = None  # hears what waits so, and whether more is said here
