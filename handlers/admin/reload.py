"""/reload: config.yaml is read again while the desk runs; refused as a whole with reasons, or it says what changed.

The file is read by the workshop (`bot.reload`), outside any transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from cases.context import Actor, Context
from handlers.command import ADMINS, Command
from handlers.commission import commission
from handlers.message import Message
from handlers.talk import Talk
from handlers.texts import N_, Translate

KIND = "reload"
MOST_LINES = 20  # of mistakes or changes
NOT_YOURS = N_("Only an admin of that place can do this.")
SECTIONS = {
    "places": N_("Places"),
    "people": N_("People"),
    "categories": N_("Kinds of matters"),
    "times": N_("Times"),
    "wish": N_("Words for wishes"),
    "me_too": N_("“Me too”"),
    "broadcast": N_("Warnings"),
    "privacy": N_("How long things are kept"),
    "fallback": N_("What fits nowhere"),
}


@dataclass(frozen=True, slots=True)
class Change:
    """What changed in a section: keys that are new, gone, or say something else."""

    section: str
    new: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    other: tuple[str, ...] = ()


def may(context: Context, actor: Actor) -> bool:
    """Tell whether the person is admin of a root: the file is everybody's."""
    tree = context.rules.tree
    roots = {node.id for node in tree if node.parent_id is None}
    return any(held.role == "admin" and held.place_id in roots for held in actor.roles)


def command(talk: Talk, _argument: str) -> None:
    """Have the file read."""
    if may(talk.context, talk.actor):
        commission(talk, KIND, {}, talk.t("config.yaml is being read…"))
    else:
        talk.reply(talk.t(NOT_YOURS))


def say_mistakes(mistakes: Sequence[str], t: Translate, _files: tuple[int, ...]) -> Message:
    """Return that nothing was taken over, and why, line by line."""
    lines = [t("Nothing was changed: there are {count} mistakes.").format(count=len(mistakes)), *mistakes[:MOST_LINES]]
    left = len(mistakes) - MOST_LINES
    lines += [t("… and {count} more. All of them: redsteward check").format(count=left)] if left > 0 else []
    return Message("\n".join(lines))


def say_changes(changes: Sequence[Change], restart: Sequence[str], t: Translate, _files: tuple[int, ...]) -> Message:
    """Return what was taken over, and what only the next start takes over."""
    lines = [t("config.yaml was read again.") if changes else t("Nothing in it has changed.")]
    lines += [_line(change, t) for change in changes]
    if restart:
        lines.append(t("Only after the next start: {names}").format(names=t(", ").join(restart)))
    return Message("\n".join(lines))


def say_refused(t: Translate, _files: tuple[int, ...]) -> Message:
    """Return that the right was lost meanwhile."""
    return Message(t(NOT_YOURS))


def say_no_file(t: Translate, _files: tuple[int, ...]) -> Message:
    """Return that this desk runs without a file of its own."""
    return Message(t("This desk has no config.yaml that could be read again."))


def _line(change: Change, t: Translate) -> str:
    parts = [
        text.format(names=_listed(names, t))
        for text, names in (
            (t("new: {names}"), change.new), (t("gone: {names}"), change.gone), (t("changed: {names}"), change.other),
        ) if names
    ]  # fmt: skip
    return f"· {t(SECTIONS.get(change.section, change.section))}: {'; '.join(parts)}"


def _listed(names: Sequence[str], t: Translate) -> str:
    more = len(names) - MOST_LINES
    return t(", ").join(names[:MOST_LINES]) + (f" … +{more}" if more > 0 else "")


COMMANDS = (
    Command("reload", command, N_("read config.yaml again: /reload"), ("重新读取配置", "重载配置"), roles=ADMINS),
)
