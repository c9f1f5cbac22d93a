"""What takes longer than an answer may is commissioned: made outside the transaction, then sent to who asked."""

from typing import Any

from sqlalchemy import insert

from handlers.message import Message
from handlers.talk import Talk
from handlers.texts import N_
from storage.message_models import Commission
from storage.upsert import table_of

FAILED = N_("That could not be made. Please try again later; if it happens again, tell whoever runs this service.")


def commission(talk: Talk, kind: str, data: dict[str, Any], text: str) -> None:
    """Have something made by the maker `kind` of the workshop; `text` says so meanwhile, on a card that may change.

    `data` is plain JSON. The work is a row, so a restart does not forget it.
    """
    row = {
        "kind": kind, "person_id": talk.person.person_id, "channel": talk.inbound.channel, "chat": talk.inbound.chat,
        "data": data, "state": "waiting", "created_at": talk.context.now,
    }  # fmt: skip
    made = insert(table_of(Commission)).returning(table_of(Commission).c.id)
    number: int = talk.session.execute(made, row).scalar_one()
    talk.say(Message(text, card=card_of(number)))


def card_of(number: int) -> str:
    """Return the key of the card that says how far the work is."""
    return f"made:{number}"
