"""What people see of a message."""

from dataclasses import dataclass

from tests.simulators.telegram.errors import Json

KINDS = ("photo", "voice", "document", "video", "sticker", "contact", "location", "text")


@dataclass(frozen=True, slots=True)
class Button:
    """An inline button: `data` comes back when it is pressed, `url` is opened."""

    label: str
    data: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """A message as it looked at one moment."""

    chat_id: int
    message_id: int
    kind: str  # "text", "photo", "voice", …, "service"
    text: str  # or the caption
    buttons: tuple[tuple[Button, ...], ...]  # inline buttons by row
    by_bot: bool
    edited: bool
    body: Json  # the Message object

    @classmethod
    def of(cls, body: Json, *, by_bot: bool) -> "Shown":
        """Return what people see of a Message object."""
        kind = next((each for each in KINDS if each in body), "service")
        rows = body.get("reply_markup", {}).get("inline_keyboard", ())
        buttons = tuple(tuple(_button(each) for each in row) for row in rows)
        text: str = body.get("text") or body.get("caption") or ""
        chat_id, message_id = body["chat"]["id"], body["message_id"]
        return cls(chat_id, message_id, kind, text, buttons, by_bot, "edit_date" in body, body)

    @property
    def author(self) -> str:
        """Return the name that stands above it."""
        name: str = self.body["from"]["first_name"]
        return name

    @property
    def answers(self) -> "Shown | None":
        """Return the message it answers, as it looked then."""
        body: Json | None = self.body.get("reply_to_message")
        return None if body is None else Shown.of(body, by_bot=body["from"]["is_bot"])

    @property
    def labels(self) -> list[str]:
        """Return the labels of all its buttons."""
        return [button.label for row in self.buttons for button in row]

    @property
    def album(self) -> str | None:
        """Return what the messages of one album have in common."""
        album: str | None = self.body.get("media_group_id")
        return album

    def button(self, label: str) -> Button | None:
        """Return the button with a label, else the first whose label contains it."""
        every = [button for row in self.buttons for button in row]
        exact = (button for button in every if button.label == label)
        return next(exact, None) or next((button for button in every if label in button.label), None)

    def __str__(self) -> str:
        rows = "".join("\n  " + " ".join(f"[{button.label}]" for button in row) for row in self.buttons)
        answered = f" to {self.answers.author} {self.answers.text!r}" if self.answers else ""
        return f"{'bot' if self.by_bot else 'person'} {self.kind}{answered}: {self.text}{rows}"


def _button(body: Json) -> Button:
    return Button(body["text"], body.get("callback_data"), body.get("url"))
