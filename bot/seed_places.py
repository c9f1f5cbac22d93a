"""Brings the places of `config.yaml` into the database without taking back what was changed in chat.

Each row keeps what the file said of it at the last start (`place.told`). A field is written only where the file says
something else now than it did then: so the newest word counts, whether it was written in the file or in chat.
"""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases.place_register import settle
from cases.place_rows import columns_of
from cases.settings import Settings
from storage.models import Place

PARENT = "parent"


def write_places(session: Session, settings: Settings) -> None:
    """Write what the file says anew; places it no longer names stay, but are no longer its own."""
    known = {place.key: place for place in session.scalars(select(Place))}
    named = set()
    for told, parent in settings.walk_places():
        named.add(told.key)
        says = {**columns_of(told), PARENT: parent}
        place = known.get(told.key)
        if place is None:
            known[told.key] = place = Place(key=told.key, path="")
            session.add(place)
        _take_over(place, says, known)
        session.flush()  # what lies in it needs its id
    for key in known.keys() - named:
        known[key].told = None
    settle(session, list(known.values()))


def _take_over(place: Place, says: dict[str, Any], known: dict[str, Place]) -> None:
    """Write the fields of which the file says something new."""
    before = place.told if place.told is not None else {}
    news = {name: value for name, value in says.items() if name not in before or before[name] != value}
    for name, value in news.items():
        if name == PARENT:
            place.parent_id = known[value].id if value else None
        else:
            setattr(place, name, value)
    if news:
        place.told = says
        _open_again(place, known)


def _open_again(place: Place, known: dict[str, Place]) -> None:
    """What the file says something new of is wanted again, with what it lies in by the file."""
    place.closed_at = None
    parent = (place.told or {}).get(PARENT)
    while parent is not None:
        known[parent].closed_at = None
        parent = (known[parent].told or {}).get(PARENT)
