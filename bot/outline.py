"""What `config.yaml` says of places, people and categories, read so leniently that other mistakes do not hide it.

`cases.settings` refuses a file at its first wrong type; mistakes between the parts are to be named in the same go.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from bot.problems import KeyPath
from cases.duration import Duration, parse
from cases.place_settings import MOST_BUILDINGS, MOST_UNITS
from cases.settings import Category


@dataclass(frozen=True, slots=True)
class PlaceTold:
    """A place; one that a shorthand makes has the path of the place that uses it.

    `hours` is what it says itself of `working_hours` and `lunch`.
    """

    path: KeyPath
    key: str
    name: str
    kind: str
    number: int | None
    parent: str | None
    hours: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RoleTold:
    """A role of a person."""

    path: KeyPath
    person: str
    role: str
    at: str
    partner: str | None


@dataclass(frozen=True, slots=True)
class Named:
    """Something with a key or another value that must be there once, or must be known: `value` stands at `path`."""

    path: KeyPath
    value: str


@dataclass(frozen=True, slots=True)
class CategoryTold:
    """A category, the partner types that are responsible, and by when; None for what is no duration.

    `flags` are those of `pool`, `private` and `wish` that are true; `emergency` tells whether it knows emergencies.
    """

    path: KeyPath
    key: str
    partners: tuple[str, ...]
    accept: Duration | None
    resolve: Duration | None
    flags: frozenset[str] = frozenset()
    emergency: bool = False


@dataclass(frozen=True, slots=True)
class Outline:
    """The parts that are held against each other."""

    places: tuple[PlaceTold, ...]
    roles: tuple[RoleTold, ...]
    categories: tuple[CategoryTold, ...]
    data: object

    def values(self, section: str, key: str) -> Iterator[Named]:
        """Yield the values of a key of all entries of a section."""
        return self.entries((section,), key)

    def entries(self, where: tuple[str, ...], key: str) -> Iterator[Named]:
        """Yield the values of a key of all entries of the list at a path of keys."""
        for path, entry in _entries(self.get(*where), where):
            if (value := entry.get(key)) is not None:
                yield Named((*path, key), str(value))

    def has(self, *sections: str) -> bool:
        """Tell whether the sections are there with entries; where one is not, nothing can be held against it."""
        return all(any(True for _entry in _entries(self.get(section), ())) for section in sections)

    @property
    def hours(self) -> dict[str, object]:
        """What the file says of the desk's working hours and lunch."""
        return _hours(self.get("times"))

    def get(self, *path: str) -> object:
        """Return what stands at a path of keys, None for nothing."""
        found = self.data
        for key in path:
            found = _get(found, key)
        return found


def outline(data: object) -> Outline:
    """Return the outline of a file's data, whatever it is."""
    return Outline(
        tuple(_places(_get(data, "places"), ("places",), None)),
        tuple(_roles(_get(data, "people"))),
        tuple(_categories(_get(data, "categories"))),
        data,
    )


def _places(value: object, path: KeyPath, parent: str | None) -> Iterator[PlaceTold]:
    for here, entry in _entries(value, path):
        key = str(entry.get("key"))
        place = PlaceTold(
            here, key, str(entry.get("name", "")), str(entry.get("kind", "")), _number(entry.get("number")), parent,
            _hours(entry),
        )  # fmt: skip
        yield place
        below = list(_places(entry.get("children"), (*here, "children"), key))
        yield from below
        yield from _buildings(place, entry.get("buildings"), below)
        yield from _units(place, entry.get("units"), below)


def _buildings(place: PlaceTold, shorthand: object, written: list[PlaceTold]) -> Iterator[PlaceTold]:
    path: KeyPath = (*place.path, "buildings")
    first, last = _number(_get(shorthand, "from", 1)), _number(_get(shorthand, "to"))
    taken = {child.number for child in written if child.parent == place.key and child.kind == "building"}
    if first is None or last is None:
        return
    low, high = sorted((first, last))  # the wrong order is named elsewhere, and what lies there is known nevertheless
    for number in range(low, min(high, low + MOST_BUILDINGS) + 1):
        if number not in taken:
            building = PlaceTold(path, f"{place.key}-{number}", f"{number}号楼", "building", number, place.key)
            yield building
            yield from _units(building, _get(shorthand, "units"), [])


def _units(place: PlaceTold, count: object, written: list[PlaceTold]) -> Iterator[PlaceTold]:
    taken = {child.number for child in written if child.parent == place.key and child.kind == "unit"}
    for number in range(1, min(_number(count) or 0, MOST_UNITS) + 1):
        if number not in taken:
            yield PlaceTold(place.path, f"{place.key}-{number}", f"{number}单元", "unit", number, place.key)


def _roles(people: object) -> Iterator[RoleTold]:
    for path, person in _entries(people, ("people",)):
        for here, role in _entries(person.get("roles"), (*path, "roles")):
            partner = role.get("partner")
            yield RoleTold(
                here, str(person.get("key")), str(role.get("role")), str(role.get("at")),
                None if partner is None else str(partner),
            )  # fmt: skip


def _categories(value: object) -> Iterator[CategoryTold]:
    for path, category in _entries(value, ("categories",)):
        partners = category.get("partners")
        listed = tuple(str(partner) for partner in partners) if isinstance(partners, list) else ()
        accept, resolve = (_duration(category, key) for key in ("accept", "resolve"))
        urgent = category.get("emergency") is not None
        flags = frozenset(flag for flag in ("pool", "private", "wish") if category.get(flag) is True)
        yield CategoryTold(path, str(category.get("key")), listed, accept, resolve, flags, urgent)


def _duration(category: Mapping[str, object], key: str) -> Duration | None:
    try:
        return parse(category[key]) if key in category else Category.model_fields[key].default
    except ValueError:
        return None


def _entries(value: object, path: KeyPath) -> Iterator[tuple[KeyPath, Mapping[str, object]]]:
    for place, entry in enumerate(value if isinstance(value, list) else ()):
        if isinstance(entry, dict):
            yield (*path, place), entry


def _hours(section: object) -> dict[str, object]:
    """Return what a section says of its working day; lunch may be null, working hours that are null are not told."""
    lunch = {"lunch": _get(section, "lunch")} if isinstance(section, dict) and "lunch" in section else {}
    work = _get(section, "working_hours")
    return lunch if work is None else {"working_hours": work, **lunch}


def _get(value: object, key: str, default: object = None) -> object:
    return value.get(key, default) if isinstance(value, dict) else default


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
