"""Text and captions: entities, limits, and what Telegram finds in a text by itself."""

import re
from dataclasses import dataclass

from tests.simulators.telegram.errors import Complain, Json, breach
from tests.simulators.telegram.html import parse_html, utf16
from tests.simulators.telegram.schema import Args

TEXT_LIMIT = 4096  # sendMessage: "1-4096 characters after entities parsing", counted in UTF-16 units as entities are
CAPTION_LIMIT = 1024  # sendPhoto: "0-1024 characters after entities parsing"

_FOUND = re.compile(
    r"(?P<bot_command>(?<![\w/])/[A-Za-z0-9_]{1,32}(?:@\w{3,32})?)(?!\w)"
    r"|(?P<mention>(?<!\w)@\w{3,32})"
    r"|(?P<url>\bhttps?://[^\s<>]+)"
    r"|(?P<hashtag>(?<!\w)#\w*[^\W\d]\w*)"
)


@dataclass(frozen=True, slots=True)
class Formatted:
    """A text as people see it, and its entities."""

    text: str = ""
    entities: tuple[Json, ...] = ()

    def fields(self, text: str, entities: str) -> Json:
        """Return it as fields of a Message under these names."""
        if not self.text:
            return {}
        return {text: self.text, **({entities: list(self.entities)} if self.entities else {})}


def found_in(text: str) -> list[Json]:
    """Return the commands, mentions, links and hashtags in a text, which Telegram marks by itself."""
    if not any(sign in text for sign in "/@#"):
        return []
    return [
        {"type": str(match.lastgroup), "offset": utf16(text[: match.start()]), "length": utf16(match.group())}
        for match in _FOUND.finditer(text)
    ]


def stretch(text: str, entity: Json) -> str:
    """Return the part of a text that an entity covers."""
    units = text.encode("utf-16-le", "surrogatepass")
    covered = units[2 * entity["offset"] : 2 * (entity["offset"] + entity["length"])]
    return covered.decode("utf-16-le", "surrogatepass")


def said(text: str) -> Formatted:
    """Return a person's text."""
    return Formatted(text, tuple(found_in(text)))


def message_text(args: Args, complain: Complain) -> Formatted:
    """Return the text of sendMessage and editMessageText."""
    if not args["text"]:
        raise breach("message text is empty")
    found = _formatted(args["text"], args.get("parse_mode"), args.get("entities"), complain)
    if not found.text:
        raise breach("text must be non-empty")
    if (length := utf16(found.text)) > TEXT_LIMIT:
        words = "message is too long" if args.method.startswith("send") else "MESSAGE_TOO_LONG"
        raise breach(words, f"the text has {length} characters, {TEXT_LIMIT} are allowed")
    return found


def caption(given: Args | Json, complain: Complain, *, edit: bool = False) -> Formatted:
    """Return the caption of a call or of an item of an album."""
    found = _formatted(given.get("caption") or "", given.get("parse_mode"), given.get("caption_entities"), complain)
    if (length := utf16(found.text)) > CAPTION_LIMIT:
        words = "MEDIA_CAPTION_TOO_LONG" if edit else "message caption is too long"
        raise breach(words, f"the caption has {length} characters, {CAPTION_LIMIT} are allowed")
    return found


def _formatted(text: str, mode: str | None, given: list[Json] | None, complain: Complain) -> Formatted:
    if mode and given:
        complain("parse_mode and entities exclude each other")
    if mode and mode.lower() != "html":
        raise breach("unsupported parse_mode", f"the simulator knows the parse mode HTML only, not {mode!r}")
    plain, entities = parse_html(text, complain) if mode else (text, _bounded(text, given or []))
    return _trimmed(plain, [*entities, *found_in(plain)])


def _bounded(text: str, entities: list[Json]) -> list[Json]:
    """Entities a bot gives must lie within the text."""
    size = utf16(text)
    for entity in entities:
        if not 0 <= entity["offset"] < entity["offset"] + entity["length"] <= size:
            raise breach("ENTITY_BOUNDS_INVALID", f"the entity {entity} lies outside a text of {size}")
    return entities


def _trimmed(text: str, entities: list[Json]) -> Formatted:
    """Telegram cuts blanks off both ends."""
    bare = text.strip()
    if len(bare) == len(text):
        return Formatted(text, tuple(entities))
    cut, size = utf16(text[: len(text) - len(text.lstrip())]), utf16(bare)
    moved = [_moved(entity, cut, size) for entity in entities]
    return Formatted(bare, tuple(entity for entity in moved if entity["length"] > 0))


def _moved(entity: Json, cut: int, size: int) -> Json:
    start = max(entity["offset"] - cut, 0)
    end = min(entity["offset"] + entity["length"] - cut, size)
    return {**entity, "offset": start, "length": end - start}
