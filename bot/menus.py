"""The menus of commands: what each role sees behind the menu button."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.channels.telegram import Menus
from handlers.commands import COMMANDS
from handlers.texts import LANGUAGES, translator
from storage.models import Identity, Role

RESIDENT = ("report", "wish", "wishes", "mycases", "home", "privacy", "language")
STAFF = ("tasks", "wishes", "away", "report", "mycases", "case", "language")
ON_CASES = ("assign", "transfer", "escalate", "priority", "reject", "merge", "note")
COORDINATORS = ("tasks", "cases", "find", "stats", "stewards", "case", *ON_CASES, "wishes", "away", "report",
                "mycases", "language")  # fmt: skip
ADMINS = ("tasks", "cases", "find", "stats", "weekly", "export", "broadcast", "case", *ON_CASES, "reopen", "audit",
          "places", "stewards", "invite", "role", "remove", "reload", "wishes", "away", "report", "mycases",
          "language")  # fmt: skip
GROUP = ("report", "wish", "bind")
BY_ROLE = {"resident": RESIDENT, "steward": STAFF, "coordinator": COORDINATORS, "admin": ADMINS, "group": GROUP}
RANK = ("steward", "coordinator", "admin")  # who holds several roles sees the menu of the last


def menus(session: Session, channel: str, default: str) -> Menus:
    """Return everybody's menus and the private chats of those with a role."""
    commands = {role: {lang: _commands(names, lang) for lang in LANGUAGES} for role, names in BY_ROLE.items()}
    rows = session.execute(
        select(Role.role, Identity.chat)
        .join(Identity, Identity.person_id == Role.person_id)
        .where(Identity.channel == channel)
        .order_by(Identity.id)
    )
    highest: dict[str, str] = {}
    for role, chat in rows:
        highest[chat] = max(role, highest.get(chat, role), key=RANK.index)
    chats = {role: [chat for chat, theirs in highest.items() if theirs == role] for role in RANK}
    return Menus(commands, chats, default)


def _commands(names: Sequence[str], language: str) -> list[tuple[str, str]]:
    t = translator(language)
    return [(name, t(COMMANDS[name].help)) for name in names]
