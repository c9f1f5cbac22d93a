"""`redsteward backup` and `restore`: the whole desk in one file, taken while it runs, put back into an empty place.

The database is read as it is at one moment; the files that it names are copied afterwards, for a file is on the disk
before its row says so, and is never changed. The same file restores into SQLite and into PostgreSQL.
"""

import json
import os
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any

from alembic.util import CommandError
from sqlalchemy import Connection

from bot import archive
from storage.hold import held
from storage.loading import empty_tables, go_on_counting, numbers, references_later, same_shapes
from storage.migrate import newest, revision_of, upgrade
from storage.portable import CannotMove, Row, Shape, Sum, others, rows, shapes, snapshot, sums, transaction, write

FILES = "SELECT path FROM attachment WHERE path IS NOT NULL"


@dataclass(frozen=True, slots=True)
class Report:
    """What was saved or restored. `missing`: files that the database names and the disk does not have."""

    tables: int
    rows: int
    files: int
    missing: tuple[str, ...]


def backup(url: str, attachments: Path, target: Path) -> Report:
    """Save the desk to a new file while it runs. Raises CannotMove, or OSError where the file cannot be written."""
    with archive.new_archive(target) as file:
        with snapshot(url) as connection:
            counted = _save_tables(connection, file)
            paths = [row.path for row in connection.exec_driver_sql(FILES)]
        missing = tuple(path for path in paths if not _save_file(file, attachments, path))
        made = {"members": {name: digest for name, digest in file.sums.items() if name != archive.MANIFEST}}
        tables = {name: {"rows": total.rows, "sum": total.digest} for name, total in counted.items()}
        file.note(archive.COMPLETE, {**made, "tables": tables, "missing": list(missing)})
    return Report(len(counted), sum(total.rows for total in counted.values()), len(paths) - len(missing), missing)


def restore(url: str, attachments: Path, source: Path) -> Report:
    """Put a backup back into an empty database and an empty directory of attachments.

    All or nothing: what fails leaves both as they were. Raises CannotMove, or OSError where a file cannot be used.
    """
    manifest, complete = archive.examine(source)
    if attachments.exists() and any(attachments.iterdir()):
        raise CannotMove(f"there are files in {attachments} already; restore into an empty place")
    attachments.parent.mkdir(parents=True, exist_ok=True)
    waiting = attachments.with_name(f".{attachments.name}.{secrets.token_hex(4)}.part")
    with held(url):
        _prepare(url, manifest, source)
        try:
            with transaction(url) as connection:
                if count := others(connection):
                    raise CannotMove(f"{count} other programs are connected to the database; stop them first")
                report = _load(connection, source, manifest, complete, waiting)
                _put_in_place(waiting, attachments)
        except BaseException:
            shutil.rmtree(waiting, ignore_errors=True)
            raise
        upgrade(url)
    return report


def _save_tables(connection: Connection, file: archive.Writer) -> dict[str, Sum]:
    schema = revision_of(connection)
    if schema != newest():
        raise CannotMove(
            f"the database has schema {schema}, this program {newest()}; use the program that runs the desk"
        )
    tables = shapes(connection)
    file.note(archive.MANIFEST, {
        "format": archive.FORMAT, "program": version("redsteward"), "schema": schema,
        "made_at": datetime.now(UTC).isoformat(), "numbers": numbers(connection),
        "tables": [{"name": shape.name, "columns": dict(shape.columns)} for shape in tables],
    })  # fmt: skip
    return {shape.name: file.table(shape, rows(connection, shape)) for shape in tables}


def _save_file(file: archive.Writer, root: Path, path: str) -> bool:
    """Save one file; False where it is gone: somebody asked to be forgotten meanwhile, or the disk lost it."""
    if not archive.ATTACHMENT.fullmatch(path):
        return False
    try:
        with (root / path).open("rb") as content:
            file.attachment(path, content)
    except FileNotFoundError:
        return False
    return True


def _prepare(url: str, manifest: dict[str, Any], source: Path) -> None:
    """Make the schema that the backup has; the newer ones follow when it is filled."""
    schema = str(manifest.get("schema"))
    try:
        found = upgrade(url, schema)
    except CommandError:
        raise CannotMove(f"{source} has schema {schema}, which this program does not know; use a newer one") from None
    if found != schema:
        raise CannotMove(f"the database has schema {found} already, {source} has {schema}; name a new database")


def _load(
    connection: Connection, source: Path, manifest: dict[str, Any], complete: dict[str, Any], waiting: Path
) -> Report:
    tables = empty_tables(connection)
    told = [Shape(each["name"], each["columns"]) for each in manifest["tables"]]
    same_shapes(told, tables)
    by_name = {shape.name: shape for shape in told}
    waiting.mkdir(mode=0o700)
    files = 0
    with references_later(connection, tables):
        for name, content in archive.members(source):
            if table := archive.table_of(name):
                write(connection, by_name[table], _lines(by_name[table], content))
            elif path := archive.attachment_of(name):
                _write_file(waiting / path, content)
                files += 1
    go_on_counting(connection, manifest["numbers"])
    counted = _compare(sums(connection, told), complete["tables"])
    return Report(len(told), counted, files, tuple(complete["missing"]))


def _lines(shape: Shape, content: IO[bytes]) -> Iterator[Row]:
    """Return the rows of a member. The desk reads files by the paths it finds there: no path may lead elsewhere."""
    place = list(shape.columns).index("path") if shape.name == "attachment" else None
    for line in content:
        row = json.loads(line)
        if place is not None and row[place] is not None and not archive.ATTACHMENT.fullmatch(row[place]):
            raise CannotMove(
                f"an attachment lies at {row[place][:80]!r}, which is no place of ours; nothing was restored"
            )
        yield row


def _write_file(target: Path, content: IO[bytes]) -> None:
    target.parent.mkdir(mode=0o700, exist_ok=True)
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        shutil.copyfileobj(content, file, archive.BLOCK)
        file.flush()
        os.fsync(file.fileno())


def _compare(found: dict[str, Sum], told: dict[str, Any]) -> int:
    for name, total in found.items():
        if told.get(name) != {"rows": total.rows, "sum": total.digest}:
            raise CannotMove(f"table {name} did not arrive as it was saved; nothing was restored")
    return sum(total.rows for total in found.values())


def _put_in_place(waiting: Path, attachments: Path) -> None:
    if attachments.exists():
        attachments.rmdir()  # empty, as was seen before
    waiting.rename(attachments)
