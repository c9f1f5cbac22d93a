"""What a picture of figures shows, as plain data in the reader's words; how it is drawn is `bot.pictures`' business."""

from dataclasses import dataclass
from typing import Literal

Tone = Literal["declared", "resident", "late", "pale"]
"""What a bar is about: what the staff declare, what residents say, what is late; pale: too few to be a figure."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A line with a bar below: `part` of `whole`, and `whole` of `most`, the longest bar of the panel."""

    label: str
    value: str
    part: int
    whole: int
    most: int
    tone: Tone
    note: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """An upright bar: `part` of `whole`."""

    label: str
    part: int
    whole: int


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars one below the other."""

    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns side by side, with what the dark and the light part of them mean."""

    heading: str
    columns: tuple[Column, ...]
    dark: str
    light: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture for a telephone: what it is of, panels from the top down, a word about how to read it."""

    title: str
    subtitle: str
    panels: tuple[Bars | Columns, ...]
    foot: str = ""
    empty: str = ""  # said instead where there is nothing to show
