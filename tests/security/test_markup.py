"""What people write stays what they wrote, wherever it is shown."""

import csv
import json
from pathlib import Path

import openpyxl
import pytest
import pytest_asyncio
from playwright.async_api import Browser

from bot.channels.telegram.plan import TelegramPlanner
from bot.channels.web.sessions import COOKIE, user_of
from bot.sheet import Column, Outline, write
from handlers.clean import clean
from handlers.message import Choice, Message
from tests.browser.conftest import browser as browser
from tests.browser.conftest import desk as desk
from tests.browser.conftest import glass as glass
from tests.browser.conftest import host as host
from tests.browser.conftest import page_store as page_store
from tests.browser.screen import Glass
from tests.channels.web.client import AUNT
from tests.channels.web.desk import ParrotDesk
from tests.security.evil import FORMULAS, INVISIBLE, MARKUP
from tests.simulators.telegram.html import parse_html

__all__ = ["Browser", "browser", "pytest_asyncio"]


@pytest.mark.parametrize("evil", MARKUP)
def test_telegram_shows_it_as_it_is(evil: str) -> None:
    """No tag, no link, no mention of the writer's making; nothing is lost either."""
    complaints: list[str] = []
    calls = TelegramPlanner().send("1", Message(f"说：{evil}", title=evil, choices=((Choice(evil, "c:x:1"),),)))
    shown = ""
    for call in calls:
        text, entities = parse_html(call.payload["params"]["text"], complaints.append)
        shown += text
        assert {entity["type"] for entity in entities} <= {"bold"}
        assert all(entity["offset"] == 0 for entity in entities)
    assert complaints == []
    assert shown.count(evil.strip()) == 2


@pytest.mark.asyncio(loop_scope="session")
async def test_the_page_shows_it_as_it_is(glass: Glass, host: str, desk: ParrotDesk) -> None:
    """In text, title, label and card, in a real browser: nothing runs, nothing is loaded, no element is made of it."""
    context = await glass.visitor()
    await context.add_cookies([{"name": COOKIE, "value": AUNT, "url": f"http://{host}"}])
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    chat = user_of(AUNT)
    for number, evil in enumerate(MARKUP):
        await desk.say(
            chat, Message(evil, title=evil, choices=((Choice(evil, f"d:{number}"),),), card=f"evil:{number}")
        )
    screen = await glass.open(host, context=context)
    await screen.sees(MARKUP[-1])
    text = await screen.measure("document.querySelector('.log').textContent")
    for evil in MARKUP:
        assert text.count(evil) >= 3
    assert await screen.measure("window.pwned === undefined")
    made = "[...document.querySelectorAll('.log *')].map((e) => e.tagName.toLowerCase())"
    assert not set(await screen.measure(made)) & {
        "script",
        "img",
        "iframe",
        "svg",
        "style",
        "base",
        "form",
        "input",
        "math",
    }
    hooked = "[...document.querySelectorAll('*')].some((e) => [...e.attributes].some((a) => /^on/i.test(a.name)))"
    assert not await screen.measure(hooked)
    links = "[...document.querySelectorAll('.log a')].map((e) => e.href)"
    assert not any(link.startswith(("javascript:", "data:", "tg:")) for link in await screen.measure(links))
    assert all(url.startswith((f"http://{host}/", f"ws://{host}/")) for url in asked)


@pytest.fixture(scope="module")
def sheets(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Everything of it in one column, as .xlsx and .csv."""
    folder = tmp_path_factory.mktemp("sheets")
    rows = folder / "rows"
    lines = [json.dumps([evil], ensure_ascii=False) for evil in (*FORMULAS, *MARKUP, *INVISIBLE)] + ["{}"]
    rows.write_text("".join(line + "\n" for line in lines), encoding="utf-8", errors="replace")
    outline = Outline("导出", (Column("内容", "text"),), "说明")
    write(rows, {"xlsx": folder / "a.xlsx", "csv": folder / "a.csv"}, outline)
    return folder / "a.xlsx", folder / "a.csv"


def test_no_cell_of_a_workbook_is_a_formula(sheets: tuple[Path, Path]) -> None:
    page = openpyxl.load_workbook(sheets[0]).worksheets[0]
    assert page.max_column == 1
    cells = [row[0] for row in page.iter_rows(min_row=2)]
    assert len(cells) == len(FORMULAS) + len(MARKUP) + len(INVISIBLE)
    for cell, evil in zip(cells, (*FORMULAS, *MARKUP), strict=False):
        assert cell.data_type in ("s", "n"), evil  # n: nothing is left of it
        assert cell.hyperlink is None
        if evil.strip("\t\r \u200b\ufeff")[0] in "=+-@＝＋－＠":
            assert cell.quotePrefix, evil


def test_no_cell_of_a_csv_is_a_formula(sheets: tuple[Path, Path]) -> None:
    with sheets[1].open(encoding="utf-8-sig", newline="") as file:
        cells = [row[0] for row in csv.reader(file)][1:]
    assert len(cells) == len(FORMULAS) + len(MARKUP) + len(INVISIBLE)
    for cell in cells:
        assert not cell.lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))
        assert "\x00" not in cell


@pytest.mark.parametrize("evil", INVISIBLE)
def test_nothing_invisible_is_kept(evil: str) -> None:
    kept = clean(f"灯{evil}坏了")
    assert "灯" in kept
    assert all(character.isprintable() or character == "\n" for character in kept)
    assert len(kept) < 60
    kept.encode("utf-8")
