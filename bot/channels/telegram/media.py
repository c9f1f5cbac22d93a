"""Files on their way out: by the id Telegram knows them by or as bytes. `enclose.py` puts them into a call."""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from bot.channels.base import StoredFile
from bot.channels.telegram.limits import PHOTO_UPLOAD_BYTES, UPLOAD_BYTES

log = structlog.get_logger(__name__)

CHANNEL = "telegram"
REMEMBERED = 2_000  # ids of uploads, so that one photo to many chats is uploaded once
_AS_IS = {
    "photo": ("image/jpeg", "image/png", "image/webp"),
    "voice": ("audio/ogg", "audio/mpeg", "audio/mp4", "audio/x-m4a"),  # Bot API, sendVoice
    "video": ("video/mp4",),  # Bot API, sendVideo: other formats go as documents
    "file": (),
}

Source = str | bytes


class TooLargeToSend(Exception):
    """A file has more bytes than Telegram takes from a bot."""


@dataclass(frozen=True, slots=True)
class Part:
    """A file as it goes out: what Telegram is to make of it, and its id or its bytes."""

    file: StoredFile
    form: str  # photo, voice, video, document
    source: Source


class Known:
    """The ids Telegram knows files by: from whoever sent them, or from an earlier upload by this process."""

    def __init__(self) -> None:
        self._uploaded: OrderedDict[int, str] = OrderedDict()

    def find(self, file: StoredFile) -> str | None:
        """Return the id for this file, if any: first that of an upload, which is sure to be of the right form."""
        return self._uploaded.get(file.id) or (file.remote if file.origin == CHANNEL else None)

    def forget(self, file: StoredFile) -> None:
        """Drop an id that Telegram refused."""
        self._uploaded.pop(file.id, None)

    def learn(self, parts: Sequence[Part], result: object) -> None:
        """Keep the ids of what was just uploaded in its own form; `result` is what Telegram answered."""
        messages = result if isinstance(result, list) else [result]
        for part, message in zip(parts, messages, strict=False):
            found = _id_in(message, part.form)
            if found and isinstance(part.source, bytes) and part.form == _form(part.file, len(part.source)):
                self._uploaded[part.file.id] = found
        while len(self._uploaded) > REMEMBERED:
            self._uploaded.popitem(last=False)


async def by_id(files: Sequence[StoredFile], known: Known) -> list[Part] | None:
    """Return the files as Telegram knows them; bytes for those it does not; None: it knows none of them."""
    if not any(known.find(file) for file in files):
        return None
    parts = [_known(file, found) if (found := known.find(file)) else await _read(file) for file in files]
    return [part for part in parts if part is not None]


async def as_bytes(files: Sequence[StoredFile], *, documents: bool = False) -> list[Part]:
    """Read the files; one that is not there is left out and logged. Raises TooLargeToSend."""
    parts = [await _read(file, document=documents) for file in files]
    return [part for part in parts if part is not None]


def _known(file: StoredFile, found: str) -> Part:
    return Part(file, "document" if file.kind == "file" else file.kind, found)


async def _read(file: StoredFile, *, document: bool = False) -> Part | None:
    try:
        content = await asyncio.to_thread(file.path.read_bytes)
    except OSError as error:
        log.error("attachment_unreadable", attachment=file.id, error=type(error).__name__)
        return None
    if len(content) > UPLOAD_BYTES:
        raise TooLargeToSend
    return Part(file, "document" if document else _form(file, len(content)), content)


def _form(file: StoredFile, size: int) -> str:
    """Return what Telegram can make of these bytes; what it cannot show goes as a document."""
    fits = file.mime in _AS_IS[file.kind] and not (file.kind == "photo" and size > PHOTO_UPLOAD_BYTES)
    return file.kind if fits else "document"


def _id_in(message: object, form: str) -> str | None:
    """Return the id of the file in a sent message; of a photo's sizes the last one is the largest."""
    media = message.get(form) if isinstance(message, dict) else None
    if isinstance(media, list):
        media = media[-1] if media else None
    found = media.get("file_id") if isinstance(media, dict) else None
    return found if isinstance(found, str) else None
