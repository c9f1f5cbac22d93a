"""Makes what /stats and /report ask for: counts in a transaction that only reads, draws in a process apart.

The card of /stats shows the figures as soon as they are counted; its picture follows. Rights are those of the moment.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import select

from bot import pictures
from bot.workshop import Made, Order, Piece, Workshop
from cases import breakdowns, figures, search
from cases.breakdowns import Row
from cases.context import Context, actor_of
from cases.search import LEADING, Filter, from_data
from handlers.admin import figure_pictures, figure_words, reports, stats
from handlers.message import Message
from handlers.picture import Picture
from handlers.texts import Translate, pick_language, translator
from storage.models import Person

MIME = "image/png"
REPORTED_TO = ("admin",)  # to whom the week's report comes by itself


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be counted and for whom."""

    asked: Filter
    roots: tuple[int, ...]
    t: Translate
    title: str


@dataclass(frozen=True, slots=True)
class Counted:
    """What is said, and the pictures to it."""

    message: Message
    pictures: tuple[Picture, ...] = ()


async def make_stats(shop: Workshop, order: Order) -> Made:
    """Make what `handlers.admin.stats` commissioned: the card, then a picture; of a breakdown the card alone."""
    counted = await shop.read(partial(count_stats, order))
    if counted is None:
        return Made((), figure_words.say_refused)
    if not counted.pictures:
        return Made((), lambda _t, _files: counted.message, in_place=True)
    await shop.show(order, lambda _t: counted.message)
    pieces = await _draw(shop, counted.pictures)
    title = counted.message.title
    return Made(pieces, lambda _t, files: Message("", title=title, photos=files))


async def make_report(shop: Workshop, order: Order) -> Made:
    """Make what `handlers.admin.reports` commissioned: the figures in words with the pictures."""
    counted = await shop.read(partial(count_report, order))
    if counted is None:
        return Made((), figure_words.say_refused)
    pieces = await _draw(shop, counted.pictures)

    def say(_t: Translate, files: tuple[int, ...]) -> Message:
        message = counted.message
        return Message(message.text, title=message.title, choices=message.choices, photos=files)

    return Made(pieces, say)


async def _draw(shop: Workshop, wanted: Sequence[Picture]) -> tuple[Piece, ...]:
    if not wanted:
        return ()
    drawn = await shop.apart(pictures.draw_all, tuple(wanted))
    return tuple(Piece(png, "photo", MIME, f"{at}.png") for at, png in enumerate(drawn, start=1))


def count_stats(order: Order, context: Context) -> Counted | None:
    """Return the card and its picture; None where the person leads nothing there any more."""
    task = _task(context, order, LEADING)
    if task is None:
        return None
    t, view = task.t, order.data["view"]
    by = stats.VIEWS.get(view)
    rows = stats.rows(order.data["which"], view, task.asked, t)
    if by is not None:
        found = breakdowns.apart(context, task.asked, task.roots, by)
        text = figure_words.say_rows(context, by, found, _people(context, found) if by == "steward" else {}, t)
        title = f"{task.title} · {t(figure_words.BREAKDOWNS[by])}"
        return Counted(Message(text, title=title, choices=rows, card=order.card))
    tally, spans = breakdowns.whole_and_course(context, task.asked, task.roots)
    picture = figure_pictures.summary(tally, spans, task.title, t)
    message = Message(figure_words.say_total(tally, t), title=task.title, choices=rows, card=order.card)
    return Counted(message, (picture,) if tally.counted else ())


def count_report(order: Order, context: Context) -> Counted | None:
    """Return the words and pictures of a report; None where the person leads nothing there any more."""
    task = _task(context, order, REPORTED_TO if order.data.get("weekly") else LEADING)
    if task is None:
        return None
    t, asked, roots = task.t, task.asked, task.roots
    tally, spans = breakdowns.whole_and_course(context, asked, roots)
    earlier = reports.before(asked)
    past = figures.count(context, earlier, roots) if earlier is not None else None
    message = Message(
        figure_words.say_report(tally, past, t), title=task.title, choices=reports.rows(context, earlier, t)
    )  # fmt: skip
    if not tally.counted:
        return Counted(message)
    drawn = (
        figure_pictures.trend(spans, task.title, t),
        figure_pictures.kinds(context, breakdowns.apart(context, asked, roots, "category"), task.title, t),
        figure_pictures.lateness(tally, breakdowns.late_by_rung(context, asked, roots), task.title, t),
        figure_pictures.satisfaction(tally, breakdowns.marks(context, asked, roots), task.title, t),
    )
    return Counted(message, drawn)


def _task(context: Context, order: Order, roles: tuple[str, ...]) -> Task | None:
    person = context.session.get(Person, order.person_id)
    asked, tree = from_data(order.data["filter"]), context.rules.tree
    led = search.led_places(tree, actor_of(context, order.person_id), roles)
    roots = search.narrowed(tree, led, asked.place_id)
    if not roots or person is None:
        return None
    t = translator(pick_language(person.language, context.rules.settings.desk.language))
    title = f"{figure_words.say_places(context, roots, t)} · {figure_words.say_period(context, asked, t)}"
    return Task(asked, roots, t, title)


def _people(context: Context, rows: Sequence[Row]) -> Mapping[int, str]:
    """Return the names of the stewards."""
    ids: list[Any] = [row.key for row in rows if row.key is not None]
    return {
        row.id: row.name for row in context.session.execute(select(Person.id, Person.name).where(Person.id.in_(ids)))
    }
