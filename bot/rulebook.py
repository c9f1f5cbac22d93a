"""The rules that hold now: made of settings and places, and made again when another process or a chat changed them.

Each transaction asks with `at(session)`. That costs one look at a table of two rows; only when a stamp in it moved
(`storage.revision`) are places, and where told so the settings, read again. So a change is understood from its COMMIT
on, in every process, by the next message.
"""

import threading
from collections.abc import Callable
from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from bot.seed import rules_of
from cases.context import Rules
from cases.settings import Settings
from storage.revision import CONFIG, stamps

log = structlog.get_logger(__name__)


class Rulebook:
    """Hands out the rules. `read_again` reads the settings anew; what it raises is logged, the old ones hold on."""

    def __init__(self, settings: Settings, read_again: Callable[[], Settings] | None = None) -> None:
        self._settings = settings
        self._read_again = read_again
        self._rules: Rules | None = None
        self._stamps: list[tuple[str, str]] = []
        self._one_reads = threading.Lock()

    @property
    def latest(self) -> Rules:
        """The rules that were handed out last, for what happens outside a transaction."""
        if self._rules is None:
            raise LookupError("no transaction has asked for the rules yet")
        return self._rules

    def at(self, session: Session) -> Rules:
        """Return the rules that hold in this transaction. Ask before changing anything they are made of."""
        found = stamps(session)
        with self._one_reads:  # no wait for the database in here: reading waits for nobody's lock
            if self._rules is None or found != self._stamps:
                self._make(session, found)
            return self.latest

    def not_in_the_night(self, moment: datetime) -> datetime:
        """Return `moment`, or the end of the quiet hours it lies in."""
        return self.latest.deadlines.not_in_the_night(moment)

    def _make(self, session: Session, found: list[tuple[str, str]]) -> None:
        if self._rules is not None and dict(found).get(CONFIG) != dict(self._stamps).get(CONFIG):
            self._read_settings()
        self._rules = rules_of(session, self._settings)
        self._stamps = found
        log.info("rules_made", places=len(self._rules.tree))

    def _read_settings(self) -> None:
        if self._read_again is None:
            return
        try:
            self._settings = self._read_again()
        except Exception as error:  # noqa: BLE001 - whatever is wrong with the file, work goes on by the old one
            log.error("config_not_read", error=type(error).__name__)
