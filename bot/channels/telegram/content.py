"""What is in a message: its words, its files, and what we do not take in."""

from typing import Final

import telegram

from bot.channels.telegram.text import clean
from handlers.inbound import FileKind, IncomingFile

MIME_LENGTH = 80  # of the database's column; a longer one comes from no honest client
PICTURES = ("image/jpeg", "image/png", "image/webp", "image/gif")
"""A document of these kinds is a photo that was sent "as a file"; it is treated as one and so loses its EXIF, too."""

_UNKNOWN: Final = (
    "sticker", "poll", "dice", "game", "story", "invoice", "checklist", "paid_media", "giveaway", "giveaway_winners",
    "gift", "unique_gift", "contact",
)  # fmt: skip

_Media = (
    telegram.PhotoSize
    | telegram.Voice
    | telegram.Audio
    | telegram.Video
    | telegram.VideoNote
    | telegram.Animation
    | telegram.Document
    | telegram.LivePhoto
)


def files(message: telegram.Message) -> tuple[IncomingFile, ...]:
    """Return the file of a message; Telegram allows one (an album is several messages)."""
    found = _picture(message) or _sound(message) or _film(message) or _document(message)
    return (found,) if found else ()


def unknown(message: telegram.Message) -> str | None:
    """Name what the message holds that we do not take in; None: nothing but a service note (somebody joined, …).

    A kind of content that is newer than the library stands among its unread fields; better to ask the person to say it
    in words than to swallow it.
    """
    for name in _UNKNOWN:
        if getattr(message, name, None):
            return name
    return next((name for name, value in message.api_kwargs.items() if isinstance(value, dict)), None)


def words(message: telegram.Message) -> tuple[str, tuple[telegram.MessageEntity, ...]]:
    """Return text or caption, with its entities."""
    if message.text is not None:
        return message.text, tuple(message.entities)
    return message.caption or "", tuple(message.caption_entities)


def stretch(text: str, entity: telegram.MessageEntity) -> str:
    """Return the part of the text an entity covers; Telegram counts in UTF-16 units."""
    units = text.encode("utf-16-le", "surrogatepass")
    covered = units[2 * entity.offset : 2 * (entity.offset + entity.length)]
    return covered.decode("utf-16-le", "ignore")


def without(text: str, entities: list[telegram.MessageEntity]) -> str:
    """Cut the entities out of the text; what stands around each is joined by one space."""
    units = text.encode("utf-16-le", "surrogatepass")
    for entity in sorted(entities, key=lambda each: -each.offset):
        head = units[: 2 * entity.offset].decode("utf-16-le", "ignore").rstrip(" ")
        tail = units[2 * (entity.offset + entity.length) :].decode("utf-16-le", "ignore").lstrip(" ")
        units = (f"{head} {tail}" if head and tail else head + tail).encode("utf-16-le", "surrogatepass")
    return units.decode("utf-16-le", "ignore")


def _picture(message: telegram.Message) -> IncomingFile | None:
    sizes = message.photo or (message.live_photo.photo if message.live_photo else ())
    if not sizes:
        return None
    return _file("photo", max(sizes, key=lambda size: (size.width * size.height, size.file_size or 0)))


def _sound(message: telegram.Message) -> IncomingFile | None:
    sound = message.voice or message.audio
    return _file("voice", sound) if sound else None


def _film(message: telegram.Message) -> IncomingFile | None:
    film = message.video or message.video_note or message.animation or message.live_photo
    return _file("video", film) if film else None


def _document(message: telegram.Message) -> IncomingFile | None:
    document = message.document
    if document is None:
        return None
    return _file("photo" if document.mime_type in PICTURES else "file", document)


def _file(kind: FileKind, media: _Media) -> IncomingFile:
    mime = clean(getattr(media, "mime_type", None) or "")
    return IncomingFile(
        kind,
        remote=media.file_id,
        size=media.file_size,
        mime=mime if 0 < len(mime) <= MIME_LENGTH else None,
    )
