"""Hands a message that one channel refused to another identity of the same person."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert, or_, select, update
from sqlalchemy.orm import Session

from handlers import numbers
from handlers.elsewhere import Said
from handlers.message import Address, Planner
from handlers.texts import pick_language, translator
from storage import people
from storage.message_models import Outgoing
from storage.upsert import table_of

ELSEWHERE = "elsewhere"  # the state of a row whose message went to another identity
# As in the row before.
KEPT = ("person_id", "case_id", "broadcast_id", "priority", "created_at", "expires_at", "matters")


def pass_on(session: Session, number: int, planners: Mapping[str, Planner], reason: str, now: datetime) -> bool:
    """Plan the message of a refused row for where the person spoke last, of what was not tried yet.

    False where there is no such place. The whole message goes on: what waits of it here is not sent any more.
    """
    row = session.get_one(Outgoing, number)
    if row.said is None or row.person_id is None:
        return False
    said = Said.from_json(row.said)
    address = _next(session, row.person_id, said, planners)
    if address is None:
        return False
    planner, told, message = planners[address.channel], said.also_to(address), said.message
    if planner.numbered:
        t = translator(pick_language(people.language_of(session, row.person_id), "zh"))
        message = numbers.offer(session, address, message, t, now=now, goes_on=True)
    plan = planner.edit if said.in_place else planner.send
    kept: dict[str, Any] = {name: getattr(row, name) for name in KEPT}
    rows = [
        {
            **kept, "channel": address.channel, "chat": address.chat, "lane": call.lane, "card": call.card,
            "payload": call.payload, "not_before": now, "state": "pending", "said": told.to_json(),
        }
        for call in plan(address.chat, message)
    ]  # fmt: skip
    if not rows:  # nothing of it can be said there
        return False
    _leave(session, row, said, reason, now)
    session.execute(insert(table_of(Outgoing)), rows)
    return True


def _next(session: Session, person_id: int, said: Said, planners: Mapping[str, Planner]) -> Address | None:
    person_id = people.now(session, person_id)
    reach = people.reach(session, [person_id])[person_id]
    left = (each for each in reach.addresses if each[0] in planners and each not in said.tried)
    return next((Address(channel, chat, person_id) for channel, chat in left), None)


def _leave(session: Session, row: Outgoing, said: Said, reason: str, now: datetime) -> None:
    """End the calls of the message here: the refused one, and those that wait behind it."""
    waiting = select(Outgoing.id, Outgoing.said).where(
        Outgoing.channel == row.channel, Outgoing.chat == row.chat, Outgoing.state == "pending",
        Outgoing.said.is_not(None), or_(Outgoing.claimed_until.is_(None), Outgoing.claimed_until <= now),
    )  # fmt: skip
    ids = [number for number, told in session.execute(waiting) if told["key"] == said.key]
    ended = update(Outgoing).where(Outgoing.id.in_([row.id, *ids]))
    session.execute(ended.values(state=ELSEWHERE, done_at=now, error=reason))
