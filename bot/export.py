"""Makes the sheet of /export: rows page by page into a file of ours, the sheet in a process apart, then its audit.

Telegram takes files up to 50 MB (Bot API, "Sending files"), so a large sheet becomes several. Memory does not grow with
the number of rows. Rights are those of the moment it is made.
"""

import asyncio
import json
import re
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from bot import sheet
from bot.sheet import MIMES, Column, Form, Outline
from bot.workshop import Made, Order, Piece, Workshop
from cases import audit, finding, privacy, records, search
from cases.context import Actor, Context, actor_of
from cases.finding import Condition
from cases.records import Mark
from cases.search import Filter, from_data
from handlers.admin import sheet_rows
from handlers.admin.export import ROLES
from handlers.admin.filter_words import say_filter, today_of
from handlers.admin.sheet_rows import Cell, Reader, building_of
from handlers.admin.sheet_words import About, notes, notes_title, say_empty, say_made, say_progress, say_refused, title
from handlers.mask import mask
from handlers.texts import Translate, pick_language, translator
from storage.models import Person

MOST_ROWS = 200_000  # of one export, the newest: some 80 seconds' work, while nothing else is made
ROWS_PER_FILE = 100_000
BYTES_PER_FILE = 40_000_000  # of the rows as text; what becomes of them is not larger
PROGRESS_ROWS = 10_000  # between two words of progress
PREFIX = "redsteward-export-"  # of the folder for the rows, among the temporary ones
LEFTOVER_SECONDS = 6 * 3600.0  # no sheet takes so long
LONGEST_NAME = 60  # characters of the place in a file's name
_UNFIT = re.compile(r"[\x00-\x1f/\\:*?\"<>|]+")  # for a file's name


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be made, worked out once."""

    asked: Filter
    roots: tuple[int, ...]
    conditions: list[Condition]
    total: int
    reader: Reader
    about: About
    t: Translate


class Sheaf:
    """Rows on disk, one JSON list a line, in as many files as there will be sheets; notes end each."""

    def __init__(self, folder: Path) -> None:
        self.parts: list[Path] = []
        self.count = 0
        self._folder = folder
        self._rows = self._bytes = 0

    def add(self, rows: Sequence[list[Cell]]) -> None:
        """Write rows down."""
        lines: list[bytes] = []
        for row in rows:
            line = _line(row)
            if not self.parts or self._rows >= ROWS_PER_FILE or self._bytes + len(line) > BYTES_PER_FILE:
                self._write(lines)
                lines = []
                self.parts.append(self._folder / f"{len(self.parts)}.rows")
                self._rows = self._bytes = 0
            lines.append(line)
            self._rows += 1
            self._bytes += len(line)
        self._write(lines)
        self.count += len(rows)

    def end(self, notes: Mapping[str, str]) -> None:
        """Write below every part what is noted of them all."""
        for part in self.parts:
            with part.open("ab") as file:
                file.write(_line(notes))

    def _write(self, lines: list[bytes]) -> None:
        if lines:
            with self.parts[-1].open("ab") as file:
                file.writelines(lines)


def _line(what: object) -> bytes:
    return json.dumps(what, ensure_ascii=False).encode("utf-8", "replace") + b"\n"


async def make(shop: Workshop, order: Order) -> Made:
    """Make what `handlers.admin.export` commissioned: a part is written while rows are still read."""
    await asyncio.to_thread(sweep)
    task = await shop.read(lambda context: plan(context, order))
    if task is None:
        return Made((), say_refused)
    if not task.total:
        return Made((), partial(say_empty, task.about))
    with tempfile.TemporaryDirectory(prefix=PREFIX, ignore_cleanup_errors=True) as name:  # what is left, `sweep` takes
        sheaf = Sheaf(Path(name))
        written = await _write_all(shop, order, task, sheaf)
        about = replace(task.about, count=sheaf.count)
        pieces = [
            await _piece(path, about, task.t, number if len(written) > 1 else None)
            for number, part in enumerate(written, 1)
            for path in part
        ]
    return Made(tuple(pieces), partial(say_made, about), partial(_note, order, task, sheaf.count))


def plan(context: Context, order: Order) -> Task | None:
    """Return what is to be made; None where the person leads nothing there any more."""
    person = context.session.get(Person, order.person_id)
    actor, asked, tree = actor_of(context, order.person_id), from_data(order.data["filter"]), context.rules.tree
    roots = search.narrowed(tree, search.led_places(tree, actor, ROLES), asked.place_id)
    if not roots or person is None:
        return None
    conditions = finding.newest_first(context, actor, asked, roots)
    total = records.count(context, conditions, MOST_ROWS + 1)
    t = translator(pick_language(person.language, context.rules.settings.desk.language))
    buildings = {building_of(context.rules, home) for home in privacy.homes_of(context, order.person_id)}
    reader = Reader(
        order.person_id, privacy.names_of(context, order.person_id),
        frozenset(each for each in buildings if each is not None), bool(order.data["phones"]),
    )  # fmt: skip
    place = "、".join(tree.label(root) for root in roots)
    about = About(say_filter(context, asked, t), place, today_of(context), 0, total > MOST_ROWS, reader.phones)
    return Task(asked, roots, conditions, min(total, MOST_ROWS), reader, about, t)


def sweep() -> None:
    """Remove what a process that died while making a sheet left behind: there are names in it."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError):
            if time.time() - folder.stat().st_mtime > LEFTOVER_SECONDS:
                shutil.rmtree(folder)


async def _write_all(shop: Workshop, order: Order, task: Task, sheaf: Sheaf) -> list[list[Path]]:
    """Return the files of each part. Raises what the reading or the writing raised first."""
    written, alone = list[asyncio.Task[list[Path]]](), asyncio.Lock()
    try:
        async with asyncio.TaskGroup() as work:
            async for part in _gather(shop, order, task, sheaf):
                written.append(work.create_task(_write(shop, task, part, _forms(order), alone)))
    except ExceptionGroup as several:
        raise several.exceptions[0] from None
    return [each.result() for each in written]


async def _gather(shop: Workshop, order: Order, task: Task, sheaf: Sheaf) -> AsyncIterator[Path]:
    """Read the rows, a page in each transaction, and give each part as it is begun; say now and then how far it is."""
    mark: Mark | None = None
    told = begun = 0
    while sheaf.count < task.total:
        rows, mark = await shop.read(partial(_page, task, mark, task.total - sheaf.count))
        if not rows:
            break
        await asyncio.to_thread(sheaf.add, rows)
        for part in sheaf.parts[begun:]:
            yield part
        begun = len(sheaf.parts)
        if sheaf.count - told >= PROGRESS_ROWS:
            told = sheaf.count
            await shop.progress(order, partial(say_progress, told, task.total))
    await asyncio.to_thread(sheaf.end, notes(replace(task.about, count=sheaf.count), task.t))
    await shop.progress(order, partial(say_progress, sheaf.count, sheaf.count))


def _page(task: Task, mark: Mark | None, most: int, context: Context) -> tuple[list[list[Cell]], Mark | None]:
    rows, beside = records.page(context, task.conditions, mark, min(most, records.PAGE))
    made = [sheet_rows.cells(context.rules, context.now, row, beside, task.reader, task.t) for row in rows]
    return made, Mark(rows[-1].created_at, rows[-1].id) if rows else None


async def _write(shop: Workshop, task: Task, part: Path, forms: Sequence[Form], alone: asyncio.Lock) -> list[Path]:
    """Have one part written in a process apart, in each of the forms."""
    targets: dict[Form, Path] = {form: part.with_suffix(f".{form}") for form in forms}
    columns = tuple(Column(task.t(head), kind, width) for head, kind, width in sheet_rows.COLUMNS)
    async with alone:
        await shop.apart(sheet.write, part, targets, Outline(title(task.t), columns, notes_title(task.t)))
    return list(targets.values())


async def _piece(path: Path, about: About, t: Translate, number: int | None) -> Piece:
    form: Form = "xlsx" if path.suffix == ".xlsx" else "csv"
    return Piece(await asyncio.to_thread(path.read_bytes), "file", MIMES[form], file_name(about, number, form, t))


def file_name(about: About, number: int | None, form: Form, t: Translate) -> str:
    """Return what people see the file called: 事项-丰美小区-2026-11-24.xlsx; of several with a number."""
    place = _UNFIT.sub("_", about.place)[:LONGEST_NAME].strip(" .")
    part = f"-{number}" if number is not None else ""
    return f"{title(t)}-{place}-{about.day.isoformat()}{part}.{form}"


def _forms(order: Order) -> list[Form]:
    forms: list[Form] = [form for form in MIMES if form in order.data["forms"]]
    return forms


def _note(order: Order, task: Task, count: int, context: Context) -> None:
    """Write the export into the audit: who, what, how many, with numbers or not, why."""
    facts = {**task.asked.to_data(), "words": mask(task.asked.words)} if task.asked.words else task.asked.to_data()
    told: dict[str, Any] = {"filter": facts, "rows": count, "phones": task.reader.phones, "forms": _forms(order)}
    action = "export.phones" if task.reader.phones else "export"
    for root in task.roots:
        reason: str = order.data["reason"]
        audit.record(context, Actor(order.person_id), action, place_id=root, words=reason, **told)
