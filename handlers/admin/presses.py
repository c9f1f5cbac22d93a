"""The buttons of administration: their first letter names the file that knows them."""

from collections.abc import Callable, Mapping, Sequence

from handlers.admin import audit, export, lists, warn
from handlers.talk import Talk

Press = Callable[[Talk, Sequence[str]], None]


def _audit(talk: Talk, data: Sequence[str]) -> None:
    kind, which, page = data
    audit.press(talk, kind, which, page)


def _lists(talk: Talk, data: Sequence[str]) -> None:
    which, what, code = data
    lists.press(talk, which, what, code)


def _export(talk: Talk, data: Sequence[str]) -> None:
    (code,) = data
    export.press(talk, code)


def _warn(talk: Talk, data: Sequence[str]) -> None:
    verb, argument = (*data, "")[:2]
    warn.press(talk, verb, argument)


PRESSES: Mapping[str, tuple[Press, tuple[int, ...]]] = {
    "u": (_audit, (3,)),
    "k": (_lists, (3,)),
    "x": (_export, (1,)),
    "b": (_warn, (1, 2)),
}
"""By letter: what carries the press out, and how many parts its data may have behind the letter."""


def pressed(talk: Talk, letter: str, data: Sequence[str]) -> bool:
    """Carry out a button of administration; False when it is none."""
    if letter not in PRESSES or len(data) not in PRESSES[letter][1]:
        return False
    PRESSES[letter][0](talk, data)
    return True
