"""Who did what beside the story of a case: looks at contact details, exports, roles, commands with effect."""

from typing import Any

from sqlalchemy import insert

from cases.context import Actor, Context
from storage.admin_models import AuditEntry
from storage.upsert import table_of

AUDIT = table_of(AuditEntry)


def record(
    context: Context, actor: Actor, action: str, *, place_id: int | None = None, case_id: int | None = None,
    person_id: int | None = None, words: str = "", **facts: Any,
) -> None:  # fmt: skip
    """Append to the audit, in the transaction of what is done.

    `place_id`: the admins of that place and above may read it. `person_id`: whom it was about. `words`: the reason
    that was given, never what a resident wrote. `facts` are plain JSON.
    """
    row = {
        "at": context.now, "actor_id": actor.person_id, "action": action, "place_id": place_id, "case_id": case_id,
        "person_id": person_id, "words": words, "data": facts,
    }  # fmt: skip
    context.session.execute(insert(AUDIT), row)
