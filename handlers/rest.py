"""继续: the rest of a long message that a platform let us say only the beginning of, for whoever asks for it.

A channel keeps rows back; where they are is told by `outgoing.answers`, so that a look-up finds them whatever else went
out.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from handlers.priority import ANSWER
from handlers.talk import Talk
from handlers.texts import translator
from storage.message_models import Outgoing
from storage.upsert import table_of

LASTS = timedelta(days=2)
KEPT_BACK = "kept back until it is asked for"


def hint(language: str) -> str:
    """Return what stands behind a beginning, in the desk's language."""
    t = translator(language)
    return t("(There is more. Reply “more” to read on.)")


def keep_back(session: Session, numbers: list[int], chat: str, now: datetime) -> None:
    """Send these rows of a chat only when they are asked for; nobody is told that they did not arrive."""
    kept = {"state": "dropped", "done_at": now, "error": KEPT_BACK, "answers": name_of(chat)}
    session.execute(update(Outgoing).where(Outgoing.id.in_(numbers)).values(**kept))


def keep_copy(session: Session, number: int, now: datetime) -> None:
    """Keep a copy of a row of which no more than its notice was said."""
    row = session.get_one(Outgoing, number)
    payload = {name: told for name, told in row.payload.items() if name != "notice"}
    kept = {"state": "dropped", "done_at": now, "error": KEPT_BACK, "answers": name_of(row.chat)}
    told = {"payload": payload, "created_at": row.created_at}
    session.execute(insert(table_of(Outgoing)).values(_again(row, now) | kept | told))


def name_of(chat: str) -> str:
    """Return by what the rows that a chat may ask for are found."""
    return f"rest:{chat}"


def go_on(talk: Talk, _argument: str) -> None:
    """Say what was kept back, each part behind the one before."""
    inbound, now = talk.inbound, talk.context.now
    kept = (Outgoing.channel == inbound.channel, Outgoing.answers == name_of(inbound.chat), Outgoing.state == "dropped")
    rows = talk.session.scalars(select(Outgoing).where(*kept)).all()
    young = [row for row in rows if now - row.created_at < LASTS]
    if not young:
        talk.reply(talk.t("There is nothing more to read."))
        return
    young.sort(key=lambda row: (row.created_at, row.payload.get("whole", ""), row.payload.get("part", 0)))
    talk.session.execute(insert(table_of(Outgoing)), [_again(row, now) for row in young])
    for row in rows:
        row.answers = None


def _again(row: Outgoing, now: datetime) -> dict[str, Any]:
    """Return a row that says the same once more, to somebody who waits for it."""
    same = {name: getattr(row, name) for name in ("channel", "chat", "person_id", "case_id", "lane", "payload")}
    return {**same, "priority": ANSWER, "created_at": now, "not_before": now, "state": "pending", "attempts": 0}
