"""Chats and the messages in them, as the server keeps them."""

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from typing import Literal

from tests.simulators.telegram.errors import BotApiError, Json, bad, forbidden
from tests.simulators.telegram.screen import Shown
from tests.simulators.telegram.waiting import Signal

BotStatus = Literal["member", "administrator", "left", "kicked"]


@dataclass(slots=True)
class Stored:
    """A message as it stands. `body` is replaced by an edit, never changed, so that earlier looks stay true."""

    body: Json
    by_bot: bool
    at: float  # on the server's clock, seconds
    editable: bool = True  # a message that brought a reply keyboard is not
    deleted: bool = False
    _seen: tuple[Json, Shown] | None = None

    @property
    def shown(self) -> Shown:
        """Return what people see of it; a chat is looked at far more often than it changes."""
        if self._seen is None or self._seen[0] is not self.body:
            self._seen = (self.body, Shown.of(self.body, by_bot=self.by_bot))
        return self._seen[1]

    def answered(self) -> Json:
        """Return the field of a message that answers this one; what this one answers itself is left out."""
        return {"reply_to_message": {name: value for name, value in self.body.items() if name != "reply_to_message"}}


@dataclass(frozen=True, slots=True)
class AnswerField:
    """The answer field as ForceReply opens it: for which message, and the words that stand in it."""

    message_id: int
    placeholder: str


@dataclass(frozen=True, slots=True)
class Event:
    """Something new to read in a chat: a bot's message as it was sent, or as it became by an edit."""

    body: Json
    edited: bool


@dataclass(slots=True)
class Chat:
    """A private chat, a group or a supergroup."""

    id: int
    kind: Literal["private", "group", "supergroup"]
    info: Json  # the Chat object
    started: bool = False  # private: the person has written, or pressed Start
    met: bool = False  # private: they share a group with the bot, so that it knows them
    blocked: bool = False
    gone: bool = False  # private: the account was deleted
    bot: BotStatus = "member"
    migrated_to: int | None = None
    members: dict[int, str] = field(default_factory=dict)  # user id to status
    messages: OrderedDict[int, Stored] = field(default_factory=OrderedDict)
    keyboard: Json | None = None  # the reply keyboard that is shown
    asked: dict[int, AnswerField] = field(default_factory=dict)  # by user: the answer field that opened for them
    last_own_id: int = 0  # a supergroup numbers its messages itself
    events: deque[Event] = field(default_factory=deque)
    events_dropped: int = 0
    changed: Signal = field(default_factory=Signal)

    @property
    def private(self) -> bool:
        """Tell a private chat from a group."""
        return self.kind == "private"

    def has(self, user_id: int) -> bool:
        """Tell whether somebody is in the chat."""
        return user_id == self.id if self.private else self.members.get(user_id, "left") not in ("left", "kicked")

    def check_writable(self) -> None:
        """Raise what Telegram answers where the bot can't write."""
        refusal = self._private_refusal() if self.private else self._group_refusal()
        if refusal is not None:
            raise refusal

    def _private_refusal(self) -> BotApiError | None:
        if self.gone:
            return forbidden("user is deactivated")
        if self.blocked:
            return forbidden("bot was blocked by the user")
        if not self.started:
            return forbidden("bot can't initiate conversation with a user") if self.met else bad("chat not found")
        return None

    def _group_refusal(self) -> BotApiError | None:
        if self.migrated_to is not None:
            words = "group chat was upgraded to a supergroup chat"
            return bad(words, migrate_to_chat_id=self.migrated_to)
        if self.bot == "kicked":
            return forbidden(f"bot was kicked from the {self.kind} chat")
        if self.bot == "left":
            return forbidden(f"bot is not a member of the {self.kind} chat")
        return None

    def store(self, stored: Stored, keep: int | None) -> None:
        """Keep a message; of many the oldest are dropped."""
        self.messages[stored.body["message_id"]] = stored
        if keep is not None and len(self.messages) > keep:
            self.messages.popitem(last=False)
        if stored.by_bot:
            self.announce(Event(stored.body, edited=False), keep)

    def announce(self, event: Event, keep: int | None) -> None:
        """Let everybody in the chat read a message or its new face."""
        self.events.append(event)
        if keep is not None and len(self.events) > keep:
            self.events.popleft()
            self.events_dropped += 1
        self.changed.fire()

    def event(self, number: int) -> Event | None:
        """Return an event by its number since the chat began."""
        index = number - self.events_dropped
        return self.events[index] if 0 <= index < len(self.events) else None

    def living(self, message_id: int) -> Stored | None:
        """Return a message that was not deleted."""
        stored = self.messages.get(message_id)
        return None if stored is None or stored.deleted else stored


def private_chat(user: Json) -> Chat:
    """Return the private chat with a person."""
    names: Json = {name: user[name] for name in ("first_name", "last_name", "username") if name in user}
    return Chat(user["id"], "private", {"id": user["id"], "type": "private", **names})


def group_chat(chat_id: int, title: str, kind: Literal["group", "supergroup"]) -> Chat:
    """Return an empty group."""
    return Chat(chat_id, kind, {"id": chat_id, "type": kind, "title": title})
