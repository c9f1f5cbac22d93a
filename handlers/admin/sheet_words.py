"""What is said while a sheet is made, with it, and in it beside its rows."""

from dataclasses import dataclass
from datetime import date

from handlers.message import Message
from handlers.texts import Translate


@dataclass(frozen=True, slots=True)
class About:
    """What a sheet is of: filter and place in words, the day, how many rows, whether there are more, or names in it."""

    filter: str
    place: str
    day: date
    count: int
    more: bool
    phones: bool


def title(t: Translate) -> str:
    """Return what the sheet is called."""
    return t("Cases")


def notes_title(t: Translate) -> str:
    """Return what the second sheet is called, which says what the first is."""
    return t("About this sheet")


def notes(about: About, t: Translate) -> dict[str, str]:
    """Return what it is, so that it can be told later."""
    count = f"{about.count:,}" + (t(" (the newest; there are more)") if about.more else "")
    names = t("whole, for a reason that is kept") if about.phones else t("masked")
    return {
        t("Filter"): about.filter, t("Place"): about.place, t("Made on"): about.day.isoformat(),
        t("Rows"): count, t("Names and numbers"): names,
    }  # fmt: skip


def say_progress(done: int, total: int, t: Translate) -> str:
    """Return how far it is."""
    if done >= total:
        return t("{count} rows are read. Now the file is written…").format(count=f"{done:,}")
    return t("{done} of {total} rows are read.").format(done=f"{done:,}", total=f"{total:,}")


def say_made(about: About, t: Translate, files: tuple[int, ...]) -> Message:
    """Return the message that goes with the files."""
    lines = [t("Here is the sheet: {count} cases.").format(count=f"{about.count:,}")]
    if len(files) > 1:
        lines.append(t("It comes in {count} files.").format(count=len(files)))
    if about.more:
        lines.append(t("These are the newest; there are more. With a place or a time you get the others."))
    if about.phones:
        lines.append(t("It has names and telephone numbers. Keep it safe, and delete it when it is no longer needed."))
    else:
        lines.append(t("Names and telephone numbers are masked."))
    return Message("\n".join(lines), title=about.filter, files=files)


def say_empty(about: About, t: Translate, _files: tuple[int, ...]) -> Message:
    """Return that there is nothing to put into a sheet."""
    return Message(t("Nothing was found."), title=about.filter)


def say_refused(t: Translate, _files: tuple[int, ...]) -> Message:
    """Return that the right to it was lost meanwhile."""
    return Message(t("You do not lead there any more. No sheet was made."))
