"""What takes longer than an answer may is commissioned: made outside the transaction, then sent to who asked."""

from typing import Any, cast

from sqlalchemy import insert, select, text

from handlers.desk import Desk
from handlers.message import Address, Message
from handlers.talk import Talk
from handlers.texts import N_
from storage.message_models import Commission
from storage.upsert import table_of

CARD = "card"  # in a commission's data: the key of the card that says how far it is, where it has one of its own
WAITING = text("commission.state = 'waiting'")  # literal, so that both databases use the partial index
FAILED = N_("That could not be made. Please try again later; if it happens again, tell whoever runs this service.")


def commission(talk: Talk, kind: str, data: dict[str, Any], text: str) -> None:
    """Have something made by the maker `kind` of the workshop; `text` says so meanwhile, on a card that may change.

    `data` is plain JSON. The work is a row, so a restart does not forget it.
    """
    number = order(talk, talk.here, kind, data)
    talk.say(Message(text, card=card_of(number, data)))


def order(desk: Desk, address: Address, kind: str, data: dict[str, Any]) -> int:
    """Have something made for a person and sent to a chat, without a word about it meanwhile; return its number."""
    row = {
        "kind": kind, "person_id": address.person_id, "channel": address.channel, "chat": address.chat,
        "data": data, "state": "waiting", "created_at": desk.context.now,
    }  # fmt: skip
    made = insert(table_of(Commission)).returning(table_of(Commission).c.id)
    return cast("int", desk.session.execute(made, row).scalar_one())


def is_making(talk: Talk, kind: str) -> bool:
    """Tell whether the last of its kind that this person asked for is not made yet."""
    mine = select(Commission.id).where(WAITING, Commission.kind == kind, Commission.person_id == talk.person.person_id)
    return talk.session.scalar(mine.limit(1)) is not None


def card_of(number: int, data: dict[str, Any]) -> str:
    """Return the key of the card that says how far the work is."""
    return data.get(CARD) or f"made:{number}"
