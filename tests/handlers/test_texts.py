"""Every text a person sees is in the catalogue, with the same blanks to fill."""

import ast
import string
from collections.abc import Iterator
from pathlib import Path

import handlers
from handlers.texts import pick_language, translator


def texts() -> Iterator[str]:
    """Collect what stands in t("…") and N_("…") in the conversations."""
    for path in Path(handlers.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and _name(node.func) in ("t", "N_") and node.args:
                text = node.args[0]
                if isinstance(text, ast.Constant):
                    yield str(text.value)


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def blanks(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_text_is_translated_with_the_same_blanks() -> None:
    chinese = translator("zh")
    missing = [text for text in texts() if chinese(text) == text]
    assert missing == []
    assert [text for text in texts() if blanks(chinese(text)) != blanks(text)] == []


def test_no_translation_is_left_over() -> None:
    assert set(translator("zh").catalogue) - set(texts()) == set()


def test_a_platforms_language_tag_picks_the_catalogue() -> None:
    assert pick_language("zh-hans", "en") == "zh"
    assert pick_language("en_GB", "zh") == "en"
    assert pick_language("fr", "zh") == "zh"
    assert pick_language(None, "zh") == "zh"
