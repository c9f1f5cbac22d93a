"""Draws pictures of figures for a telephone: portrait, 720 pixels wide, readable at 360.

matplotlib is loaded where it is used: drawing happens in a process apart (`Workshop.apart`), the desk never needs it.
The font has the characters of GB 2312; whatever is not in it (a rare name, an emoji) shows as 〓.
"""

import io
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from handlers.picture import Bar, Bars, Columns, Picture, Tone

if TYPE_CHECKING:
    from matplotlib.font_manager import FontProperties
    from matplotlib.ft2font import FT2Font

FONT = Path(__file__).parent / "fonts" / "RedStewardSans.otf"
MISSING = "〓"  # stands for a character that the font does not have, as printers have it
WIDTH, MARGIN = 720, 36  # pixels
DOTS = 100  # per inch: only turns pixels into matplotlib's units
LARGE, NORMAL, SMALL = 44, 31, 26  # pixels; a telephone shows half of it
SMALLEST, FOOT = 20, 23
SLACK = 1.02  # drawn small, letters stand a little wider
MEASURED, PARTS = 100, 64  # the size of the ruler; FreeType counts in 64ths of a pixel
PAPER, INK, FAINT, TRACK = "#ffffff", "#1f1f1f", "#6b6b6b", "#e9e9e9"
TONES: dict[Tone, tuple[str, str]] = {
    "declared": ("#c62828", "#f2c4c4"),
    "resident": ("#00695c", "#b7dcd6"),
    "late": ("#b26a00", "#f3dcb8"),
    "pale": ("#a8a8a8", "#dcdcdc"),
}
"""Dark for the part, light for the rest of the whole."""
BAR, ROW, NOTED_ROW = 26, 92, 128  # heights
PLOT, LABELS = 250, 52  # of columns, and of what stands below them
HEADING = 56
NUMBERED = 10  # so many columns have room for "9/12", more only for every other label


def draw(picture: Picture) -> bytes:
    """Return the picture as PNG."""
    return _Sheet(picture).png()


def draw_all(wanted: Sequence[Picture]) -> list[bytes]:
    """Return the pictures as PNG, in their order."""
    return [draw(picture) for picture in wanted]


class _Sheet:
    """One Axes over the whole figure, measured in pixels from the top."""

    def __init__(self, picture: Picture) -> None:
        from matplotlib.figure import Figure

        self._height = _height(picture)
        self._figure = Figure(figsize=(WIDTH / DOTS, self._height / DOTS), dpi=DOTS, facecolor=PAPER)
        self._axes = self._figure.add_axes((0, 0, 1, 1))
        self._axes.set(xlim=(0, WIDTH), ylim=(self._height, 0))
        self._axes.axis("off")
        self._y = MARGIN
        self._head(picture)
        for panel in picture.panels if not picture.empty else ():
            if isinstance(panel, Bars):
                self._bars(panel)
            else:
                self._columns(panel)
        if picture.empty:
            self.text(picture.empty, WIDTH / 2, self._y + ROW, NORMAL, FAINT, "center", WIDTH - 2 * MARGIN)
        if picture.foot:
            self.text(picture.foot, MARGIN, self._height - MARGIN - FOOT / 2, FOOT, FAINT, most=WIDTH - 2 * MARGIN)

    def png(self) -> bytes:
        """Return what was drawn."""
        out = io.BytesIO()
        self._figure.savefig(out, format="png", dpi=DOTS)
        return out.getvalue()

    def _head(self, picture: Picture) -> None:
        self.text(picture.title, MARGIN, self._y + LARGE / 2, LARGE, INK, most=WIDTH - 2 * MARGIN)
        self.text(picture.subtitle, MARGIN, self._y + LARGE + 30, SMALL, FAINT, most=WIDTH - 2 * MARGIN)
        self._y += LARGE + 78

    def _bars(self, panel: Bars) -> None:
        for bar in panel.bars:
            self._bar(bar)
            self._y += NOTED_ROW if bar.note else ROW

    def _bar(self, bar: Bar) -> None:
        dark, light = TONES[bar.tone]
        faint = bar.tone == "pale"
        wide = self.text(bar.value, WIDTH - MARGIN, self._y + 16, NORMAL, FAINT if faint else INK, "right", WIDTH * 0.6)
        self.text(bar.label, MARGIN, self._y + 16, NORMAL, INK, most=WIDTH - 2 * MARGIN - wide - 20)
        top, room = self._y + 42, WIDTH - 2 * MARGIN
        self.box(MARGIN, top, room, BAR, TRACK)
        if bar.most:
            self.box(MARGIN, top, room * bar.whole / bar.most, BAR, light)
            self.box(MARGIN, top, room * bar.part / bar.most, BAR, dark)
        if bar.note:
            self.text(bar.note, MARGIN, top + BAR + 24, SMALL - 2, FAINT, most=room)

    def _columns(self, panel: Columns) -> None:
        self.text(panel.heading, MARGIN, self._y + 18, NORMAL, INK, most=WIDTH - 2 * MARGIN)
        self._y += HEADING
        self._legend(panel)
        dark, light = TONES["declared"]
        most = max((column.whole for column in panel.columns), default=0)
        step = (WIDTH - 2 * MARGIN) / max(1, len(panel.columns))
        base, few = self._y + PLOT, len(panel.columns) <= NUMBERED
        self.box(MARGIN, base, WIDTH - 2 * MARGIN, 2, FAINT)
        for at, column in enumerate(panel.columns):
            left, middle = MARGIN + at * step + step * 0.14, MARGIN + (at + 0.5) * step
            for count, colour in ((column.whole, light), (column.part, dark)):
                tall = (PLOT - 44) * count / most if most else 0
                self.box(left, base - tall, step * 0.72, tall, colour)
            top = base - ((PLOT - 44) * column.whole / most if most else 0) - 20
            number = f"{column.part}/{column.whole}" if few else str(column.whole)
            if few or at % 2 == 0 or step > 3 * SMALLEST:
                self.text(number, middle, top, SMALL if few else SMALLEST, INK, "center", step * (1 if few else 1.9))
                self.text(column.label, middle, base + 26, SMALL if few else SMALLEST, FAINT, "center",
                          step * (0.98 if few else 1.9))  # fmt: skip
        self._y += PLOT + LABELS

    def _legend(self, panel: Columns) -> None:
        x = float(MARGIN)
        for label, colour in zip((panel.dark, panel.light), TONES["declared"], strict=True):
            self.box(x, self._y - 2, 24, 24, colour)
            x += 34 + self.text(label, x + 34, self._y + 10, SMALL, FAINT) + 36
        self._y += 36

    def text(
        self, said: str, x: float, y: float, size: float, colour: str, align: str = "left", most: float = WIDTH
    ) -> float:  # fmt: skip
        """Write one line, smaller or cut where it is wider than `most`; return how wide it is."""
        said, size, wide = _fit(said, size, most)
        self._axes.text(x, y, said, color=colour, ha=align, va="center", fontproperties=_font(size), parse_math=False)
        return wide

    def box(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        """Fill a rectangle."""
        from matplotlib.patches import Rectangle

        if width > 0 and height > 0:
            self._axes.add_patch(Rectangle((x, y), width, height, facecolor=colour, linewidth=0))


def _height(picture: Picture) -> int:
    tall = 2 * MARGIN + LARGE + 78 + (FOOT + 24 if picture.foot else 0)
    if picture.empty:
        return tall + 2 * ROW
    for panel in picture.panels:
        if isinstance(panel, Bars):
            tall += sum(NOTED_ROW if bar.note else ROW for bar in panel.bars)
        else:
            tall += HEADING + 36 + PLOT + LABELS
    return tall


def _fit(said: str, size: float, most: float) -> tuple[str, float, float]:
    """Return the text as the font has it, in a size at which it is no wider than `most`, else cut; and its width."""
    said = printable(said)
    if _wide(said, size) > most:
        size = max(SMALLEST, size * most / _wide(said, size))
    while len(said) > 1 and _wide(said, size) > most:
        fitting = int(len(said) * most / _wide(said, size))
        said = f"{said[: min(fitting, len(said) - 1) - 1]}…" if fitting > 1 else "…"
    return said, size, _wide(said, size)


def printable(said: str) -> str:
    """Return the text with 〓 for every character that the font does not have."""
    known = _characters()
    return "".join(char if ord(char) in known else MISSING for char in said)


def _wide(said: str, size: float) -> float:
    """Return how many pixels wide a text is."""
    font = _ruler()
    font.set_text(said, 0)
    return float(font.get_width_height()[0]) / PARTS * size / MEASURED * SLACK


def _font(size: float) -> "FontProperties":
    from matplotlib.font_manager import FontProperties

    return FontProperties(fname=str(FONT), size=size * 72 / DOTS)


@cache
def _ruler() -> "FT2Font":
    """Return the font in a size in which widths are measured: they grow in step with it."""
    from matplotlib.ft2font import FT2Font

    font = FT2Font(str(FONT))
    font.set_size(MEASURED, 72)
    return font


@cache
def _characters() -> frozenset[int]:
    return frozenset(_ruler().get_charmap())
