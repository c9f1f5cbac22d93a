"""Checks a call against the tables: required and unknown fields, types, nested objects."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TypeAlias

from tests.simulators.telegram.errors import ContractError, Json, Plain, breach
from tests.simulators.telegram.methods import MARKUPS, METHODS, OBJECTS, TYPED

Check: TypeAlias = Callable[[Plain, str], Plain]
"""Takes a value and where it stands, returns the value or raises."""

CANONICAL = {name.lower(): name for name in METHODS}
"""Telegram takes a method's name in any case."""

MISSING = {
    "chat_id": "chat_id is empty", "text": "message text is empty", "photo": "there is no photo in the request",
    "voice": "there is no voice in the request", "document": "there is no document in the request",
    "video": "there is no video in the request", "message_id": "message identifier is not specified",
    "file_id": "file_id not specified", "latitude": "latitude is empty", "longitude": "longitude is empty",
    "user_id": "invalid user_id specified",
}  # fmt: skip
"""What Telegram says where a required parameter is missing."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came with the request."""

    name: str
    data: bytes
    mime: str


@dataclass(slots=True)
class Args:
    """A call's checked parameters. A `file` is the string given, or the upload under the parameter's own name."""

    method: str
    values: Json
    uploads: Mapping[str, Upload] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Plain:
        return self.values[name]

    def get(self, name: str, default: Plain = None) -> Plain:
        """Return an optional parameter."""
        return self.values.get(name, default)


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a method or an object."""

    kind: str
    required: bool


@cache
def fields(line: str) -> dict[str, Field]:
    """Read a line of the tables."""
    parts = (word.partition(":") for word in line.split())
    return {name.rstrip("!"): Field(kind, name.endswith("!")) for name, _, kind in parts}


def check_call(method: str, params: Json, uploads: Mapping[str, Upload]) -> Args:
    """Check a call of a known method and return its parameters decoded."""
    known = fields(METHODS[method])
    for name in params:
        if name not in known:
            raise breach(f'unknown parameter "{name}"', f"{method} has no parameter {name!r}")
    values = {name: _decode(known[name].kind, params[name], name) for name in params}
    for name, wanted in known.items():
        if wanted.kind == "file" and name in uploads and name not in values:
            values[name] = uploads[name]
        if wanted.required and name not in values:
            raise breach(MISSING.get(name, f'parameter "{name}" is required'), f"{method} needs {name!r}")
    _check_uploads(method, params, values, uploads)
    return Args(method, values, uploads)


def _check_uploads(method: str, params: Json, values: Json, uploads: Mapping[str, Upload]) -> None:
    """Every upload must be meant by something in the call."""
    if not uploads:
        return
    named = json.dumps(params)
    for name in uploads:
        if not isinstance(values.get(name), Upload) and f"attach://{name}" not in named:
            raise breach("wrong file upload", f"{method}: nothing refers to the uploaded file {name!r}")


def _decode(kind: str, value: Plain, name: str) -> Plain:
    """Decode a parameter: outside JSON everything arrives as a string."""
    if isinstance(value, str) and kind not in ("string", "chat", "file", "unsimulated"):
        try:
            value = json.loads(value.lower() if kind == "boolean" else value)
        except ValueError:
            raise breach(f"can't parse {name} JSON object", f"{name} is not {kind}: {value!r}") from None
    return checker(kind)(value, name)


@cache
def checker(kind: str) -> Check:
    """Return the check of a kind."""
    if kind.startswith("["):
        return _array_of(checker(kind[1:-1]))
    if kind in OBJECTS:
        return _object_of(OBJECTS[kind])
    if kind in TYPED:
        return _one_of(TYPED[kind])
    return _PRIMITIVES[kind]


def _wrong(where: str, wanted: str, value: Plain) -> ContractError:
    return breach(f'wrong type of "{where}"', f"{where} must be {wanted}, not {value!r:.100}")


def _integer(value: Plain, where: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise _wrong(where, "an integer", value)
    return value


def _number(value: Plain, where: str) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise _wrong(where, "a number", value)
    return float(value)


def _boolean(value: Plain, where: str) -> bool:
    if not isinstance(value, bool):
        raise _wrong(where, "a boolean", value)
    return value


def _string(value: Plain, where: str) -> str:
    if not isinstance(value, str):
        raise _wrong(where, "a string", value)
    if not value.isascii() and any("\ud800" <= sign <= "\udfff" for sign in value):
        raise breach("strings must be encoded in UTF-8", f"{where} holds half of a surrogate pair")
    return value


def _chat(value: Plain, where: str) -> int | str:
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    if text.removeprefix("-").isdecimal():
        return int(text)
    if text.startswith("@"):
        return text
    raise _wrong(where, "a chat's id or @username", value)


def _unsimulated(_: Plain, where: str) -> Plain:
    raise breach(f"{where} is not supported", f"the simulator does nothing with {where!r}")


def _reply_markup(value: Plain, where: str) -> Plain:
    for name, kind in MARKUPS.items():
        if isinstance(value, dict) and name in value:
            return checker(kind)(value, where)
    raise breach("object expected as reply markup", f"{where} is no reply markup: {value!r:.100}")


def _array_of(item: Check) -> Check:
    def check(value: Plain, where: str) -> Plain:
        if not isinstance(value, list):
            raise _wrong(where, "an array", value)
        return [item(each, f"{where}[{index}]") for index, each in enumerate(value)]

    return check


def _object_of(line: str) -> Check:
    known = {name: (checker(each.kind), each.required) for name, each in fields(line).items()}

    def check(value: Plain, where: str) -> Plain:
        if not isinstance(value, dict):
            raise _wrong(where, "an object", value)
        for name, (_, required) in known.items():
            if required and name not in value:
                raise breach(f'can\'t find field "{name}"', f"{where} needs {name!r}")
        return {name: _field(known, name, each, where) for name, each in value.items()}

    return check


def _field(known: dict[str, tuple[Check, bool]], name: str, value: Plain, where: str) -> Plain:
    if name not in known:
        raise breach(f'unknown field "{name}"', f"{where} has no field {name!r}")
    return known[name][0](value, f"{where}.{name}")


def _one_of(kinds: dict[str, str]) -> Check:
    def check(value: Plain, where: str) -> Plain:
        kind = kinds.get(str(value.get("type"))) if isinstance(value, dict) else None
        if kind is None:
            raise breach(f'wrong type of "{where}"', f"{where} must have a type of {sorted(kinds)}: {value!r:.100}")
        return checker(kind)(value, where)

    return check


def known_method(name: str) -> str:
    """Return a method's proper name."""
    method = CANONICAL.get(name.lower())
    if method is None:
        raise ContractError(404, "Not Found: method not found", f"the simulator has no method {name!r}")
    return method


_PRIMITIVES: dict[str, Check] = {
    "integer": _integer, "number": _number, "boolean": _boolean, "string": _string, "file": _string, "chat": _chat,
    "unsimulated": _unsimulated, "ReplyMarkup": _reply_markup,
}  # fmt: skip
