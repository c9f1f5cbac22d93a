"""Renews the menu of whoever got or lost a role: the audit says who, every process of the desk looks at it."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from bot.died import told
from bot.menus import RANK
from storage.admin_models import AuditEntry
from storage.engine import Store
from storage.models import Identity, Person, Role
from storage.trouble import passes

log = structlog.get_logger(__name__)

LOOK_SECONDS = 2.0
OVERLAP = 200  # entries looked at again: on PostgreSQL a lower number may be committed after a higher one
ACTIONS = ("role.given", "role.taken")

SetMenu = Callable[[str, str, str | None], Awaitable[None]]
"""Shows in a chat the menu of a role, in a language (None: that of the app)."""


class RoleMenus:
    """Follows the audit from the start of the process on; what was before it, the start itself has shown."""

    def __init__(self, store: Store, channel: str, set_menu: SetMenu) -> None:
        self._store = store
        self._channel = channel
        self._set_menu = set_menu
        self._seen: set[int] = set()
        self._up_to: int | None = None

    async def run(self) -> None:
        """Look again and again until cancelled."""
        while True:
            try:
                await self.look()
            except DBAPIError as error:
                if not passes(error):
                    raise
                log.error("menus_wait", why=told(error))
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        """Set the menus of those whose roles changed since the last look."""
        for chat, role, language in await self._store.read(self._changed):
            await self._set_menu(chat, role, language)

    def _changed(self, session: Session) -> list[tuple[str, str, str | None]]:
        newest = session.scalar(select(func.max(AuditEntry.id))) or 0
        fresh = select(AuditEntry.id, AuditEntry.person_id).where(
            AuditEntry.id > (self._up_to if self._up_to is not None else newest) - OVERLAP,
            AuditEntry.action.in_(ACTIONS),
        )
        rows = session.execute(fresh).all()
        found = {row.person_id for row in rows if row.id not in self._seen} if self._up_to is not None else set()
        self._seen, self._up_to = {row.id for row in rows}, newest
        return [each for person in sorted(found) for each in self._menus_of(session, person)]

    def _menus_of(self, session: Session, person: int) -> list[tuple[str, str, str | None]]:
        roles = session.scalars(select(Role.role).where(Role.person_id == person)).all()
        highest = max(roles, key=RANK.index, default="resident")
        rows = session.execute(
            select(Identity.chat, Person.language).join(Person, Person.id == Identity.person_id)
            .where(Identity.person_id == person, Identity.channel == self._channel)
        )  # fmt: skip
        return [(row.chat, highest, row.language) for row in rows]
