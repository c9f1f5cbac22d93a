"""The buttons of administration: their first letter names the file that knows them."""

from collections.abc import Callable, Mapping, Sequence

from handlers.admin import audit, export, invite, lists, places, reports, staff, stats, warn
from handlers.talk import Talk

PRESSES: Mapping[str, tuple[Callable[..., None], tuple[int, ...]]] = {
    "u": (audit.press, (3,)),
    "k": (lists.press, (3,)),
    "x": (export.press, (1,)),
    "b": (warn.press, (1, 2, 3)),
    "i": (invite.press, (2, 3)),
    "s": (staff.press, (2, 3)),
    "place": (places.press, (1, 2, 3)),
    "f": (stats.press, (3,)),
    "w": (reports.press, (1,)),
}
"""By letter: what carries the press out, and how many parts its data may have behind the letter."""


def pressed(talk: Talk, letter: str, data: Sequence[str]) -> bool:
    """Carry out a button of administration; False when it is none. In a group none comes here (`handlers.route`)."""
    if letter not in PRESSES or len(data) not in PRESSES[letter][1]:
        return False
    PRESSES[letter][0](talk, *data)
    return True
