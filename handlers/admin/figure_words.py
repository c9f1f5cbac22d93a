"""Figures in words: the card of /stats, its breakdowns. Each rate with what it is of, and how many are not in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cases.breakdowns import By, Row
from cases.context import Context
from cases.figures import FEW, Rate, Tally
from cases.search import Filter
from cases.settings import Partner
from handlers import words
from handlers.admin.days import say_days
from handlers.admin.filter_words import today_of
from handlers.admin.sheet_rows import PARTNERS
from handlers.message import Message
from handlers.texts import N_, Translate


@dataclass(frozen=True, slots=True)
class Told:
    """How a rate is told: its name, what it is of, what is not in it; and its name among others in one line."""

    name: str
    of: str
    beside: str
    short: str


RATES: Mapping[str, Told] = {
    "response": Told(
        N_("Taken in time"), N_("{part} of {whole} taken in time"), N_("{count} not due yet"), N_("taken {rate}")
    ),
    "completion": Told(N_("Done, say the staff"), N_("{part} of {whole} done"), "", N_("done {rate}")),
    "confirmation": Told(
        N_("Solved, say residents"), N_("{part} of {whole} that were answered"), N_("{count} unrated"),
        N_("solved {rate}"),
    ),
    "on_time": Told(
        N_("Done in time"), N_("{part} of {whole} done in time"), N_("{count} not due yet"), N_("in time {rate}")
    ),
    "satisfaction": Told(
        N_("Satisfied"), N_("{part} of {whole} with 4 or 5 stars"), N_("{count} unrated"), N_("satisfied {rate}")
    ),
}  # fmt: skip
"""In the order in which they are told: what the staff declare and what residents say stand side by side."""

UNRATED = ("confirmation", "satisfaction")
BREAKDOWNS: Mapping[By, str] = {
    "place": N_("By place"),
    "category": N_("By kind"),
    "steward": N_("By steward"),
    "partner": N_("By partner type"),
}


def rates_of(tally: Tally) -> list[tuple[str, Rate]]:
    """Return the rates by name, in the order in which they are told."""
    return [(name, getattr(tally, name)) for name in RATES]


def say_percent(rate: Rate, t: Translate) -> str:
    """Return the percentage, or that there are too few cases for one."""
    tenths = rate.tenths
    return t("fewer than {count}").format(count=FEW) if tenths is None else f"{tenths // 10}.{tenths % 10}%"


def say_of(name: str, rate: Rate, t: Translate) -> str:
    """Return what a rate is of, and how many are not in it."""
    told = RATES[name]
    parts = [t(told.of).format(part=rate.part, whole=rate.whole)]
    parts += [t(told.beside).format(count=rate.beside)] if told.beside and rate.beside else []
    return t("; ").join(parts)


def say_period(context: Context, asked: Filter, t: Translate) -> str:
    """Return the period in words."""
    if asked.since is None and asked.until is None:
        return t("since the beginning")
    return say_days(asked.since, asked.until, today_of(context), t)


def say_places(context: Context, roots: tuple[int, ...], t: Translate) -> str:
    """Return the places by name."""
    return t(", ").join(context.rules.tree.label(root) for root in roots)


def say_counts(tally: Tally, t: Translate) -> list[str]:
    """Return how many cases there are, and how many are in no rate."""
    lines = [t("Reported: {count}").format(count=tally.counted)]
    if tally.wishes:
        lines = [t("Reported: {count}, of them {wishes} micro-wishes").format(count=tally.counted, wishes=tally.wishes)]
    beside = (
        (N_("{count} not accepted"), tally.rejected), (N_("{count} withdrawn"), tally.withdrawn),
        (N_("{count} joined with another"), tally.merged),
    )  # fmt: skip
    if left_out := t(", ").join(t(text).format(count=count) for text, count in beside if count):
        lines.append(t("Not counted: {cases}").format(cases=left_out))
    return lines


def say_total(tally: Tally, t: Translate) -> str:
    """Return all rates of a place and a period."""
    lines = say_counts(tally, t)
    if not tally.counted:
        return "\n".join([*lines, t("There is nothing to work out a rate of.")])
    for name, rate in rates_of(tally):
        lines += ["", f"{t(RATES[name].name)}  {say_percent(rate, t)}", say_of(name, rate, t)]
    return "\n".join(lines)


def say_refused(t: Translate, _files: tuple[int, ...]) -> Message:
    """Return that the right to it was lost meanwhile."""
    return Message(t("You do not lead there any more. Nothing was counted."))


def say_report(tally: Tally, past: Tally | None, t: Translate) -> str:
    """Return the figures of a report, one line each, beside those of the period before."""
    lines = say_counts(tally, t)
    if past is not None:
        lines[0] += t(" (the period before: {count})").format(count=past.counted)
    if not tally.counted:
        return "\n".join(lines)
    for name, rate in rates_of(tally):
        text = t("{name}: {rate}, {of}")
        lines.append(text.format(name=t(RATES[name].name), rate=say_percent(rate, t), of=say_of(name, rate, t)))
        before: Rate | None = getattr(past, name) if past is not None else None
        if before is not None and not before.is_few:
            lines[-1] += t(" (the period before: {count})").format(count=say_percent(before, t))
    return "\n".join(lines)


def say_rows(context: Context, by: By, rows: Sequence[Row], people: Mapping[int, str], t: Translate) -> str:
    """Return a breakdown, each row with all its rates."""
    lines = []
    for row in rows:
        tally, name = row.tally, name_of(context, by, row, people, t)
        head = t("{name}: {count}").format(name=name, count=tally.counted)
        if tally.reported > tally.counted:
            head += t(" (and {count} not counted)").format(count=tally.reported - tally.counted)
        rates = (_short(name, rate, t) for name, rate in rates_of(tally) if rate.whole or rate.beside)
        lines += [head, " · ".join(rates), ""]
    few = t("A percentage only where there are {count} or more. Unrated is not satisfied.").format(count=FEW)
    return "\n".join([*lines, few]) if rows else t("No cases.")


def _short(name: str, rate: Rate, t: Translate) -> str:
    said = f"{rate.part}/{rate.whole}" + ("" if rate.is_few else f" {say_percent(rate, t)}")
    if name in UNRATED and rate.beside:
        said += t(" ({count} unrated)").format(count=rate.beside)
    return t(RATES[name].short).format(rate=said)


def name_of(context: Context, by: By, row: Row, people: Mapping[int, str], t: Translate) -> str:
    """Return what a row is called."""
    key: Any = row.key
    if row.others:
        return t("Others together")
    if by == "place":
        return context.rules.tree.short(key)
    if by == "category":
        return words.category_name(context.rules.settings.category(key), t)
    if key is None:
        return t("nobody yet") if by == "steward" else t("without a partner type")
    return (people.get(key) or t("somebody who has left")) if by == "steward" else t(PARTNERS[Partner(key)])
