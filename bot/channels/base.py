"""What a chat platform must offer to be a channel.

A channel is two halves. Its *planner* (`handlers.message.Planner`) is pure and turns words into calls inside the
transaction. Its *sender* talks to the network, outside any transaction: it delivers one planned call, and says in
`Delivered`, `Later` or `Refused` how that went. A refusal by the platform is a result here, never an exception.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from starlette.routing import BaseRoute

from handlers.inbound import FileKind, Inbound
from handlers.message import Planner
from storage.record import record

Accept = Callable[[Inbound], Awaitable[None]]
"""Hands an update to the inbox and returns once it is committed. It raises when it was not: do not acknowledge then."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast the platform lets us send; None: no such limit."""

    per_second: float | None = None  # all chats together
    chat_seconds: float | None = None  # between two calls to one chat
    group_per_minute: int | None = None
    chat_windows: tuple[tuple[int, float], ...] = ()  # so many calls to one chat in so many seconds


@dataclass(frozen=True, slots=True)
class StoredFile:
    """An attachment that goes out: its bytes are at `path`; on channel `origin` it is also known as `remote`.

    `name` is what people see it called; None: it has no name of its own.
    """

    id: int
    kind: FileKind
    path: Path
    mime: str
    token: str
    origin: str
    remote: str | None
    name: str | None = None


@record
class Delivery:
    """A row of the outbox on its way out.

    `message` is the platform id of the card's message, when it is known. `files` are the attachments whose ids stand in
    `payload["attachments"]`, in that order.
    """

    id: int
    chat: str
    payload: dict[str, Any]
    person_id: int | None = None
    card: str | None = None
    message: str | None = None
    files: tuple[StoredFile, ...] = ()
    planned_at: datetime | None = None


@record
class Delivered:
    """The platform took it. `message` is the id of the new message, None where the call makes none."""

    message: str | None = None


@dataclass(frozen=True, slots=True)
class Later:
    """A passing trouble: try again after `seconds` (None: the outbox's own backoff).

    `everyone`: the platform throttles the whole bot, not this chat alone.
    """

    reason: str
    seconds: float | None = None
    everyone: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """Final: this message will not arrive here. `gone`: nothing will, until the person writes again (blocked, deleted).

    `elsewhere`: the person cannot be written to here now (a window has closed, a quota is used up). In both cases the
    outbox hands the message to another identity of theirs, and books it as not reached where there is none.

    `beside`: what goes along with a message (its photo) finds no way here, whatever becomes of the message itself:
    nobody is told that the person was not reached.
    """

    reason: str
    gone: bool = False
    elsewhere: bool = False
    beside: bool = False


@dataclass(frozen=True, slots=True)
class Moved:
    """The chat has a new id (a Telegram group became a supergroup): rename it and send again."""

    chat: str


Outcome = Delivered | Later | Refused | Moved


class FetchError(Exception):
    """A file could not be fetched. `final`: never will be (too large, expired)."""

    def __init__(self, reason: str, *, final: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.final = final


class Channel(Protocol):
    """A chat platform."""

    name: str
    planner: Planner
    pace: Pace

    async def start(self, accept: Accept) -> None:
        """Connect, set menus, begin to take updates in (polling) or be ready for the webhook."""
        ...

    async def stop(self) -> None:
        """Take nothing more in; what was handed to `accept` is finished first."""
        ...

    async def deliver(self, delivery: Delivery) -> Outcome:
        """Send one planned call."""
        ...

    def is_group(self, chat: str) -> bool:
        """Tell whether the chat is a group: other limits hold there."""
        ...

    async def fetch(self, remote: str, limit: int) -> bytes:
        """Fetch a file a person sent, at most `limit` bytes. Raises FetchError."""
        ...

    def routes(self) -> list[BaseRoute]:
        """HTTP routes of the channel, mounted by the app."""
        ...


@runtime_checkable
class Watched(Protocol):
    """A channel that works in the background, too."""

    async def watch(self) -> None:
        """Wait for ever. Raises what a background task died of; the desk then stops, for half a desk is none."""
        ...
