"""What was said to somebody whom several channels reach, kept so that another can say it where the first refuses."""

import secrets
from dataclasses import dataclass, replace
from typing import Any

from handlers.message import Address, Message, from_json, to_json


@dataclass(frozen=True, slots=True)
class Said:
    """A message to a person, as the rows of its calls keep it.

    `key` tells which rows are calls of this one message; `tried` are the chats it went to, the last one included: none
    of them is tried twice.
    """

    key: str
    message: Message
    in_place: bool
    tried: tuple[tuple[str, str], ...]  # channel, chat

    @classmethod
    def of(cls, message: Message, address: Address, *, in_place: bool) -> "Said":
        """Return a message that goes to its first address now."""
        return cls(secrets.token_hex(8), message, in_place, ((address.channel, address.chat),))

    def also_to(self, address: Address) -> "Said":
        """Return the same message on its way to one more address."""
        return replace(self, key=secrets.token_hex(8), tried=(*self.tried, (address.channel, address.chat)))

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        tried = [list(address) for address in self.tried]
        return {"key": self.key, "message": to_json(self.message), "in_place": self.in_place, "tried": tried}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Said":
        """Return what `to_json` made these data of."""
        tried = tuple((channel, chat) for channel, chat in data["tried"])
        return cls(data["key"], from_json(data["message"]), data["in_place"], tried)
