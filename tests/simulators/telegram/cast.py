"""The cast of a story: makes people and groups, and pulls the strings behind the scene."""

import random

from tests.simulators.telegram.errors import Json
from tests.simulators.telegram.groups import Group
from tests.simulators.telegram.people import Resident
from tests.simulators.telegram.postman import Postman
from tests.simulators.telegram.screen import Shown
from tests.simulators.telegram.world import World

FIRST_USER = 510_000_000


class Cast:
    """Everybody who uses the bot."""

    postman: Postman

    def __init__(self, world: World) -> None:
        self.world = world
        self._people: dict[int, Resident] = {}

    def user(
        self, name: str, id: int | None = None, language_code: str = "zh-hans", *,  # noqa: A002
        username: str | None = None, last_name: str | None = None,
    ) -> Resident:  # fmt: skip
        """Return a person; the same id is the same person."""
        number = id if id is not None else FIRST_USER + len(self.world.users) + 1
        if number not in self._people:
            extra = {"username": username, "last_name": last_name, "language_code": language_code}
            known = {key: value for key, value in extra.items() if value}
            info: Json = {"id": number, "is_bot": False, "first_name": name, **known}
            self.world.private(info)
            self._people[number] = Resident(self.world, self.world.users[number])
        return self._people[number]

    def group(
        self, title: str, members: list[Resident] | None = None, *, supergroup: bool = False, quiet: bool = False
    ) -> Group:
        """Return a new group with the bot in it, which learns of that unless `quiet`. The first member owns it."""
        return Group(self.world, title, members or [], supergroup=supergroup, quiet=quiet)

    async def send_again(self, update_id: int) -> None:
        """Deliver an update once more, as happens when its acknowledgement is lost."""
        self.world.queue.repeat(update_id)

    def inject(self, update: Json) -> int:
        """Queue a raw update, whatever is in it; returns its update_id, which it gets if it has none."""
        return self.world.queue.put(update)

    def jumps(self, to: int | None = None) -> int:
        """Number the next updates from here (None: at random), as Telegram does after a week without any."""
        start = to if to is not None else random.randint(1_000_000_000, 2_000_000_000)
        self.world.queue.jump(start)
        return start

    def ages(self, message: Shown, hours: float) -> None:
        """Let a message be older."""
        self.world.chats[message.chat_id].messages[message.message_id].at -= hours * 3600

    @property
    def last_update_id(self) -> int:
        """Return the number of the newest update."""
        return self.world.queue.next_id - 1

    @property
    def pending(self) -> int:
        """Return how many updates the bot has not acknowledged."""
        return self.world.queue.waiting + self.postman.busy

    async def idle(self, timeout: float = 5.0) -> None:  # noqa: ASYNC109
        """Wait until the bot has acknowledged every update."""
        done = await self.world.queue.changed.until(lambda: True if self.pending == 0 else None, timeout)
        if done is None:
            raise AssertionError(f"{self.pending} updates are still not acknowledged")
