"""Reads a place and a period behind /stats and /report; what is mistyped is answered with the nearest right form."""

from dataclasses import replace

from cases.search import Filter
from handlers.admin import case_list
from handlers.admin.filter_code import short_code
from handlers.admin.filter_words import say_filter
from handlers.admin.filters import Parsed
from handlers.message import Choice, Message, Rows
from handlers.talk import Talk
from handlers.texts import N_

ONLY = N_("Figures are for a place and a period; nothing else of “{words}” counts.")
HOW_TO = N_("Write a place and a period, in any order: /{command} {place} this month, /{command} last week, …")


def plain(asked: Filter) -> Filter:
    """Return the place and the period of a filter alone."""
    return Filter(place_id=asked.place_id, since=asked.since, until=asked.until)


def is_plain(parsed: Parsed) -> bool:
    """Tell whether a place, a period or nothing was asked for, and all of it understood."""
    return not parsed.doubts and parsed.number is None and parsed.asked == plain(parsed.asked)


def with_period(talk: Talk, asked: Filter, usual: str) -> Filter:
    """Return the filter with a usual period ("this month") where it names none."""
    if asked.since or asked.until:
        return asked
    days = case_list.read(talk, usual).asked
    return replace(asked, since=days.since, until=days.until)


def say_doubts(talk: Talk, parsed: Parsed, command: str, data: str, card: str) -> None:
    """Say what was not understood or is too much, what may be meant as a button, and what can be written."""
    t = talk.t
    lines = [t(doubt.why).format(said=doubt.said) for doubt in parsed.doubts]
    lines += [t("Did you mean “{words}”?").format(words=doubt.instead) for doubt in parsed.doubts if doubt.instead]
    if not parsed.doubts:
        lines.append(t(ONLY).format(words=parsed.text))
    meant = parsed
    if text := parsed.corrected():
        meant = case_list.read(talk, text)
    rows: Rows = ()
    if not meant.doubts and meant.number is None:
        asked = plain(meant.asked)
        label = say_filter(talk.context, asked, t) if asked != Filter() else f"/{command}"
        rows = ((Choice(label, data.format(code=short_code(asked)), "primary"),),)
    talk.say(Message("\n".join([*lines, "", how_to(talk, command)]), choices=rows, card=card))


def how_to(talk: Talk, command: str) -> str:
    """Return what may be written behind the command, with a place of this desk."""
    place = next(iter(talk.rules.tree.buildings()), next(iter(talk.rules.tree)))
    return talk.t(HOW_TO).format(command=command, place=talk.rules.tree.short(place.id))
