"""Building groups: who is in them, and what becomes of the bot there."""

from typing import Literal

from tests.simulators.telegram.chats import Chat, group_chat
from tests.simulators.telegram.errors import Json
from tests.simulators.telegram.members import set_bot_status
from tests.simulators.telegram.people import Resident
from tests.simulators.telegram.screen import Shown
from tests.simulators.telegram.world import World

FIRST_SUPERGROUP = -1_002_000_000_000
FIRST_GROUP = -4_100_000_000


class Group:
    """A group with the bot in it. Supergroups have their own numbering of messages; basic groups can become one."""

    def __init__(self, world: World, title: str, members: list[Resident], *, supergroup: bool, quiet: bool) -> None:
        self.world = world
        self.title = title
        self.members: list[Resident] = []
        self.chat = self._make("supergroup" if supergroup else "group")
        for member in members:
            self._admit(member)
        if members:
            self.chat.members[members[0].id] = "creator"
        if members and not quiet:
            self._bot_arrives(members[0])

    @property
    def id(self) -> int:
        """Return the group's chat id now."""
        return self.chat.id

    def migrates(self) -> int:
        """Become a supergroup: a new id, and an error for whoever uses the old one. Returns the new id."""
        old = self.chat
        self.chat = self._make("supergroup")
        self.chat.members, self.chat.bot = dict(old.members), old.bot
        owner = self._owner()
        self.world.hear(old, owner, {"migrate_to_chat_id": self.id})
        old.migrated_to = self.id
        self.world.hear(self.chat, owner, {"migrate_from_chat_id": old.id})
        return self.id

    def kicks_bot(self) -> None:
        """Throw the bot out."""
        self.world.hear(self.chat, self._owner(), {"left_chat_member": self.world.bot})
        set_bot_status(self.world, self.chat, self._owner(), "kicked")

    def takes_bot(self) -> None:
        """Let the bot in again."""
        self.chat.bot = "left"
        self._bot_arrives(self.members[0])

    def promotes_bot(self) -> None:
        """Make the bot an administrator: it sees everything that is said."""
        set_bot_status(self.world, self.chat, self._owner(), "administrator")

    def promotes(self, member: Resident) -> None:
        """Make a member an administrator."""
        self.chat.members[member.id] = "administrator"

    async def joins(self, member: Resident) -> Shown:
        """Let somebody in."""
        self._admit(member)
        body = self.world.hear(self.chat, member.info, {"new_chat_members": [member.info]})
        return Shown.of(body, by_bot=False)

    async def leaves(self, member: Resident) -> Shown:
        """Let somebody go."""
        self.members.remove(member)
        self.chat.members[member.id] = "left"
        body = self.world.hear(self.chat, member.info, {"left_chat_member": member.info})
        return Shown.of(body, by_bot=False)

    async def screen(self) -> list[Shown]:
        """Return the group's chat as it stands now."""
        return [Shown.of(each.body, by_bot=each.by_bot) for each in self.chat.messages.values() if not each.deleted]

    def _make(self, kind: Literal["group", "supergroup"]) -> Chat:
        first = FIRST_GROUP if kind == "group" else FIRST_SUPERGROUP
        chat = group_chat(first - len(self.world.chats) - 1, self.title, kind)
        self.world.chats[chat.id] = chat
        return chat

    def _admit(self, member: Resident) -> None:
        self.members.append(member)
        self.chat.members[member.id] = "member"
        self.world.private(member.info).met = True

    def _bot_arrives(self, by: Resident) -> None:
        self.chat.bot = "left"
        set_bot_status(self.world, self.chat, by.info, "member")
        self.world.hear(self.chat, by.info, {"new_chat_members": [self.world.bot]})

    def _owner(self) -> Json:
        return self.members[0].info
