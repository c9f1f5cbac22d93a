"""Pictures of figures: drawn with the font of the project, whatever names people and places have."""

import io
import warnings

import pytest
from PIL import Image

from bot import pictures
from handlers.picture import Bar, Bars, Column, Columns, Picture

LEGEND = 24 * 24  # pixels of the square that says what the dark colour means
RARE = "朱𬭚基小区 👍 한국"


def bar(label: str, part: int = 3, whole: int = 5, note: str = "") -> Bar:
    return Bar(label, f"{part}/{whole}", part, whole, 10, "declared", note)


def opened(picture: Picture) -> Image.Image:
    """Return the picture as its reader sees it; matplotlib's own warnings of missing characters are errors."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        drawn = pictures.draw(picture)
    return Image.open(io.BytesIO(drawn)).convert("RGB")


def colours(image: Image.Image) -> set[str]:
    """Return the colours that cover at least a thousandth of it."""
    counted = image.getcolors(image.width * image.height) or []
    return {"#%02x%02x%02x" % colour for count, colour in counted if count > image.width * image.height / 1000}  # type: ignore[str-format]  # noqa: UP031


def test_it_is_as_wide_as_a_telephone_wants_and_as_tall_as_it_needs() -> None:
    few, many = (Picture("数据", "丰美小区", (Bars(tuple(bar("电梯") for _ in range(count))),)) for count in (2, 9))
    assert opened(few).width == opened(many).width == 720
    assert opened(many).height - opened(few).height == 7 * pictures.ROW


def test_few_are_grey() -> None:
    told = colours(opened(Picture("数据", "", (Bars((bar("电梯"),)),))))
    grey = colours(opened(Picture("数据", "", (Bars((Bar("电梯", "3/5", 3, 5, 5, "pale"),)),))))
    dark = pictures.TONES["declared"][0]
    assert dark in told
    assert dark not in grey
    assert pictures.TONES["pale"][0] in grey


def test_a_character_that_the_font_lacks_shows_as_a_sign_and_breaks_nothing() -> None:
    assert pictures.printable(RARE) == "朱〓基小区 〓 〓〓"
    assert pictures.printable("红管家 88.5% #1042 — “好”…㎡") == "红管家 88.5% #1042 — “好”…㎡"
    opened(Picture(RARE, RARE, (Bars((bar(RARE, note=RARE),)),), RARE))


def test_the_font_has_all_of_gb_2312_and_ascii() -> None:
    chars = [bytes((high, low)).decode("gb2312", "ignore") for high in range(0xB0, 0xF8) for low in range(0xA1, 0xFF)]
    said = "".join(chars) + "".join(map(chr, range(0x20, 0x7F)))
    assert len(said) > 6800
    assert pictures.printable(said) == said


@pytest.mark.parametrize("name", ["丰美小区" * 20, "Leaks and building fabric, " * 8, "", "$x^2$", "_{"])
def test_a_long_or_odd_name_is_cut_and_stays_within_the_picture(name: str) -> None:
    image = opened(Picture(name, name, (Bars((bar(name, note=name),)),)))
    edge = [image.getpixel((x, y)) for y in range(image.height) for x in (0, 5, 714, 719)]
    assert set(edge) == {(255, 255, 255)}


@pytest.mark.parametrize("count", [0, 1, 5, 12, 31])
def test_columns_from_none_to_a_month_of_days(count: int) -> None:
    columns = tuple(Column(f"11/{at + 1}", at, 2 * at) for at in range(count))
    image = opened(Picture("走势", "丰美小区", (Columns("收到多少", columns, "办结", "在办"),)))
    dark = tuple(bytes.fromhex(pictures.TONES["declared"][0][1:]))
    drawn = next(number for number, colour in image.getcolors(1 << 20) or [] if colour == dark)
    assert (drawn > 2 * LEGEND) is (count > 1)


def test_nothing_to_show_is_said() -> None:
    empty = opened(Picture("数据", "丰美小区", (Bars(()),), empty="没有事项。"))
    assert empty.height < 500
