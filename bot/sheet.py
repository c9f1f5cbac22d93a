"""Writes rows as a sheet: .xlsx or .csv, row by row, for a process apart. What people wrote can do nothing in it.

A spreadsheet takes a cell that begins with one of `= + - @` for a formula, full-width ones too. In .xlsx such a cell is
marked as text ("quotePrefix"), in .csv an apostrophe stands before it: OWASP, "CSV Injection".
"""

import csv
import os
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from multiprocessing import parent_process
from pathlib import Path
from typing import Any, Literal

import orjson

Kind = Literal["number", "time", "text"]
Form = Literal["xlsx", "csv"]
MIMES: dict[Form, str] = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
}
LOOK_SECONDS = 0.05  # at a file that is still being written
_DAY_0, _DAY = datetime(1899, 12, 30), timedelta(days=1)  # noqa: DTZ001 - a moment in .xlsx is days since then, local
LONGEST_CELL = 32_767  # characters; "Excel specifications and limits"

# Control characters, halves of surrogate pairs, noncharacters: XML takes none of them. Tabs and line feeds stay.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)
_LINE_END = re.compile("\r\n?")
_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠﹣﹢﹦﹫−]")


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its head, what its cells are, and how wide it is, in characters."""

    head: str
    kind: Kind = "text"
    width: int = 12


@dataclass(frozen=True, slots=True)
class Outline:
    """What a sheet is called, its columns, and what the sheet of notes beside it is called."""

    title: str
    columns: tuple[Column, ...]
    notes_title: str


def plain(text: str) -> str:
    """Return the text without what a reader cannot see and no file format takes, at most as long as a cell may be."""
    return _LINE_END.sub("\n", _INVISIBLE.sub("", text))[:LONGEST_CELL]


def is_formula(text: str) -> bool:
    """Tell whether a spreadsheet could take the text for a formula."""
    return _FORMULA.match(text) is not None


def write(source: Path, targets: Mapping[Form, Path], outline: Outline) -> None:
    """Write what stands in `source` into each of the files, also while it is still being written.

    A line is a row as a JSON list, times local as ISO 8601; the last is an object, the notes by name. Raises EOFError
    where that does not come any more.
    """
    writers = [_WRITERS[form](target, outline) for form, target in targets.items()]
    for said in _follow(source):
        for writer in writers:
            writer.end(said) if isinstance(said, dict) else writer.add(said)


def _follow(source: Path) -> Iterator[list[Any] | dict[str, str]]:
    with source.open("rb") as file:
        said: Any = None
        while not isinstance(said, dict):
            line = file.readline()
            if line.endswith(b"\n"):
                said = orjson.loads(line)
                yield said
                continue
            writes_on = parent_process()
            if writes_on is None:
                raise EOFError(f"{source.name} has no end")
            if not writes_on.is_alive():
                os._exit(1)  # killed: nobody is there to be told, nor to end this process
            file.seek(-len(line), os.SEEK_CUR)
            time.sleep(LOOK_SECONDS)


class _Csv:
    """With a byte order mark: without it Excel takes Chinese for something else."""

    def __init__(self, target: Path, outline: Outline) -> None:
        self._file = target.open("w", encoding="utf-8-sig", newline="")
        self._out = csv.writer(self._file, quoting=csv.QUOTE_ALL)
        self._kinds = [column.kind for column in outline.columns]
        self._out.writerow([column.head for column in outline.columns])

    def add(self, row: list[Any]) -> None:
        self._out.writerow([_csv_cell(value, kind) for value, kind in zip(row, self._kinds, strict=True)])

    def end(self, _notes: Mapping[str, str]) -> None:
        self._file.close()


def _csv_cell(value: Any, kind: Kind) -> str:
    if not isinstance(value, str):
        return "" if value is None else str(value)
    if kind == "time":
        return value.replace("T", " ")
    text = plain(value)
    return f"'{text}" if is_formula(text) else text


class _Xlsx:
    """With XlsxWriter, which holds one row at a time; every word is written as text, never as a formula."""

    def __init__(self, target: Path, outline: Outline) -> None:
        from xlsxwriter import Workbook

        self._book = Workbook(str(target), {"constant_memory": True, "tmpdir": str(target.parent)})
        self._bold = self._book.add_format({"bold": True})
        self._moment = self._book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        self._quoted = self._book.add_format({"quote_prefix": True})
        self._outline, self._kinds, self._count = outline, [column.kind for column in outline.columns], 0
        self._sheet = self._book.add_worksheet(outline.title)
        self._sheet.freeze_panes(1, 1)
        for number, column in enumerate(outline.columns):
            self._sheet.set_column(number, number, column.width)
            self._sheet.write_string(0, number, column.head, self._bold)

    def add(self, row: list[Any]) -> None:
        """Write a row; an empty cell is left out."""
        self._count += 1
        for at, (value, kind) in enumerate(zip(row, self._kinds, strict=True)):
            if value is None or value == "":
                continue
            if not isinstance(value, str):
                self._sheet.write_number(self._count, at, value)
            elif kind == "time":
                days = (datetime.fromisoformat(value) - _DAY_0) / _DAY
                self._sheet.write_number(self._count, at, days, self._moment)
            else:
                text = _as_words(plain(value))
                self._sheet.write_string(self._count, at, text, self._quoted if is_formula(text) else None)

    def end(self, notes: Mapping[str, str]) -> None:
        """Write the notes, and all to disk."""
        self._sheet.autofilter(0, 0, self._count, len(self._kinds) - 1)
        beside = self._book.add_worksheet(self._outline.notes_title)
        beside.set_column(0, 0, 16)
        beside.set_column(1, 1, 60)
        for number, (name, value) in enumerate(notes.items()):
            beside.write_string(number, 0, name, self._bold)
            beside.write_string(number, 1, _as_words(plain(value)))
        self._book.close()


def _as_words(text: str) -> str:
    """Keep XlsxWriter from taking the text for the XML of a rich string, which it would write as it is."""
    return f" {text}" if text.startswith("<r>") else text


_WRITERS: dict[Form, type[_Csv] | type[_Xlsx]] = {"xlsx": _Xlsx, "csv": _Csv}
