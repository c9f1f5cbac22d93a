"""The photos, voices and files people send, kept on disk below one directory.

A file lies under a random name that no person chose. Its bytes are on the disk for good (fsync of the file and of its
directory) before the row says `ready`; a crash in between leaves a file without a row, which nothing points to.
"""

import asyncio
import contextlib
import errno
import os
import secrets
import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from bot.channels.base import StoredFile
from bot.clock import Clock
from bot.filekinds import Sniffed, Unacceptable, sniff
from handlers.inbound import FileKind
from storage.engine import Store
from storage.faults import hit
from storage.message_models import Attachment
from storage.models import Identity

__all__ = ["Files", "Kept", "Stored", "Unacceptable", "state_of"]

DECODERS = 2  # images decoded at once: each may take 160 MB (bot.images.MAX_PIXELS)
LEFTOVER_SECONDS = 3600.0  # a temporary file this old belongs to a process that died
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_PART = ".part"


@dataclass(frozen=True, slots=True)
class Stored:
    """Bytes on the disk: where below the root, and what they are. `size` in bytes."""

    path: str
    kind: FileKind
    mime: str
    size: int


@dataclass(frozen=True, slots=True)
class Kept:
    """A file with a row of its own."""

    id: int
    token: str
    kind: FileKind


class Files:
    """The directory of attachments; made, with its parents, where it is missing."""

    def __init__(self, root: Path, store: Store, clock: Clock) -> None:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.root = root.resolve()
        self._store = store
        self._clock = clock
        self._decoding = asyncio.Semaphore(DECODERS)

    async def keep(
        self, *, channel: str, user: str, data: bytes, name: str = "", kind: FileKind | None = None,
        person_id: int | None = None,
    ) -> Kept:  # fmt: skip
        """Keep an upload and book it as ready; with `kind`, only that kind is taken ("file": any).

        `name` is what the sender calls the file: neither believed nor kept. Raises Unacceptable.
        """
        del name
        token = secrets.token_urlsafe(32)
        stored = await self.put(token, data, kind)
        row = {
            "token": token, "kind": stored.kind, "state": "ready", "channel": channel, "path": stored.path,
            "mime": stored.mime, "size": stored.size, "attempts": 0, "created_at": self._clock.now(),
        }  # fmt: skip

        def book(session: Session) -> int:
            who = person_id if person_id is not None else _person(session, channel, user)
            added = session.execute(insert(Attachment).values(person_id=who, **row).returning(Attachment.id))
            return added.scalar_one()

        return Kept(await self._store.write(book), token, stored.kind)

    async def put(self, token: str, data: bytes, kind: FileKind | None = None) -> Stored:
        """Write the bytes under the name `token`; the same token again replaces them. Raises Unacceptable."""
        found = sniff(data, kind)
        if found.kind == "photo":
            from bot.images import to_jpeg  # loaded with the first photo, not with the program

            async with self._decoding:
                data = await asyncio.to_thread(to_jpeg, data)
        return await asyncio.to_thread(self._write, token, data, found)

    async def put_made(self, token: str, data: bytes, kind: FileKind, mime: str) -> Stored:
        """Write bytes that we made ourselves, as they are, under the name `token`. Raises Unacceptable (disk full)."""
        return await asyncio.to_thread(self._write, token, data, Sniffed(kind, mime))

    def load_files(self, session: Session, ids: Collection[int]) -> dict[int, StoredFile]:
        """Return those of the attachments that are ready, by id."""
        rows = session.execute(
            select(
                Attachment.id, Attachment.kind, Attachment.path, Attachment.mime, Attachment.token,
                Attachment.channel, Attachment.remote, Attachment.name,
            ).where(Attachment.id.in_(ids), Attachment.state == "ready", Attachment.path.is_not(None))
        )  # fmt: skip
        return {
            row.id: StoredFile(
                row.id, row.kind, self.root / row.path, row.mime, row.token, row.channel, row.remote, row.name
            )
            for row in rows
        }

    def remove(self, paths: Collection[str]) -> None:
        """Take files off the disk that no row names any more; one that is gone already is no mistake. Blocks."""
        for path in paths:
            (self.root / path).unlink(missing_ok=True)

    def sweep(self) -> int:
        """Remove what processes that died left half written; return how many files. Blocks: call it in a thread."""
        stale = [part for part in self.root.glob(f"*/*{_PART}") if _age(part) > LEFTOVER_SECONDS]
        for part in stale:
            part.unlink(missing_ok=True)
        return len(stale)

    def _write(self, token: str, data: bytes, found: Sniffed) -> Stored:
        path = f"{token[:2]}/{token[2:]}"
        try:
            _write_durably(self.root, path, data)
        except OSError as error:
            if error.errno in _FULL:
                raise Unacceptable("disk_full") from error
            raise
        return Stored(path, found.kind, found.mime, len(data))


def state_of(session: Session, ids: Collection[int]) -> dict[int, str]:
    """Return the states (waiting, ready, refused) of the attachments by id; unknown ids are missing."""
    rows = session.execute(select(Attachment.id, Attachment.state).where(Attachment.id.in_(ids)))
    return {row.id: row.state for row in rows}


def _person(session: Session, channel: str, user: str) -> int | None:
    return session.scalar(select(Identity.person_id).where(Identity.channel == channel, Identity.user == user))


def _age(path: Path) -> float:
    with contextlib.suppress(FileNotFoundError):
        return time.time() - path.stat().st_mtime
    return 0.0


def _write_durably(root: Path, path: str, data: bytes) -> None:
    """Write a file so that after a power cut it is either whole or not there."""
    target = root / path
    target.parent.mkdir(mode=0o700, exist_ok=True)
    part = target.with_name(f"{target.name}.{secrets.token_hex(4)}{_PART}")
    hit("file.before_write")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        hit("file.before_rename")
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    for folder in (target.parent, root):
        _sync_folder(folder)
    hit("file.after_rename")


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
