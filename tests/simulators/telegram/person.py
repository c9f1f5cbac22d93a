"""What every way of using the app needs: who it is, which chat, what there is to answer."""

from typing import TYPE_CHECKING

from tests.simulators.telegram.chats import AnswerField, Chat
from tests.simulators.telegram.errors import Json
from tests.simulators.telegram.world import World

if TYPE_CHECKING:
    from tests.simulators.telegram.groups import Group


class Person:
    """A person with the app. Everything happens in the private chat with the bot, or `in_` a group."""

    def __init__(self, world: World, user: Json) -> None:
        self.world = world
        self.info = user
        self.id: int = user["id"]

    def __repr__(self) -> str:
        return f"<{self.info['first_name']} {self.id}>"

    def answer_field(self, *, in_: "Group | None" = None) -> AnswerField | None:
        """Return the answer field that opened for them by itself and still is open."""
        chat = self._chat(in_)
        field = chat.asked.get(self.id)
        return None if field is None or chat.living(field.message_id) is None else field

    def _chat(self, in_: "Group | None") -> Chat:
        return self.world.private(self.info) if in_ is None else self._inside(in_.chat)

    def _inside(self, chat: Chat) -> Chat:
        if not chat.has(self.id):
            raise AssertionError(f"{self} is not in the chat {chat.info.get('title', chat.id)!r}")
        return chat
