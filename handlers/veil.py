"""What a wish or an offered case says to people who have nothing to do with it: no door, and nobody who is not named.

Names are known only as they were told (whom a wish is for, what its teller is called): these are what is found.
"""

import re
from collections.abc import Iterator

from cases.addresses import Address, find_addresses
from cases.folding import fold
from cases.places import PlaceTree
from handlers.desk import Desk
from handlers.mask import mask
from storage.models import Case

HIDDEN = "**"
SHORTEST_NAME = 2  # characters; one alone stands in too many words
_DOOR = re.compile(r"[0-9]{3,4}|[0-9]{2}(?=室|号房)")
_ROOM_ALONE = re.compile(r"(?<![0-9])[0-9]{3,4}\s*(?=室|号房|房间|房(?![产子屋价东租贷]))")
_PARTS_OF_NAMES = re.compile(r"[^\W\d_]{2,}")
_BEFORE_NAMES = re.compile("^(?:楼上|楼下|隔壁|对门|邻居|住|的)+")


def public_words(desk: Desk, case: Case) -> str:
    """Return the words of a case as those may read them who do not handle it."""
    key = ("public words", case.id, case.kind, case.visibility)
    known = desk.context.known
    if key not in known:
        known[key] = _public_words(desk, case)
    found: str = known[key]
    return found


def _public_words(desk: Desk, case: Case) -> str:
    if case.kind != "wish":
        return hide_doors(mask(case.words))
    shown = hide_names(case.words, case.beneficiary if case.consent is not None else "")
    if case.visibility != "name":
        shown = hide_names(shown, desk.reach(case.reporter_id).name)
    return hide_doors(mask(shown), units=True)


def public_place(tree: PlaceTree, place_id: int) -> int:
    """Return the place of a wish as others read it: the building, of a unit too."""
    return next((node.id for node in tree.ancestors(place_id) if node.kind != "unit"), place_id)


def hide_names(text: str, name: str) -> str:
    """Return `text` without a name: as it was written, and each longer part of it ("5栋301陈伯": "陈伯" as well)."""
    for part in sorted(_names(name), key=len, reverse=True):
        text = re.sub(_whole(part), HIDDEN, text)
    return text


def _whole(name: str) -> str:
    """Return the pattern of a name: one in Latin letters is a word of its own, "Li" is not in "Living"."""
    before = "(?<![A-Za-z])" if name[0].isascii() else ""
    return before + re.escape(name) + ("(?![A-Za-z])" if name[-1].isascii() else "")


def _names(name: str) -> Iterator[str]:
    for address in reversed(find_addresses(fold(name))):
        name = f"{name[: address.start]} {name[address.end :]}"
    for part in (name.strip(), *_PARTS_OF_NAMES.findall(name)):
        plain = _BEFORE_NAMES.sub("", part)
        if len(plain) >= SHORTEST_NAME:
            yield plain


def hide_doors(text: str, *, units: bool = False) -> str:
    """Return `text` with its addresses cut down to the building where they go to a door; with `units`, to a unit."""
    for address in reversed(find_addresses(fold(text))):
        deeper = _DOOR.search(address.detail) or (
            units and (address.unit is not None or address.detail[:1].isdecimal())
        )
        if deeper:
            text = f"{text[: address.start]}{_building(address)}{HIDDEN}{text[address.end :]}"
    return _ROOM_ALONE.sub(HIDDEN, text)


def _building(address: Address) -> str:
    if address.building is None:
        return ""
    return f"{address.building}-" if "-" in address.said else address.said
