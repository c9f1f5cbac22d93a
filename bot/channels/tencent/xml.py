"""XML as Tencent's platforms write it: one flat element of named fields, text in CDATA.

Parsing refuses entities and documents of another shape; writing cannot be broken out of.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import xmltodict

_NOT_IN_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, "Characters"
_TAG = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_NUMBER = re.compile(r"-?[0-9]{1,20}")
_DECIMAL = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,18})?")


class BadCallback(Exception):
    """A callback that is not taken in. `reason` is for the log and holds nothing of what was sent."""

    def __init__(self, reason: str, status: int = 400) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status


@contextmanager
def one_reason(what: str) -> Iterator[None]:
    """Turn whatever a library raises over bad input into one BadCallback: there are some ten kinds of it.

    Only the kind of error is told, its text may hold the input.
    """
    try:
        yield
    except BadCallback:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, the input is bad and the process lives on
        raise BadCallback(f"{what}: {type(error).__name__}") from None


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of a callback, some with fields inside. Reading one of another shape raises BadCallback."""

    found: Mapping[str, Any]

    def text(self, name: str) -> str:
        """Return the text of a field; empty where it is missing or empty."""
        value = self.found.get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise BadCallback(f"{_shown(name)} is no plain text")
        return value

    def need(self, name: str) -> str:
        """Return the text of a field that must be there."""
        value = self.text(name)
        if not value:
            raise BadCallback(f"{_shown(name)} is missing")
        return value

    def number(self, name: str) -> int:
        """Return a whole number that must be there."""
        value = self.need(name)
        if not _NUMBER.fullmatch(value):
            raise BadCallback(f"{_shown(name)} is no number")
        return int(value)

    def decimal(self, name: str) -> float:
        """Return a number such as a latitude that must be there."""
        value = self.need(name)
        if not _DECIMAL.fullmatch(value):
            raise BadCallback(f"{_shown(name)} is no number")
        return float(value)

    def inside(self, name: str) -> "Fields":
        """Return the fields inside a field; none where it is missing or empty."""
        value = self.found.get(name)
        if value is not None and not isinstance(value, dict):
            raise BadCallback(f"{_shown(name)} is no group of fields")
        return Fields(value or {})

    def several(self, name: str) -> list["Fields"]:
        """Return the groups of fields that stand under one repeated name."""
        value = self.found.get(name)
        items = value if isinstance(value, list) else [] if value is None else [value]
        if not all(isinstance(item, dict) for item in items):
            raise BadCallback(f"{_shown(name)} is no list of fields")
        return [Fields(item) for item in items]


def parse(document: str | bytes) -> Fields:
    """Read `<xml>…</xml>`. Raises BadCallback for anything else, entities and doubled tags included."""
    with one_reason("no XML"):
        found = xmltodict.parse(document, disable_entities=True)
    root = found.get("xml") if isinstance(found, dict) else None
    if not isinstance(root, dict):
        raise BadCallback("no XML of a callback")
    if any(isinstance(value, list) for value in root.values()):
        raise BadCallback("a doubled tag")
    return Fields(root)


def cdata(text: str) -> str:
    """Return the text as CDATA; a `]]>` in it is split over two, what XML cannot hold is left out."""
    return f"<![CDATA[{_NOT_IN_XML.sub('', text).replace(']]>', ']]]]><![CDATA[>')}]]>"


def write(fields: Mapping[str, Any]) -> str:
    """Write `<xml>` with these fields: text, whole numbers, and mappings or lists of them inside."""
    return f"<xml>{_inner(fields)}</xml>"


def _inner(fields: Mapping[str, Any]) -> str:
    return "".join(_element(name, value) for name, value in fields.items())


def _element(name: str, value: object) -> str:
    if not _TAG.fullmatch(name):
        raise ValueError(f"{name!r} is no name of a field")
    if isinstance(value, list | tuple):
        return "".join(_element(name, item) for item in value)
    if isinstance(value, Mapping):
        return f"<{name}>{_inner(value)}</{name}>"
    return f"<{name}>{value if isinstance(value, int) else cdata(str(value))}</{name}>"


def _shown(name: str) -> str:
    return name if _TAG.fullmatch(name) else "a field"
