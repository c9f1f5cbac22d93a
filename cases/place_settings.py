"""The tree of places as `config.yaml` writes it, with its shorthands for buildings and units."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from cases.hours import Window, ends_later
from cases.program_settings import Part

PLACE_KINDS = ("street", "community", "estate", "grid", "building", "unit")
LEVEL = {"street": 0, "community": 1, "estate": 2, "grid": 2, "building": 3, "unit": 4}
"""How far down a kind stands: a place lies in one of a smaller level."""

PlaceKind = Literal["street", "community", "estate", "grid", "building", "unit"]
Key = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
"""Short names in links and buttons: lower case letters, digits, - and _."""

MOST_BUILDINGS = 2000
MOST_UNITS = 50


class Buildings(Part):
    """Shorthand for an estate's buildings `from`号楼 … `to`号楼 with so many units each."""

    first: int = Field(default=1, ge=1, alias="from")
    last: int = Field(ge=1, alias="to")
    units: int = Field(default=0, ge=0, le=MOST_UNITS)

    @field_validator("last")
    @classmethod
    def _in_order(cls, value: int, info: ValidationInfo) -> int:
        first = info.data.get("first", value)
        if not first <= value < first + MOST_BUILDINGS:
            raise ValueError(
                f"{value} does not follow from {first}; write the last number, at most {MOST_BUILDINGS} buildings on"
            )
        return value


class PlaceSettings(Part):
    """A node of the tree of places.

    `buildings` and `units` are shorthands: on the estate `fengmei` they make a building 3号楼 with the key `fengmei-3`
    and its unit 2单元 with the key `fengmei-3-2`. A building or unit of that number among `children` comes first.

    `working_hours` and `lunch` hold here and below, until another place there gives its own; what is not given
    (`lunch` in `model_fields_set` tells null from not given) is that of the place above, at the root that of `times`.
    """

    key: Key
    name: str = Field(min_length=1, max_length=80)
    kind: PlaceKind
    number: int | None = Field(default=None, ge=1, le=9999)
    aliases: tuple[str, ...] = ()
    latitude: float | None = Field(default=None, ge=-90, le=90)
    longitude: float | None = Field(default=None, ge=-180, le=180)
    working_hours: Window | None = None
    lunch: Window | None = None
    buildings: Buildings | None = None
    units: int = Field(default=0, ge=0, le=MOST_UNITS)
    children: tuple["PlaceSettings", ...] = ()

    @field_validator("working_hours")
    @classmethod
    def _ends_later(cls, value: Window | None) -> Window | None:
        return value and ends_later(value)

    def walk(self, parent: str | None = None) -> Iterator[tuple["PlaceSettings", str | None]]:
        """Yield this place and all below it with the key of its parent, the shorthands spelled out."""
        yield self, parent
        below = [*self.children, *self._buildings(), *self._units()]
        if self.buildings is not None:
            below.sort(key=lambda child: child.number or 0)  # written ones stand among the others where people look
        for child in below:
            yield from child.walk(self.key)

    def _buildings(self) -> Iterator["PlaceSettings"]:
        if self.buildings is None:
            return
        written = self._numbers("building")
        for number in range(self.buildings.first, self.buildings.last + 1):
            if number not in written:
                key, name = f"{self.key}-{number}", f"{number}号楼"
                # `model_construct`, because a key made from a long key may be longer than one that is written.
                yield PlaceSettings.model_construct(
                    key=key, name=name, kind="building", number=number, units=self.buildings.units
                )

    def _units(self) -> Iterator["PlaceSettings"]:
        written = self._numbers("unit")
        for number in range(1, self.units + 1):
            if number not in written:
                key, name = f"{self.key}-{number}", f"{number}单元"
                yield PlaceSettings.model_construct(key=key, name=name, kind="unit", number=number)

    def _numbers(self, kind: PlaceKind) -> set[int | None]:
        return {child.number for child in self.children if child.kind == kind}
