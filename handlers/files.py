"""Files that came with a message become attachment rows; their bytes are fetched after the commit."""

import secrets

from sqlalchemy import insert, update

from handlers.inbound import IncomingFile
from handlers.message import Message
from handlers.talk import Talk
from storage.message_models import Attachment

MIB = 1024 * 1024
SIZE_LIMITS = {"photo": 20 * MIB, "voice": 5 * MIB, "video": 20 * MIB, "file": 10 * MIB}
"""Bytes. Telegram lets a bot download 20 MB at most (Bot API, getFile); the rest is what a service desk needs."""

FILES_PER_STEP = 20  # photos and files with one report or one step of a case


def take_files(talk: Talk) -> list[int]:
    """Book the files of this message and return their ids; one that is too large is declined in words."""
    ids = [_take(talk, file) for file in talk.inbound.files if not _too_large(talk, file)]
    return [i for i in ids if i is not None]


def _too_large(talk: Talk, file: IncomingFile) -> bool:
    limit = SIZE_LIMITS[file.kind]
    if file.size is None or file.size <= limit:
        return False
    text = talk.t("This file is too large ({size} MB, at most {limit} MB). Please send a smaller one, or a photo.")
    talk.say(Message(text.format(size=-(-file.size // MIB), limit=limit // MIB)))
    return True


def _take(talk: Talk, file: IncomingFile) -> int | None:
    if file.attachment is not None:
        _claim(talk, file.attachment)
        return file.attachment
    now = talk.context.now
    found: int = talk.session.execute(
        insert(Attachment)
        .values(
            token=secrets.token_urlsafe(32), person_id=talk.person.person_id, kind=file.kind, state="waiting",
            channel=talk.inbound.channel, remote=file.remote, mime=file.mime, size=file.size, retry_at=now,
            created_at=now, attempts=0,
        )
        .returning(Attachment.id)
    ).scalar_one()  # fmt: skip
    return found


def _claim(talk: Talk, attachment: int) -> None:
    """Write down whose upload it is: the web chat takes files from people whom we have not met yet."""
    nobodys = (Attachment.id == attachment, Attachment.person_id.is_(None))
    talk.session.execute(update(Attachment).where(*nobodys).values(person_id=talk.person.person_id))
