"""One program at a time on a SQLite file: two that write to it at once may corrupt it (see `storage.engine`).

Whoever writes holds a lock on a file beside the database for as long as it runs; the system lets go of it when the
process ends, however it ends. Reading needs no lock. PostgreSQL is made for many programs and needs none.
"""

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import make_url

SUFFIX = ".lock"
LOOK_SECONDS = 0.1


class InUse(OSError):
    """Another program has the database."""


@contextlib.contextmanager
def held(url: str, patience: float = 0.0) -> Iterator[None]:
    """Hold the SQLite file at `url` against other programs of ours.

    Raises InUse where one has it, after `patience` seconds.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database or parsed.database == ":memory:":
        yield
        return
    path = Path(parsed.database)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path.with_name(path.name + SUFFIX), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _take(handle, path, time.monotonic() + patience)
        yield
    finally:
        os.close(handle)


def _take(handle: int, path: Path, until: float) -> None:
    while not _taken(handle):
        if time.monotonic() >= until:
            by = os.read(handle, 20).decode("ascii", "replace").strip()
            raise InUse(f"{path} is in use by another redsteward (process {by or 'unknown'}); stop that one first")
        time.sleep(LOOK_SECONDS)
    os.ftruncate(handle, 0)
    os.pwrite(handle, f"{os.getpid()}\n".encode("ascii"), 0)


def _taken(handle: int) -> bool:
    """Take the lock; False where another has it."""
    with contextlib.suppress(OSError):
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False
