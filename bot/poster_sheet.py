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
ROOM = SIZE[0] - 2 * MARGIN
RED, INK, GREY, PAPER = (190, 30, 35), (34, 34, 34), (110, 110, 110), (255, 255, 255)
STEP = 130  # dots by which the steps are moved in
NAME, LEAST_NAME = 140, 88  # dots of a place's name; one that would be smaller takes two lines
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
    _name(pen, words.place)
    size = ALONE if len(codes) == 1 else CODE
    gap = (SIZE[0] - size * len(codes)) // (len(codes) + 1)
    for place, code in enumerate(codes):
        left = gap + place * (size + gap)
        sheet.paste(qr(code.content, size), (left, 720))
        _centred(pen, code.label, 710 + size, 64, INK, middle=left + size // 2, room=size + gap - 20)
    top = 1560 if len(codes) > 1 else 1690
    for number, step in enumerate(words.steps):
        size = _fitting(pen, step, 72, SIZE[0] - 2 * MARGIN - STEP)
        pen.text((MARGIN + STEP, top + number * 115), step, font=_font(size), fill=INK)
    pen.line((MARGIN, 2080, SIZE[0] - MARGIN, 2080), fill=RED, width=4)
    _centred(pen, words.urgent, 2105, 58, RED)
    _centred(pen, words.note, 2215, 42, GREY)
    return sheet


def missing(text: str) -> str:
    """Return the characters of a text for which the font has no picture; each would be an empty box."""
    font = _font(20)
    box = bytes(font.getmask("\uffff"))
    return "".join(dict.fromkeys(each for each in text if not each.isspace() and bytes(font.getmask(each)) == box))


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


def _name(pen: ImageDraw.ImageDraw, place: str) -> None:
    """Write the name of a place: large, in two lines where it is long, parted at a space near the middle."""
    if _fitting(pen, place, NAME, ROOM) >= LEAST_NAME:
        _centred(pen, place, 490, NAME, INK)
        return
    middle = len(place) // 2
    spaces = [at for at, each in enumerate(place) if each == " "]
    at = min(spaces, key=lambda space: abs(space - middle), default=middle)
    at = at if abs(at - middle) <= len(place) // 4 else middle
    for number, line in enumerate((place[:at].strip(), place[at:].strip())):
        _centred(pen, line, 475 + number * 110, LEAST_NAME, INK)


def _centred(
    pen: ImageDraw.ImageDraw, text: str, top: int, size: int, colour: tuple[int, int, int],
    middle: int = SIZE[0] // 2, room: int = ROOM,
) -> None:  # fmt: skip
    """Write a line around `middle`, smaller where it would not fit."""
    font = _font(_fitting(pen, text, size, room))
    pen.text((middle, top), text, font=font, fill=colour, anchor="ma")


def _fitting(pen: ImageDraw.ImageDraw, text: str, size: int, room: int) -> int:
    """Return the size at which a line fits, at most `size`."""
    while size > 20 and pen.textlength(text, font=_font(size)) > room:
        size -= 4
    return size


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FONT), size)
