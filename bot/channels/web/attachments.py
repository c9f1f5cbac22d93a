"""Which uploads a person may send, and which files they may see."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.attachments import Files
from bot.channels.base import StoredFile
from bot.channels.web.lines import shows_file
from handlers.inbound import IncomingFile
from storage.message_models import Attachment
from storage.models import Identity
from storage.people import all_of

CHANNEL = "web"


def to_send(session: Session, user: str, tokens: Sequence[str]) -> tuple[IncomingFile, ...] | None:
    """Return the person's own uploads in that order; None when one of them is not theirs."""
    people = _people(session, user)
    wanted = select(Attachment).where(Attachment.token.in_(tokens), Attachment.channel == CHANNEL)
    found = {row.token: row for row in session.scalars(wanted) if _is_theirs(row, people)}
    if any(token not in found for token in tokens):
        return None
    return tuple(_incoming(found[token]) for token in dict.fromkeys(tokens))


def to_see(session: Session, files: Files, user: str, chat: str, token: str) -> StoredFile | None:
    """Return the file if it is here and the person sent it, or a line of the chat they are in shows it."""
    row = session.execute(select(Attachment.id, Attachment.person_id).where(Attachment.token == token)).one_or_none()
    if row is None:
        return None
    sent = row.person_id is not None and row.person_id in _people(session, user)
    if not sent and not shows_file(session, chat, token):
        return None
    return files.load_files(session, [row.id]).get(row.id)


def _is_theirs(row: Attachment, people: Sequence[int]) -> bool:
    """Tell whose upload it is. Of somebody we have not met there is no person yet; only they were told the token."""
    return row.person_id in people if row.person_id is not None else row.case_id is None


def _people(session: Session, user: str) -> Sequence[int]:
    """Return under which numbers the person has sent something, on whatever channel."""
    person = session.scalar(select(Identity.person_id).where(Identity.channel == CHANNEL, Identity.user == user))
    return all_of(session, person) if person is not None else ()


def _incoming(row: Attachment) -> IncomingFile:
    kinds = {"photo": "photo", "voice": "voice", "video": "video"}
    kind = kinds.get(row.kind, "file")
    return IncomingFile(kind, attachment=row.id, size=row.size, mime=row.mime)  # type: ignore[arg-type]
