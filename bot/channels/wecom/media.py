"""Files on their way to and from WeCom."""

import asyncio
from dataclasses import dataclass

from bot.channels.base import FetchError, StoredFile
from bot.channels.reading import TooLarge
from bot.channels.tencent.http import NoAnswer, code_of
from bot.channels.tencent.tokens import NoToken
from bot.channels.wecom.api import Api
from bot.channels.wecom.limits import FILE_BYTES, IMAGE_BYTES, IMAGES, LEAST_BYTES, VIDEO_BYTES

GONE = frozenset({40007, 40004, 40058})  # invalid media_id (it lasts three days), invalid kind of media


class CannotSend(Exception):
    """A file that WeCom does not take."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as WeCom takes it."""

    kind: str  # image, video, file
    name: str
    mime: str
    content: bytes


async def read(file: StoredFile) -> Upload:
    """Read a file from the disk. Raises CannotSend."""
    try:
        content = await asyncio.to_thread(file.path.read_bytes)
    except OSError as error:
        raise CannotSend(f"the file cannot be read ({type(error).__name__})") from None
    if not LEAST_BYTES <= len(content) <= FILE_BYTES:
        raise CannotSend("the file is larger than WeCom takes, or nearly empty")
    kind = _kind(file, len(content))
    ending = IMAGES.get(file.mime) or file.path.suffix.lstrip(".") or file.mime.partition("/")[2] or "bin"
    return Upload(kind, _name(file, ending), file.mime, content)


async def fetch(api: Api, remote: str, limit: int) -> bytes:
    """Fetch a file a member sent, at most `limit` bytes. Raises FetchError."""
    try:
        found = await api.download(remote, limit)
    except TooLarge:
        raise FetchError("the file is too large", final=True) from None
    except (NoAnswer, NoToken) as error:
        raise FetchError(str(error), final=False) from None
    if found.refusal is not None:
        code = code_of(found.refusal)
        raise FetchError(f"wecom refuses the file ({code})", final=code in GONE)
    return found.content


def _kind(file: StoredFile, size: int) -> str:
    """Return as what WeCom takes it: pictures and films of other kinds, and sounds, are files there."""
    if file.mime in IMAGES and size <= IMAGE_BYTES:
        return "image"
    return "video" if file.mime == "video/mp4" and size <= VIDEO_BYTES else "file"


def _name(file: StoredFile, ending: str) -> str:
    return (file.name or f"{file.kind}-{file.id}.{ending}").replace('"', "").replace("\n", " ")
