"""Says what is wrong with a value and what to write, from what pydantic found out about it."""

import re
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from bot.mistakes import close
from bot.problems import KeyPath, Lines, Problem
from cases.settings import Settings

LONGEST_SHOWN = 40  # characters of a value that is repeated in a message

Told = tuple[str, str]
"""What is wrong, and what to write."""

_PATTERNS = {
    "key": "use small letters, digits, - and _, at most 40, a letter or digit first",
    "number": 'write it like "119" or "020-8888 1234"',
    "phone": 'write it like "13800000000"',
}
_BOUNDS = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}
_BY_TYPE: Mapping[str, Told] = {
    "missing": ("is missing", "add it"),
    "bool_type": ("is neither true nor false", "write true or false"),
    "bool_parsing": ("is neither true nor false", "write true or false"),
    "int_type": ("is not a whole number", "write digits only, without quotes"),
    "int_parsing": ("is not a whole number", "write digits only, without quotes"),
    "int_from_float": ("is not a whole number", "write digits only, without quotes"),
    "float_type": ("is not a number", "write it like 23.1352"),
    "float_parsing": ("is not a number", "write it like 23.1352"),
    "tuple_type": ("is not a list", "write [one, two], or each in a line of its own with - before it"),
    "model_type": ("is not a section", "write its keys below, indented by two spaces"),
    "model_attributes_type": ("is not a section", "write its keys below, indented by two spaces"),
    "date_type": ("is not a date", "write it like 2027-02-14"),
    "date_parsing": ("is not a date", "write it like 2027-02-14"),
    "date_from_datetime_parsing": ("is not a date", "write it like 2027-02-14"),
}


def wrong_values(error: ValidationError, lines: Lines) -> list[Problem]:
    """Return a problem for each of pydantic's errors.

    A list with a wrong entry is also "too short" for pydantic, which does not count that entry; this is left out.
    """
    found: list[tuple[KeyPath, Mapping[str, Any]]] = [(tuple(one["loc"]), dict(one)) for one in error.errors()]
    around = {path[:depth] for path, _one in found for depth in range(len(path))}
    return [
        lines.problem(path, *_told(one, path))
        for path, one in found
        if not (one["type"] == "too_short" and path in around)
    ]


def _told(error: Mapping[str, Any], path: KeyPath) -> Told:
    kind, value = str(error["type"]), error.get("input")
    if kind == "value_error":
        wrong, _, remedy = str(error["ctx"]["error"]).rpartition("; ")
        return wrong, remedy
    if kind == "extra_forbidden":
        return "there is no such key here", close(str(path[-1]), _keys_at(path[:-1]))
    if kind == "missing":
        return "is missing", f"add {path[-1]}: …" if isinstance(path[-1], str) else "add it"
    if value is None:
        return "is empty", "write a value, or take the key out"
    if kind in ("literal_error", "enum"):
        choices = re.findall(r"'([^']*)'", str(error["ctx"]["expected"]))
        return f"{_shown(value)} is not known here", close(str(value), choices)
    if kind == "string_type":
        return "is not text", f'put it in quotes: "{value}"' if isinstance(value, int | float) else "write a text"
    if kind == "string_pattern_mismatch":
        return f"{_shown(value)} cannot be used here", _PATTERNS.get(str(path[-1]), "correct it")
    if kind.endswith(("too_short", "too_long")):
        return _wrong_length(kind, error["ctx"])
    return _BY_TYPE.get(kind) or _limits(error)


def _wrong_length(kind: str, bounds: Mapping[str, Any]) -> Told:
    unit = "characters" if kind.startswith("string") else "entries"
    if kind.endswith("short"):
        return f"has too few {unit}", f"write at least {bounds['min_length']}"
    return f"has too many {unit}", f"write at most {bounds['max_length']}"


def _limits(error: Mapping[str, Any]) -> Told:
    """Return what is wrong with a value that is too large, too long or too few."""
    bounds = error.get("ctx", {})
    limits = [f"{words} {bounds[name]}" for name, words in _BOUNDS.items() if name in bounds]
    if limits:
        return "is out of its limits", f"write {' and '.join(limits)}"
    message = str(error["msg"])
    return message[:1].lower() + message[1:], "correct it"


def _shown(value: object) -> str:
    text = str(value)
    return f'"{text[:LONGEST_SHOWN]}{"…" if len(text) > LONGEST_SHOWN else ""}"'


def _keys_at(path: KeyPath) -> list[str]:
    """Return the keys that may stand in the section at `path`."""
    model: type[BaseModel] = Settings
    for part in path:
        if isinstance(part, str) and part in model.model_fields:
            model = _model_within(model.model_fields[part].annotation) or model
    return [known.alias or name for name, known in model.model_fields.items()]


def _model_within(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    inner = (_model_within(part) for part in getattr(annotation, "__args__", ()))
    return next((model for model in inner if model), None)
