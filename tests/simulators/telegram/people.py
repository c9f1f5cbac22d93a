"""The residents, stewards and administrators of a story, with all they can do in the app."""

from typing import TYPE_CHECKING

from tests.simulators.telegram.chats import Chat
from tests.simulators.telegram.errors import Json
from tests.simulators.telegram.looking import Looker
from tests.simulators.telegram.members import bot_moved
from tests.simulators.telegram.screen import Button, Shown
from tests.simulators.telegram.speaking import Speaker

if TYPE_CHECKING:
    from tests.simulators.telegram.groups import Group


class Resident(Speaker, Looker):
    """A person who writes, reads, presses buttons and may have enough of the bot."""

    async def presses(self, label: str, *, in_: "Group | None" = None) -> str:
        """Press the newest button with this label (or one that contains it); returns the query's id."""
        chat = self._chat(in_)
        for stored in reversed(chat.messages.values()):
            found = Shown.of(stored.body, by_bot=True).button(label) if stored.by_bot and not stored.deleted else None
            if found is not None:
                return self._press(chat, stored.body, found)
        if (text := self._keyboard_text(chat, label)) is not None:
            await self.sends(text, in_=in_)
            return ""
        raise AssertionError(f"{self} sees no button {label!r}, but {await self._every_label(in_)}")

    async def presses_old(self, message: Shown, label: str) -> str:
        """Press a button as it was on an old look of a message, whatever became of it."""
        found = message.button(label)
        if found is None:
            raise AssertionError(f"the message had no button {label!r}, but {message.labels}")
        chat = self._inside(self.world.chats[message.chat_id])
        return self._press(chat, self._as_seen(chat, message.message_id), found)

    async def presses_data(self, message: Shown | int, data: str, *, in_: "Group | None" = None) -> str:
        """Send invented button data for a message, as a manipulated app can."""
        chat = self._chat(in_)
        number = message if isinstance(message, int) else message.message_id
        return self._press(chat, self._as_seen(chat, number), Button("", data))

    async def blocks(self) -> None:
        """Stop the bot."""
        self._chat(None).blocked = True
        bot_moved(self.world, self._chat(None), self.info, "member", "kicked")

    async def unblocks(self) -> None:
        """Let the bot write again."""
        self._chat(None).blocked = False
        bot_moved(self.world, self._chat(None), self.info, "kicked", "member")

    async def leaves_telegram(self) -> None:
        """Delete the account."""
        self._chat(None).gone = True

    def _press(self, chat: Chat, message: Json, button: Button) -> str:
        if button.data is None:
            raise AssertionError(f"the button {button.label!r} opens {button.url}, the bot learns nothing of it")
        return self.world.press(chat, self.info, message, button.data)

    def _as_seen(self, chat: Chat, number: int) -> Json:
        """Return the message of a press; one that is gone is inaccessible and has the date 0."""
        stored = chat.living(number)
        return stored.body if stored is not None else {"message_id": number, "chat": chat.info, "date": 0}

    def _keyboard_text(self, chat: Chat, label: str) -> str | None:
        for button in (each for row in (chat.keyboard or {"keyboard": []})["keyboard"] for each in row):
            if label in button["text"]:
                if button.get("request_contact") or button.get("request_location"):
                    raise AssertionError(f"{button['text']!r} asks for more: use sends_contact or sends_location")
                return str(button["text"])
        return None

    async def _every_label(self, in_: "Group | None") -> list[str]:
        return [label for shown in await self.screen(in_=in_) for label in shown.labels if shown.by_bot]
