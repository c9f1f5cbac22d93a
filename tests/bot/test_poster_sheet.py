"""A poster: nothing is cut off, every code can be read off it, and what the font does not know is told."""

import pytest
from PIL import Image, ImageChops

from bot.poster_sheet import MARGIN, PAPER, SIZE, Code, draw, missing
from handlers.posters import poster_words
from handlers.texts import translator

LONG = "广州市越秀区登峰街道麓湖社区丰美花园二期高层住宅小区 会所楼（物业管理处旁）18号楼"
DESK = "丰美街道社区党群服务中心红管家为民服务热线服务台"
WECHAT, TELEGRAM = "http://weixin.qq.com/q/02abcdefghijklmnop", "https://t.me/redsteward_bot?start=p_fengmei-3"


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(("place", "desk"), [("丰美小区 3号楼", "红管家"), (LONG, DESK), (LONG.replace(" ", ""), DESK)])
@pytest.mark.parametrize("contents", [(WECHAT,), (WECHAT, TELEGRAM)])
def test_nothing_reaches_into_the_margins(language: str, place: str, desk: str, contents: tuple[str, ...]) -> None:
    words = poster_words(translator(language), place, desk)
    sheet = draw(words, [Code(content, words.wechat) for content in contents])
    below = sheet.crop((0, 440, *SIZE))
    left, top, right, bottom = _painted(below)
    assert left >= MARGIN - 10
    assert right <= SIZE[0] - MARGIN + 10
    assert 440 + bottom <= SIZE[1] - 50
    assert top >= 20
    name = _painted(sheet.crop((0, 440, SIZE[0], 720)))
    assert name[3] - name[1] >= 60  # of 280 dots: it can be read from some way off


def test_a_character_that_the_font_lacks_is_told() -> None:
    assert missing("𠮷祥里 骉村7号楼") == "𠮷骉"
    assert missing("丰美小区 3号楼（会所）") == ""


def _painted(sheet: Image.Image) -> tuple[int, int, int, int]:
    found = ImageChops.difference(sheet, Image.new("RGB", sheet.size, PAPER)).getbbox()
    assert found is not None
    return found
