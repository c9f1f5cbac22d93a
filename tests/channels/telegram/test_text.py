"""Counting, shortening and cutting as Telegram counts."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.channels.telegram.text import clean, escape, shorten, split, units

TEXTS = st.text(st.sampled_from("漏水ab 。\n&<>🚰👨\u200d👩\u0301\ufe0f🏽🇨🇳\r"), max_size=200) | st.text(max_size=60)


@pytest.mark.parametrize(("text", "count"), [("", 0), ("abc", 3), ("漏水", 2), ("🚰", 2), ("👨‍👩‍👧", 8)])
def test_units(text: str, count: int) -> None:
    assert units(text) == count


@given(TEXTS, st.integers(4, 40), st.integers(2, 40))
@example("a" * 100, 10, 3)
@example("\u0301" * 100, 10, 10)
def test_a_split_loses_nothing_and_fits(text: str, limit: int, first: int) -> None:
    parts = split(text, limit, first)
    assert "".join("".join(parts).split()) == "".join(text.split())
    assert all(units(part) <= limit for part in parts[1:])
    assert all(units(part) <= max(first, limit) for part in parts)
    assert all(part.strip() for part in parts)


def test_it_cuts_at_line_ends_then_sentences_then_spaces() -> None:
    assert split("一二三四\n五六七八九十", 8) == ["一二三四\n", "五六七八九十"]
    assert split("一二三四。五六七八九十", 8) == ["一二三四。", "五六七八九十"]
    assert split("water comes down", 12) == ["water comes ", "down"]


@pytest.mark.parametrize("cluster", ["👨‍👩‍👧", "👍🏽", "e\u0301", "❤\ufe0f", "🇨🇳", "\r\n"])
def test_it_never_cuts_what_reads_as_one(cluster: str) -> None:
    text = "x" * 9 + cluster * 40
    for part in split(text, 31):
        assert part.replace("x", "").replace(cluster, "") == ""


def test_shorten() -> None:
    assert shorten("漏水", 2) == "漏水"
    assert shorten("漏水漏水", 3) == "漏水…"
    assert shorten("a🚰🚰", 4) == "a🚰…"


@given(TEXTS, st.integers(2, 40))
def test_shortened_text_fits(text: str, limit: int) -> None:
    assert units(shorten(text, limit)) <= limit


def test_escape_and_clean() -> None:
    assert escape("<b>&\"'") == "&lt;b&gt;&amp;\"'"
    assert clean("a\0b\udfff") == "ab"
