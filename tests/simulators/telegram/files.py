"""Files on the server: what people send, what the bot uploads, and how they look in a Message."""

import io
import mimetypes
import secrets
from collections import OrderedDict
from dataclasses import dataclass, field

from PIL import Image

from tests.simulators.telegram.errors import Json, bad, breach
from tests.simulators.telegram.limits import Limits
from tests.simulators.telegram.schema import Args, Upload

FOLDERS = {"photo": "photos", "voice": "voice", "video": "videos", "document": "documents", "sticker": "stickers"}
ENDINGS = {"photo": ".jpg", "voice": ".oga", "video": ".mp4", "sticker": ".webp"}
SIDES, RATIO = 10_000, 20  # sendPhoto: width and height together at most 10000, ratio at most 20
UNREADABLE = (1280, 960)  # the size a photo is said to have when its bytes are no picture

TINY = bytes.fromhex("47494638396101000100800000ffffff00000021f90401000000002c00000000010001000002024401003b")
"""What a photo's small sizes consist of: one that is fetched by mistake gives itself away."""


@dataclass(frozen=True, slots=True)
class File:
    """A file the server keeps."""

    file_id: str
    unique_id: str
    kind: str
    data: bytes
    size: int  # as the server says; a resident's file may claim more than it has
    path: str
    name: str
    mime: str
    pixels: tuple[int, int] = UNREADABLE

    def fields(self) -> Json:
        """Return the fields that every kind of file has."""
        return {"file_id": self.file_id, "file_unique_id": self.unique_id, "file_size": self.size}

    def described(self) -> Json:
        """Return the File object, as getFile does."""
        return {**self.fields(), "file_path": self.path}


@dataclass(slots=True)
class FileStore:
    """All files, by id and by path; of many the oldest are dropped."""

    keep: int | None = None
    by_id: OrderedDict[str, File] = field(default_factory=OrderedDict)
    by_path: dict[str, File] = field(default_factory=dict)
    small: dict[str, File] = field(default_factory=dict)  # a photo's small size, by the photo's id
    count: int = 0

    def add(self, kind: str, data: bytes, name: str = "", mime: str = "", size: int | None = None,
            pixels: tuple[int, int] = UNREADABLE) -> File:  # fmt: skip
        """Keep a file."""
        self.count += 1
        ending = ENDINGS.get(kind) or ("." + name.rpartition(".")[2] if "." in name else ".bin")
        path = f"{FOLDERS[kind]}/file_{self.count}{ending}"
        secret = f"{kind[0].upper()}gACAg{secrets.token_urlsafe(30)}{self.count}"
        unique = f"AQAD{secrets.token_hex(6)}{self.count}"
        file = File(secret, unique, kind, data, len(data) if size is None else size, path, name, mime, pixels)
        self.by_id[file.file_id] = self.by_path[path] = file
        if self.keep is not None and len(self.by_id) > self.keep:
            self._drop(self.by_id.popitem(last=False)[1])
        return file

    def _drop(self, file: File) -> None:
        self.by_path.pop(file.path)
        self.small.pop(file.file_id, None)

    def find(self, file_id: str, kind: str) -> File:
        """Return a file the bot names by its id."""
        file = self.by_id.get(file_id)
        if file is None or file.kind != kind:
            raise bad("wrong file identifier/HTTP URL specified")
        return file

    def fetch(self, file_id: str, limits: Limits) -> Json:
        """Answer getFile."""
        file = self.by_id.get(file_id)
        if file is None:
            raise bad("wrong file_id or the file is temporarily unavailable")
        if file.size > limits.download_bytes:
            raise bad("file is too big")
        return file.described()

    def given(self, args: Args, value: str | Upload, kind: str, limits: Limits) -> File:
        """Return the file of a call, be it new or known."""
        if isinstance(value, str) and value.startswith("attach://"):
            value = _attached(args, value)
        if isinstance(value, str):
            if value.startswith(("http://", "https://")):
                raise breach("failed to get HTTP URL content", "the simulator does not fetch files from addresses")
            return self.find(value, kind)
        if not value.data:
            raise breach("file must be non-empty")
        pixels = _check_photo(value, limits) if kind == "photo" else UNREADABLE
        return self.add(kind, value.data, value.name, value.mime, pixels=pixels)


def _attached(args: Args, value: str) -> Upload:
    found = args.uploads.get(value.removeprefix("attach://"))
    if found is None:
        raise breach("wrong file identifier/HTTP URL specified", f"{value} is not in the request")
    return found


def _check_photo(upload: Upload, limits: Limits) -> tuple[int, int]:
    size = len(upload.data)
    if size > limits.photo_bytes:
        most = f"the maximum size is {limits.photo_bytes} bytes"
        raise breach(f"file of size {size} bytes is too big for a photo; {most}")
    pixels = measure(upload.data)
    if pixels is None:
        raise breach("IMAGE_PROCESS_FAILED", "the photo is no picture")
    if sum(pixels) > SIDES or max(pixels) > RATIO * min(pixels):
        raise breach("PHOTO_INVALID_DIMENSIONS", f"a photo of {pixels[0]} by {pixels[1]}")
    return pixels


def measure(data: bytes) -> tuple[int, int] | None:
    """Return a picture's width and height, None where it is no picture."""
    try:
        with Image.open(io.BytesIO(data)) as image:
            return image.size
    except (OSError, ValueError):
        return None


def photo_fields(store: FileStore, file: File) -> Json:
    """Return a photo as fields of a Message: small sizes first, the whole last."""
    small = store.small.get(file.file_id) or store.add("photo", TINY)
    store.small[file.file_id] = small
    width, height = file.pixels
    sizes = [{**small.fields(), "width": 90, "height": max(1, 90 * height // width)}]
    return {"photo": [*sizes, {**file.fields(), "width": width, "height": height}]}


def media_fields(store: FileStore, file: File, more: Json) -> Json:
    """Return a file as fields of a Message; `more` says duration, width and height where they matter."""
    if file.kind == "photo":
        return photo_fields(store, file)
    if file.kind == "voice":
        return {"voice": {**file.fields(), "duration": more.get("duration", 1), "mime_type": file.mime or "audio/ogg"}}
    if file.kind == "video":
        shape = {name: more.get(name, 1) for name in ("width", "height", "duration")}
        return {"video": {**file.fields(), **shape, "mime_type": file.mime or "video/mp4"}}
    mime = file.mime or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    return {"document": {**file.fields(), "file_name": file.name or "file", "mime_type": mime}}
