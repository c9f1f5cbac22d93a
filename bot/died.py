"""A part of the desk that died, told so that whoever reads it knows what and where, and nobody's words are repeated."""

import traceback

from sqlalchemy.exc import OperationalError

OURS = ("bot", "handlers", "cases", "storage")


class PartDied(Exception):
    """The desk has stopped because a part of it died: half a desk is worse than none."""


def part_died(name: str, error: BaseException | None) -> PartDied:
    """Return what to raise for a part that ended when it should not have; None: without any error."""
    why = "it just ended" if error is None else told(error)
    return PartDied(f"the {name} died: {why}. The desk has stopped; start it again, nothing is lost")


def told(error: BaseException) -> str:
    """Say what went wrong and where, without the error's own words: these may quote a person or a secret."""
    where = f"{type(error).__name__} in {' < '.join(frames(error)[:3]) or 'no code of ours'}"
    return f"the database cannot be used ({where})" if isinstance(error, OperationalError) else where


def frames(error: BaseException) -> list[str]:
    """Return where an error came from, the innermost place first, ours alone where there are any of ours."""
    found = [(frame.filename, f"{frame.name}:{frame.lineno}") for frame in traceback.extract_tb(error.__traceback__)]
    ours = [each for each in found if any(f"/{part}/" in each[0] for part in OURS) and "/site-" not in each[0]]
    return [f"{file.rsplit('/', 2)[-1]}:{place}" for file, place in reversed(ours or found)]
