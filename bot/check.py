"""`redsteward check`: is the configuration right, and if not, what to write where."""

import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from bot.config import ConfigError, Problem, load
from cases.settings import Settings


def check(path: Path, environ: Mapping[str, str] | None = None) -> int:
    """Print all mistakes of the file, or a summary where there is none; return the exit code, 0 for no mistakes."""
    try:
        settings = load(path, os.environ if environ is None else environ)
    except ConfigError as error:
        sys.stdout.write(report(error.problems, path) + "\n")
        return 1
    sys.stdout.write(f"{path}: {summary(settings)}\n")
    return 0


def report(problems: Iterable[Problem], path: Path | str = "config.yaml") -> str:
    """Return one line a mistake: file, line, key, what is wrong and what to write."""
    return "\n".join(f"{path}:{problem}" for problem in problems)


def summary(settings: Settings) -> str:
    """Return in a line what a right configuration holds."""
    buildings = sum(place.kind == "building" for place, _parent in settings.walk_places())
    channels = {"web": settings.channels.web.enabled, "telegram": settings.channels.telegram.enabled}
    counts = (
        f"{buildings} buildings, {len(settings.people)} people with a role, {len(settings.categories)} kinds of matters"
    )
    return f"no mistakes. {counts}; channels: {', '.join(name for name, on in channels.items() if on)}"
