"""Every text a person sees goes through here: English in the source, translations in `locale/*.po`."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from babel.messages.pofile import read_po

LOCALE = Path(__file__).parent / "locale"
LANGUAGES = {"zh": "中文", "en": "English"}


@dataclass(frozen=True, slots=True)
class Translate:
    """The translation into one language, called `t` wherever it is used so that texts can be collected from the source.

    A text that lacks a translation comes back in English.
    """

    language: str
    catalogue: Mapping[str, str]

    def __call__(self, text: str) -> str:
        """Return the translation of an English text."""
        return self.catalogue.get(text) or text


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for "collect this text, translate it later"
    """Mark a text that is translated where it is used."""
    return text


@cache
def translator(language: str) -> Translate:
    """Return the translation into `language`."""
    return Translate(language, {} if language == "en" else _catalogue(language))


def _catalogue(language: str) -> dict[str, str]:
    with (LOCALE / f"{language}.po").open("rb") as file:
        return {str(message.id): str(message.string) for message in read_po(file) if message.id}


@lru_cache(256)  # there are few tags, and each text asks
def pick_language(tag: str | None, default: str) -> str:
    """Return the catalogue for a platform's language tag ("zh-hans", "en-GB"), or `default`."""
    head = (tag or "").split("-")[0].split("_")[0].lower()
    return head if head in LANGUAGES else default
