"""What comes with a move of a case."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from cases.context import Actor, Context
from storage.models import Case
from storage.record import record


@record
class Given:
    """What came with a move: words, attachment ids, what was chosen (steward, date, kind, …), facts for the history."""

    words: str = ""
    attachments: tuple[int, ...] = ()
    steward_id: int | None = None
    answerable_id: int | None = None
    until: datetime | None = None
    category: str | None = None
    other_case: int | None = None
    person_id: int | None = None
    data: dict[str, Any] | None = None

    def facts(self) -> dict[str, Any]:
        """Return what the history keeps beside the words."""
        told = {
            "steward": self.steward_id, "until": self.until.isoformat() if self.until else None,
            "category": self.category, "other": self.other_case, "person": self.person_id,
        }  # fmt: skip
        return {name: value for name, value in told.items() if value is not None} | (self.data or {})


Rule = Callable[[Context, Case, Actor, Given], None]
"""Checks a move, or carries out what it sets on the case."""
