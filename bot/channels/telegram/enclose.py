"""Files as python-telegram-bot takes them: which method sends them, and what it is given."""

import mimetypes
from collections.abc import Callable, Sequence
from typing import Any

from telegram import InputFile, InputMedia, InputMediaDocument, InputMediaPhoto, InputMediaVideo

from bot.channels.telegram.limits import ALBUM_MIN
from bot.channels.telegram.media import Part

_METHODS = {"photo": "sendPhoto", "voice": "sendVoice", "video": "sendVideo", "document": "sendDocument"}
_IN_ALBUM: dict[str, Callable[[str], InputMedia]] = {"photo": InputMediaPhoto, "video": InputMediaVideo}


def call(parts: Sequence[Part], params: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return method and parameters that send the parts in one call. Raises ValueError for no parts."""
    if not parts:
        raise ValueError("no parts to send")
    if len(parts) < ALBUM_MIN:
        part = parts[0]
        return _METHODS[part.form], params | {part.form: _input(part)}
    return "sendMediaGroup", params | _album(parts)


def _album(parts: Sequence[Part]) -> dict[str, Any]:
    """Put photos and videos into one album; anything else among them makes all of them documents.

    Each upload is a field of its own that the album names.
    """
    mixed = any(part.form not in _IN_ALBUM for part in parts)
    media: list[InputMedia] = []
    uploads: dict[str, str | InputFile] = {}
    for number, part in enumerate(parts):
        source = part.source
        if isinstance(source, bytes):
            uploads[f"file{number}"] = _input(part)
            source = f"attach://file{number}"
        media.append(_IN_ALBUM.get("" if mixed else part.form, InputMediaDocument)(source))
    return {"media": media, **uploads}


def _input(part: Part) -> str | InputFile:
    if isinstance(part.source, str):
        return part.source
    extension = mimetypes.guess_extension(part.file.mime) or ""
    name = part.file.name or f"{part.file.kind}-{part.file.id}{extension}"
    return InputFile(part.source, filename=name)
