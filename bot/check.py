"""`redsteward check`: is the configuration right, and if not, what to write where."""

import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.clock import Clock
from bot.config import ConfigError, Problem, load
from cases.holidays_cn import Source, source_of
from cases.settings import Settings

_UNKNOWN: Mapping[Source, str] = {
    "holidays": "so its make-up workdays count as free; when they are announced, add them to times.extra_workdays",
    "weekends": (
        "so every Monday to Friday counts as a working day; when they are announced, add its make-up workdays to "
        "times.extra_workdays and its holidays to times.extra_holidays"
    ),
}


def check(path: Path, environ: Mapping[str, str] | None = None, clock: Clock | None = None) -> int:
    """Print all mistakes of the file, or a summary and notes where there is none.

    Returns the exit code: 0 for no mistakes, whatever the notes.
    """
    try:
        settings = load(path, os.environ if environ is None else environ)
    except ConfigError as error:
        sys.stdout.write(report(error.problems, path) + "\n")
        return 1
    year = (clock or Clock()).now().astimezone(ZoneInfo(settings.desk.timezone)).year
    for line in (summary(settings), *notes(settings, year)):
        sys.stdout.write(f"{path}: {line}\n")
    return 0


def report(problems: Iterable[Problem], path: Path | str = "config.yaml") -> str:
    """Return one line a mistake: file, line, key, what is wrong and what to write."""
    return "\n".join(f"{path}:{problem}" for problem in problems)


def summary(settings: Settings) -> str:
    """Return in a line what a right configuration holds."""
    buildings = sum(place.kind == "building" for place, _parent in settings.walk_places())
    told = settings.channels
    channels = {
        "web": told.web.enabled,
        "telegram": told.telegram.enabled,
        "wecom": told.wecom.enabled,
        "wechat": told.wechat.enabled,
    }
    counts = (
        f"{buildings} buildings, {len(settings.people)} people with a role, {len(settings.categories)} kinds of matters"
    )
    return f"no mistakes. {counts}; channels: {', '.join(name for name, on in channels.items() if on)}"


def notes(settings: Settings, year: int) -> list[str]:
    """Return a line for `year` and the next each whose official working days nobody knows, the file neither."""
    told = {day.year for day in settings.times.extra_workdays}
    return [
        f"note: the official working days of {unknown} are not known, {_UNKNOWN[source]}"
        for unknown in (year, year + 1)
        if unknown not in told and (source := source_of(unknown)) != "chinesecalendar"
    ]
