"""A table out of a file: CSV as any office program writes it, or the first sheet of an xlsx file."""

import csv
import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path
from typing import Any

from bot.mistakes import close
from cases.folding import fold
from handlers.clean import clean

MOST_BYTES = 50_000_000
MOST_ROWS = 100_000
ENCODINGS = ("utf-8-sig", "gb18030")
MARKS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))  # Excel's "Unicode text"
DELIMITERS = ",;\t"


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a cell, and what to write. Row 0: the file as a whole."""

    row: int
    column: str
    wrong: str
    remedy: str

    def __str__(self) -> str:
        where = f"row {self.row}, {self.column}: " if self.row else ""
        return f"{where}{self.wrong}; {self.remedy}"


class ImportRefused(Exception):
    """A file that is not taken in, with all that is wrong with it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = problems


@dataclass(slots=True)
class Row:
    """A row: its number as office programs count, the header being 1, and its cells by column."""

    number: int
    cells: Mapping[str, str]
    problems: list[Problem] = field(default_factory=list)

    def get(self, column: str) -> str:
        """Return a cell, empty where there is none."""
        return self.cells.get(column, "")

    def bad(self, column: str, wrong: str, remedy: str) -> None:
        """Note what is wrong with a cell."""
        self.problems.append(Problem(self.number, column, wrong, remedy))


def read_rows(path: Path, columns: Mapping[str, Sequence[str]], needed: Sequence[str]) -> list[Row]:
    """Return the rows of a file. `columns`: by the name of a column, the headers that mean it.

    Raises ImportRefused for a file that cannot be read, and for a header that is not known or not there.
    """
    told = list(_cells(path))
    if not told:
        raise _refusal("the file is empty", f"write a header row: {', '.join(columns)}")
    header, *body = told
    names = _header(header[1], columns)
    if missing := [name for name in needed if name not in names]:
        raise _refusal(
            f"there is no column {', '.join(missing)}", f"the first row names the columns: {', '.join(columns)}"
        )
    if len(body) > MOST_ROWS:
        raise _refusal(f"{len(body)} rows are too many", f"split the file, at most {MOST_ROWS:,} rows each")
    return [
        Row(number, {name: cell for name, cell in zip(names, cells, strict=False) if name})
        for number, cells in body if any(cells)
    ]  # fmt: skip


def _header(cells: Sequence[str], columns: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the column that each header means. Raises ImportRefused."""
    known = {_bare(word): name for name, words in columns.items() for word in (name, *words)}
    names, problems = [], []
    for cell in cells:
        name = known.get(_bare(cell), "")
        if cell and not name:
            problems.append(Problem(1, cell, "this column is not known", close(_bare(cell), known)))
        elif name and name in names:
            problems.append(Problem(1, cell, "this column stands twice", "keep one of them"))
        names.append(name)
    if problems:
        raise ImportRefused(problems)
    return names


def _cells(path: Path) -> Iterator[tuple[int, list[str]]]:
    if not path.is_file():
        raise _refusal(f"there is no file {path}", "write the path of a .csv or .xlsx file")
    if path.stat().st_size > MOST_BYTES:
        raise _refusal(f"{path.name} is larger than {MOST_BYTES // 10**6} MB", "split it")
    match path.suffix.lower():
        case ".csv" | ".txt" | ".tsv":
            return _csv(path.read_bytes())
        case ".xlsx":
            return _xlsx(path)
        case other:
            raise _refusal(f"{other or path.name} cannot be read", "save it as .xlsx or .csv")


def _csv(data: bytes) -> Iterator[tuple[int, list[str]]]:
    text = _decode(data)
    first = text.partition("\n")[0]
    delimiter = max(DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for cells in reader:
            yield reader.line_num, [_plain(cell) for cell in cells]
    except csv.Error as error:
        raise _refusal(f"row {reader.line_num} is no CSV ({error})", "save the file anew as CSV or xlsx") from None


def _decode(data: bytes) -> str:
    encodings = next(([name] for mark, name in MARKS if data.startswith(mark)), ENCODINGS)
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _refusal("its characters are neither UTF-8 nor GB18030", "save it as CSV UTF-8 or xlsx")


def _xlsx(path: Path) -> Iterator[tuple[int, list[str]]]:
    from openpyxl import load_workbook  # rarely needed, and as large as all the rest: it brings numpy along
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(path, read_only=True, data_only=True)
        sheet = book.worksheets[0]
        for number, cells in enumerate(sheet.iter_rows(values_only=True), 1):
            yield number, [_plain(cell) for cell in cells]
        book.close()
    except (InvalidFileException, zipfile.BadZipFile, KeyError, IndexError, ValueError) as error:
        raise _refusal(
            f"{path.name} is no xlsx file ({type(error).__name__})", "save it anew as .xlsx or .csv"
        ) from None


def _plain(value: Any) -> str:
    """Return a cell as somebody would write it: Excel keeps numbers with a fraction, and times of day."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return clean(str(value))


def _bare(header: str) -> str:
    return fold(header).replace(" ", "").replace("_", "").strip("*")


def _refusal(wrong: str, remedy: str) -> ImportRefused:
    return ImportRefused([Problem(0, "", wrong, remedy)])
