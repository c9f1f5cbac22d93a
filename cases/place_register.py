"""The register of places: what may lie where, and changes to it that keep the tree right.

Whoever opens it changes places alone until the end of the transaction. It looks at the database once, so that a
thousand changes cost little more than one. Who may change what is decided elsewhere (`cases.place_changes`).
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from itertools import chain, count
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases.folding import fold
from cases.hours import Window, sessions
from cases.place_rows import node_of, plain
from cases.place_settings import LEVEL
from cases.places import PlaceNode
from cases.settings import Times
from storage.models import Place
from storage.revision import PLACES, moved

NAME = 80  # characters
ALIAS = 40
MOST_ALIASES = 20
HIGHEST_NUMBER = 9999
KEY = 60  # with the "p_" of a poster's link it fits the 64 that Telegram takes ("Deep linking")


class Trouble(StrEnum):
    """Why a place cannot be changed so."""

    NOT_YOURS = "not_yours"
    GONE = "gone"  # there is no such place any more
    KIND = "kind"  # a {kind} cannot lie in a {above}
    BELOW_ITSELF = "below_itself"
    NAME = "name"  # empty or too long
    NAME_TAKEN = "name_taken"  # by another at the same place
    NUMBER = "number"
    NUMBER_TAKEN = "number_taken"
    ALIASES = "aliases"
    POSITION = "position"
    HOURS = "hours"  # {wrong}
    HANGS = "hangs"  # something hangs on it


class PlaceRefused(Exception):
    """A change that is not made. `facts` fill in what the trouble says."""

    def __init__(self, trouble: Trouble, **facts: Any) -> None:
        super().__init__(trouble.value)
        self.trouble = trouble
        self.facts = facts


class PlaceRegister:
    """All places, to be changed. What is changed is written by `write`."""

    def __init__(self, session: Session, now: datetime) -> None:
        moved(session, PLACES)
        session.flush()
        self._session = session
        self._now = now
        rows = session.scalars(select(Place).execution_options(populate_existing=True)).all()
        self._all = {place.key: place for place in rows}
        self._ids = {place.id: place for place in rows}
        self._parent = {place.key: self._ids.get(place.parent_id or 0) for place in rows}
        self._closed_ones = [place for place in rows if place.closed_at is not None]
        self._below: defaultdict[str | None, list[Place]] = defaultdict(list)
        for place in rows:
            if place.closed_at is None:
                self._below[self._key_above(place)].append(place)

    def get(self, place_id: int) -> Place:
        """Return an open place. Raises PlaceRefused where there is none."""
        place = self._ids.get(place_id)
        if place is None or place.closed_at is not None:
            raise PlaceRefused(Trouble.GONE)
        return place

    def by_key(self, key: str) -> Place | None:
        """Return a place, an open one or not."""
        return self._all.get(key)

    def parent(self, place: Place) -> Place | None:
        """Return what it lies in."""
        return self._parent[place.key]

    def children(self, place: Place | None) -> list[Place]:
        """Return what lies directly in it."""
        return list(self._below[place.key if place else None])

    def add(self, parent: Place | None, kind: str, name: str, number: int | None = None, key: str = "") -> Place:
        """Add a place; one that was closed under this key, or here under this name, is opened again. Raises."""
        self._check(parent, kind, name, number, None)
        place = self._all.get(key) or self._closed(parent, kind, name)
        if place is None:
            place = Place(key=key or self._new_key(parent, kind, number), path="", aliases=[])
            self._all[place.key] = place
        place.kind, place.name, place.number, place.closed_at = kind, name, number, None
        self._parent[place.key] = parent
        self._below[parent.key if parent else None].append(place)
        place.edited_at = self._now
        return place

    def rename(self, place: Place, name: str, number: int | None) -> None:
        """Give it another name and number. Raises PlaceRefused."""
        self._check(self.parent(place), place.kind, name, number, place)
        place.name, place.number, place.edited_at = name, number, self._now

    def move(self, place: Place, parent: Place | None) -> None:
        """Let it lie in another place, with all below it. Raises PlaceRefused."""
        above: Place | None = parent
        while above is not None:
            if above is place:
                raise PlaceRefused(Trouble.BELOW_ITSELF)
            above = self.parent(above)
        self._check(parent, place.kind, place.name, place.number, place)
        self._below[self._key_above(place)].remove(place)
        self._below[parent.key if parent else None].append(place)
        self._parent[place.key] = parent
        place.edited_at = self._now

    def set_aliases(self, place: Place, aliases: Sequence[str]) -> None:
        """Set its other names. Raises PlaceRefused."""
        kept = list(dict.fromkeys(alias for alias in aliases if alias and alias != place.name))
        if len(kept) > MOST_ALIASES or any(len(alias) > ALIAS for alias in kept):
            raise PlaceRefused(Trouble.ALIASES)
        place.aliases, place.edited_at = kept, self._now

    def set_position(self, place: Place, latitude: float | None, longitude: float | None) -> None:
        """Set its coordinates in degrees, or take them away. Raises PlaceRefused."""
        if latitude is not None and longitude is not None:
            fits = -90 <= latitude <= 90 and -180 <= longitude <= 180
        else:
            fits = latitude is longitude is None
        if not fits:
            raise PlaceRefused(Trouble.POSITION)
        place.latitude, place.longitude, place.edited_at = latitude, longitude, self._now

    def set_hours(self, place: Place, work: Window | None, lunch: Window | tuple[()] | None, times: Times) -> None:
        """Set its working hours and lunch; None: as above, (): no lunch. Raises PlaceRefused."""
        place.working_hours, place.lunch, place.edited_at = plain(work), plain(lunch), self._now
        upwards = tuple(self._upwards(place))
        worked = next((node.working_hours for node in upwards if node.working_hours), times.working_hours)
        kept = next((node.lunch for node in upwards if node.lunch is not None), times.lunch)
        try:
            if lunch or work is None:
                sessions(worked, kept or None)
        except ValueError as error:
            raise PlaceRefused(Trouble.HOURS, wrong=str(error)) from None

    def close(self, place: Place) -> None:
        """Take it out of the tree. Raises PlaceRefused where something lies in it."""
        if self._below[place.key]:
            raise PlaceRefused(Trouble.HANGS, children=len(self._below[place.key]))
        self._below[self._key_above(place)].remove(place)
        place.closed_at = place.edited_at = self._now

    def write(self) -> None:
        """Write what was changed, with the paths that follow from it."""
        for level in sorted(set(LEVEL.values())):
            for place in self._all.values():
                if LEVEL[place.kind] == level:
                    parent = self._parent[place.key]
                    place.parent_id = parent.id if parent else None
                    self._session.add(place)
            self._session.flush()  # what lies in them needs their ids
        settle(self._session, list(self._all.values()))
        self._ids = {place.id: place for place in self._all.values()}

    def _check(self, parent: Place | None, kind: str, name: str, number: int | None, but: Place | None) -> None:
        """Raise PlaceRefused where a place of this kind, name and number cannot lie there beside the others."""
        if parent is not None and LEVEL[parent.kind] >= LEVEL[kind]:
            raise PlaceRefused(Trouble.KIND, kind=kind, above=parent.kind)
        if not name.strip() or len(name) > NAME:
            raise PlaceRefused(Trouble.NAME)
        if number is not None and not 1 <= number <= HIGHEST_NUMBER:
            raise PlaceRefused(Trouble.NUMBER, number=number)
        for other in self._below[parent.key if parent else None]:
            if other is not but and fold(other.name) == fold(name):
                raise PlaceRefused(Trouble.NAME_TAKEN, name=name)
            if other is not but and number is not None and (other.kind, other.number) == (kind, number):
                raise PlaceRefused(Trouble.NUMBER_TAKEN, number=number, name=other.name)

    def _closed(self, parent: Place | None, kind: str, name: str) -> Place | None:
        here = (place for place in self._closed_ones if place.closed_at is not None and place.kind == kind)
        return next((place for place in here if place.name == name and self._parent[place.key] is parent), None)

    def _new_key(self, parent: Place | None, kind: str, number: int | None) -> str:
        """Return a key that is free: fengmei-19 for a building, as config.yaml makes them; else fengmei-x1, -x2."""
        stem = (parent.key if parent else "place")[: KEY - 8]
        numbered = [f"{stem}-{number}"] if number is not None and LEVEL[kind] > LEVEL["estate"] else []
        others = (f"{stem}-x{n}" for n in count(1))
        return next(key for key in chain(numbered, others) if key not in self._all)

    def _key_above(self, place: Place) -> str | None:
        parent = self._parent[place.key]
        return parent.key if parent else None

    def _upwards(self, place: Place) -> Iterator[PlaceNode]:
        above: Place | None = place
        while above is not None:
            yield node_of(above)
            above = self.parent(above)


def settle(session: Session, places: Sequence[Place]) -> None:
    """Write the paths; a place whose parent's kind no longer fits it moves up to the next that does."""
    by_id = {place.id: place for place in places}
    for place in sorted(places, key=lambda one: LEVEL[one.kind]):  # what it lies in comes first
        parent = by_id.get(place.parent_id or 0)
        for _step in count():
            if parent is None or LEVEL[parent.kind] < LEVEL[place.kind]:
                break
            parent = by_id.get(parent.parent_id or 0) if _step < len(LEVEL) else None
        above = parent.id if parent else None
        path = f"{parent.path if parent else '/'}{place.id}/"
        if (place.parent_id, place.path) != (above, path):
            place.parent_id, place.path = above, path
    session.flush()
