"""Draws a building's poster: one sheet of A4 with the codes to scan."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import segno
from PIL import Image, ImageDraw, ImageFont

from handlers.posters import PosterWords

FONT = Path(__file__).parent / "fonts" / "RedStewardSans.otf"
DPI = 200
SIZE = (1654, 2339)  # A4 at 200 dots an inch
MARGIN = 120
RED, INK, GREY, PAPER = (190, 30, 35), (34, 34, 34), (110, 110, 110), (255, 255, 255)
CODE = 620  # dots of a code beside another; some 8 cm
ALONE = 820
QUIET = 4  # modules of white around a code, ISO/IEC 18004


@dataclass(frozen=True, slots=True)
class Code:
    """A code to scan: what it says, and the words below it."""

    content: str
    label: str


def draw(words: PosterWords, codes: Sequence[Code]) -> Image.Image:
    """Return the sheet with one code or two."""
    sheet = Image.new("RGB", SIZE, PAPER)
    pen = ImageDraw.Draw(sheet)
    pen.rectangle((0, 0, SIZE[0], 430), fill=RED)
    _centred(pen, words.head, 50, 160, PAPER)
    _centred(pen, words.desk, 295, 76, PAPER)
    _centred(pen, words.place, 490, 140, INK)
    size = ALONE if len(codes) == 1 else CODE
    gap = (SIZE[0] - size * len(codes)) // (len(codes) + 1)
    for place, code in enumerate(codes):
        left = gap + place * (size + gap)
        sheet.paste(qr(code.content, size), (left, 720))
        _centred(pen, code.label, 710 + size, 64, INK, middle=left + size // 2, room=size + gap - 20)
    top = 1560 if len(codes) > 1 else 1690
    for number, step in enumerate(words.steps):
        pen.text((MARGIN + 130, top + number * 115), step, font=_font(72), fill=INK)
    pen.line((MARGIN, 2080, SIZE[0] - MARGIN, 2080), fill=RED, width=4)
    _centred(pen, words.urgent, 2105, 58, RED)
    _centred(pen, words.note, 2215, 42, GREY)
    return sheet


def qr(content: str, size: int) -> Image.Image:
    """Return a code of this size, with its white border, its modules whole dots wide."""
    made = segno.make(content, error="m", micro=False)
    scale = max(1, size // (made.symbol_size(scale=1, border=QUIET)[0]))
    file = io.BytesIO()
    made.save(file, kind="png", scale=scale, border=QUIET)
    code = Image.open(file).convert("RGB")
    whole = Image.new("RGB", (size, size), PAPER)
    whole.paste(code, ((size - code.width) // 2, (size - code.height) // 2))
    return whole


def _centred(
    pen: ImageDraw.ImageDraw, text: str, top: int, size: int, colour: tuple[int, int, int],
    middle: int = SIZE[0] // 2, room: int = SIZE[0] - 2 * MARGIN,
) -> None:  # fmt: skip
    """Write a line around `middle`, smaller where it would not fit."""
    font = _font(size)
    while size > 20 and pen.textlength(text, font=font) > room:
        size -= 4
        font = _font(size)
    pen.text((middle, top), text, font=font, fill=colour, anchor="ma")


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FONT), size)
