"""What every way of using the app needs: who it is, which chat, what the bot gets to see."""

from typing import TYPE_CHECKING

from tests.simulators.telegram.chats import Chat
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

    def _chat(self, in_: "Group | None") -> Chat:
        return self.world.private(self.info) if in_ is None else in_.chat

    def _visible(self, chat: Chat, content: Json) -> bool:
        """Tell whether the bot gets to see a message; in groups its privacy mode decides."""
        if chat.private:
            return True
        if chat.bot in ("left", "kicked"):
            return False
        if chat.bot == "administrator" or not self.world.privacy:
            return True
        return self._meant_for_bot(content)

    def _meant_for_bot(self, content: Json) -> bool:
        if content.get("reply_to_message", {}).get("from", {}).get("id") == self.world.bot["id"]:
            return True
        words = (content.get("text") or content.get("caption") or "").split()
        name = "@" + self.world.bot["username"].lower()
        if words and words[0].startswith("/"):
            return "@" not in words[0] or words[0].lower().endswith(name)
        found = content.get("entities", []) + content.get("caption_entities", [])
        mentioned = any(entity["type"] == "mention" for entity in found)
        return mentioned and name in (content.get("text") or content.get("caption") or "").lower()
