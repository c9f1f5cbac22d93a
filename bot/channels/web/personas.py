"""The people one may play in the demo. A channel without personas has none of this."""

from dataclasses import dataclass
from typing import Literal

Pane = Literal["resident", "steward", "coordinator", "admin"]


@dataclass(frozen=True, slots=True)
class Persona:
    """Somebody of the demo: `key` names them in `?as=`, `pane` says in which part of the page they sit.

    `groups` are the shared chats they are in; `?in=` names one of them.
    """

    key: str
    name: str
    pane: Pane
    title: str = ""
    groups: tuple[str, ...] = ()

    @property
    def user(self) -> str:
        """The user id on this channel; no session can have it, those are hexadecimal."""
        return f"demo:{self.key}"
