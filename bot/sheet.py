"""Writes rows as a sheet: .xlsx or .csv, row by row, for a process apart. What people wrote can do nothing in it.

A spreadsheet takes a cell that begins with one of `= + - @` for a formula, full-width ones too. In .xlsx such a cell is
marked as text ("quotePrefix"), in .csv an apostrophe stands before it: OWASP, "CSV Injection".
"""

import csv
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

Kind = Literal["number", "time", "text"]
Form = Literal["xlsx", "csv"]
MIMES: dict[Form, str] = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
}
LONGEST_CELL = 32_767  # characters; "Excel specifications and limits"

# Control characters, halves of surrogate pairs, noncharacters: XML takes none of them. Tabs and line feeds stay.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)
_LINE_END = re.compile("\r\n?")
_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠﹣﹢﹦﹫−]")
_ERRORS = frozenset(("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A"))


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its head, what its cells are, and how wide it is, in characters."""

    head: str
    kind: Kind = "text"
    width: int = 12


@dataclass(frozen=True, slots=True)
class Outline:
    """What a sheet is called, its columns, and what is noted beside it."""

    title: str
    columns: tuple[Column, ...]
    notes: tuple[tuple[str, str], ...] = ()
    notes_title: str = "…"


def plain(text: str) -> str:
    """Return the text without what a reader cannot see and no file format takes, at most as long as a cell may be."""
    return _LINE_END.sub("\n", _INVISIBLE.sub("", text))[:LONGEST_CELL]


def is_formula(text: str) -> bool:
    """Tell whether a spreadsheet could take the text for a formula."""
    return _FORMULA.match(text) is not None


def write(source: Path, target: Path, form: Form, outline: Outline) -> None:
    """Write the rows of `source`, one JSON list a line, into `target`. Times are local, as ISO 8601."""
    if form == "csv":
        _write_csv(source, target, outline)
    else:
        _write_xlsx(source, target, outline)


def _rows(source: Path) -> Iterator[list[Any]]:
    with source.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def _write_csv(source: Path, target: Path, outline: Outline) -> None:
    """With a byte order mark: without it Excel takes Chinese for something else."""
    with target.open("w", encoding="utf-8-sig", newline="") as file:
        out = csv.writer(file, quoting=csv.QUOTE_ALL)
        out.writerow([column.head for column in outline.columns])
        kinds = [column.kind for column in outline.columns]
        for row in _rows(source):
            out.writerow([_csv_cell(value, kind) for value, kind in zip(row, kinds, strict=True)])


def _csv_cell(value: Any, kind: Kind) -> str:
    if not isinstance(value, str):
        return "" if value is None else str(value)
    if kind == "time":
        return value.replace("T", " ")
    text = plain(value)
    return f"'{text}" if is_formula(text) else text


def _write_xlsx(source: Path, target: Path, outline: Outline) -> None:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    sheet = book.create_sheet(outline.title)
    sheet.freeze_panes = "B2"
    for number, column in enumerate(outline.columns, 1):
        sheet.column_dimensions[get_column_letter(number)].width = column.width

    def text(value: str, *, bold: bool = False) -> Any:
        cell = WriteOnlyCell(sheet, value=value)
        cell.data_type = "s"
        cell.quotePrefix = is_formula(value)
        if bold:
            cell.font = Font(bold=True)
        return cell

    def shown(value: Any, kind: Kind) -> Any:
        if not isinstance(value, str):
            return value
        if not value:
            return None
        if kind == "time":
            return datetime.fromisoformat(value)
        value = plain(value)
        return text(value) if is_formula(value) or value in _ERRORS else value

    kinds = [column.kind for column in outline.columns]
    sheet.append([text(column.head, bold=True) for column in outline.columns])
    count = 1
    for row in _rows(source):
        sheet.append([shown(value, kind) for value, kind in zip(row, kinds, strict=True)])
        count += 1
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(kinds))}{count}"
    notes = book.create_sheet(outline.notes_title)
    for name, value in outline.notes:
        notes.append([text(name, bold=True), text(plain(value))])
    book.save(target)
