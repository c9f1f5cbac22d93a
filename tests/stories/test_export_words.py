"""What people write can do nothing in a sheet: no formula, nothing invisible, nothing that no file takes."""

from pathlib import Path

import pytest

from tests.cast import Estate
from tests.stories.listing import HUANG, change, file
from tests.stories.office import Office

DANGEROUS = (
    "=1+1", "+1", "-1+1", "@SUM(A1)", "＝1+1", "＋1", "－1", "＠SUM(A1)", "−2+3", "\t=1+1", "\r\n=1+1", "　=1+1",
    " =cmd|' /C calc'!A0", "\u200b=1", '=HYPERLINK("http://x","y")',
)  # fmt: skip
HARMLESS = ("电梯=坏了", "3-2-501", "#N/A", "'quoted", "a\nb", "1+1", "100%")


@pytest.fixture
def office(estate: Estate, tmp_path: Path) -> Office:
    """A workshop that makes sheets."""
    return Office(estate, tmp_path)


@pytest.mark.parametrize("text", DANGEROUS)
async def test_no_words_become_a_formula(estate: Estate, office: Office, text: str) -> None:
    number = await file(estate, "3号楼路灯坏了")
    await change(estate, number, words=text, place_detail=text)
    sheet, lines = await office.asks(HUANG, "/export csv xlsx")
    page = office.book(sheet).worksheets[0]
    shown = "".join(char for char in text if char not in "\r\u200b")
    for column in ("E", "G"):
        cell = page[f"{column}2"]
        assert (cell.data_type, cell.quotePrefix) == ("s", True)
        assert str(cell.value).replace("_x0009_", "\t") == shown
    (line,) = office.lines(lines)
    assert (line["门牌"], line["内容"]) == (f"'{shown}",) * 2


@pytest.mark.parametrize("text", HARMLESS)
async def test_other_words_stay_as_they_are(estate: Estate, office: Office, text: str) -> None:
    number = await file(estate, "3号楼路灯坏了")
    await change(estate, number, words=text)
    sheet, lines = await office.asks(HUANG, "/export csv xlsx")
    cell = office.book(sheet).worksheets[0]["G2"]
    assert (cell.data_type, cell.value, bool(cell.quotePrefix)) == ("s", text, False)
    assert office.lines(lines)[0]["内容"] == text


async def test_what_no_file_takes_is_left_out(estate: Estate, office: Office) -> None:
    number = await file(estate, "3号楼路灯坏了")
    await change(estate, number, words="灯\x01\x1b[31m坏\x7f了\u202e\ufffe" + "啊" * 40_000)
    sheet, lines = await office.asks(HUANG, "/export csv xlsx")
    value = str(office.book(sheet).worksheets[0]["G2"].value)
    assert value == office.lines(lines)[0]["内容"] == "灯[31m坏了" + "啊" * (32_767 - 7)
