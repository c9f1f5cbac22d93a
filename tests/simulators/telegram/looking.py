"""What people see: the chat as it stands, the next unread message, the answer to a press."""

import itertools
import time
from typing import TYPE_CHECKING

from tests.simulators.telegram.chats import Chat, Event
from tests.simulators.telegram.errors import Json
from tests.simulators.telegram.menus import menu
from tests.simulators.telegram.person import Person
from tests.simulators.telegram.screen import Shown
from tests.simulators.telegram.world import Toast, World

if TYPE_CHECKING:
    from tests.simulators.telegram.groups import Group

WAIT = 5.0  # seconds a person looks at the screen before giving up


class Looker(Person):
    """A person who looks at the screen."""

    def __init__(self, world: World, user: Json) -> None:
        super().__init__(world, user)
        self._read: dict[int, int] = {}  # how many events were read, by chat
        self._toasts_read = 0

    async def reads(self, containing: str | None = None, timeout: float = WAIT, *,  # noqa: ASYNC109
                    in_: "Group | None" = None) -> Shown:  # fmt: skip
        """Return the bot's next unread message, new or edited; with `containing` the next that has these words."""
        chat, end = self._chat(in_), time.monotonic() + timeout
        while True:
            event = await chat.changed.until(lambda: self._next(chat), max(0.0, end - time.monotonic()))
            if event is None:
                screen = "\n".join(str(shown) for shown in await self.screen(in_=in_))
                raise AssertionError(f"{self} waited for {containing!r} and sees only:\n{screen}")
            self._read[chat.id] = self._read.get(chat.id, chat.events_dropped) + 1
            shown = Shown.of(event.body, by_bot=True)
            if containing is None or containing in shown.text:
                return shown

    async def reads_nothing(self, seconds: float = 0.3, *, in_: "Group | None" = None) -> None:
        """Make sure that nothing unread comes for a while."""
        chat = self._chat(in_)
        event = await chat.changed.until(lambda: self._next(chat), seconds)
        if event is not None:
            raise AssertionError(f"{self} did not expect: {Shown.of(event.body, by_bot=True)}")

    def skips(self, *, in_: "Group | None" = None) -> None:
        """Take everything so far as read."""
        chat = self._chat(in_)
        self._read[chat.id] = chat.events_dropped + len(chat.events)

    async def screen(self, *, in_: "Group | None" = None, newest: int | None = None) -> list[Shown]:
        """Return the chat as it stands now: what was deleted is gone, what was edited has its last face.

        With `newest` so many messages at the most: a long chat takes its time.
        """
        found = self._chat(in_).messages.values()
        messages = found if newest is None else list(itertools.islice(reversed(found), newest))[::-1]
        return [each.shown for each in messages if not each.deleted]

    @property
    def toasts(self) -> list[Toast]:
        """Return every answer to a press of theirs."""
        return self.world.toasts.get(self.id, [])

    async def sees_toast(self, containing: str = "", timeout: float = WAIT) -> Toast:  # noqa: ASYNC109
        """Return the next answer to a press that has these words."""
        changed, end = self._chat(None).changed, time.monotonic() + timeout
        while True:
            toast = await changed.until(self._next_toast, max(0.0, end - time.monotonic()))
            if toast is None:
                raise AssertionError(f"{self} waited for an answer {containing!r}, all that came: {self.toasts}")
            self._toasts_read += 1
            if containing in toast.text:
                return toast

    def menu(self, *, in_: "Group | None" = None) -> list[Json]:
        """Return the commands the app offers."""
        return menu(self.world, self._chat(in_), self.info)

    def keyboard(self, *, in_: "Group | None" = None) -> list[str]:
        """Return the labels of the reply keyboard under the input field."""
        markup = self._chat(in_).keyboard or {"keyboard": []}
        return [button["text"] for row in markup["keyboard"] for button in row]

    def _next_toast(self) -> Toast | None:
        return self.toasts[self._toasts_read] if self._toasts_read < len(self.toasts) else None

    def _next(self, chat: Chat) -> Event | None:
        read = max(self._read.get(chat.id, 0), chat.events_dropped)
        self._read[chat.id] = read
        return chat.event(read)
