"""Makes RedStewardSans.otf: Noto Sans CJK SC with the 6,763 characters of GB 2312, its symbols and ASCII.

    uv run --with fonttools python bot/fonts/make.py NotoSansCJK-Regular.ttc

The collection comes with https://github.com/notofonts/noto-cjk (Debian: fonts-noto-cjk). It has no reserved font name;
what is cut from it has a name of its own all the same, so that nobody takes it for the whole.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

SIMPLIFIED = 2  # of the collection: "Noto Sans CJK SC"
NAME = "Red Steward Sans"
NAMES = {1: NAME, 3: f"1.0;{NAME.replace(' ', '')}", 4: NAME, 6: NAME.replace(" ", "")}
MORE = "·…—–‘’“”≤≥×÷°‰→←✓★☆●○■□〓€¥㎡"
TARGET = Path(__file__).with_name("RedStewardSans.otf")


def characters() -> Iterator[str]:
    """Yield what is kept: all of GB 2312, ASCII, some signs."""
    yield from map(chr, range(0x20, 0x7F))
    yield from MORE
    for high in range(0xA1, 0xF8):
        for low in range(0xA1, 0xFF):
            yield from bytes((high, low)).decode("gb2312", "ignore")


def main() -> None:
    """Cut the font and name it."""
    font = TTFont(sys.argv[1], fontNumber=SIMPLIFIED)
    options = subset.Options(
        layout_features=[], hinting=False, name_IDs=[0, 1, 2, 3, 4, 5, 6, 7, 9, 13, 14], name_languages=[0x409],
        notdef_outline=True, drop_tables=["BASE", "GPOS", "GSUB", "VORG", "vhea", "vmtx", "DSIG"],
    )  # fmt: skip
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes={ord(char) for char in characters()})
    cutter.subset(font)
    for record in font["name"].names:
        record.string = NAMES.get(record.nameID, record.toUnicode())
    content = font["CFF "].cff
    content.fontNames = [NAMES[6]]
    content.topDictIndex[0].FullName = content.topDictIndex[0].FamilyName = NAME
    font.save(TARGET)


if __name__ == "__main__":
    main()
