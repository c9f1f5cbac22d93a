"""Long lists of choices, a page at a time, by editing one message."""

from collections.abc import Sequence
from typing import TypeVar

from handlers.message import Choice, Rows
from handlers.texts import Translate

T = TypeVar("T")
DIGITS = 15  # of a number in a button; no database has larger ones


def page_of(items: Sequence[T], page: int, size: int) -> tuple[Sequence[T], int, int]:
    """Return the items of a page (counted from 0, kept within bounds), the page shown and how many there are."""
    pages = max(1, -(-len(items) // size))
    page = min(max(page, 0), pages - 1)
    return items[page * size : (page + 1) * size], page, pages


def turn(page: int, pages: int, data: str, t: Translate) -> Rows:
    """Return the row that turns the page; `data` has `{page}` in it. Empty where there is only one."""
    row = []
    if page > 0:
        row.append(Choice(t("‹ Back"), data.format(page=page - 1)))
    if page < pages - 1:
        row.append(Choice(t("More ›"), data.format(page=page + 1)))
    return (tuple(row),) if row else ()


def turn_list(which: str, page: int, t: Translate, *, more: bool) -> Rows:
    """Return the row that turns the page of a list of commands.LISTS; empty where there is only one page."""
    row = [Choice(t("‹ Back"), f"l:{which}:{page - 1}")] if page > 0 else []
    row += [Choice(t("More ›"), f"l:{which}:{page + 1}")] if more else []
    return (tuple(row),) if row else ()


def number_of(argument: str) -> int:
    """Return the number that a button's data says, 0 for anything else: the data may be invented."""
    return int(argument) if argument.isascii() and argument.isdecimal() and len(argument) <= DIGITS else 0


def grid(choices: Sequence[Choice], columns: int) -> Rows:
    """Lay choices out in rows of `columns`."""
    return tuple(tuple(choices[start : start + columns]) for start in range(0, len(choices), columns))
