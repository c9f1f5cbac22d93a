"""What a command is: its name, who may use it, the words that mean the same, what the help says of it."""

from collections.abc import Callable
from dataclasses import dataclass

from cases.context import Actor
from handlers.talk import Talk

Run = Callable[[Talk, str], None]

STAFF = frozenset({"steward", "coordinator", "admin"})
LEADERS = frozenset({"coordinator", "admin"})
ADMINS = frozenset({"admin"})


@dataclass(frozen=True, slots=True)
class Command:
    """A command. `run` gets what stands behind the name.

    `roles`: one of them is needed, anywhere; where it must be held the command itself looks up. Empty: for everybody.
    `words` mean the same when they stand alone, `leading` when they stand at the beginning with more behind; from
    whom the command is not for, such words are an ordinary message.
    """

    name: str
    run: Run
    help: str = ""  # marked with N_; empty: not listed
    words: tuple[str, ...] = ()
    leading: tuple[str, ...] = ()
    roles: frozenset[str] = frozenset()
    in_groups: bool = False
    numbered: bool = False  # needs a case number behind its leading words; without one they are a message

    def is_for(self, actor: Actor) -> bool:
        """Tell whether the person holds one of the roles it is for."""
        return not self.roles or actor.has(*self.roles)
