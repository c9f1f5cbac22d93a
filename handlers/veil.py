"""What a wish or an offered case says to people who have nothing to do with it: no door, and nobody who is not named.

Names are known only as they were told (whom a wish is for, what its teller is called): these are what is found.
"""

import re

from cases import privacy
from cases.addresses import Address, find_addresses
from cases.folding import fold
from cases.places import PlaceTree
from handlers.desk import Desk
from handlers.mask import HIDDEN, hide_names, mask, replace_spans
from storage.models import Case

_DOOR = re.compile(r"[0-9]{3,4}|[0-9]{2}(?=室|号房)")
_ROOM_ALONE = re.compile(
    r"(?<![0-9A-Za-z#])(?:[A-Za-z]?[0-9]{3,4}(?=\s*(?:室|号房|房间|房(?![产子屋价东租贷])|的))"
    r"|[A-Za-z][0-9]{3,4}(?![0-9A-Za-z])|[零〇一二三四五六七八九]{3,4}(?=\s*(?:室|号房|房间)))"
)


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
        shown = hide_names(shown, *privacy.names_of(desk.context, case.reporter_id))
    return hide_doors(mask(shown), units=True)


def public_place(tree: PlaceTree, place_id: int) -> int:
    """Return the place of a wish as others read it: the building, of a unit too."""
    return next((node.id for node in tree.ancestors(place_id) if node.kind != "unit"), place_id)


def hide_doors(text: str, *, units: bool = False) -> str:
    """Return `text` with its addresses cut down to the building where they go to a door; with `units`, to a unit."""
    for address in reversed(find_addresses(fold(text))):
        deeper = _DOOR.search(address.detail) or (
            units and (address.unit is not None or address.detail[:1].isdecimal())
        )
        if deeper:
            text = f"{text[: address.start]}{_building(address)}{HIDDEN}{text[address.end :]}"
    return replace_spans(text, (found.span() for found in _ROOM_ALONE.finditer(fold(text))))


def _building(address: Address) -> str:
    if address.building is None:
        return ""
    return f"{address.building}-" if "-" in address.said else address.said
