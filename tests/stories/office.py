"""The workshop in stories of sheets, and what it made, opened as its readers would."""

import csv
import io
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook
from sqlalchemy import select

from bot import export, figures
from bot.attachments import Files
from bot.workshop import Workshop
from storage.message_models import Attachment
from tests.cast import PLANNERS, Estate


class Office:
    """The workshop, and what it made."""

    def __init__(self, estate: Estate, folder: Path) -> None:
        self.estate, self.folder = estate, folder
        files = Files(folder, estate.store, estate.clock)
        makers = {"export": export.make, "stats": figures.make_stats, "report": figures.make_report}
        self.shop = Workshop(estate.store, estate.rules_for, PLANNERS, estate.clock, files, makers, lambda: None)

    async def asks(self, who: str, text: str) -> list[Attachment]:
        """Have somebody ask for a sheet, and make it."""
        await self.estate.reads(who)
        await self.estate.says(who, text)
        return await self.makes()

    async def makes(self) -> list[Attachment]:
        """Make what waits and return the files."""
        before = len(await self._files())
        while await self.shop.make_next():
            pass
        return (await self._files())[before:]

    async def _files(self) -> list[Attachment]:
        made = select(Attachment).where(Attachment.channel == "made").order_by(Attachment.id)
        return list(await self.estate.store.read(lambda s: s.scalars(made).all()))

    async def sheet(self, who: str, text: str) -> list[dict[str, Any]]:
        """Return the rows of the .xlsx that somebody asks for, by their heads."""
        (made,) = await self.asks(who, text)
        return rows_of(self.book(made))

    def book(self, made: Attachment) -> Workbook:
        """Open a file with openpyxl."""
        assert made.path is not None
        return load_workbook(io.BytesIO((self.folder / made.path).read_bytes()))

    def lines(self, made: Attachment) -> list[dict[str, str]]:
        """Open a .csv as Excel does."""
        assert made.path is not None
        data = (self.folder / made.path).read_bytes()
        assert data.startswith("\ufeff".encode())
        return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def rows_of(book: Workbook) -> list[dict[str, Any]]:
    """Return the rows of the first sheet by their heads."""
    head, *rows = book.worksheets[0].iter_rows(values_only=True)
    return [dict(zip(map(str, head), row, strict=True)) for row in rows]
