"""Several processes, one chat: whichever of them delivers a line, the page may be connected to another.

On PostgreSQL each process hears through NOTIFY which lines changed, and shows them to its own pages. Nothing rests on
it: the lines are in the database, and a page that connects reads them there. On SQLite there is only one process.
"""

import asyncio
import contextlib
import json
import secrets
from typing import Any

import structlog
from sqlalchemy import text
from sqlalchemy.orm import Session

from bot.channels.web import lines
from bot.channels.web.hub import TRY_LATER, Hub
from storage.engine import Store

TOPIC = "redsteward_web"
TOAST = 1000  # characters; NOTIFY takes less than 8000 bytes (PostgreSQL manual, "NOTIFY")
AGAIN_SECONDS = 2.0  # before a lost connection is tried again

log = structlog.get_logger(__name__)


class Relay:
    """Tells the other processes, and hears them."""

    def __init__(self, store: Store, hub: Hub) -> None:
        self._store = store
        self._hub = hub
        self._me = secrets.token_hex(8)
        self._shared = store.url.get_backend_name() == "postgresql"
        self._listening: asyncio.Task[None] | None = None

    def tell_line(self, session: Session, chat: str, line_id: int, *, edited: bool = False) -> None:
        """Tell of a line; the others hear it when the transaction commits."""
        self._tell(session, {"chat": chat, "line": line_id, "edited": edited})

    async def tell_toast(self, chat: str, toast: str, *, alert: bool, to: str | None) -> None:
        """Tell of a toast for a page that is not connected here."""
        if self._shared:
            told = {"chat": chat, "toast": toast[:TOAST], "alert": alert, "to": to}
            await self._store.write(lambda session: self._tell(session, told))

    async def start(self) -> None:
        """Begin to hear the others."""
        if self._shared and self._listening is None:
            self._listening = asyncio.create_task(self._listen())

    async def watch(self) -> None:
        """Wait until hearing the others ends. Raises what it died of."""
        if self._listening is None:
            await asyncio.Event().wait()
        elif (await asyncio.wait([self._listening]))[0] and not self._listening.cancelled():
            self._listening.result()

    async def stop(self) -> None:
        """Hear no more."""
        if self._listening is not None:
            self._listening.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._listening
            self._listening = None

    def _tell(self, session: Session, told: dict[str, Any]) -> None:
        if self._shared:
            values = {"topic": TOPIC, "told": json.dumps(told | {"by": self._me})}
            session.execute(text("SELECT pg_notify(:topic, :told)"), values)

    async def _listen(self) -> None:
        import psycopg  # a desk on SQLite never comes here, and needs none of it

        while True:
            try:
                await self._hear()
            except psycopg.OperationalError as error:
                log.warning("web.relay_lost", error=str(error))
            # What was told meanwhile is lost: the pages connect again and read the history.
            self._hub.close_all(TRY_LATER)
            await asyncio.sleep(AGAIN_SECONDS)

    async def _hear(self) -> None:
        import psycopg

        address = self._store.url.set(drivername="postgresql").render_as_string(hide_password=False)
        async with await psycopg.AsyncConnection.connect(address, autocommit=True) as connection:
            await connection.execute(f"LISTEN {TOPIC}")
            async for notice in connection.notifies():
                told = json.loads(notice.payload)
                if told["by"] != self._me and self._hub.has(told["chat"]):
                    await self._show(told)

    async def _show(self, told: dict[str, Any]) -> None:
        chat = told["chat"]
        if "toast" in told:
            self._hub.push(chat, {"type": "toast", "text": told["toast"], "alert": told["alert"]}, told.get("to"))
            return
        line = await self._store.read(lambda session: lines.get(session, told["line"]))
        if line is not None:
            self._hub.push(chat, line.frame("edit" if told["edited"] else "line"))
