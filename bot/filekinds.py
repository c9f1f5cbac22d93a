"""Which files we take, told by their bytes. What a name or a sender says about a file is never believed."""

import re
from dataclasses import dataclass
from typing import Literal

import filetype  # type: ignore[import-untyped]

from handlers.files import SIZE_LIMITS
from handlers.inbound import FileKind

Code = Literal["too_large", "too_many_pixels", "unknown_type", "broken", "empty", "disk_full"]

_PHOTOS = ("image/jpeg", "image/png", "image/apng", "image/webp", "image/gif")
_PLAIN: dict[str, tuple[FileKind, str]] = {
    "audio/mpeg": ("voice", "audio/mpeg"),
    "audio/mp4": ("voice", "audio/mp4"),
    "audio/amr": ("voice", "audio/amr"),
    "audio/x-wav": ("voice", "audio/wav"),
    "audio/ogg": ("voice", "audio/ogg"),
    "video/mp4": ("video", "video/mp4"),
    "video/x-m4v": ("video", "video/mp4"),
    "application/pdf": ("file", "application/pdf"),
}
_OGG_AUDIO = (b"OpusHead", b"\x01vorbis", b"Speex   ")  # the first packet of each codec, RFC 7845 section 5.1 and alike
_HEAD = 512  # bytes within which an Ogg stream names its codec
_VIDEO_TRACK = re.compile(rb"hdlr.{8}vide", re.DOTALL)  # ISO/IEC 14496-12 section 8.4.3, the handler of a track


class Unacceptable(Exception):
    """A file that we do not keep. All codes are final except `disk_full`, which is our own trouble."""

    def __init__(self, code: Code) -> None:
        super().__init__(code)
        self.code: Code = code


@dataclass(frozen=True, slots=True)
class Sniffed:
    """What the bytes are: our kind, and the MIME type to give out."""

    kind: FileKind
    mime: str


def sniff(data: bytes, wanted: FileKind | None = None) -> Sniffed:
    """Tell what `data` is. With `wanted` ("file": anything), other kinds are refused.

    Raises Unacceptable: `empty`, `unknown_type`, or `too_large` for its kind (`handlers.files.SIZE_LIMITS`).
    """
    if not data:
        raise Unacceptable("empty")
    if len(data) > max(SIZE_LIMITS.values()):
        raise Unacceptable("too_large")
    found = _recognise(data)
    if found is None or wanted not in (None, "file", found.kind):
        raise Unacceptable("unknown_type")
    if len(data) > SIZE_LIMITS[found.kind]:
        raise Unacceptable("too_large")
    return found


def _recognise(data: bytes) -> Sniffed | None:
    guess = filetype.guess(data)
    mime: str = guess.mime if guess else ""
    if mime in _PHOTOS:
        return Sniffed("photo", "image/jpeg")
    if mime == "audio/ogg" and not any(sign in data[:_HEAD] for sign in _OGG_AUDIO):
        return None  # a film in an Ogg container
    if mime == "video/mp4" and not _VIDEO_TRACK.search(data):
        mime = "audio/mp4"  # what Safari records as a voice begins like a film and has no picture
    return Sniffed(*_PLAIN[mime]) if mime in _PLAIN else None
