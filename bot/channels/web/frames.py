"""What a page may send: JSON objects, checked field by field. Nothing of them is believed beyond its form."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.channels.web import limits
from bot.channels.web.texts import Code
from handlers.message import CHOICE_DATA_BYTES

_ID = re.compile(rf"[A-Za-z0-9_-]{{1,{limits.ID}}}")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,43}")
_MOST = 2**53 - 1  # the largest whole number of JavaScript: ECMA-262, Number.MAX_SAFE_INTEGER


@dataclass(frozen=True, slots=True)
class Text:
    """Words; in a group they may answer a line."""

    id: str
    text: str
    reply: int | None = None


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button of a line."""

    id: str
    data: str
    line: int


@dataclass(frozen=True, slots=True)
class Photos:
    """Uploaded photos, by token, with words; in a group they may answer a line."""

    id: str
    tokens: tuple[str, ...]
    text: str
    reply: int | None = None


@dataclass(frozen=True, slots=True)
class Located:
    """Where the person is, in degrees."""

    id: str
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Older:
    """A wish to see the lines before a line."""

    before: int


Said = Text | Pressed | Photos | Located
Frame = Said | Older


class BadFrame(Exception):
    """A frame that is not taken in; `id` is the client's, where one can be read."""

    def __init__(self, code: Code, client: str | None = None) -> None:
        super().__init__(code)
        self.code: Code = code
        self.client = client


def parse(raw: str | bytes | None) -> Frame:
    """Read a frame. Raises BadFrame with the reason."""
    if not isinstance(raw, str):
        raise BadFrame("not_json")
    if len(raw) > limits.FRAME_BYTES or len(raw.encode("utf-8", "replace")) > limits.FRAME_BYTES:
        raise BadFrame("too_long", _peek(raw))
    try:
        data = json.loads(raw)
    except (ValueError, RecursionError):
        raise BadFrame("not_json") from None
    if not isinstance(data, dict):
        raise BadFrame("not_json")
    return _read(data)


def _read(data: dict[str, Any]) -> Frame:
    kind, client = data.get("type"), data.get("id")
    named = client if isinstance(client, str) and _ID.fullmatch(client) else None
    if kind == "older":
        return Older(_line(data.get("before"), None))
    reader = _READERS.get(kind) if isinstance(kind, str) else None
    if reader is None:
        raise BadFrame("unknown", named)
    if named is None:
        raise BadFrame("bad_frame")
    return reader(named, data)


def _text(client: str, data: dict[str, Any]) -> Text:
    text = _words(data.get("text"), client)
    if not text.strip():
        raise BadFrame("bad_frame", client)
    return Text(client, text, _answered(data, client))


def _press(client: str, data: dict[str, Any]) -> Pressed:
    pressed = data.get("data")
    if not isinstance(pressed, str) or not 1 <= len(pressed.encode("utf-8", "replace")) <= CHOICE_DATA_BYTES:
        raise BadFrame("bad_frame", client)
    return Pressed(client, _storable(pressed), _line(data.get("line"), client))


def _photos(client: str, data: dict[str, Any]) -> Photos:
    tokens = data.get("attachments")
    if not isinstance(tokens, list) or not 1 <= len(tokens) <= limits.PHOTOS:
        raise BadFrame("bad_frame", client)
    if not all(isinstance(token, str) and _TOKEN.fullmatch(token) for token in tokens):
        raise BadFrame("bad_frame", client)
    return Photos(client, tuple(tokens), _words(data.get("text", ""), client), _answered(data, client))


def _location(client: str, data: dict[str, Any]) -> Located:
    return Located(client, _degrees(data.get("lat"), 90, client), _degrees(data.get("lon"), 180, client))


_READERS: dict[str, Callable[[str, dict[str, Any]], Said]] = {
    "text": _text, "press": _press, "photo": _photos, "location": _location,
}  # fmt: skip


def _words(value: object, client: str) -> str:
    if not isinstance(value, str):
        raise BadFrame("bad_frame", client)
    if len(value) > limits.TEXT:
        raise BadFrame("too_long", client)
    return _storable(value)


def _answered(data: dict[str, Any], client: str) -> int | None:
    return None if data.get("reply") is None else _line(data["reply"], client)


def _line(value: object, client: str | None) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= _MOST:
        raise BadFrame("bad_frame", client)
    return value


def _degrees(value: object, most: float, client: str) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not -most <= value <= most:
        raise BadFrame("bad_frame", client)
    return float(value)


def _storable(text: str) -> str:
    """Drop NUL and halves of surrogate pairs: PostgreSQL refuses both."""
    return text.replace("\0", "").encode("utf-8", "ignore").decode()


def _peek(raw: str) -> str | None:
    """Find the id at the head of a frame that is too long to be read, so that the page knows which one it was."""
    found = re.search(r'"id"\s*:\s*"([A-Za-z0-9_-]{1,64})"', raw[:500])
    return found.group(1) if found else None
