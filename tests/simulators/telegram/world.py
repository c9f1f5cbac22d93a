"""All that the server knows: people, chats, files, updates, presses, and the ways to change them.

It is plain data without sockets or tasks, so that a process can put it aside and go on with it.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.simulators.telegram.chats import Chat, Event, Stored, private_chat
from tests.simulators.telegram.errors import Json, Plain, bad, breach
from tests.simulators.telegram.files import FileStore
from tests.simulators.telegram.limits import Flood, Limits
from tests.simulators.telegram.record import Record
from tests.simulators.telegram.updates import UpdateQueue

QUERIES = 100_000  # presses that are remembered


@dataclass(frozen=True, slots=True)
class Query:
    """A press that waits for its answer."""

    user: int
    at: float


@dataclass(frozen=True, slots=True)
class Toast:
    """The answer to a press, as the person sees it; `alert`: in a window that must be closed."""

    query: str
    text: str
    alert: bool


@dataclass(slots=True)
class Webhook:
    """Where updates are posted to."""

    url: str = ""
    secret: str = ""
    connections: int = 40
    ip_address: str = ""
    error: str = ""
    error_at: int = 0


@dataclass(slots=True)
class World:
    """The server's memory."""

    bot: Json
    queue: UpdateQueue
    limits: Limits = field(default_factory=Limits)
    keep: int | None = None
    privacy: bool = True
    clock: Callable[[], float] = time.time
    chats: dict[int, Chat] = field(default_factory=dict)
    users: dict[int, Json] = field(default_factory=dict)
    queries: OrderedDict[str, Query] = field(default_factory=OrderedDict)
    toasts: dict[int, list[Toast]] = field(default_factory=dict)
    commands: dict[tuple[str, str], list[Json]] = field(default_factory=dict)  # by scope and language
    menu_buttons: dict[int, Json] = field(default_factory=dict)
    webhook: Webhook = field(default_factory=Webhook)
    last_message_id: int = 0  # private chats and basic groups are numbered together
    last_query: int = 4_000_000_000_000_000_000
    files: FileStore = field(init=False)
    flood: Flood = field(init=False)
    record: Record = field(init=False)
    doing: str = ""  # the method that is being carried out

    def __post_init__(self) -> None:
        self.files = FileStore(self.keep)
        self.flood = Flood(self.limits)
        self.record = Record(self.keep)

    def limit(self, limits: Limits) -> None:
        """Change the limits; the counting begins anew."""
        self.limits = limits
        self.flood = Flood(limits)

    def complain(self, reason: str) -> None:
        """Book a violation that Telegram itself would let pass."""
        self.record.violate(self.doing, reason, {})

    @staticmethod
    def monotonic() -> float:
        """Return the time by which limits are kept."""
        return time.monotonic()

    def now(self) -> int:
        """Return the time as Telegram writes it."""
        return int(self.clock())

    def chat(self, chat_id: int | str) -> Chat:
        """Return a chat the bot may know of."""
        found = self._named(chat_id) if isinstance(chat_id, str) else self.chats.get(chat_id)
        if found is None or (found.private and not (found.started or found.met)):
            raise bad("chat not found")
        return found

    def _named(self, name: str) -> Chat | None:
        return next((chat for chat in self.chats.values() if chat.info.get("username") == name[1:]), None)

    def private(self, user: Json) -> Chat:
        """Return the private chat with a person, open or not."""
        chat = self.chats.get(user["id"])
        if chat is None:
            self.users[user["id"]] = user
            chat = self.chats[user["id"]] = private_chat(user)
        return chat

    def writable(self, chat_id: int | str) -> Chat:
        """Return a chat the bot can write to, and count the call against the flood limits."""
        chat = self.chat(chat_id)
        chat.check_writable()
        self.flood.take(chat.id, self.monotonic(), group=not chat.private)
        return chat

    def message(self, chat: Chat, sender: Json, content: Json) -> Json:
        """Return a new Message object in a chat, not stored yet."""
        if chat.kind == "supergroup":
            chat.last_own_id = number = chat.last_own_id + 1
        else:
            self.last_message_id = number = self.last_message_id + 1
        return {"message_id": number, "from": sender, "chat": chat.info, "date": self.now(), **content}

    def say(self, chat: Chat, content: Json, *, editable: bool = True) -> Json:
        """Store a message of the bot and return it."""
        body = self.message(chat, self.bot, content)
        chat.store(Stored(body, True, self.clock(), editable), self.keep)
        self.record.message(body)
        return body

    def hear(self, chat: Chat, sender: Json, content: Json, *, visible: bool = True) -> Json:
        """Store a message of a person, tell the bot if it may see it, and return it."""
        body = self.message(chat, sender, content)
        chat.store(Stored(body, False, self.clock()), self.keep)
        chat.asked.pop(sender["id"], None)
        if visible:
            self.queue.add("message", body)
        return body

    def change(self, chat: Chat, stored: Stored, content: Json) -> Json:
        """Give a message of the bot a new face and return it."""
        kept = {name: stored.body[name] for name in KEPT if name in stored.body}
        stored.body = {**kept, **content, "edit_date": self.now()}
        chat.announce(Event(stored.body, edited=True), self.keep)
        return stored.body

    def press(self, chat: Chat, user: Json, message: Json, data: str) -> str:
        """Let a person press a button and return the query's id."""
        self.last_query += 1
        query = str(self.last_query)
        self.queries[query] = Query(user["id"], self.monotonic())
        if len(self.queries) > QUERIES:
            self.queries.popitem(last=False)
        instance = str(7_000_000_000 + chat.id)
        body = {"id": query, "from": user, "message": message, "chat_instance": instance, "data": data}
        self.queue.add("callback_query", body)
        return query

    def answer(self, query_id: str, text: str, *, alert: bool) -> None:
        """Answer a press: once, and not too late."""
        query = self.queries.pop(query_id, None)
        if query is None or self.monotonic() - query.at > self.limits.query_seconds:
            raise bad("query is too old and response timeout expired or query ID is invalid")
        toast = Toast(query_id, text, alert)
        self.toasts.setdefault(query.user, []).append(toast)
        self.chats[query.user].changed.fire()

    def replied(self, chat: Chat, parameters: Json | None) -> Json:
        """Return the fields of a reply."""
        if parameters is None:
            return {}
        stored = chat.living(parameters["message_id"])
        if stored is not None:
            return stored.answered()
        if parameters.get("allow_sending_without_reply"):
            return {}
        raise bad("message to be replied not found")


KEPT = ("message_id", "from", "chat", "date", "reply_to_message", "media_group_id")
"""What an edit leaves as it is."""


def check_range(name: str, value: Plain, low: float, high: float) -> None:
    """Refuse a number outside its documented range."""
    if value is not None and not low <= value <= high:
        raise breach(f"wrong {name} specified", f"{name} is {value}, from {low} to {high} is allowed")
