"""The file of a backup: a tar of tables as JSON lines and of the files people sent, written and read as a stream.

`manifest.json` comes first and says what follows; `complete.json` comes last and holds count, sum and SHA-256 of
everything, so that a file that was cut off or changed is noticed. Nothing is ever unpacked by its own name: only
regular files are read, under names that are checked letter by letter.
"""

import hashlib
import io
import json
import os
import re
import secrets
import tarfile
import tempfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from storage.portable import CannotMove, Row, Shape, Sum

FORMAT = 1
MANIFEST, COMPLETE = "manifest.json", "complete.json"
BLOCK = 1 << 20  # bytes read at once
LONGEST_NOTE = 1 << 28  # bytes of manifest.json or complete.json; a million files take 160 MB

ATTACHMENT = re.compile(r"[A-Za-z0-9_-]{2}/[A-Za-z0-9_-]{8,80}")
_TABLE = re.compile(r"tables/([a-z_]{1,60})\.jsonl")
_PREFIX = "attachments/"


class Writer:
    """Writes an archive. `sums` is what `complete.json` will say of its members."""

    def __init__(self, tar: tarfile.TarFile, folder: Path) -> None:
        self._tar = tar
        self._folder = folder
        self.sums: dict[str, str] = {}

    def note(self, name: str, data: dict[str, Any]) -> None:
        """Write a small member of JSON."""
        text = json.dumps(data, ensure_ascii=False).encode("utf-8")
        self._add(name, len(text), io.BytesIO(text))

    def table(self, shape: Shape, rows: Iterable[Row]) -> Sum:
        """Write a table, one row a line; return count and sum."""
        total = Sum()
        with tempfile.TemporaryFile(dir=self._folder) as lines:  # a tar says a member's size before it
            for row in rows:
                total.add(shape, row)
                lines.write(json.dumps(row, ensure_ascii=True, separators=(",", ":")).encode("ascii") + b"\n")
            size = lines.tell()
            lines.seek(0)
            self._add(f"tables/{shape.name}.jsonl", size, lines)
        return total

    def attachment(self, path: str, file: IO[bytes]) -> None:
        """Write a file that somebody sent."""
        self._add(_PREFIX + path, os.fstat(file.fileno()).st_size, file)

    def _add(self, name: str, size: int, content: IO[bytes]) -> None:
        member = tarfile.TarInfo(name)
        member.size, member.mode = size, 0o600
        hashing = _Hashing(content)
        self._tar.addfile(member, hashing)
        self.sums[name] = hashing.digest


@contextmanager
def new_archive(target: Path) -> Iterator[Writer]:
    """Write an archive beside its place, only for our eyes; it stands there when it is whole and on the disk.

    A name that ends in `gz` is compressed. Raises FileExistsError: nothing is ever overwritten.
    """
    if target.exists():
        raise FileExistsError(f"{target} exists; name a file that does not")
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            with tarfile.open(fileobj=file, mode="w|gz" if target.name.endswith("gz") else "w|") as tar:
                yield Writer(tar, target.parent)
            file.flush()
            os.fsync(file.fileno())
        os.link(part, target)  # unlike a rename, never over another file
    finally:
        part.unlink(missing_ok=True)
    handle = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def members(path: Path) -> Iterator[tuple[str, IO[bytes]]]:
    """Return name and content of each member, in order. Raises CannotMove for anything that we never write."""
    with tarfile.open(path, "r|*") as tar:
        for member in tar:
            content = tar.extractfile(member) if member.isreg() and _is_ours(member.name) else None
            if content is None:
                raise CannotMove(f"{path}: {member.name[:80]!r} has no place in a backup; nothing was restored")
            yield member.name, content


def examine(path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Read the whole archive and compare it with its own sums; return manifest and summary.

    Raises CannotMove, or OSError where the file cannot be read at all.
    """
    try:
        return _examine(path)
    except (tarfile.TarError, EOFError, OSError, zlib.error) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise CannotMove(f"{path} is no backup of ours, or is damaged ({error}); take another one") from None


def _examine(path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    manifest: dict[str, Any] | None = None
    found: dict[str, str] = {}
    complete: dict[str, Any] | None = None
    for name, content in members(path):
        if complete is not None or name in found or (manifest is None) != (name == MANIFEST):
            raise CannotMove(f"{path}: {name} stands where it has no place; take another backup")
        if name in (MANIFEST, COMPLETE):
            note = _read_note(path, name, content)
            manifest, complete = (note, None) if name == MANIFEST else (manifest, note)
        else:
            hashing = _Hashing(content)
            while hashing.read(BLOCK):
                pass
            found[name] = hashing.digest
    if manifest is None or complete is None:
        raise CannotMove(f"{path} was cut off; take another backup")
    if found != complete.get("members"):
        raise CannotMove(f"{path} is damaged: its content is not what was written; take another backup")
    if manifest.get("format") != FORMAT:
        raise CannotMove(f"{path} was made by another version; use the program that made it")
    return manifest, complete


def table_of(name: str) -> str | None:
    """Return the table that a member holds, None where it holds none."""
    found = _TABLE.fullmatch(name)
    return found[1] if found else None


def attachment_of(name: str) -> str | None:
    """Return the path below the attachments of a member, None where it is none."""
    path = name.removeprefix(_PREFIX)
    return path if path != name and ATTACHMENT.fullmatch(path) else None


def _is_ours(name: str) -> bool:
    return name in (MANIFEST, COMPLETE) or bool(table_of(name) or attachment_of(name))


def _read_note(path: Path, name: str, content: IO[bytes]) -> dict[str, Any]:
    try:
        note = json.loads(content.read(LONGEST_NOTE))
    except ValueError:
        note = None
    if not isinstance(note, dict):
        raise CannotMove(f"{path}: {name} cannot be read; take another backup")
    return note


class _Hashing(io.RawIOBase):
    """Hashes what is read through it."""

    def __init__(self, content: IO[bytes]) -> None:
        self._content = content
        self._hash = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """Read on."""
        block = self._content.read(size)
        self._hash.update(block)
        return block

    @property
    def digest(self) -> str:
        """Return the hash of what was read so far."""
        return self._hash.hexdigest()
