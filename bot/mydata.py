"""Makes what /mydata commissioned: a text with all that is kept, and the photos and files beside it in a .zip."""

import asyncio
import io
import mimetypes
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

from bot.workshop import Made, Order, Piece, Workshop
from cases.context import Context, actor_of
from handlers import my_data
from handlers.inbound import Inbound
from handlers.talk import Talk
from storage.models import Person
from storage.people import Found

ZIP_BYTES = 40_000_000  # Telegram takes files up to 50 MB (Bot API, "Sending files")

T = TypeVar("T")
Wanted = list[tuple[str, Path]]  # the name in the .zip, where it lies


async def make(shop: Workshop, order: Order) -> Made:
    """Write down everything that is kept about who asked."""
    head = await shop.read(partial(_as, order, my_data.title))
    lines = await shop.read(partial(_as, order, my_data.parts))
    before: int | None = None
    for _page in range(my_data.MOST_CASES // my_data.CASES_AT_ONCE):
        some, before = await shop.read(partial(_cases, order, before))
        lines += some
        if before is None:
            break
    wanted, left_out = await shop.read(partial(_files, order, shop.root))
    lines += ["", *left_out]
    name = await shop.read(partial(_as, order, my_data.file_name))
    text = "\r\n".join(["\ufeff" + head, *lines, ""]).encode("utf-8")  # with its mark old programs show Chinese, too
    pieces = [Piece(text, "file", "text/plain", f"{name}.txt")]
    if wanted:
        data = await asyncio.to_thread(_zip, wanted)
        pieces.append(Piece(data, "file", "application/zip", f"{name}.zip"))
    return Made(tuple(pieces), my_data.say)


def _as(order: Order, work: Callable[[Talk], T], context: Context) -> T:
    """Do something as who asked, who reads no more here than in the chat."""
    person = context.session.get_one(Person, order.person_id)
    found = Found(0, person.id, person.name, person.language, person.phone, person.home_id, person.home_detail, None,
                  None, None)  # fmt: skip
    address = order.address
    inbound = Inbound(address.channel, "", address.chat, "", "", context.now)
    return work(Talk(context, {}, inbound=inbound, person=found, actor=actor_of(context, person.id)))


def _cases(order: Order, before: int | None, context: Context) -> tuple[list[str], int | None]:
    return _as(order, lambda talk: my_data.cases(talk, before), context)


def _files(order: Order, root: Path, context: Context) -> tuple[Wanted, list[str]]:
    """Return the files that fit, the newest first, and a sentence about the rest."""
    return _as(order, lambda talk: _fitting(talk, root), context)


def _fitting(talk: Talk, root: Path) -> tuple[Wanted, list[str]]:
    wanted: Wanted = []
    room, left_out = ZIP_BYTES, 0
    for row in my_data.sent_files(talk):
        if row.path is None:
            continue
        if (row.size or 0) > room:
            left_out += 1
            continue
        room -= row.size or 0
        wanted.append((f"{row.id}{mimetypes.guess_extension(row.mime or '') or ''}", root / row.path))
    return wanted, my_data.left_out(talk, left_out)


def _zip(wanted: Wanted) -> bytes:
    """Return the files in one; one that was removed meanwhile is left out."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        for name, path in wanted:
            if path.is_file():
                archive.writestr(name, path.read_bytes())
    return made.getvalue()
