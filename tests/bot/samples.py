"""Small files of every kind, as phones and browsers make them; and a disk that is full."""

import io
import resource
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image

GPS_TAG = 0x8825
ORIENTATION_TAG = 0x0112


def picture(width: int = 64, height: int = 48, *, form: str = "JPEG", mode: str = "RGB", **save: object) -> bytes:
    """A picture, its left half red and its right half blue."""
    image = Image.new("RGB", (width, height), "blue")
    image.paste((255, 0, 0), (0, 0, width // 2, height))
    out = io.BytesIO()
    image.convert(mode).save(out, form, **save)
    return out.getvalue()


def phone_photo(width: int = 64, height: int = 48, orientation: int = 1) -> bytes:
    """A JPEG that tells where the resident lives: GPS in EXIF, a comment, and a camera's orientation."""
    exif = Image.Exif()
    exif[ORIENTATION_TAG] = orientation
    exif[0x010F] = "SecretPhone"  # the maker
    exif.get_ifd(GPS_TAG)[2] = (23.0, 8.0, 6.0)
    return picture(width, height, exif=exif, comment=b"flat 501")


def bomb(side: int = 50_000) -> bytes:
    """A PNG of a few bytes that says it is 2.5 gigapixels."""
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(b"")) + _chunk(b"IEND", b"")


def mp4(*, video: bool = True) -> bytes:
    """The boxes of an MP4 that matter here: its brand, and the handler of its one track."""
    handler = _box(b"hdlr", b"\0" * 8 + (b"vide" if video else b"soun") + b"\0" * 12)
    return _box(b"ftyp", b"isom\0\0\2\0isommp41") + _box(b"moov", handler) + _box(b"mdat", b"\0" * 64)


OPUS = b"OggS\0\2" + b"\0" * 20 + b"\1\x13OpusHead\1\1" + b"\0" * 40
THEORA = b"OggS\0\2" + b"\0" * 20 + b"\1\x2a\x80theora\3\2" + b"\0" * 40
MP3 = b"ID3\4\0\0\0\0\0\0\xff\xfb\x90\0" + b"\0" * 100
M4A = struct.pack(">I", 24) + b"ftypM4A \0\0\2\0isomiso2" + b"\0" * 40
AMR = b"#!AMR\n" + b"\x3c" * 64
WAV = b"RIFF\x44\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0" + b"\0" * 60
PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
HEIC = struct.pack(">I", 24) + b"ftypheic\0\0\0\0mif1heic" + b"\0" * 40


@contextmanager
def full_disk(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond `size` bytes, as a full disk or a quota would."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def _box(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body) + 8) + name + body
