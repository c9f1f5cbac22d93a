"""What is said to a person: text, choices, photos. How it looks is the channel's business."""

from dataclasses import fields
from typing import Any, Literal, Protocol

from storage.record import record

Style = Literal["primary", "plain", "danger"]
CHOICE_DATA_BYTES = 64  # Telegram's callback_data, Bot API "InlineKeyboardButton"; the tightest of all channels


@record
class Choice:
    """A button. `data` comes back when it is pressed: at most 64 bytes, never a proof of any right."""

    label: str
    data: str
    style: Style = "plain"

    def __post_init__(self) -> None:
        if not 1 <= len(self.data.encode()) <= CHOICE_DATA_BYTES:
            raise ValueError(f"choice data {self.data!r} must have 1 to {CHOICE_DATA_BYTES} bytes")


DIRECT = "direct"
"""In a payload: it may be the response to the update itself, where a platform takes one, see `Inbound.hold`."""

Rows = tuple[tuple[Choice, ...], ...]


@record
class Message:
    """One thing said. With `card`, it is a card: a later message of the same key in that chat replaces it in place.

    `text` is plain: no markup of any platform; a channel escapes it. `title` stands above it in bold.
    """

    text: str
    title: str = ""
    choices: Rows = ()
    photos: tuple[int, ...] = ()  # attachment ids
    files: tuple[int, ...] = ()  # attachment ids of whatever else goes along: voice, video, documents
    card: str | None = None
    ask: Literal["location", "phone"] | None = None  # offer the platform's own button for it, where it has one
    ask_label: str = ""  # what that button says
    link: tuple[str, str] | None = None  # label and URL of a button that opens a page
    reply_to: str | None = None  # in a group: the platform's id of the message it answers
    force_reply: bool = (
        False  # in a group: open the answer field of whoever is answered; what they write reaches the bot
    )
    silent: bool = False  # arrives without a sound: what can wait until the morning
    details: Choice | None = None  # where a channel has little room: the button that shows the whole
    instead: str = ""  # in a group where nothing can be pressed: what to write to the bot in private
    numbers: tuple[int, ...] = ()  # on a channel without buttons: what to reply for each choice, see `numbers.py`
    numbers_hint: str = ""  # the words that say so
    occasion: Literal["filed", "rating"] | None = None  # where a platform wants consent before a later notice


def to_json(message: Message) -> dict[str, Any]:
    """Return the message as plain data; what is as it usually is, is left out."""
    usual = Message("")
    told = {field.name: getattr(message, field.name) for field in fields(message)}
    kept = {name: value for name, value in told.items() if name == "text" or value != getattr(usual, name)}
    if message.choices:
        kept["choices"] = [[[each.label, each.data, each.style] for each in row] for row in message.choices]
    if message.details is not None:
        kept["details"] = [message.details.label, message.details.data, message.details.style]
    return kept


def from_json(data: dict[str, Any]) -> Message:
    """Return the message that `to_json` made these data of."""
    told = dict(data)
    for name in ("photos", "files", "link", "numbers"):
        if name in told:
            told[name] = tuple(told[name])
    if "choices" in told:
        told["choices"] = tuple(tuple(Choice(*each) for each in row) for row in told["choices"])
    if "details" in told:
        told["details"] = Choice(*told["details"])
    return Message(**told)


@record
class Address:
    """Where a message goes: a chat on a channel, and whom we mean by it (None for a group)."""

    channel: str
    chat: str
    person_id: int | None = None


@record
class Call:
    """One call to a platform, as its channel planned it: becomes a row of the outbox.

    `lane` 0 keeps the order of the chat; 1 goes at once beside it (and 2, later, what waited long for its files).
    """

    payload: dict[str, Any]
    card: str | None = None
    lane: int = 0


class Planner(Protocol):
    """The half of a channel that turns words into calls: pure, used inside the transaction."""

    @property
    def per_second(self) -> float | None:
        """How many calls in a second the platform takes in all; None: any number."""
        ...

    @property
    def numbered(self) -> bool:
        """Whether people answer choices by number: then a message says which number is which choice."""
        ...

    def send(self, chat: str, message: Message) -> list[Call]:
        """Plan a new message; a long text becomes several calls, choices hang on the last."""
        ...

    def edit(self, chat: str, message: Message) -> list[Call]:
        """Plan the change of the card `message.card` in place; where it is gone, the channel sends it anew."""
        ...

    def toast(self, query: str | None, text: str, *, alert: bool = False) -> list[Call]:
        """Plan the short answer to a press (empty text: just stop the spinner)."""
        ...
