"""The pages and what protects them."""

import re
from pathlib import Path

import pytest

from bot import demo
from bot.channels import web
from bot.channels.web import texts
from bot.channels.web.texts import Code
from tests.channels.web.client import browsing

WEB, DEMO = (Path(str(package.__file__)).parent / "static" for package in (web, demo))
ASSETS = [path for folder in (WEB, DEMO) for path in sorted(folder.iterdir())]


async def test_the_page_brings_a_session_and_is_never_kept(host: str) -> None:
    async with browsing(host, None) as client:
        page = await client.get("/")
    assert page.status_code == 200
    assert "HttpOnly" in page.headers["set-cookie"]
    assert page.headers["cache-control"] == "no-store"


async def test_the_page_may_load_nothing_from_elsewhere(host: str) -> None:
    async with browsing(host) as client:
        page = await client.get("/")
    policy = page.headers["content-security-policy"]
    for rule in ("default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'"):
        assert rule in policy
    assert f"connect-src 'self' ws://{host} wss://{host}" in policy
    assert "unsafe" not in policy
    assert (page.headers["x-frame-options"], page.headers["x-content-type-options"]) == ("DENY", "nosniff")


async def test_a_strange_host_does_not_get_into_the_policy(host: str) -> None:
    async with browsing(host) as client:
        page = await client.get("/", headers={"Host": "a; script-src *"})
    assert "script-src *" not in page.headers["content-security-policy"]


@pytest.mark.parametrize("name", ["chat.js", "chat.css", "mark.svg"])
async def test_assets_are_served_with_the_same_headers(host: str, name: str) -> None:
    async with browsing(host) as client:
        asset = await client.get(f"/chat/static/{name}")
        again = await client.get(f"/chat/static/{name}", headers={"If-None-Match": asset.headers["etag"]})
    assert (asset.status_code, again.status_code) == (200, 304)
    assert "default-src 'none'" in asset.headers["content-security-policy"]
    assert asset.headers["cache-control"] == "no-cache"


async def test_nothing_beside_the_assets_is_served(host: str) -> None:
    async with browsing(host) as client:
        for path in ("/chat/static/../channel.py", "/chat/static/%2e%2e/channel.py", "/chat/static/"):
            assert (await client.get(path)).status_code == 404


@pytest.mark.parametrize("path", ASSETS, ids=lambda path: path.name)
def test_no_asset_reads_text_as_markup_or_reaches_outside(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    for danger in (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "new Function",
        ' style="',
    ):
        assert danger not in source, f"{path.name} has {danger}"
    outside = set(re.findall(r"https?://[\w.]+", source)) - {"http://www.w3.org"}
    assert not outside


@pytest.mark.parametrize("path", [path for path in ASSETS if path.suffix == ".html"], ids=lambda path: path.name)
def test_pages_have_no_script_or_style_of_their_own(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert "<style" not in source
    assert not re.findall(r"<script(?![^>]*\ssrc=)", source)
    assert not re.findall(r"\son\w+=", source)


def test_no_file_is_too_long_to_be_read() -> None:
    assert {path.name: n for path in ASSETS if (n := len(path.read_text("utf-8").splitlines())) > 300} == {}


def test_the_words_of_the_page_are_there_in_both_languages() -> None:
    """The two dictionaries of each file have the same keys."""
    for path in (WEB / "words.js", DEMO / "demo-words.js"):
        zh, en = re.findall(r"const (?:ZH|EN) = \{(.*?)\n\};", path.read_text(encoding="utf-8"), re.DOTALL)
        keys = [set(re.findall(r"^  (\w+):", part, re.MULTILINE)) for part in (zh, en)]
        assert keys[0] == keys[1]


def test_every_refusal_is_worded_in_both_languages() -> None:
    codes: tuple[Code, ...] = Code.__args__  # type: ignore[attr-defined]
    for code in codes:
        assert re.search("[\u4e00-\u9fff]", texts.say(code, "zh"))
        assert texts.say(code, "en").isascii()


def luminance(colour: str) -> float:
    """Return the relative luminance: WCAG 2.2, "relative luminance"."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio: WCAG 2.2, "contrast ratio"."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_colours_are_told_apart_by_tired_eyes() -> None:
    """Text 7:1 where it can be, at least 4.5:1; the outline of a button 3:1: WCAG 2.2, 1.4.3, 1.4.6 and 1.4.11."""
    css = (WEB / "chat.css").read_text(encoding="utf-8")
    colour = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", css))
    for ground in ("paper", "card", "said", "mine"):
        assert contrast(colour["ink"], colour[ground]) >= 7
    for text, ground in (("soft", "paper"), ("brand", "card"), ("brand-deep", "card"), ("brand-deep", "paper")):
        assert contrast(colour[text], colour[ground]) >= 4.5
    assert contrast(colour["strong-edge"], colour["card"]) >= 3
